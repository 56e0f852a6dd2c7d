"""Writes SEPA direct debit files, pain.008.001.08, streamed and reproducible.

The same debits with the same identifiers give the same bytes, so the file's hash can be archived and a
repeated run recognised. The form is that of the German banks' subset GBIC_5: amounts in euro of at least
one cent, names of at most 70 characters, one unstructured purpose of at most 140, an address either with
town and country or left out, the creditor identifier in `CdtrSchmeId` only.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from lxml import etree

from turnus.receivables.files.pain008_records import (
    NAMESPACE,
    Address,
    Amendment,
    Batch,
    Collection,
    DirectDebit,
    Pain008Refused,
)
from turnus.receivables.files.pain008_rules import check_batch, check_debit, check_header
from turnus.receivables.files.records import Finding
from turnus.receivables.files.sepa_text import sepa_text


def write_pain008(collection: Collection, target: IO[bytes]) -> None:
    """Write the file to `target`.

    Every debit is checked against the German subset before it is written.
    Raises: `Pain008Refused` for a debit that may not be collected and for totals that do not hold.
    """
    findings = check_header(collection)
    if findings:
        raise Pain008Refused(findings)
    count = sum(batch.count for batch in collection.batches)
    total = sum((batch.total for batch in collection.batches), Decimal(0))
    with etree.xmlfile(target, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("Document", nsmap={None: NAMESPACE}), xml.element("CstmrDrctDbtInitn"):
            xml.write(_group_header(collection, count, total))
            for batch in collection.batches:
                refused = check_batch(batch)
                if refused:
                    raise Pain008Refused(refused)
                _write_batch(xml, batch)


def _write_batch(xml: Any, batch: Batch) -> None:
    written, amount = 0, Decimal(0)
    with xml.element("PmtInf"):
        for element in _batch_head(batch):
            xml.write(element)
        for debit in batch.debits:
            findings = check_debit(debit)
            if findings:
                raise Pain008Refused(findings)
            xml.write(_debit(debit))
            written += 1
            amount += debit.amount
    if (written, amount) != (batch.count, batch.total):
        raise Pain008Refused(
            [
                Finding(
                    "control_totals",
                    f"Sammler {batch.batch_id}",
                    f"Angekündigt sind {batch.count} Lastschriften über {batch.total}, "
                    f"geschrieben wurden {written} über {amount}.",
                    "Den Lauf neu zusammenstellen.",
                )
            ]
        )


def _element(tag: str, *children: Any, text: str | None = None) -> etree._Element:
    element = etree.Element(tag)
    element.text = text
    for child in children:
        if child is not None:
            element.append(child)
    return element


def _leaf(tag: str, text: str) -> etree._Element:
    return _element(tag, text=text)


def _optional(tag: str, text: str) -> etree._Element | None:
    return _leaf(tag, text) if text else None


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _group_header(collection: Collection, count: int, total: Decimal) -> etree._Element:
    return _element(
        "GrpHdr",
        _leaf("MsgId", collection.message_id),
        _leaf("CreDtTm", _utc(collection.created)),
        _leaf("NbOfTxs", str(count)),
        _leaf("CtrlSum", _money(total)),
        _element("InitgPty", _leaf("Nm", sepa_text(collection.initiator, 70))),
    )


def _batch_head(batch: Batch) -> list[etree._Element]:
    creditor = batch.creditor
    return [
        _leaf("PmtInfId", batch.batch_id),
        _leaf("PmtMtd", "DD"),
        _leaf("BtchBookg", "true"),
        _leaf("NbOfTxs", str(batch.count)),
        _leaf("CtrlSum", _money(batch.total)),
        _element(
            "PmtTpInf",
            _element("SvcLvl", _leaf("Cd", "SEPA")),
            _element("LclInstrm", _leaf("Cd", batch.scheme)),
            _leaf("SeqTp", batch.sequence),
        ),
        _leaf("ReqdColltnDt", batch.collection_date.isoformat()),
        _element("Cdtr", _leaf("Nm", sepa_text(creditor.name, 70)), _address(creditor.address)),
        _account("CdtrAcct", creditor.iban),
        _agent("CdtrAgt", creditor.bic),
        _leaf("ChrgBr", "SLEV"),
        _element("CdtrSchmeId", _scheme_id(creditor.creditor_id)),
    ]


def _scheme_id(identifier: str) -> etree._Element:
    scheme = _element("SchmeNm", _leaf("Prtry", "SEPA"))
    return _element("Id", _element("PrvtId", _element("Othr", _leaf("Id", identifier), scheme)))


def _account(tag: str, iban: str) -> etree._Element:
    return _element(tag, _element("Id", _leaf("IBAN", iban)))


def _agent(tag: str, bic: str) -> etree._Element:
    """Without a BIC the German subset demands `Othr/Id` NOTPROVIDED, an empty agent is invalid."""
    inner = _leaf("BICFI", bic) if bic else _element("Othr", _leaf("Id", "NOTPROVIDED"))
    return _element(tag, _element("FinInstnId", inner))


def _address(address: Address | None) -> etree._Element | None:
    if address is None:
        return None
    return _element(
        "PstlAdr",
        _optional("StrtNm", sepa_text(address.street, 70)),
        _optional("BldgNb", sepa_text(address.building, 16)),
        _optional("PstCd", sepa_text(address.postcode, 16)),
        _leaf("TwnNm", sepa_text(address.town, 35)),
        _leaf("Ctry", address.country),
    )


def _debit(debit: DirectDebit) -> etree._Element:
    amount = _leaf("InstdAmt", _money(debit.amount))
    amount.set("Ccy", "EUR")
    mandate = _element(
        "MndtRltdInf",
        _leaf("MndtId", debit.mandate_id),
        _leaf("DtOfSgntr", debit.mandate_signed.isoformat()),
        _leaf("AmdmntInd", "true") if debit.amendment else None,
        _amendment(debit.amendment) if debit.amendment else None,
    )
    ultimate = debit.ultimate_debtor
    purpose = _element("Purp", _leaf("Cd", debit.purpose)) if debit.purpose else None
    return _element(
        "DrctDbtTxInf",
        _element("PmtId", _leaf("EndToEndId", debit.end_to_end_id)),
        amount,
        _element("DrctDbtTx", mandate),
        _agent("DbtrAgt", debit.debtor_bic),
        _element("Dbtr", _leaf("Nm", sepa_text(debit.debtor_name, 70)), _address(debit.address)),
        _account("DbtrAcct", debit.debtor_iban),
        _element("UltmtDbtr", _leaf("Nm", sepa_text(ultimate, 70))) if ultimate else None,
        purpose,
        _element("RmtInf", _leaf("Ustrd", sepa_text(debit.remittance, 140))),
    )


def _amendment(amendment: Amendment) -> etree._Element:
    scheme = None
    if amendment.original_creditor_id or amendment.original_creditor_name:
        scheme = _element(
            "OrgnlCdtrSchmeId",
            _optional("Nm", sepa_text(amendment.original_creditor_name, 70)),
            _scheme_id(amendment.original_creditor_id) if amendment.original_creditor_id else None,
        )
    account = None
    if amendment.account_changed:
        account = _element("OrgnlDbtrAcct", _element("Id", _element("Othr", _leaf("Id", "SMNDA"))))
    return _element("AmdmntInfDtls", _optional("OrgnlMndtId", amendment.original_mandate_id), scheme, account)
