"""The German banks' restrictions on pain.001.001.09 (subset GBIC_5) as our own checks.

`check_header` and `check_transfer` look before anything is written, `check_pain001` at a whole file as the
bank would. All return every finding, in a fixed order, with a stable code.
"""

from collections.abc import Iterator
from functools import partial
from typing import IO

from lxml import etree

from turnus.receivables.files.iban import bic_valid, iban_valid
from turnus.receivables.files.pain001_records import NAMESPACE, Transfer, TransferFile
from turnus.receivables.files.pain_checks import (
    FileRules,
    bad,
    check_file,
    decimal_of,
    is_day,
    one_short_purpose,
    party_findings,
    payable,
    text_of,
)
from turnus.receivables.files.records import Finding
from turnus.receivables.files.sepa_text import IDENTIFIER, sepa_text


def check_header(order: TransferFile) -> list[Finding]:
    """Findings about the file as such: identifier, time zone, the account that pays."""
    debtor = order.debtor
    checks = (
        (
            "message_id",
            IDENTIFIER.fullmatch(order.message_id),
            "Die Nachrichten-ID enthält unzulässige Zeichen.",
        ),
        ("created_naive", order.created.tzinfo is not None, "Der Erstellungszeitpunkt hat keine Zeitzone."),
        ("empty", order.count > 0, "Die Datei enthält keine Überweisung."),
        ("debtor_name", sepa_text(debtor.name, 70), "Der Auftraggeber hat keinen Namen."),
        ("debtor_iban", iban_valid(debtor.iban), f"Die IBAN {debtor.iban} des Auftraggebers ist falsch."),
        ("debtor_bic", not debtor.bic or bic_valid(debtor.bic), "Die BIC des Auftraggebers ist falsch."),
    )
    place = f"Datei {order.message_id}"
    return [bad(code, place, text) for code, good, text in checks if not good]


def check_transfer(transfer: Transfer) -> list[Finding]:
    """Findings about one transfer; an empty list means it may be written."""
    amount = transfer.amount
    checks = (
        (
            "end_to_end_id",
            IDENTIFIER.fullmatch(transfer.end_to_end_id),
            "Die Ende-zu-Ende-Referenz enthält unzulässige Zeichen oder ist länger als 35.",
        ),
        ("amount", payable(amount), f"Der Betrag {amount} ist nicht zahlbar."),
        ("cents", amount == round(amount, 2), f"Der Betrag {amount} hat mehr als zwei Nachkommastellen."),
        ("creditor_name", sepa_text(transfer.creditor_name, 70), "Der Empfänger hat keinen Namen."),
        (
            "creditor_iban",
            iban_valid(transfer.creditor_iban),
            f"Die IBAN {transfer.creditor_iban or '(leer)'} des Empfängers ist falsch.",
        ),
        (
            "creditor_bic",
            not transfer.creditor_bic or bic_valid(transfer.creditor_bic),
            "Die BIC des Empfängers ist falsch.",
        ),
        ("remittance", sepa_text(transfer.remittance, 140), "Der Verwendungszweck ist leer."),
    )
    place = f"Überweisung {transfer.end_to_end_id}"
    return [bad(code, place, text) for code, good, text in checks if not good]


_NS = f"{{{NAMESPACE}}}"
_text = partial(text_of, _NS)


def check_pain001(source: IO[bytes]) -> list[Finding]:
    """Check a pain.001 file as the bank does: control totals and the restrictions of the German subset.

    Streams; memory stays flat. A file that is no pain.001.001.09 gives the single finding `not_pain001`.
    """
    return check_file(source, _RULES)


def _batch_findings(batch: etree._Element) -> Iterator[Finding]:
    checks = (
        ("batch_id", IDENTIFIER.fullmatch(_text(batch, "PmtInfId")), "Sammler-ID"),
        ("method", _text(batch, "PmtMtd") == "TRF", "Zahlungsart (nur TRF)"),
        ("service_level", _text(batch, "PmtTpInf", "SvcLvl", "Cd") == "SEPA", "Verfahren (nur SEPA)"),
        ("execution_date", is_day(_text(batch, "ReqdExctnDt", "Dt")), "Ausführungstag"),
        ("debtor_iban", iban_valid(_text(batch, "DbtrAcct", "Id", "IBAN")), "IBAN des Auftraggebers"),
        ("charges", _text(batch, "ChrgBr") in ("", "SLEV"), "Entgeltregelung (nur SLEV)"),
    )
    place = f"Sammler {_text(batch, 'PmtInfId')}"
    yield from (bad(code, place, f"{what}: unzulässig.") for code, good, what in checks if not good)
    yield from party_findings(_NS, batch.find(f"{_NS}Dbtr"), "debtor_name", place)


def _transfer_findings(element: etree._Element, number: int) -> Iterator[Finding]:
    amount = decimal_of(_text(element, "Amt", "InstdAmt"))
    money = element.find(f"{_NS}Amt/{_NS}InstdAmt")
    agent = element.find(f"{_NS}CdtrAgt")
    checks = (
        (
            "end_to_end_id",
            IDENTIFIER.fullmatch(_text(element, "PmtId", "EndToEndId")),
            "Ende-zu-Ende-Referenz",
        ),
        ("amount", payable(amount), "Betrag"),
        ("cents", amount is None or amount == round(amount, 2), "Nachkommastellen des Betrags"),
        ("currency", money is not None and money.get("Ccy") == "EUR", "Währung"),
        ("creditor_iban", iban_valid(_text(element, "CdtrAcct", "Id", "IBAN")), "IBAN des Empfängers"),
        (
            "creditor_bic",
            agent is None or bic_valid(_text(agent, "FinInstnId", "BICFI")),
            "Bank des Empfängers (BIC oder weglassen)",
        ),
        (
            "remittance",
            one_short_purpose(_NS, element),
            "Verwendungszweck (höchstens einer, 140 Zeichen)",
        ),
    )
    place = f"Überweisung {number} ({_text(element, 'PmtId', 'EndToEndId')})"
    yield from (bad(code, place, f"{what}: unzulässig.") for code, good, what in checks if not good)
    yield from party_findings(_NS, element.find(f"{_NS}Cdtr"), "creditor_name", place)


_RULES = FileRules(
    form="pain.001.001.09",
    unknown="not_pain001",
    names=_NS,
    transaction="CdtTrfTxInf",
    amount=("Amt", "InstdAmt"),
    noun="Überweisungen",
    check_transaction=_transfer_findings,
    check_batch=_batch_findings,
)
