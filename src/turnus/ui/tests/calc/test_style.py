"""The colours of the style sheet against WCAG 2.2, success criterion 1.4.3 (contrast, level AA)."""

import re
from pathlib import Path

import pytest

import turnus.ui

SHEET = Path(turnus.ui.__file__).parent / "static" / "ui" / "turnus.css"
TOKEN = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
PAIRS = [
    ("ink", "ground"), ("ink", "surface"), ("ink-2", "surface-3"), ("ink-3", "surface"),
    ("ink-3", "surface-2"), ("ink-3", "ground"), ("accent", "surface"), ("accent", "accent-soft"),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-soft"),
    ("ok", "ok-soft"), ("warn", "warn-soft"), ("bad", "bad-soft"), ("info", "info-soft"),
    ("bad", "surface"), ("bad", "surface-2"), ("nav-ink", "nav"), ("nav-ink", "nav-active"),
    ("nav-ink-2", "nav"), ("ink-2", "ground"),
]  # fmt: skip


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable_light_and_dark(text: str, ground: str) -> None:
    tokens = {name: colours for name, *colours in TOKEN.findall(SHEET.read_text("utf-8"))}
    for shade in (0, 1):
        ratio = contrast(tokens[text][shade], tokens[ground][shade])
        assert ratio >= 4.5, f"{text} on {ground}, {('light', 'dark')[shade]}: {ratio:.2f}"


def test_the_focus_is_visible_and_motion_can_be_switched_off() -> None:
    sheet = SHEET.read_text("utf-8")
    assert ":focus-visible { outline: 2px" in sheet
    assert "prefers-reduced-motion" in sheet
