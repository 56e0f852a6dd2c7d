"""Bars side by side: this period against the one before, with estimated values hatched."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from turnus.ui.charts.svg import Figure, axis, frame, legend, nice_top, rect, short, text

HEIGHT = 210
LEFT, TOP, BOTTOM = 52.0, 24.0, 180.0


def bars(
    *,
    title: str,
    labels: Sequence[str],
    values: Sequence[Figure | None],
    unit: str,
    previous: Sequence[Figure | None] | None = None,
    names: tuple[str, str] = ("dieses Jahr", "Vorjahr"),
    estimated: Collection[int] = (),
    width: int = 640,
) -> str:
    """One bar per label, a paler one for the year before in front of it.

    `values` and `previous` have the length of `labels`; None leaves a gap instead of claiming a zero.
    `estimated` holds the positions whose value is an estimate. `width` is the width the picture is made
    for; narrower panels take a smaller one, so that its texts keep their size. Raises ValueError on
    unequal lengths.
    """
    before = list(previous) if previous is not None else [None] * len(labels)
    if not len(labels) == len(values) == len(before):
        raise ValueError("labels, values and previous must have the same length")
    known = [value for value in [*values, *before] if value is not None]
    top = nice_top(max(known, default=1))
    right = width - 8.0
    slot = (right - LEFT) / max(len(labels), 1)
    thick = min(slot * (0.36 if previous is not None else 0.62), 46)
    body = [axis(LEFT, right, TOP, BOTTOM, top, unit)]
    for position, label in enumerate(labels):
        middle = LEFT + slot * (position + 0.5)
        if previous is not None:
            name = f"{names[1]} {label}"
            body.append(_bar(middle - thick - 1, thick, before[position], top, "s2", name, unit))
        left = middle + 1 if previous is not None else middle - thick / 2
        hatch = "s1 hatch" if position in estimated else "s1"
        body.append(_bar(left, thick, values[position], top, hatch, f"{names[0]} {label}", unit))
        body.append(text(middle, BOTTOM + 16, label))
    picture = frame(title, _description(labels, values, before, unit, names), width, HEIGHT, "".join(body))
    entries = [("s1", names[0])] + ([("s2", names[1])] if previous is not None else [])
    entries += [("s1 hatch", "geschätzt")] if estimated else []
    return picture + legend(entries)


def _bar(x: float, width: float, value: Figure | None, top: float, css: str, label: str, unit: str) -> str:
    if value is None:
        return ""
    height = max(0.0, float(value)) / top * (BOTTOM - TOP)
    return rect(x, BOTTOM - height, width, height, css, f"{label}: {short(value)} {unit}")


def _description(
    labels: Sequence[str],
    values: Sequence[Figure | None],
    before: Sequence[Figure | None],
    unit: str,
    names: tuple[str, str],
) -> str:
    parts = []
    for label, value, old in zip(labels, values, before, strict=True):
        now = "kein Wert" if value is None else f"{short(value)} {unit}"
        then = "" if old is None else f" ({names[1]} {short(old)} {unit})"
        parts.append(f"{label}: {now}{then}")
    return "; ".join(parts)


def sparkbars(*, title: str, values: Sequence[Figure | None], unit: str) -> str:
    """A row of small bars for a table cell or a tile."""
    top = nice_top(max((value for value in values if value is not None), default=1))
    width = 6.0
    body = "".join(
        rect(
            i * (width + 2), 24 * (1 - float(v) / top), width, 24 * float(v) / top, "s1", f"{short(v)} {unit}"
        )
        for i, v in enumerate(values)
        if v is not None and v >= 0
    )
    listed = ", ".join("kein Wert" if value is None else f"{short(value)} {unit}" for value in values)
    return frame(title, listed, int(len(values) * (width + 2)) or 8, 24, body)
