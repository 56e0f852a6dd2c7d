"""The way out of the house: a folder that a printing or mailing service watches.

`outbox/<principal>/<channel>/<kind>-<number>.pdf` with a `.json` beside it that says to whom and which hash.
A file appears complete or not at all (written under another name, then renamed), the PDF before its `.json`;
who collects takes a PDF only when the `.json` is there. The same document always has the same name and bytes.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Outbox", "OutgoingLetter"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """What the printing or mailing service needs to know about one PDF."""

    number: str
    kind: str
    channel: str
    title: str
    customer_number: str
    sha256: str

    @property
    def stem(self) -> str:
        """File name without ending; characters a file system may not like become a dash."""
        return f"{_UNSAFE.sub('-', self.kind)}-{_UNSAFE.sub('-', self.number)}"


class Outbox:
    """One principal's folder. Raises OSError when it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, letter: OutgoingLetter, content: bytes) -> Path:
        """Write PDF and description; returns the path of the PDF. Repeating changes nothing."""
        folder = self.folder / letter.channel
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{letter.stem}.pdf"
        _write(target, content)
        about = json.dumps(asdict(letter), ensure_ascii=False, indent=1, sort_keys=True)
        _write(target.with_suffix(".json"), about.encode())
        return target


def _write(target: Path, content: bytes) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(target)
