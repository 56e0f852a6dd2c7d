"""Reads of the documents room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, QuerySet

from turnus.clients.models import HouseBank
from turnus.clients.models import Letterhead as LetterheadRow
from turnus.documents.calc.parties import Letterhead, PostalAddress
from turnus.documents.models import Document

__all__ = ["documents_of", "documents_of_object", "letterhead_of", "state_counts", "undelivered"]


def letterhead_of(*, client_id: int) -> Letterhead:
    """The letterhead of a principal with its first house bank.

    Raises:
        LookupError: the principal has stored no letterhead or no house bank yet.
        ValueError: its colour cannot be read on paper.
    """
    head = LetterheadRow.objects.filter(client_id=client_id).first()
    bank = HouseBank.objects.filter(client_id=client_id).order_by("id").first()
    if head is None or bank is None:
        what = "keinen Briefkopf" if head is None else "keine Hausbank"
        raise LookupError(f"Der Auftraggeber hat noch {what}; bitte unter Stammdaten hinterlegen.")
    return letterhead_on_paper(head, bank)


def letterhead_on_paper(head: LetterheadRow, bank: HouseBank) -> Letterhead:
    """A stored letterhead with the bank account that letters name, as the templates take it."""
    return Letterhead(
        name=head.company,
        short_name=head.company,
        address=PostalAddress(head.street, head.postal_code, head.city),
        register_court=head.register_court,
        register_number=head.register_number,
        managing_directors=tuple(name.strip() for name in head.managing_directors.split(",")),
        tax_number=head.tax_number,
        vat_id=head.vat_id,
        hotline=head.hotline,
        email=head.email,
        web=head.web,
        bank_name=bank.bank_name,
        iban=bank.iban,
        bic=bank.bic,
        creditor_id=bank.creditor_id,
        primary=head.colour,
        logo_svg=head.logo_svg,
    )


def documents_of(*, client_id: int, customer_number: str) -> QuerySet[Document]:
    """Letters and bills of a customer, the newest first, without their data."""
    rows = Document.objects.filter(client_id=client_id, customer_number=customer_number)
    return rows.defer("data").order_by("-id")


def documents_of_object(*, client_id: int, object_kind: str, object_id: int) -> QuerySet[Document]:
    """Documents about one thing ("billing.bill", 17), the newest first."""
    rows = Document.objects.filter(client_id=client_id, object_kind=object_kind, object_id=object_id)
    return rows.defer("data").order_by("-id")


def state_counts(*, client_ids: Sequence[int]) -> dict[tuple[str, str], int]:
    """(kind, state) → number of documents, for the day of a principal."""
    rows = Document.objects.filter(client_id__in=client_ids).order_by().values_list("kind", "state")
    return {(kind, state): n for kind, state, n in rows.annotate(n=Count("id"))}


def undelivered(*, client_id: int, before: datetime) -> QuerySet[Document]:
    """Documents created before `before` that have not left the house: §40c wants bills out in time."""
    rows = Document.objects.filter(client_id=client_id, state=Document.State.CREATED, created_at__lt=before)
    return rows.defer("data").order_by("id")
