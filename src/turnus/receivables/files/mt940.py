"""MT940 and MT942, one statement block (`:20:`) at a time, by the package `mt-940`.

Kept as a fallback: the German banks' common rules dropped MT940 in 2026, banks still deliver it. Two
traps of the format are closed here: `RC` (a credit taken back, that is a return) must be negative, which
`Options.all()` switches on, and a line the package cannot read must not vanish, so lines are counted.
"""

import logging
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import mt940
from mt940.options import Options

from turnus.receivables.files.keys import KeyMaker
from turnus.receivables.files.records import (
    BOOKED,
    PENDING,
    RETURN_GVC,
    Balance,
    Entry,
    Event,
    FileHeader,
    Finding,
    StatementHeader,
    Summary,
    Transaction,
)
from turnus.receivables.files.source import refuse
from turnus.receivables.files.totals import Tally, close

logging.getLogger("mt940").setLevel(logging.CRITICAL)  # it prints the whole line pattern for a bad line

_BLOCK = re.compile(r"(?m)^:20:")
_LINE = re.compile(r"(?m)^:61:")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_AMOUNT = re.compile(r"\d+(?:[.,]\d{1,2})?")
_REMEDY = "Die Datei bei der Bank neu abrufen, am besten als camt.053."

# Textschlüsselergänzungen the samples and the banks' documents agree on; others stay as the bank wrote them.
_RETURN_KEYS = {"901": "AC01", "903": "AC06", "912": "MD06", "914": "MS03"}


def read_mt940(stream: BinaryIO, name: str) -> Iterator[Event]:
    """Stream the events of an MT940 or MT942 file.

    Raises: `FileRefused` when no statement begins, a line cannot be read or lines stand outside of any
    statement; the message names statement and line.
    """
    stream.seek(0)
    text = _decoded(stream.read()).replace("\r\n", "\n").replace("\r", "\n")
    starts = [match.start() for match in _BLOCK.finditer(text)]
    if not starts or _LINE.search(text[: starts[0]]):
        raise refuse(
            name,
            "no_statement",
            "Zeile 1",
            "Es fehlt der Beginn eines Auszugs (Feld :20:); die Umsätze gehören zu keinem Konto.",
            _REMEDY,
        )
    intraday = re.search(r"(?m)^:(34F|90[DC]|13D):", text) is not None and ":62F:" not in text
    yield FileHeader("mt942" if intraday else "mt940", "MT942" if intraday else "MT940", "")
    keys = KeyMaker()
    for number, start in enumerate(starts, start=1):
        end = starts[number] if number < len(starts) else len(text)
        first_line = text.count("\n", 0, start) + 1
        yield from _block(text[start:end], name, number, first_line, PENDING if intraday else BOOKED, keys)


def _decoded(data: bytes) -> str:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _block(
    block: str, name: str, number: int, first_line: int, status: str, keys: KeyMaker
) -> Iterator[Event]:
    place = f"Auszug {number} ab Zeile {first_line}"
    parsed = _parsed(block, name, place, first_line)
    header = _header(parsed.data, number)
    wanted = len(_LINE.findall(block))
    if wanted != len(parsed):
        raise refuse(
            name,
            "line_lost",
            place,
            f"Von {wanted} Umsätzen (:61:) ließen sich {len(parsed)} lesen.",
            _REMEDY,
        )
    if not header.account:
        raise refuse(name, "account_missing", place, "Das Konto (Feld :25:) fehlt.", _REMEDY)
    yield header
    tally = Tally()
    for position, line in enumerate(parsed, start=1):
        entry = _entry(line.data, header, position, f"{place}, Umsatz {position}", keys, status)
        tally.add(entry)
        yield entry
    if "final_closing_balance" not in parsed.data and parsed.data.get("final_opening_balance"):
        tally.findings.append(
            Finding(
                "closing_missing",
                place,
                "Der Endsaldo (:62F:) fehlt; die Summe ist nicht prüfbar.",
                "",
                "warning",
            )
        )
    yield close(header, tally, place)


def _parsed(block: str, name: str, place: str, first_line: int) -> Any:
    """The block as `mt940.Transactions`; a failure is traced to its line by reading line after line."""
    try:
        return _read_block(block)
    except Exception as error:
        lines = [match.start() for match in _LINE.finditer(block)]
        for start, end in zip(lines, [*lines[1:], len(block)], strict=True):
            try:
                _read_block(":20:X\n:60F:C000101EUR0,\n" + block[start:end])
            except Exception as cause:
                line = first_line + block.count("\n", 0, start)
                shown = block[start:end].split("\n", 1)[0]
                raise refuse(
                    name, "line_unreadable", f"Zeile {line}", f"Umsatz „{shown}“: {_why(cause)}.", _REMEDY
                ) from cause
        raise refuse(
            name, "statement_unreadable", place, f"Der Auszug ist nicht lesbar: {_why(error)}.", _REMEDY
        ) from error


def _read_block(block: str) -> Any:
    """Lines of a block; the package reads a zero or impossible day as an error, which is right."""
    statements = mt940.parse_statements(block.encode(), encoding="utf-8", options=Options.all())
    if not statements:
        raise ValueError("kein Auszug")
    return statements[0]


def _why(error: Exception) -> str:
    text = str(error)
    if "Unable to parse" in text:
        return "die Zeile hat nicht den Aufbau eines Umsatzes"
    if "out of range" in text or "month must be" in text:
        return "das Datum gibt es nicht"
    return text.split("\n", 1)[0][:120]


def _header(data: dict[str, Any], number: int) -> StatementHeader:
    balances = tuple(
        balance
        for code, key in (
            ("OPBD", "final_opening_balance"),
            ("ITBD", "intermediate_opening_balance"),
            ("CLBD", "final_closing_balance"),
            ("ITBD", "intermediate_closing_balance"),
            ("CLAV", "available_balance"),
        )
        if (balance := _balance(code, data.get(key))) is not None
    )
    credits, debits = data.get("sum_credit_entries"), data.get("sum_debit_entries")
    summary = None
    if credits is not None or debits is not None:
        summary = Summary(None, _number(credits), _sum(credits), _number(debits), _sum(debits))
    sequence = "/".join(str(data[k]) for k in ("statement_number", "sequence_number") if data.get(k))
    return StatementHeader(
        position=number,
        statement_id=str(data.get("transaction_reference") or ""),
        sequence=sequence,
        account=str(data.get("account_identification") or "").replace(" ", ""),
        currency=balances[0].currency if balances else _currency(credits or debits),
        owner="",
        balances=balances,
        summary=summary,
    )


def _balance(code: str, balance: Any) -> Balance | None:
    amount = getattr(balance, "amount", None)
    if balance is None or amount is None or not hasattr(amount, "amount"):
        return None
    day = balance.date
    return Balance(
        code, amount.amount, amount.currency or "", date(day.year, day.month, day.day) if day else None
    )


def _number(total: Any) -> int | None:
    number = getattr(total, "number", None)
    return int(number) if number is not None and str(number).isdigit() else None


def _sum(total: Any) -> Decimal | None:
    amount = getattr(total, "amount", None)
    return abs(amount) if isinstance(amount, Decimal) else None


def _currency(total: Any) -> str:
    return str(getattr(total, "currency", "") or "")


def _entry(
    data: dict[str, Any], header: StatementHeader, position: int, place: str, keys: KeyMaker, status: str
) -> Entry:
    signed: Decimal = data["amount"].amount
    value = _day(data.get("date"))
    booking = _day(data.get("guessed_entry_date") or data.get("entry_date")) or value
    transaction = _transaction(data, signed, header.currency)
    servicer = _reference(data.get("bank_reference"))
    return Entry(
        position=position,
        amount=signed,
        currency=header.currency,
        status=status,
        reversal=str(data.get("status", "")).upper().startswith("R"),
        booking_date=booking,
        value_date=value,
        reference=_reference(data.get("customer_reference")),
        servicer_reference=servicer,
        bank_code="",
        gvc=transaction.gvc,
        additional=transaction.additional,
        transactions=(transaction,),
        key=keys.full(
            header.account,
            booking,
            value,
            signed,
            servicer,
            transaction.end_to_end_id,
            transaction.mandate_id,
            transaction.iban,
            transaction.remittance,
        ),
        cross_key=keys.cross(header.account, booking, signed, servicer or transaction.end_to_end_id),
        place=place,
    )


def _transaction(data: dict[str, Any], signed: Decimal, currency: str) -> Transaction:
    text_key = str(data.get("return_debit_notes") or "")
    gvc = str(data.get("transaction_code") or "")
    gvc = gvc.zfill(3) if gvc.isdigit() else ""
    returned = gvc in RETURN_GVC or str(data.get("status", "")).upper() == "RC"
    original = _money(data.get("original_amount"))
    charges = _money(data.get("compensation_amount"))
    if returned and original is None:
        original = abs(signed) - (charges or Decimal(0))
    iban = next(
        (
            found.group(0)
            for key in ("applicant_iban", "gvc_applicant_iban")
            if (found := _IBAN.fullmatch(str(data.get(key) or "").replace(" ", "")))
        ),
        "",
    )
    text = " ".join(
        part.strip()
        for key in ("purpose", "additional_purpose", "transaction_details", "non_swift_text", "extra_details")
        if (part := str(data.get(key) or "").replace("\n", " "))
    )
    return Transaction(
        position=1,
        amount=signed,
        currency=currency,
        end_to_end_id=_reference(data.get("end_to_end_reference")),
        mandate_id=_reference(data.get("additional_position_reference")),
        creditor_id=str(data.get("applicant_creditor_id") or "").strip(),
        servicer_reference=_reference(data.get("bank_reference")),
        return_reason=_RETURN_KEYS.get(text_key, text_key) if returned else "",
        original_amount=original if returned else None,
        charges=(charges if charges is not None else abs(signed) - (original or Decimal(0)))
        if returned
        else None,
        gvc=gvc,
        text_key=text_key,
        name=str(data.get("applicant_name") or "").strip(),
        iban=iban,
        bic=str(data.get("applicant_bin") or "").strip(),
        remittance=text,
        additional=str(data.get("posting_text") or ""),
    )


def _reference(value: Any) -> str:
    text = str(value or "").strip()
    return "" if text.upper() in ("NONREF", "NOTPROVIDED", "KREF+") else text


def _money(value: Any) -> Decimal | None:
    found = _AMOUNT.search(str(value or ""))
    return Decimal(found.group(0).replace(",", ".")) if found else None


def _day(value: Any) -> date | None:
    return date(value.year, value.month, value.day) if value is not None else None
