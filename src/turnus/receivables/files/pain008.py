"""Writes SEPA direct debit files, pain.008.001.08, streamed and reproducible.

The same debits with the same identifiers give the same bytes, so the file's hash can be archived and a
repeated run recognised. The form is that of the German banks' subset GBIC_5: amounts in euro of at least
one cent, names of at most 70 characters, one unstructured purpose of at most 140, an address either with
town and country or left out, the creditor identifier in `CdtrSchmeId` only.
"""

from decimal import Decimal
from typing import IO, Any

from lxml import etree

from turnus.receivables.files.pain008_records import (
    NAMESPACE,
    Amendment,
    Batch,
    Collection,
    DirectDebit,
    Pain008Refused,
)
from turnus.receivables.files.pain008_rules import check_batch, check_debit, check_header
from turnus.receivables.files.pain_xml import (
    account,
    agent,
    element,
    group_header,
    instructed,
    leaf,
    money,
    optional,
    party,
    remittance,
)
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
            header = (collection.message_id, collection.created, collection.initiator)
            xml.write(group_header(*header, count, total))
            for batch in collection.batches:
                refused = check_batch(batch)
                if refused:
                    raise Pain008Refused(refused)
                _write_batch(xml, batch)


def _write_batch(xml: Any, batch: Batch) -> None:
    written, amount = 0, Decimal(0)
    with xml.element("PmtInf"):
        for part in _batch_head(batch):
            xml.write(part)
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


def _batch_head(batch: Batch) -> list[etree._Element]:
    creditor = batch.creditor
    return [
        leaf("PmtInfId", batch.batch_id),
        leaf("PmtMtd", "DD"),
        leaf("BtchBookg", "true"),
        leaf("NbOfTxs", str(batch.count)),
        leaf("CtrlSum", money(batch.total)),
        element(
            "PmtTpInf",
            element("SvcLvl", leaf("Cd", "SEPA")),
            element("LclInstrm", leaf("Cd", batch.scheme)),
            leaf("SeqTp", batch.sequence),
        ),
        leaf("ReqdColltnDt", batch.collection_date.isoformat()),
        party("Cdtr", creditor.name, creditor.address),
        account("CdtrAcct", creditor.iban),
        agent("CdtrAgt", creditor.bic),
        leaf("ChrgBr", "SLEV"),
        element("CdtrSchmeId", _scheme_id(creditor.creditor_id)),
    ]


def _scheme_id(identifier: str) -> etree._Element:
    scheme = element("SchmeNm", leaf("Prtry", "SEPA"))
    return element("Id", element("PrvtId", element("Othr", leaf("Id", identifier), scheme)))


def _debit(debit: DirectDebit) -> etree._Element:
    mandate = element(
        "MndtRltdInf",
        leaf("MndtId", debit.mandate_id),
        leaf("DtOfSgntr", debit.mandate_signed.isoformat()),
        leaf("AmdmntInd", "true") if debit.amendment else None,
        _amendment(debit.amendment) if debit.amendment else None,
    )
    ultimate = debit.ultimate_debtor
    purpose = element("Purp", leaf("Cd", debit.purpose)) if debit.purpose else None
    return element(
        "DrctDbtTxInf",
        element("PmtId", leaf("EndToEndId", debit.end_to_end_id)),
        instructed(debit.amount),
        element("DrctDbtTx", mandate),
        agent("DbtrAgt", debit.debtor_bic),
        party("Dbtr", debit.debtor_name, debit.address),
        account("DbtrAcct", debit.debtor_iban),
        party("UltmtDbtr", ultimate) if ultimate else None,
        purpose,
        remittance(debit.remittance),
    )


def _amendment(amendment: Amendment) -> etree._Element:
    scheme = None
    if amendment.original_creditor_id or amendment.original_creditor_name:
        scheme = element(
            "OrgnlCdtrSchmeId",
            optional("Nm", sepa_text(amendment.original_creditor_name, 70)),
            _scheme_id(amendment.original_creditor_id) if amendment.original_creditor_id else None,
        )
    changed = None
    if amendment.account_changed:
        changed = element("OrgnlDbtrAcct", element("Id", element("Othr", leaf("Id", "SMNDA"))))
    return element("AmdmntInfDtls", optional("OrgnlMndtId", amendment.original_mandate_id), scheme, changed)
