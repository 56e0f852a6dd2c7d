"""What the checklist of the law found missing on a bill, in the words a clerk reads (M06)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from turnus.billing.calc.limits import Exceptional
from turnus.documents.calc.checklist import ChecklistResult, Verdict, load_places

__all__ = ["RULE", "by_place", "checklist_entry", "gaps", "items_text", "refusal"]

RULE = "checklist"


def by_place(missing: Sequence[ChecklistResult]) -> dict[str, list[ChecklistResult]]:
    """The missing items by the place where their content is kept: one place, one cause."""
    found: dict[str, list[ChecklistResult]] = {}
    for result in missing:
        found.setdefault(result.place, []).append(result)
    return found


def gaps(verdict: Verdict) -> list[Exceptional]:
    """One broken rule per place; empty for a complete bill. Nobody can release a bill that has one."""
    return [
        Exceptional(
            RULE,
            f"Pflichtangaben fehlen ({load_places()[place].title}): {items_text(missing)}",
            f"{len(missing)} fehlt" if len(missing) == 1 else f"{len(missing)} fehlen",
            "vollständig",
            place,
        )
        for place, missing in by_place(verdict.missing).items()
    ]


def items_text(missing: Sequence[ChecklistResult]) -> str:
    """The requirements with their paragraph."""
    return "; ".join(f"{result.item.text} ({result.item.paragraph})" for result in missing)


def checklist_entry(verdict: Verdict) -> dict[str, Any]:
    """The entry in the check log of the bill: how many items are present, not applicable and missing."""
    text = f"{verdict.present} Angaben vorhanden, {verdict.not_applicable} nicht einschlägig"
    if verdict.missing:
        text += f"; es fehlen: {items_text(verdict.missing)}"
    return {"check": RULE, "ok": not verdict.missing, "text": text}


def refusal(what: str, verdict: Verdict) -> str:
    """Why `what` cannot be issued, and what to do about it."""
    remedies = " ".join(load_places()[place].remedy for place in by_place(verdict.missing))
    return f"{what}: Es fehlen Pflichtangaben: {items_text(verdict.missing)}. {remedies}"
