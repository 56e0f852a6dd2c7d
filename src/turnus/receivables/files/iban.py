"""IBAN and creditor identifier: form and check digits (ISO 13616, EPC262-08); no bank list."""

import re

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_CREDITOR = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{1,28}")
_LENGTH = {"DE": 22, "AT": 20, "CH": 21, "NL": 18, "FR": 27, "BE": 16, "LU": 20, "PL": 28, "DK": 18, "IT": 27}


def _remainder(text: str) -> int:
    return int("".join(str(int(c, 36)) for c in text)) % 97


def iban_valid(iban: str) -> bool:
    """True for an IBAN of the right length for its country with the right check digits; no blanks."""
    if not _IBAN.fullmatch(iban) or len(iban) != _LENGTH.get(iban[:2], len(iban)):
        return False
    return _remainder(iban[4:] + iban[:4]) == 1


def bic_valid(bic: str) -> bool:
    return _BIC.fullmatch(bic) is not None


def creditor_id_valid(identifier: str) -> bool:
    """True for a creditor identifier with the right check digits; the business code (5–7) does not count."""
    if not _CREDITOR.fullmatch(identifier):
        return False
    return _remainder(identifier[7:] + identifier[:4]) == 1
