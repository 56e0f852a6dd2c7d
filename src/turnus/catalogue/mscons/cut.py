"""Cut runs of interval values into day blocks; used by both roads, on one message or on thousands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from turnus.catalogue.mscons import clock

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

INT32_MAX = 2**31 - 1
_POWERS = 10 ** np.arange(10, dtype=np.int64)
MAX_SCALE = 6


@dataclass(frozen=True, slots=True)
class Values:
    """Columns of equal length, ordered by run.

    run: number of the run (one place in one message). start, end: minutes since 1970 UTC.
    mantissa, decimals: quantity = mantissa · 10^-decimals. status: `Status`.
    """

    run: Ints
    start: Ints
    end: Ints
    mantissa: Ints
    decimals: Bytes
    status: Bytes

    def take(self, order: Ints) -> Values:
        return Values(
            self.run[order],
            self.start[order],
            self.end[order],
            self.mantissa[order],
            self.decimals[order],
            self.status[order],
        )


@dataclass(frozen=True, slots=True)
class Block:
    """One day of one run; see `records.DayBlock`."""

    run: int
    day: int
    minutes: int
    scale: int
    values: bytes
    status: bytes
    present: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that cannot be part of a block; index into the columns as they were given."""

    index: int
    code: str


def cut(values: Values, *, gas: bool) -> tuple[list[Block], list[Problem]]:
    """Cut into days. If there is any problem, the blocks are not to be used."""
    if not len(values.run):
        return [], []
    order: Ints | None = None
    if _unordered(values):
        order = np.lexsort((values.start, values.run))
        values = values.take(order)
    length = values.end - values.start
    day = clock.day_number(values.start, gas=gas)
    begins = clock.day_start(day, gas=gas)
    problems = _problems(values, length, begins)
    if problems:
        if order is not None:
            problems = [Problem(int(order[problem.index]), problem.code) for problem in problems]
        return [], sorted(problems, key=lambda problem: problem.index)
    return _blocks(values, length, day, begins, gas=gas)


def _unordered(values: Values) -> bool:
    earlier = (values.run[1:] == values.run[:-1]) & (values.start[1:] < values.start[:-1])
    return bool(np.any(earlier | (values.run[1:] < values.run[:-1])))


def _problems(values: Values, length: Ints, begins: Ints) -> list[Problem]:
    found: list[Problem] = []
    first = np.searchsorted(values.run, values.run)  # of each run: position of its first value
    bad_length = ((length != 15) & (length != 60)) | (length != length[first])
    found += [Problem(int(index), "interval_length") for index in np.flatnonzero(bad_length)]
    off_grid = ~bad_length & ((values.start - begins) % np.where(bad_length, 15, length) != 0)
    found += [Problem(int(index), "interval_not_on_grid") for index in np.flatnonzero(off_grid)]
    twice = (values.run[1:] == values.run[:-1]) & (values.start[1:] == values.start[:-1])
    found += [Problem(int(index) + 1, "interval_twice") for index in np.flatnonzero(twice)]
    deep = values.decimals > MAX_SCALE
    found += [Problem(int(index), "value_too_large") for index in np.flatnonzero(deep)]
    return found


def _blocks(
    values: Values, length: Ints, day: Ints, begins: Ints, *, gas: bool
) -> tuple[list[Block], list[Problem]]:
    new = np.empty(len(day), dtype=bool)
    new[0] = True
    new[1:] = (day[1:] != day[:-1]) | (values.run[1:] != values.run[:-1])
    heads = np.flatnonzero(new)
    scale = np.maximum.reduceat(values.decimals, heads)
    counts = np.diff(np.append(heads, len(day)))
    scaled = values.mantissa * _POWERS[np.repeat(scale, counts) - values.decimals]
    large = np.abs(scaled) > INT32_MAX
    if large.any():
        return [], [Problem(int(index), "value_too_large") for index in np.flatnonzero(large)]
    packed = scaled.astype("<i4")
    position = (values.start - begins) // length
    size = (clock.day_start(day[heads] + 1, gas=gas) - begins[heads]) // length[heads]
    rows = zip(
        heads.tolist(),
        counts.tolist(),
        size.tolist(),
        values.run[heads].tolist(),
        day[heads].tolist(),
        length[heads].tolist(),
        scale.tolist(),
        strict=True,
    )
    blocks = []
    for head, count, full, run, number, minutes, decimals in rows:
        part, quality = packed[head : head + count], values.status[head : head + count]
        if count != full:
            part, quality = _spread(part, quality, position[head : head + count], full)
        blocks.append(Block(run, number, minutes, decimals, part.tobytes(), quality.tobytes(), count))
    return blocks, []


def _spread(
    part: NDArray[np.int32], quality: Bytes, position: Ints, full: int
) -> tuple[NDArray[np.int32], Bytes]:
    """Put the values of an incomplete day at their places; the others are missing."""
    whole = np.zeros(full, dtype="<i4")
    states = np.zeros(full, dtype=np.uint8)
    whole[position] = part
    states[position] = quality
    return whole, states
