"""Any bank statement file: recognise the format and stream its events."""

from collections.abc import Iterator
from typing import BinaryIO

from turnus.receivables.files.camt import read_camt
from turnus.receivables.files.mt940 import read_mt940
from turnus.receivables.files.records import Event, StatementFile, collect
from turnus.receivables.files.source import head, refuse


def read_events(stream: BinaryIO, name: str) -> Iterator[Event]:
    """The events of a statement file of any supported format, as a stream.

    Args: `stream` seekable bytes; `name` the file name used in messages.
    Raises: `FileRefused` with place, cause and remedy.
    """
    start = head(stream).lstrip(b"\x00 \t\r\n")
    if not start:
        raise refuse(name, "empty", "Datei", "Die Datei ist leer.", "Den Abruf bei der Bank wiederholen.")
    if start.startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return read_camt(stream, name)
    # A SWIFT envelope ({1:…}{4:) or a bank's own heading may precede the first field.
    if start.startswith((b":", b"{1:")) or b":20:" in start:
        return read_mt940(stream, name)
    raise refuse(
        name,
        "unknown_format",
        "Dateikopf",
        "Die Datei ist weder camt (XML) noch MT940.",
        "Das Format am Bankzugang auf camt.053 stellen und die Datei neu abrufen.",
    )


def read_file(stream: BinaryIO, name: str) -> StatementFile:
    """The whole file in memory; for tests and small files. Raises like `read_events`."""
    return collect(read_events(stream, name))
