"""The way out for market messages: a folder per principal and partner that a gateway (AS4, e-mail) empties.

`outbox/<principal>/market/<partner>/<file>.edi`, with a `.json` beside it that says to whom, from where and
with which hash. A file is written in two steps, so that it goes out exactly once whatever breaks in between:
first complete under a hidden name (`stage`), then, after the row has noted that, made visible by one rename
(`release`). If the hidden file is gone when `release` comes back after a crash, it has been made visible
already, and the gateway may have taken it: nothing is written again.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["MarketOutbox", "OutgoingFile"]

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """What the gateway needs to know about one interchange. address: where the partner receives it."""

    name: str
    sender: str
    receiver: str
    address: str
    reference: str
    message_type: str
    sha256: str


class MarketOutbox:
    """One principal's folder. Raises OSError when it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, file: OutgoingFile) -> Path:
        """Where the file becomes visible."""
        return self.folder / _plain(file.receiver) / _plain(file.name)

    def stage(self, file: OutgoingFile, content: bytes) -> None:
        """Write the description, and the content under its hidden name. Repeating changes nothing."""
        target = self.place(file)
        target.parent.mkdir(parents=True, exist_ok=True)
        about = json.dumps(asdict(file), ensure_ascii=False, indent=1, sort_keys=True)
        description = target.with_suffix(".json")
        _write(_hidden(description), about.encode())
        _hidden(description).replace(description)
        _write(_hidden(target), content)
        _keep_names(target.parent)

    def release(self, file: OutgoingFile) -> bool:
        """Make a staged file visible; False if that has happened before."""
        target = self.place(file)
        try:
            _hidden(target).rename(target)
        except FileNotFoundError:
            return False
        _keep_names(target.parent)
        return True


def _plain(name: str) -> str:
    """A name without what a file system may not like; it cannot lead out of the folder."""
    return _UNSAFE.sub("-", name).lstrip(".") or "-"


def _hidden(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _write(target: Path, content: bytes) -> None:
    with target.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _keep_names(folder: Path) -> None:
    """Make the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
