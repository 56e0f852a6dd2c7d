"""Structural rules of MSCONS: the parts a message must and may have, their order and codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from turnus.catalogue.rules import PidRule, codes, mscons_rules, segment_names
from turnus.catalogue.signature import Signature, tag_of
from turnus.edifact.findings import Severity

Fault = tuple[int, str, Severity, str]

_OPENERS = {"LOC": "place", "LIN": "position", "QTY": "value"}
_LEVELS = {"head": 0, "party": 1, "place": 2, "position": 3, "value": 4}
_MISSING_PARENT = {"place": "party", "position": "place", "value": "position"}


@dataclass(slots=True)
class _Node:
    """A group of segments: the head, a party, a place, a position or a value."""

    level: str
    index: int
    opener: Signature
    members: list[tuple[int, Signature]] = field(default_factory=list)
    product: str = ""
    has_values: bool = False

    def keys(self) -> set[str]:
        return {signature[0] for _, signature in self.members}


def structure_faults(pid: str, pattern: Sequence[Signature]) -> tuple[Fault, ...]:
    """All structural faults of a message given as the patterns of its segments."""
    rule = mscons_rules()[pid]
    nodes, faults = _build(pattern)
    known: dict[tuple[object, ...], list[Fault]] = {}
    for node in nodes:
        if node.level != "value":
            faults += _CHECKS[node.level](rule, node)
            continue
        # Values mostly look alike; what is wrong with one is wrong with all of its kind.
        key = (node.opener, node.product, *(item for _, item in node.members))
        if key not in known:
            known[key] = [_moved(fault, -node.index) for fault in _value(rule, node)]
        faults += [_moved(fault, node.index) for fault in known[key]]
    levels = {node.level for node in nodes}
    last = len(pattern) - 1
    if "place" not in levels:
        faults.append(_missing(last, rule.places[0], "im Positionsteil"))
    elif rule.quantities and "value" not in levels:
        faults.append(_missing(last, "QTY", "im Positionsteil"))
    return tuple(faults)


def _moved(fault: Fault, by: int) -> Fault:
    return (fault[0] + by, *fault[1:])


def _build(pattern: Sequence[Signature]) -> tuple[list[_Node], list[Fault]]:
    head = _Node("head", 0, pattern[0])
    nodes, faults, current = [head], [], head
    open_levels: dict[str, _Node] = {}
    after_head = False
    for index, signature in enumerate(pattern[1:], 1):
        tag = tag_of(signature)
        if tag in ("UNS", "UNT"):
            after_head = after_head or tag == "UNS"
            continue
        level = _OPENERS.get(tag) or ("party" if tag == "NAD" and after_head else None)
        if level is None:
            current.members.append((index, signature))
            if tag == "PIA" and current.level == "position":
                current.product = signature[2]
            continue
        if not after_head:
            faults.append(_fault(index, "wrong_order", f"{tag} steht vor der Trennung (UNS)."))
            after_head = True
        parent = _MISSING_PARENT.get(level)
        if parent and parent not in open_levels and level != "place":
            faults.append(_fault(index, "wrong_order", f"{tag} steht ohne {_words(parent)} davor."))
        current = _Node(level, index, signature)
        if level == "value" and "position" in open_levels:
            current.product = open_levels["position"].product
            open_levels["position"].has_values = True
        for name in [name for name in open_levels if _LEVELS[name] > _LEVELS[level]]:
            del open_levels[name]
        open_levels[level] = current
        nodes.append(current)
    return nodes, faults


def _words(level: str) -> str:
    return {"party": "Beteiligten (NAD)", "place": "Lokation (LOC)", "position": "Position (LIN)"}[level]


def _head(rule: PidRule, node: _Node) -> list[Fault]:
    documents = [(index, item) for index, item in node.members if item[0].startswith("BGM+")]
    faults = [] if documents else [_missing(node.index, "BGM", "im Kopf")]
    for index, item in documents:
        code = item[0][4:]
        if code not in rule.documents:
            faults.append(_code(index, "BGM", code, rule.documents, rule))
    others = [member for member in node.members if not member[1][0].startswith("BGM+")]
    faults += _required(node.index, rule.head_must, node.keys(), "im Kopf")
    faults += _unexpected(others, {*rule.head_must, *rule.head_may}, rule)
    return faults + _repeated(others, rule.head_must)


def _party(rule: PidRule, node: _Node) -> list[Fault]:
    expected = f"NAD+{rule.party}"
    if node.opener[0] != expected:
        return [_code(node.index, "NAD", node.opener[0][4:], {rule.party}, rule)]
    return _unexpected(node.members, set(), rule)


def _place(rule: PidRule, node: _Node) -> list[Fault]:
    faults = []
    if node.opener[0] not in rule.places:
        faults.append(_code(node.index, "LOC", node.opener[0][4:], {key[4:] for key in rule.places}, rule))
    keys = node.keys()
    # A cancellation is told by its document; our sources disagree whether LOC repeats the place.
    if not node.opener[1] and "RFF+AGK" not in keys and rule.kind != "cancellation":
        faults.append(_fault(node.index, "location_missing", "LOC nennt keine Markt- oder Messlokation."))
    faults += _required(node.index, rule.place_must, keys, "bei der Lokation")
    if rule.place_one_of and not keys & set(rule.place_one_of):
        faults.append(_missing(node.index, " oder ".join(rule.place_one_of), "bei der Lokation"))
    allowed = {*rule.place_must, *rule.place_may, *rule.place_one_of}
    return faults + _unexpected(node.members, allowed, rule) + _repeated(node.members, rule.place_must)


def _position(rule: PidRule, node: _Node) -> list[Fault]:
    products = [(index, item) for index, item in node.members if item[0].startswith("PIA+")]
    if not rule.products:
        return [_fault(node.index, "unexpected_segment", f"{rule.pid} hat keine Positionen.", "warning")]
    faults = [] if products else [_missing(node.index, "PIA", "in der Position")]
    for index, item in products:
        if item[0] != "PIA+5":
            faults.append(_code(index, "PIA", item[0][4:], {"5"}, rule))
        elif item[1] not in rule.products:
            faults.append(_code(index, "PIA", item[1], rule.products, rule))
    if not node.has_values and rule.quantities:
        faults.append(_missing(node.index, "QTY", "in der Position"))
    return faults


def _value(rule: PidRule, node: _Node) -> list[Fault]:
    code, unit = node.opener[0][4:], node.opener[1]
    faults = []
    if code not in rule.quantities:
        faults.append(_code(node.index, "QTY", code, rule.quantities, rule))
    if unit not in rule.units:
        allowed = {name for name in rule.units if name} or {"ohne Einheit"}
        severity: Severity = "warning" if unit in codes()["units"] else "error"
        wanted = ", ".join(sorted(allowed))
        text = f"Die Einheit „{unit or 'ohne'}“ ist in {rule.pid} nicht vorgesehen ({wanted})."
        faults.append(_fault(node.index, "unit_not_allowed", text, severity))
    must = rule.value_must
    for pattern, instead in rule.by_product:
        if pattern.fullmatch(node.product):
            must = instead
    if code == "67":
        must = (*must, *rule.substitute_needs)
    keys = node.keys()
    faults += _required(node.index, must, keys, "beim Wert")
    if rule.value_one_of and not keys & set(rule.value_one_of):
        faults.append(_missing(node.index, " oder ".join(rule.value_one_of), "beim Wert"))
    allowed = {*must, *rule.value_must, *rule.value_may, *rule.value_one_of}
    times = [key for key in allowed if key.startswith("DTM")]
    return faults + _unexpected(node.members, allowed, rule) + _repeated(node.members, times)


_CHECKS = {"head": _head, "party": _party, "place": _place, "position": _position, "value": _value}


def _required(index: int, keys: Iterable[str], present: set[str], where: str) -> list[Fault]:
    return [_missing(index, key, where) for key in keys if key not in present]


def _unexpected(members: Sequence[tuple[int, Signature]], allowed: set[str], rule: PidRule) -> list[Fault]:
    """Segments the rule does not name. They do not change what the others say, so this only warns."""
    return [
        _fault(index, "unexpected_segment", f"{item[0]} ist in {rule.pid} hier nicht vorgesehen.", "warning")
        for index, item in members
        if item[0] not in allowed and tag_of(item) not in ("CTA", "COM")
    ]


def _repeated(members: Sequence[tuple[int, Signature]], keys: Iterable[str]) -> list[Fault]:
    faults = []
    for key in keys:
        places = [index for index, item in members if item[0] == key]
        faults += [
            _fault(index, "segment_repeated", f"{key} kommt hier zum zweiten Mal vor.")
            for index in places[1:]
        ]
    return faults


def _missing(index: int, key: str, where: str) -> Fault:
    names, qualified = segment_names()
    name = qualified.get(key) or names.get(key[:3], "")
    return _fault(index, "segment_missing", f"{key} ({name}) fehlt {where}.")


def _code(index: int, tag: str, code: str, allowed: Iterable[str], rule: PidRule) -> Fault:
    wanted = ", ".join(sorted(allowed))
    return _fault(index, "code_not_allowed", f"{tag}+{code} ist in {rule.pid} nicht erlaubt (nur {wanted}).")


def _fault(index: int, code: str, text: str, severity: Severity = "error") -> Fault:
    return (index, code, severity, text)
