"""Lines over an ordered axis: load profiles, cash in, message flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from turnus.ui.charts.svg import Figure, axis, frame, legend, nice_top, short, text

HEIGHT = 210
LEFT, TOP, BOTTOM = 52.0, 24.0, 180.0
ROOM_PER_LABEL = 50


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name and a value per position; None breaks the line."""

    name: str
    values: Sequence[Figure | None]


def line(
    *,
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    width: int = 640,
    least: int = 0,
) -> str:
    """Up to three lines over the same labels; `width` as in `bars`. The axis reaches at least `least`.

    Raises ValueError on unequal lengths.
    """
    right = width - 8.0
    if any(len(one.values) != len(labels) for one in series):
        raise ValueError("every series needs one value per label")
    known = [value for one in series for value in one.values if value is not None]
    top = nice_top(max([*known, least]))
    body = [axis(LEFT, right, TOP, BOTTOM, top, unit)]
    every = max(1, -(-len(labels) // (width // ROOM_PER_LABEL)))
    for position in range(0, len(labels), every):
        body.append(text(_x(position, len(labels), right), BOTTOM + 16, labels[position]))
    for number, one in enumerate(series[:3], start=1):
        body.append(f'<path class="line l{number}" d="{_path(one.values, top, right)}"/>')
    picture = frame(title, _description(series, unit), width, HEIGHT, "".join(body))
    return picture + legend([(f"s{number}", one.name) for number, one in enumerate(series[:3], start=1)])


def _x(position: int, count: int, right: float) -> float:
    return LEFT + (right - LEFT) * (position + 0.5) / max(count, 1)


def _path(values: Sequence[Figure | None], top: float, right: float) -> str:
    parts, pen_down = [], False
    for position, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        y = BOTTOM - max(0.0, float(value)) / top * (BOTTOM - TOP)
        parts.append(f"{'L' if pen_down else 'M'}{_x(position, len(values), right):.1f} {y:.1f}")
        pen_down = True
    return "".join(parts)


def _description(series: Sequence[Series], unit: str) -> str:
    parts = []
    for one in series:
        known = [value for value in one.values if value is not None]
        if known:
            span = f"von {short(min(known))} bis {short(max(known))} {unit}"
            parts.append(f"{one.name}: {len(known)} Werte {span}")
        else:
            parts.append(f"{one.name}: keine Werte")
    return "; ".join(parts)
