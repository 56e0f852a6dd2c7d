"""What all documents share around their text: look, letterhead, footer, address field, information block."""

from __future__ import annotations

from typing import Any

from turnus.documents.calc.parties import Letterhead, Recipient
from turnus.documents.render.wording import grouped_iban

__all__ = ["frame_payload"]

InfoRows = list[tuple[str, str]]


def frame_payload(
    head: Letterhead, to: Recipient, *, title: str, running: str, info: InfoRows
) -> dict[str, Any]:
    """`title` goes into the file's properties, `running` on top of the pages after the first."""
    contact = _pairs(
        ("Telefon", head.hotline),
        ("", head.hotline_hours),
        ("E-Mail", head.email),
        ("Internet", head.web),
    )
    return {
        "title": title,
        "running": running,
        "info": info,
        "contact": contact,
        "to": to.lines(),
        "sender_line": " · ".join([head.name, *head.address.lines()]),
        "head": {"name": head.name, "short": head.short_name, "claim": head.claim},
        "look": {"primary": head.ink, "accent": head.accent, "logo": head.logo_svg},
        "footer": _footer(head),
    }


def _pairs(*pairs: tuple[str, str]) -> InfoRows:
    return [(label, value) for label, value in pairs if value]


def _footer(head: Letterhead) -> list[list[str]]:
    directors = ", ".join(head.managing_directors)
    company = [head.name, *head.address.lines()]
    register = [f"{head.register_court}, {head.register_number}", f"Geschäftsführung: {directors}"]
    if head.supervisory_board_chair:
        register.append(f"Vorsitz des Aufsichtsrats: {head.supervisory_board_chair}")
    tax = [f"Steuernummer {head.tax_number}" if head.tax_number else ""]
    tax += [f"USt-IdNr. {head.vat_id}" if head.vat_id else "", f"Gläubiger-ID {head.creditor_id}"]
    bank = [head.bank_name, f"IBAN {grouped_iban(head.iban)}", f"BIC {head.bic}" if head.bic else ""]
    columns = [company, register, bank, tax]
    return [[line for line in column if line.strip(" ,:")] for column in columns]
