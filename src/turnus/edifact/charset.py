"""Which codec an interchange really uses."""

from __future__ import annotations

import codecs
import re

from turnus.edifact.syntax import ENCODINGS, ServiceChars
from turnus.edifact.tokens import Buffer

_STEP = 1 << 20


def choose_encoding(
    charset: str, data: Buffer, start: int, chars: ServiceChars, *, ascii_only: bool
) -> tuple[str, tuple[str, str] | None]:
    """Return the codec for the interchange that starts at `start`, and (code, German text) if UNB is wrong.

    Non-ASCII text in UNOA/UNOB, UTF-8 under UNOC and Latin-1 under UNOY all occur in the market; what the
    bytes are wins over what UNB says. ascii_only: the caller knows that no byte of the file exceeds 127.
    """
    declared = ENCODINGS.get(charset)
    if ascii_only:
        if declared is None:
            return "iso-8859-1", ("charset_unknown", f"nennt den unbekannten Zeichensatz „{charset}“")
        return declared, None
    end = _interchange_end(data, start, chars)
    if declared is not None and is_ascii(data, start, end):
        return declared, None
    is_utf8 = _is_utf8(data, start, end)
    actual = "utf-8" if is_utf8 else "iso-8859-1"
    if declared is None:
        return actual, (
            "charset_unknown",
            f"nennt den unbekannten Zeichensatz „{charset}“; gelesen als {actual}",
        )
    if declared == "ascii":
        return actual, ("charset_mismatch", f"nennt {charset}, enthält aber Umlaute; gelesen als {actual}")
    if declared == "utf-8" and not is_utf8:
        return actual, ("charset_mismatch", f"nennt {charset} (UTF-8), ist aber keines; gelesen als {actual}")
    if declared == "iso-8859-1" and is_utf8:
        return actual, ("charset_mismatch", f"nennt {charset} (ISO-8859-1), ist aber UTF-8; so gelesen")
    return declared, None


def _interchange_end(data: Buffer, start: int, chars: ServiceChars) -> int:
    pattern = f"{re.escape(chars.terminator)}\\s*UN[AB]{re.escape(chars.element)}?".encode()
    found = re.compile(pattern).search(data, start)
    return found.end() if found else len(data)


def is_ascii(data: Buffer, start: int, end: int) -> bool:
    """Whether all bytes from start to end are below 128."""
    return all(data[at : min(at + _STEP, end)].isascii() for at in range(start, end, _STEP))


def _is_utf8(data: Buffer, start: int, end: int) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(start, end, _STEP):
            decoder.decode(data[at : min(at + _STEP, end)], at + _STEP >= end)
    except UnicodeDecodeError:
        return False
    return True
