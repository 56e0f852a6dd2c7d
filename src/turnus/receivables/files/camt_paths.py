"""Which elements of a camt message mean what: a nested table of element names, compiled per namespace.

A leaf of the table is the name under which the text is kept; a branch descends. What the table does not
name is skipped without being looked at, which is what makes the reader fast.
"""

from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from lxml import etree

# A compiled table: full tag → name, or deeper table. `Any` because it nests to itself.
Fields = dict[str, Any]

_PARTY_ID = {"PrvtId": {"Othr": {"Id": "_id"}}, "OrgId": {"Othr": {"Id": "_id"}}}
_BANK_CODE = {
    "Domn": {"Cd": "domain", "Fmly": {"Cd": "family", "SubFmlyCd": "sub_family"}},
    "Prtry": {"Cd": "proprietary"},
}
_DAY = {"Dt": "_day", "DtTm": "_day"}


def _named(table: Fields, prefix: str) -> Fields:
    return {
        key: _named(value, prefix) if isinstance(value, dict) else prefix + value.lstrip("_")
        for key, value in table.items()
    }


def _party(prefix: str) -> Fields:
    inner: Fields = {"Nm": f"{prefix}_name", "Id": _named(_PARTY_ID, f"{prefix}_")}
    return {**inner, "Pty": inner}


def _account(prefix: str) -> Fields:
    return {"Id": {"IBAN": f"{prefix}_iban", "Othr": {"Id": f"{prefix}_account"}}}


def _agent(prefix: str) -> Fields:
    return {"FinInstnId": {"BIC": f"{prefix}_bic", "BICFI": f"{prefix}_bic"}}


_TRANSACTION: Fields = {
    "Refs": {
        "EndToEndId": "end_to_end_id",
        "MndtId": "mandate_id",
        "AcctSvcrRef": "servicer_reference",
        "InstrId": "instruction_id",
        "PmtInfId": "batch_id",
    },
    "Amt": "amount",
    "CdtDbtInd": "sign",
    "AmtDtls": {"InstdAmt": {"Amt": "instructed"}, "TxAmt": {"Amt": "transacted"}},
    "BkTxCd": _BANK_CODE,
    "RltdPties": {
        "Dbtr": _party("debtor"),
        "DbtrAcct": _account("debtor"),
        "UltmtDbtr": _party("ultimate_debtor"),
        "Cdtr": _party("creditor"),
        "CdtrAcct": _account("creditor"),
        "UltmtCdtr": _party("ultimate_creditor"),
    },
    "RltdAgts": {"DbtrAgt": _agent("debtor"), "CdtrAgt": _agent("creditor")},
    "RmtInf": {
        "Ustrd": "remittance",
        "Strd": {"CdtrRefInf": {"Ref": "reference"}, "RfrdDocInf": {"Nb": "document"}},
    },
    "RtrInf": {
        "Rsn": {"Cd": "return_reason", "Prtry": "return_proprietary"},
        "AddtlInf": "return_text",
        "OrgnlBkTxCd": _named(_BANK_CODE, "original_"),
    },
    "AddtlTxInf": "additional",
}

_TABLE: Fields = {
    "GrpHdr": {"MsgId": "message_id"},
    "Statement": {
        "Id": "statement_id",
        "ElctrncSeqNb": "electronic_sequence",
        "LglSeqNb": "legal_sequence",
        "StmtPgntn": {"PgNb": "page", "LastPgInd": "last_page"},
        "RptPgntn": {"PgNb": "page", "LastPgInd": "last_page"},
        "NtfctnPgntn": {"PgNb": "page", "LastPgInd": "last_page"},
        "Acct": {
            "Id": {"IBAN": "iban", "Othr": {"Id": "account"}},
            "Ccy": "currency",
            "Ownr": {"Nm": "owner", "Pty": {"Nm": "owner_party"}},
        },
    },
    "Balance": {
        "Tp": {"CdOrPrtry": {"Cd": "code", "Prtry": "code"}},
        "Amt": "amount",
        "CdtDbtInd": "sign",
        "Dt": _named(_DAY, ""),
    },
    "Summary": {
        "TtlNtries": {"NbOfNtries": "entries"},
        "TtlCdtNtries": {"NbOfNtries": "credit_entries", "Sum": "credit_sum"},
        "TtlDbtNtries": {"NbOfNtries": "debit_entries", "Sum": "debit_sum"},
    },
    "Entry": {
        "NtryRef": "reference",
        "Amt": "amount",
        "CdtDbtInd": "sign",
        "RvslInd": "reversal",
        "Sts": {"Cd": "status", "Prtry": "status"},
        "BookgDt": _named(_DAY, "booking"),
        "ValDt": _named(_DAY, "value"),
        "AcctSvcrRef": "servicer_reference",
        "BkTxCd": _BANK_CODE,
        "AddtlNtryInf": "additional",
    },
    "Transaction": _TRANSACTION,
}


def _compiled(table: Fields, ns: str) -> Fields:
    return {
        ns + key: _compiled(value, ns) if isinstance(value, dict) else value for key, value in table.items()
    }


@lru_cache(maxsize=64)
def spec_for(namespace: str) -> Fields:
    """The compiled tables of one namespace, by section; `ns` holds the tag prefix."""
    ns = f"{{{namespace}}}" if namespace else ""
    compiled: Fields = {section: _compiled(table, ns) for section, table in _TABLE.items()}
    compiled["ns"] = ns
    return compiled


def fill(element: etree._Element, table: Fields, out: dict[str, str]) -> None:
    """Collect the text of every element the table names; repeated ones are joined by a blank.

    The currency attribute of an `Amt` is kept as `currency` of the outermost amount seen first.
    """
    for child in element:
        rule = table.get(child.tag)
        if rule is None:
            continue
        if type(rule) is str:
            text = child.text
            if text is None:
                continue
            text = text.strip()
            if text:
                out[rule] = f"{out[rule]} {text}" if rule in out else text
            if rule == "amount":
                out["currency"] = str(child.get("Ccy", ""))
        else:
            # `Sts` is a plain code up to version 07 and a structure from 08 on.
            if not len(child) and child.text and child.text.strip() and "status" in rule.values():
                out["status"] = child.text.strip()
            fill(child, rule, out)


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace; lxml's own `QName` refuses damaged names."""
    return str(element.tag).rpartition("}")[2]


def all_of(element: etree._Element, ns: str, *path: str) -> list[etree._Element]:
    """Every descendant along a path of local names."""
    return element.findall("/".join(ns + step for step in path))


def decimal_of(text: str) -> Decimal | None:
    """An ISO 20022 amount, `None` when the text is empty or no (finite) number."""
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None


def iso_day(text: str) -> date | None:
    """The calendar day of an ISO date or date-time; the bank's own day, no zone conversion."""
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None
