"""Writes SEPA credit transfer files, pain.001.001.09, streamed and reproducible.

The same transfers with the same identifiers give the same bytes. The form is that of the German banks' subset
GBIC_5: euro, one cent at least, names of at most 70 characters, one unstructured purpose of at most 140, no
creditor agent without a BIC. Each transfer is booked on its own (`BtchBookg` false), so that its debit is
found on the statement by its reference.
"""

from decimal import Decimal
from typing import IO, Any

from lxml import etree

from turnus.receivables.files.pain001_records import NAMESPACE, Pain001Refused, Transfer, TransferFile
from turnus.receivables.files.pain001_rules import check_header, check_transfer
from turnus.receivables.files.pain_xml import (
    account,
    agent,
    element,
    group_header,
    instructed,
    leaf,
    money,
    party,
    remittance,
)
from turnus.receivables.files.records import Finding


def write_pain001(order: TransferFile, target: IO[bytes]) -> None:
    """Write the file to `target`; every transfer is checked against the German subset before it is written.

    Raises: `Pain001Refused` for a transfer the bank would refuse and for totals that do not hold.
    """
    findings = check_header(order)
    if findings:
        raise Pain001Refused(findings)
    header = (order.message_id, order.created, order.debtor.name, order.count, order.total)
    with etree.xmlfile(target, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("Document", nsmap={None: NAMESPACE}), xml.element("CstmrCdtTrfInitn"):
            xml.write(group_header(*header))
            with xml.element("PmtInf"):
                for part in _head(order):
                    xml.write(part)
                _write_transfers(xml, order)


def _write_transfers(xml: Any, order: TransferFile) -> None:
    written, amount = 0, Decimal(0)
    for transfer in order.transfers:
        findings = check_transfer(transfer)
        if findings:
            raise Pain001Refused(findings)
        xml.write(_transfer(transfer))
        written += 1
        amount += transfer.amount
    if (written, amount) != (order.count, order.total):
        text = (
            f"Angekündigt sind {order.count} Überweisungen über {order.total}, "
            f"geschrieben wurden {written} über {amount}."
        )
        remedy = "Die Datei neu zusammenstellen."
        raise Pain001Refused([Finding("control_totals", f"Datei {order.message_id}", text, remedy)])


def _head(order: TransferFile) -> list[etree._Element]:
    debtor = order.debtor
    return [
        leaf("PmtInfId", order.message_id),
        leaf("PmtMtd", "TRF"),
        leaf("BtchBookg", "false"),
        leaf("NbOfTxs", str(order.count)),
        leaf("CtrlSum", money(order.total)),
        element("PmtTpInf", element("SvcLvl", leaf("Cd", "SEPA"))),
        element("ReqdExctnDt", leaf("Dt", order.execution_date.isoformat())),
        party("Dbtr", debtor.name),
        account("DbtrAcct", debtor.iban),
        agent("DbtrAgt", debtor.bic),
        leaf("ChrgBr", "SLEV"),
    ]


def _transfer(transfer: Transfer) -> etree._Element:
    bic, purpose = transfer.creditor_bic, transfer.purpose
    return element(
        "CdtTrfTxInf",
        element("PmtId", leaf("EndToEndId", transfer.end_to_end_id)),
        element("Amt", instructed(transfer.amount)),
        agent("CdtrAgt", bic) if bic else None,
        party("Cdtr", transfer.creditor_name),
        account("CdtrAcct", transfer.creditor_iban),
        element("Purp", leaf("Cd", purpose)) if purpose else None,
        remittance(transfer.remittance),
    )
