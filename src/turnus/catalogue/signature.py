"""The pattern of a segment: its tag with everything a structural rule can look at."""

from __future__ import annotations

from turnus.edifact.model import Segment

# (key such as "DTM+163", further codes …)
Signature = tuple[str, ...]

_PARTS: dict[str, tuple[tuple[int, int], ...]] = {
    "PIA": ((2, 2), (2, 1)),
    "STS": ((2, 1), (3, 1)),
    "NAD": ((2, 3),),
}


def tag_of(item: Signature) -> str:
    """The tag of a signature."""
    return item[0].partition("+")[0]


def signature(segment: Segment) -> Signature:
    """Tag+qualifier, then codes; of a place only whether it names one."""
    tag = segment.tag
    if tag in ("DTM", "QTY"):  # by far the most frequent
        return (f"{tag}+{segment.get(1)}", segment.get(1, 3))
    if tag == "COM":
        return ("COM", segment.get(1, 2))
    key = f"{tag}+{segment.get(1)}"
    if tag == "LOC":
        return (key, "x" if segment.get(2) else "")
    if tag in ("LIN", "UNH", "UNT"):
        return (tag,)
    parts = _PARTS.get(tag)
    if not parts:
        return (key,)
    return (key, *(segment.get(element, component) for element, component in parts))
