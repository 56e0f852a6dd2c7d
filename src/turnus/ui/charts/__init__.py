"""Pictures drawn on the server: pure functions from figures to accessible SVG.

Every picture has a title and a description read aloud by screen readers; colours are classes that the
style sheet fills from its tokens, so the same SVG works light and dark.
"""

from turnus.ui.charts.bars import bars, sparkbars
from turnus.ui.charts.lines import line
from turnus.ui.charts.parts import ageing, funnel

__all__ = ["ageing", "bars", "funnel", "line", "sparkbars"]
