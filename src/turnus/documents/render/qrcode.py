"""QR codes for paying: byte mode, error correction M, versions 1 to 13, as the EPC guideline wants them.

Source: ISO/IEC 18004 (tables of versions 1–13 at level M, Reed–Solomon over GF(256), masks and penalties);
EPC069-12 for the content. Written here because it is 150 lines; a library would be one more dependency.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["QrTooLong", "epc_payload", "qr_matrix", "qr_svg"]

Grid = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]

# Version → (error correction codewords per block, data codewords of each block), level M.
_BLOCKS: dict[int, tuple[int, tuple[int, ...]]] = {
    1: (10, (16,)),
    2: (16, (28,)),
    3: (26, (44,)),
    4: (18, (32,) * 2),
    5: (24, (43,) * 2),
    6: (16, (27,) * 4),
    7: (18, (31,) * 4),
    8: (22, (38,) * 2 + (39,) * 2),
    9: (22, (36,) * 3 + (37,) * 2),
    10: (26, (43,) * 4 + (44,)),
    11: (30, (50,) + (51,) * 4),
    12: (22, (36,) * 6 + (37,) * 2),
    13: (22, (37,) * 8 + (38,)),
}
_ALIGNMENT = {
    7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46), 10: (6, 28, 50), 11: (6, 30, 54), 12: (6, 32, 58),
    13: (6, 34, 62),
}  # fmt: skip


class QrTooLong(ValueError):
    """The content does not fit into version 13, the largest the EPC guideline allows."""


def epc_payload(*, name: str, iban: str, amount: Decimal, reference: str) -> str:
    """Content of a credit transfer code (EPC069-12, version 002, UTF-8); `amount` in euro, above zero."""
    plain = iban.replace(" ", "")
    lines = ("BCD", "002", "1", "SCT", "", name[:70], plain, f"EUR{amount:.2f}", "", "", reference[:140])
    return "\n".join(lines)


def qr_svg(text: str) -> str:
    """The code as SVG source with a quiet zone of four modules, black on white, one path."""
    grid = qr_matrix(text)
    size = len(grid) + 8
    dark = "".join(f"M{x + 4} {y + 4}h1v1h-1z" for y, x in np.argwhere(grid).tolist())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<rect width="{size}" height="{size}" fill="#fff"/><path d="{dark}"/></svg>'
    )


def qr_matrix(text: str) -> Grid:
    """Modules of the smallest code that holds the text, True is dark.

    Raises:
        QrTooLong: more than version 13 can hold (331 bytes).
    """
    data = text.encode()
    version = next((v for v in _BLOCKS if _fits(len(data), v)), None)
    if version is None:
        raise QrTooLong(f"{len(data)} Bytes passen nicht in einen Zahlcode")
    layout = _layout(version)
    drawn = layout.pattern.copy()
    bits = np.unpackbits(np.array(_codewords(data, version), np.uint8))
    # A few modules at the end of the order hold no codeword and stay light.
    drawn[layout.rows[: len(bits)], layout.columns[: len(bits)]] = bits
    return min((_finish(drawn, layout, version, mask) for mask in range(8)), key=_penalty)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What all codes of a version share: fixed pattern, order of the data modules, masks over them."""

    pattern: Grid
    rows: Indices
    columns: Indices
    masks: tuple[Grid, ...]


@cache
def _layout(version: int) -> _Layout:
    fixed, pattern = _function_patterns(version)
    size = len(pattern)
    order, upwards = [], True
    # Columns of two from the right, upwards and downwards in turn; column 6 is the timing pattern.
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for y in range(size - 1, -1, -1) if upwards else range(size):
            order += [(y, x) for x in (right, right - 1) if not fixed[y, x]]
        upwards = not upwards
    rows, columns = np.array(order, np.intp).T
    return _Layout(pattern, rows, columns, _masks(fixed))


def _masks(fixed: Grid) -> tuple[Grid, ...]:
    y, x = np.mgrid[0 : len(fixed), 0 : len(fixed)]
    conditions = (
        (y + x) % 2,
        y % 2,
        x % 3,
        (y + x) % 3,
        (y // 2 + x // 3) % 2,
        y * x % 2 + y * x % 3,
        (y * x % 2 + y * x % 3) % 2,
        ((y + x) % 2 + y * x % 3) % 2,
    )
    return tuple((condition == 0) & ~fixed for condition in conditions)


def _fits(length: int, version: int) -> bool:
    header = 4 + (8 if version < 10 else 16)
    return header + 8 * length <= 8 * sum(_BLOCKS[version][1])


def _bits(value: int, count: int) -> Iterator[int]:
    return ((value >> i) & 1 for i in reversed(range(count)))


def _codewords(data: bytes, version: int) -> list[int]:
    """Data with padding, cut into blocks, with error correction, interleaved."""
    correction, sizes = _BLOCKS[version]
    bits = [*_bits(4, 4), *_bits(len(data), 8 if version < 10 else 16)]
    bits += [bit for byte in data for bit in _bits(byte, 8)]
    bits += [0] * min(4, 8 * sum(sizes) - len(bits))
    bits += [0] * (-len(bits) % 8)
    words = [int("".join(map(str, bits[i : i + 8])), 2) for i in range(0, len(bits), 8)]
    words += [0xEC if i % 2 == 0 else 0x11 for i in range(sum(sizes) - len(words))]
    blocks, start = [], 0
    for size in sizes:
        blocks.append(words[start : start + size])
        start += size
    checks = [_correction(block, correction) for block in blocks]
    mixed = [block[i] for i in range(max(sizes)) for block in blocks if i < len(block)]
    return mixed + [check[i] for i in range(correction) for check in checks]


@cache
def _tables() -> tuple[list[int], list[int]]:
    """Powers of the generator of GF(256) with polynomial 0x11d, and their logarithms."""
    exp, log, value = [0] * 512, [0] * 256, 1
    for i in range(255):
        exp[i] = exp[i + 255] = value
        log[value] = i
        value = value << 1 ^ (0x11D if value & 0x80 else 0)
    return exp, log


@cache
def _generator(degree: int) -> tuple[int, ...]:
    exp, log = _tables()
    poly = [1]
    for i in range(degree):
        longer = [*poly, 0]
        for j, factor in enumerate(poly):
            longer[j + 1] ^= exp[log[factor] + i] if factor else 0
        poly = longer
    return tuple(poly)


def _correction(block: Sequence[int], count: int) -> list[int]:
    exp, log = _tables()
    generator = _generator(count)
    rest = [*block, *[0] * count]
    for i in range(len(block)):
        if rest[i]:
            lead = log[rest[i]]
            for j, factor in enumerate(generator):
                rest[i + j] ^= exp[log[factor] + lead]
    return rest[len(block) :]


def _function_patterns(version: int) -> tuple[Grid, Grid]:
    """(modules that carry no data, their pattern): finders, timing, alignment; formats are only reserved."""
    size = 17 + 4 * version
    fixed, dark = np.zeros((size, size), np.bool_), np.zeros((size, size), np.bool_)
    ring = np.maximum(*np.abs(np.mgrid[-3:4, -3:4]))
    for y, x in ((0, 0), (0, size - 7), (size - 7, 0)):
        fixed[max(y - 1, 0) : y + 8, max(x - 1, 0) : x + 8] = True
        dark[y : y + 7, x : x + 7] = ring != 2
    fixed[6, :] = fixed[:, 6] = True
    dark[6, 8 : size - 8] = dark[8 : size - 8, 6] = np.arange(8, size - 8) % 2 == 0
    for y, x in _alignment_centres(version):
        fixed[y - 2 : y + 3, x - 2 : x + 3] = True
        dark[y - 2 : y + 3, x - 2 : x + 3] = ring[1:6, 1:6] != 1
    fixed[8, :9] = fixed[:9, 8] = fixed[8, size - 8 :] = fixed[size - 8 :, 8] = True
    if version >= 7:
        fixed[:6, size - 11 : size - 8] = fixed[size - 11 : size - 8, :6] = True
    return fixed, dark


def _alignment_centres(version: int) -> list[tuple[int, int]]:
    last = 10 + 4 * version
    places = _ALIGNMENT.get(version, (6, last) if version > 1 else ())
    corners = {(6, 6), (6, last), (last, 6)}
    return [(y, x) for y in places for x in places if (y, x) not in corners]


def _finish(drawn: Grid, layout: _Layout, version: int, mask: int) -> Grid:
    """Apply a mask to the data and write format and version information."""
    size = len(drawn)
    grid: Grid = drawn ^ layout.masks[mask]
    # Level M is 00, so the five bits are those of the mask alone.
    code = list(_bits((mask << 10 | _bch(mask, 10, 0x537)) ^ 0x5412, 15))
    around = [(8, i) for i in (0, 1, 2, 3, 4, 5, 7, 8)] + [(i, 8) for i in (7, 5, 4, 3, 2, 1, 0)]
    split = [(size - 1 - i, 8) for i in range(7)] + [(8, size - 8 + i) for i in range(8)]
    for bit, one, other in zip(code, around, split, strict=True):
        grid[one] = grid[other] = bool(bit)
    grid[size - 8, 8] = True
    if version >= 7:
        for i, bit in enumerate(reversed(list(_bits(version << 12 | _bch(version, 12, 0x1F25), 18)))):
            grid[i // 3, size - 11 + i % 3] = grid[size - 11 + i % 3, i // 3] = bool(bit)
    return grid


def _bch(value: int, degree: int, generator: int) -> int:
    rest = value << degree
    while rest.bit_length() > degree:
        rest ^= generator << (rest.bit_length() - degree - 1)
    return rest


def _penalty(grid: Grid) -> int:
    """The four penalties of ISO/IEC 18004: runs, squares, finder-like patterns, balance of dark."""
    total = 0
    for lines in (grid, grid.T):
        equal = lines[:, 1:] == lines[:, :-1]
        five = equal[:, :-3] & equal[:, 1:-2] & equal[:, 2:-1] & equal[:, 3:]
        # A run of n ≥ 5 has n − 4 windows of five and costs n − 2.
        runs = int(five[:, 0].sum()) + int((five[:, 1:] & ~five[:, :-1]).sum())
        total += int(five.sum()) + 2 * runs + 40 * _finder_likes(lines)
    same = (
        (grid[1:, 1:] == grid[:-1, 1:]) & (grid[1:, 1:] == grid[1:, :-1]) & (grid[1:, 1:] == grid[:-1, :-1])
    )
    share = int(grid.sum()) * 100 / grid.size
    return total + 3 * int(same.sum()) + 10 * int(abs(share - 50) // 5)


def _finder_likes(lines: Grid) -> int:
    """Occurrences of 1:1:3:1:1 with four light modules before or after it."""
    width = lines.shape[1] - 10
    count = 0
    for pattern in ("10111010000", "00001011101"):
        found = np.ones((len(lines), width), np.bool_)
        for i, char in enumerate(pattern):
            found &= lines[:, i : i + width] == (char == "1")
        count += int(found.sum())
    return count
