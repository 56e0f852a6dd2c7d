"""Take in a bank statement file: keep its bytes, stage its lines, post and allocate them.

Three steps, each safe on its own: the original is stored first; all lines of the file are staged in one
transaction that fails as a whole if anything does not add up; then the staged lines are posted in batches, so
that a crash between two batches loses nothing and the next import goes on where it stopped.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from turnus.clients.models import HouseBank
from turnus.documents.models import Original
from turnus.lib.money import from_cents, to_cents
from turnus.receivables.files.records import (
    Balance,
    Entry,
    FileHeader,
    FileRefused,
    Finding,
    StatementEnd,
    StatementHeader,
    Transaction,
)
from turnus.receivables.files.source import refuse
from turnus.receivables.files.statements import read_events
from turnus.receivables.models import Statement, StatementEntry
from turnus.receivables.services.posting import post_new_entries
from turnus.system import audit
from turnus.system.bulk import copy_rows
from turnus.system.models import User
from turnus.worklist.services import NewCase, open_case

BATCH = 1000


@dataclass(slots=True)
class ImportResult:
    """What became of a file. Counts are payments (a batch booking has several)."""

    name: str
    state: str = "imported"
    statements: int = 0
    entries: int = 0
    new: int = 0
    known: int = 0
    allocated: int = 0
    collected: int = 0
    returned: int = 0
    suspense: int = 0
    informed: int = 0
    findings: list[Finding] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON form for the command line."""
        counts = ("statements", "entries", "new", "known", "allocated", "collected", "returned", "suspense")
        return {
            "file": self.name,
            "state": self.state,
            **{name: getattr(self, name) for name in (*counts, "informed")},
            "findings": [
                {"code": f.code, "severity": f.severity, "place": f.place, "text": f.text, "remedy": f.remedy}
                for f in self.findings
            ],
        }


def import_statement(
    *, client_id: int, content: bytes, name: str, at: datetime, user: User | None
) -> ImportResult:
    """Import one file. Importing it again, or another file with the same lines, changes nothing.

    Raises: `FileRefused` when the file cannot be read, does not add up or is of a foreign account; the
    original is kept, a case names the reason, nothing is posted.
    """
    from turnus.documents.services import store_original

    media_type = "application/xml" if content.lstrip()[:1] == b"<" else "text/plain"
    original, _ = store_original(
        client_id=client_id, content=content, name=name, media_type=media_type, at=at
    )
    result = ImportResult(name)
    try:
        with transaction.atomic():
            _stage(client_id, original, content, name, result, user, at)
    except FileRefused as refused:
        _open_case(client_id, original, refused, at)
        raise
    if not result.new and result.known:
        result.state = "known"
    audit.record(
        client_id=client_id,
        at=at,
        user=user,
        action="statement_imported",
        object_kind="documents.original",
        object_id=original.pk,
        text=name,
        details={"entries": result.entries, "new": result.new, "known": result.known},
    )
    _open_gap_cases(client_id, original, result, at)
    for state, count in post_new_entries(client_id=client_id, user=user, at=at).items():
        setattr(result, state, getattr(result, state) + count)
    return result


def _open_gap_cases(client_id: int, original: Original, result: ImportResult, at: datetime) -> None:
    for finding in result.findings:
        if finding.code == "statement_gap":
            open_case(
                client_id=client_id,
                new=NewCase(
                    kind="statement_missing",
                    service="M13",
                    key=f"statement-gap:{original.sha256}:{finding.place}"[:200],
                    title=f"Vor „{result.name}“ fehlt ein Kontoauszug",
                    reason=str(finding),
                    object_kind="documents.original",
                    object_id=original.pk,
                    object_label=result.name,
                ),
                at=at,
            )


def _open_case(client_id: int, original: Original, refused: FileRefused, at: datetime) -> None:
    finding = refused.finding
    open_case(
        client_id=client_id,
        new=NewCase(
            kind="bank_file_refused",
            service="M13",
            key=f"bank-file:{original.sha256}",
            title=f"Kontoauszug „{refused.name}“ nicht übernommen",
            reason=str(finding),
            object_kind="documents.original",
            object_id=original.pk,
            object_label=refused.name,
            details={"code": finding.code, "place": finding.place},
        ),
        at=at,
    )


def _stage(
    client_id: int,
    original: Original,
    content: bytes,
    name: str,
    result: ImportResult,
    user: User | None,
    at: datetime,
) -> None:
    """Write every line of the file; any error in it takes all of them back."""
    banks = [bank.iban for bank in HouseBank.objects.filter(client_id=client_id)]
    staging = _Staging(client_id, original, name, banks, result, user, at)
    for event in read_events(io.BytesIO(content), name):
        match event:
            case FileHeader():
                staging.begin_file(event)
            case StatementHeader():
                staging.begin(event)
            case Entry():
                staging.add(event)
            case StatementEnd():
                staging.end(event)


class _Staging:
    """Turns the events of one file into rows."""

    def __init__(
        self,
        client_id: int,
        original: Original,
        name: str,
        banks: list[str],
        result: ImportResult,
        user: User | None,
        at: datetime,
    ) -> None:
        self.client_id, self.original, self.name, self.banks = client_id, original, name, banks
        self.result, self.user, self.at = result, user, at
        self.file = FileHeader("", "", "")
        self.statement = Statement()
        self.rows: list[tuple[Any, ...]] = []

    def begin_file(self, header: FileHeader) -> None:
        self.file = header
        self.result.findings.extend(header.findings)

    def begin(self, header: StatementHeader) -> None:
        account = house_account(header.account, self.banks)
        place = f"Auszug {header.statement_id or header.position}"
        if account is None:
            raise refuse(
                self.name,
                "foreign_account",
                place,
                f"Das Konto „{header.account}“ ist keine Hausbank dieses Auftraggebers.",
                "Den Auftraggeber prüfen oder die Hausbank in den Stammdaten anlegen.",
            )
        if header.currency not in ("", "EUR"):
            raise refuse(
                self.name,
                "foreign_currency",
                place,
                f"Das Konto wird in {header.currency} geführt.",
                "Nur Euro-Konten lassen sich verbuchen.",
            )
        opening, closing = header.opening, header.closing
        if opening is not None:
            self._look_for_gap(account, header, opening, place)
        self.statement = Statement.objects.create(
            client_id=self.client_id,
            original=self.original,
            kind=self.file.kind,
            statement_id=header.statement_id[:60],
            sequence=header.sequence[:20],
            account=account,
            opening_cents=_cents(opening.amount, self.name, place) if opening else None,
            closing_cents=_cents(closing.amount, self.name, place) if closing else None,
            first_day=opening.day if opening else None,
            last_day=closing.day if closing else None,
            imported_at=self.at,
            imported_by=self.user,
        )
        self.result.statements += 1

    def _look_for_gap(self, account: str, header: StatementHeader, opening: Balance, place: str) -> None:
        """A statement that does not begin where the last one ended: one is missing in between."""
        known = Statement.objects.filter(
            client_id=self.client_id, account=account, closing_cents__isnull=False
        )
        last = known.order_by("-last_day", "-id").first()
        cents = _cents(opening.amount, self.name, place)
        if last is None or last.last_day is None or last.closing_cents == cents:
            return
        repeated = known.filter(statement_id=header.statement_id[:60]).exists()
        if repeated or (opening.day is not None and opening.day < last.last_day):
            return
        text = (
            f"Der letzte Auszug ({last.last_day:%d.%m.%Y}) endet mit {from_cents(last.closing_cents or 0)}, "
            f"dieser beginnt mit {opening.amount}: dazwischen fehlt ein Auszug."
        )
        remedy = "Den fehlenden Auszug bei der Bank abrufen und einlesen."
        self.result.findings.append(Finding("statement_gap", place, text, remedy, "warning"))

    def add(self, entry: Entry) -> None:
        if entry.currency not in ("", "EUR"):
            raise refuse(
                self.name,
                "foreign_currency",
                entry.place,
                f"Der Umsatz lautet auf {entry.currency}.",
                "Nur Umsätze in Euro lassen sich verbuchen.",
            )
        day = entry.booking_date or entry.value_date or self.statement.last_day
        if day is None:
            raise refuse(
                self.name,
                "entry_without_date",
                entry.place,
                "Der Umsatz hat weder Buchungstag noch Wertstellung.",
                "Die Datei bei der Bank neu abrufen.",
            )
        for transaction_ in entry.transactions:
            self.rows.append(self._row(entry, transaction_, day))
        if len(self.rows) >= BATCH:
            self._write()

    def end(self, end: StatementEnd) -> None:
        self._write()
        errors = [finding for finding in end.findings if finding.severity == "error"]
        if errors:
            raise FileRefused(self.name, errors[0])
        self.result.findings.extend(end.findings)
        lines = StatementEntry.objects.filter(statement=self.statement).count()
        self.statement.entries = lines
        self.statement.save(update_fields=["entries", "known"])

    def _row(self, entry: Entry, payment: Transaction, day: date) -> tuple[Any, ...]:
        posts = self.file.posts and entry.booked
        many = len(entry.transactions) > 1
        suffix = f"/{payment.position}" if many else ""
        # What is not posted must not stand in the way of the booking that follows.
        mark = "" if posts else f"{self.file.kind}:{entry.status}:"
        text = " ".join(part for part in (payment.remittance, payment.reference) if part)
        return (
            self.client_id,
            self.statement.pk,
            f"{mark}{entry.key}{suffix}"[:80],
            f"{mark}{entry.cross_key}{suffix}"[:80],
            entry.place[:120],
            _cents(payment.amount, self.name, entry.place),
            day,
            entry.value_date or day,
            payment.name[:140],
            payment.iban[:34],
            _clean(text or payment.additional),
            payment.end_to_end_id[:40],
            payment.mandate_id[:40],
            payment.batch_id[:40],
            payment.gvc,
            payment.bank_code[:20],
            payment.is_return and payment.amount < 0,
            payment.return_reason[:10],
            _cents(payment.original_amount, self.name, entry.place),
            _cents(payment.charges, self.name, entry.place),
            "new" if posts else "informed",
            "",
            "" if posts else "Nur gemeldet, noch nicht gebucht.",
            0,
            "",
        )

    def _write(self) -> None:
        if not self.rows:
            return
        known = self._known_elsewhere({row[3] for row in self.rows})
        fresh = [row for row in self.rows if row[3] not in known]
        written = copy_rows(StatementEntry, _COLUMNS, fresh, suffix="ON CONFLICT (client_id, key) DO NOTHING")
        self.result.entries += len(self.rows)
        self.result.known += len(self.rows) - written
        self.result.informed += sum(1 for row in fresh if row[20] == "informed")
        self.result.new += written
        self.statement.known += len(self.rows) - written
        self.rows.clear()

    def _known_elsewhere(self, cross_keys: set[str]) -> set[str]:
        """Bookings that came before in another kind of file (camt.054 before camt.053)."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT e.cross_key FROM receivables_statemententry e "
                "JOIN receivables_statement s ON s.id = e.statement_id "
                "WHERE e.client_id = %s AND e.cross_key = ANY(%s) AND s.kind <> %s",
                [self.client_id, list(cross_keys), self.file.kind],
            )
            return {row[0] for row in cursor.fetchall()}


_COLUMNS = (
    "client_id",
    "statement_id",
    "key",
    "cross_key",
    "place",
    "amount_cents",
    "booking_date",
    "value_date",
    "name",
    "iban",
    "remittance",
    "end_to_end_id",
    "mandate_reference",
    "batch_id",
    "gvc",
    "bank_code",
    "is_return",
    "return_reason",
    "original_cents",
    "charges_cents",
    "state",
    "rung",
    "reason",
    "assignments",
    "note",
)


def _clean(text: str) -> str:
    """PostgreSQL text cannot hold NUL."""
    return text.replace("\x00", "")


def _cents(amount: Decimal | None, name: str, place: str) -> Any:
    if amount is None:
        return None
    try:
        return to_cents(amount)
    except ValueError as error:
        raise refuse(
            name,
            "not_whole_cents",
            place,
            f"{error}.",
            "Der Betrag ist in Euro nicht buchbar; die Bank fragen.",
        ) from error


def house_account(account: str, banks: list[str]) -> str | None:
    """The house bank's IBAN a statement is about; MT940 may name bank code and account number instead."""
    plain = account.replace(" ", "")
    for iban in banks:
        if plain == iban:
            return iban
        if "/" in plain and iban.startswith("DE"):
            code, number = plain.split("/", 1)
            digits = "".join(_digits(number))
            if iban[4:] == f"{code}{digits:0>10}":
                return iban
    return None


def _digits(text: str) -> Iterator[str]:
    """Leading digits: some banks append the currency to the account number."""
    for character in text:
        if not character.isdigit():
            return
        yield character
