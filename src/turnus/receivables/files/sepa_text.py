"""Text for SEPA files: the Latin character set every bank must accept, and the identifiers built from it.

Source: EPC217-08 (SEPA conversion table); the German banks accept more, but only this set is safe everywhere.
"""

import re
import unicodedata

_SPECIAL = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "ß": "ss",
        "ẞ": "SS",
        "æ": "ae",
        "Æ": "Ae",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "&": "+",
        "@": "(at)",
        "_": "-",
        "€": "EUR",
        "–": "-",
        "—": "-",
        "„": "'",
        "“": "'",
        "”": "'",
        "’": "'",
        "`": "'",
        "´": "'",
        '"': "'",
        ";": ",",
        "\n": " ",
        "\t": " ",
    }
)
_OTHER = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_BLANKS = re.compile(r" {2,}")

# Identifiers in GBIC_5 (message, payment information, end-to-end, mandate): the set above, 1 to 35 long.
IDENTIFIER = re.compile(r"[A-Za-z0-9+?/\-:().,' ]{1,35}")


def sepa_text(text: str, limit: int) -> str:
    """`text` in the SEPA character set, umlauts as two letters, at most `limit` characters."""
    plain = unicodedata.normalize("NFC", text).translate(_SPECIAL)
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = _BLANKS.sub(" ", _OTHER.sub(" ", plain)).strip()
    return plain[:limit].rstrip()
