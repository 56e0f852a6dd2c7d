"""Service characters and character sets of UN/EDIFACT (ISO 9735, syntax versions 1 to 4)."""

from __future__ import annotations

from dataclasses import dataclass

# Repertoire named in UNB S001/0001. UNOA and UNOB are subsets of ASCII; many senders put umlauts into them
# anyway, so they are read as Latin-1 and the reader says so.
ENCODINGS = {
    "UNOA": "ascii",
    "UNOB": "ascii",
    "UNOC": "iso-8859-1",
    "UNOD": "iso-8859-2",
    "UNOE": "iso-8859-5",
    "UNOF": "iso-8859-7",
    "UNOG": "iso-8859-3",
    "UNOH": "iso-8859-4",
    "UNOI": "iso-8859-6",
    "UNOJ": "iso-8859-8",
    "UNOK": "iso-8859-9",
    "UNOY": "utf-8",
    "UNOW": "utf-8",
}


@dataclass(frozen=True, slots=True)
class ServiceChars:
    """The six characters of UNA; each is one ASCII character."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = " "
    terminator: str = "'"

    @classmethod
    def from_una(cls, una: bytes) -> ServiceChars:
        """Read the nine bytes of a UNA segment.

        Raises ValueError when two separators are equal or when one is a letter or a digit: then nothing
        after it could be told apart.
        """
        text = una.decode("latin-1")
        if len(text) != 9 or not text.isascii():
            raise ValueError("UNA hat keine sechs Trennzeichen")
        chars = cls(*text[3:])
        separators = chars.component + chars.element + chars.terminator
        if chars.release != " ":
            separators += chars.release
        if len(set(separators)) != len(separators) or any(
            char.isalnum() or char == " " for char in separators
        ):
            raise ValueError(f"UNA nennt doppelte oder unbrauchbare Trennzeichen: {text[3:]!r}")
        return chars

    @property
    def una(self) -> bytes:
        """The UNA segment that announces these characters."""
        return (
            "UNA"
            + self.component
            + self.element
            + self.decimal
            + self.release
            + self.repetition
            + self.terminator
        ).encode("ascii")

    @property
    def escaped(self) -> str:
        """Characters that must carry the release character inside data."""
        if self.release == " ":
            return ""
        return self.release + self.terminator + self.element + self.component + self.repetition.strip()


DEFAULT_CHARS = ServiceChars()
