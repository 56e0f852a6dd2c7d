"""Small building blocks of the pictures: escaping, scales, the frame with title and description."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from html import escape

Figure = int | float | Decimal


def text(x: float, y: float, content: str, *, anchor: str = "middle", css: str = "") -> str:
    """One text element; `anchor` is start, middle or end."""
    klass = f' class="{css}"' if css else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{klass}>{escape(content)}</text>'


def rect(x: float, y: float, width: float, height: float, css: str, tip: str = "") -> str:
    """One rectangle; `tip` shows when the pointer rests on it."""
    title = f"<title>{escape(tip)}</title>" if tip else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" '
        f'rx="1.5" class="{css}">{title}</rect>'
    )


def hline(x1: float, x2: float, y: float, css: str) -> str:
    return f'<line x1="{x1:.1f}" x2="{x2:.1f}" y1="{y:.1f}" y2="{y:.1f}" class="{css}"/>'


def frame(title: str, description: str, width: int, height: int, body: str) -> str:
    """The SVG around a picture. The ids come from the content: the same picture, the same bytes."""
    key = hashlib.sha256(f"{title}\0{description}\0{body}".encode()).hexdigest()[:10]
    return (
        f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-labelledby="t{key} d{key}">'
        f'<title id="t{key}">{escape(title)}</title><desc id="d{key}">{escape(description)}</desc>'
        f"{body}</svg>"
    )


def legend(entries: Sequence[tuple[str, str]]) -> str:
    """Colour class and label per entry, as a list below a picture."""
    items = "".join(
        f'<li><i class="{css}" aria-hidden="true"></i>{escape(label)}</li>' for css, label in entries
    )
    return f'<ul class="legend">{items}</ul>'


def nice_top(largest: Figure) -> float:
    """The round number at or above `largest` at which an axis ends (1, 2, 2.5, 5 times a power of ten)."""
    value = float(largest)
    if value <= 0:
        return 1.0
    power = 1.0
    while value >= 10 * power:
        power *= 10
    while value < power:
        power /= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def short(value: Figure) -> str:
    """A figure as short as an axis needs it, German: 1500 → `1.500`, 2.5 → `2,5`."""
    number = Decimal(str(value)).normalize()
    places = min(2, max(0, -int(number.as_tuple().exponent)))
    return f"{number:,.{places}f}".translate(str.maketrans(",.", ".,"))


def axis(left: float, right: float, top: float, bottom: float, largest: float, unit: str) -> str:
    """Four grid lines with their figures on the left and the unit above them."""
    parts = [text(0, top - 10, unit, anchor="start")]
    for step in range(5):
        y = bottom - (bottom - top) * step / 4
        parts.append(hline(left, right, y, "axis" if step == 0 else "grid-line"))
        parts.append(text(left - 6, y + 4, short(largest * step / 4), anchor="end"))
    return "".join(parts)
