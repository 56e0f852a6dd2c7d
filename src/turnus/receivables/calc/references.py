"""Find references in the text of a payment: tolerant of how people type, never guessing between two.

Typed variants that must be recognised for `R00012345`: `r 0001 2345`, `R-000/12345`, `RE-NR.00012345`,
`Rechnung 12345`. A mention is *strong* if the whole reference stands there, *weak* if its prefix or leading
zeros are missing; a weak one counts only when amount, IBAN or name confirm it (see `allocation`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"[A-Z0-9]+")
_SPLIT = re.compile(r"[A-Z]+|[0-9]+")
_UMLAUTS = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "ẞ": "SS"})
LONGEST = 35
SHORTEST_DIGITS = 5
_JOINED = 6  # so many neighbouring pieces may belong to one typed reference


def reference_key(reference: str) -> str:
    """A reference as it is looked up: capitals and digits only. `RE-2026/001` → `RE2026001`."""
    return "".join(_TOKEN.findall(reference.upper().translate(_UMLAUTS)))


@dataclass(frozen=True, slots=True)
class Mention:
    """A known reference found in a text, from piece `start` up to `end`."""

    key: str
    strong: bool
    start: int
    end: int


def pieces(text: str) -> list[str]:
    """The letters-only and digits-only runs of a text, in order: `Rg. R0001-23` → RG, R, 0001, 23."""
    plain = text.upper().replace("ß", "SS").translate(_UMLAUTS)
    return [piece for token in _TOKEN.findall(plain) for piece in _SPLIT.findall(token)]


def _spans(parts: list[str]) -> Iterable[tuple[str, int, int]]:
    """Every run of neighbouring pieces that could be a reference: joined text, start, end."""
    digits = [len(part) if part[0].isdigit() else 0 for part in parts]
    for start in range(len(parts)):
        joined, counted = "", 0
        for end in range(start, min(start + _JOINED, len(parts))):
            joined += parts[end]
            counted += digits[end]
            if len(joined) > LONGEST:
                break
            # A reference ends in digits; a word after it does not belong to it.
            if counted >= SHORTEST_DIGITS and digits[end]:
                yield joined, start, end + 1


@dataclass(frozen=True, slots=True)
class Shape:
    """How a number range writes its numbers: prefix and digits, `("R", 8)`."""

    prefix: str
    digits: int

    def of(self, typed: str) -> str | None:
        """The whole reference for one typed without prefix or leading zeros; `None` if it does not fit."""
        typed = typed.removeprefix(self.prefix)
        if not typed.isdigit() or len(typed) > self.digits:
            return None
        if len(typed.lstrip("0")) < SHORTEST_DIGITS and len(typed) < self.digits:
            return None
        return f"{self.prefix}{typed:0>{self.digits}}"


def lookups(text: str, shapes: Iterable[Shape]) -> set[str]:
    """Every key that a text might mention: what to ask the database for, set-wise for many texts."""
    shapes = tuple(shapes)
    keys: set[str] = set()
    for joined, _, _ in _spans(pieces(text)):
        keys.add(joined)
        keys.update(key for shape in shapes if (key := shape.of(joined)) is not None)
    return keys


def mentions(text: str, known: Mapping[str, object], shapes: Iterable[Shape]) -> list[Mention]:
    """The known references a text mentions, left to right, longest first, without overlaps.

    A span that fits two different known references weakly names neither.
    """
    shapes = tuple(shapes)
    prefixes = {shape.prefix for shape in shapes if shape.prefix}
    parts = pieces(text)
    found: list[Mention] = []
    for joined, start, end in _spans(parts):
        if joined in known:
            found.append(Mention(joined, True, start, end))
            continue
        if start and parts[start - 1] in prefixes:
            continue  # the digits belong to the prefix before them: K12345 is no R00012345
        weak = {key for shape in shapes if (key := shape.of(joined)) is not None and key in known}
        if len(weak) == 1:
            found.append(Mention(weak.pop(), False, start, end))
    found.sort(key=lambda m: (not m.strong, m.start - m.end, m.start))
    taken: set[int] = set()
    chosen: dict[str, Mention] = {}
    for mention in found:
        span = set(range(mention.start, mention.end))
        if taken & span:
            continue
        taken |= span
        chosen.setdefault(mention.key, mention)
    return sorted(chosen.values(), key=lambda m: m.start)
