"""Open a bank file: recognise the kind, its encoding, and refuse what cannot be one."""

import codecs
import io
import re
from typing import BinaryIO

from turnus.receivables.files.records import FileRefused, Finding

_CHUNK = 1 << 20
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


class Recoded(io.RawIOBase):
    """A binary stream of cp1252 text seen as UTF-8; nothing is held in memory."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            return self._stream.read().decode("cp1252", "replace").encode()
        if not self._rest:
            self._rest = self._stream.read(size).decode("cp1252", "replace").encode()
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


def refuse(name: str, code: str, place: str, text: str, remedy: str) -> FileRefused:
    """The exception for a file that cannot be taken in."""
    return FileRefused(name, Finding(code, place, text, remedy))


def is_utf8(stream: BinaryIO) -> bool:
    """Whether the whole stream decodes as UTF-8. Reads in pieces and rewinds."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while chunk := stream.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        stream.seek(0)
    return True


def head(stream: BinaryIO, size: int = 4096) -> bytes:
    """The first bytes without a byte order mark; rewinds."""
    stream.seek(0)
    data = stream.read(size)
    stream.seek(0)
    return data.removeprefix(codecs.BOM_UTF8)


def utf8_xml(stream: BinaryIO) -> tuple[BinaryIO, bool]:
    """The stream ready for an XML parser, and whether it had to be recoded.

    Banks send Latin-1 bytes in files that claim to be UTF-8 (one of the public samples does); such a file
    is read as Windows-1252 rather than refused.
    """
    declared = _DECLARED.match(head(stream))
    encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if encoding in ("utf-8", "utf8", "us-ascii") and not is_utf8(stream):
        return Recoded(stream), True  # type: ignore[return-value]
    return stream, False
