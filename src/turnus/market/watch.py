"""A watched directory: the simplest way for a gateway (AS4, e-mail) to hand files over.

Files are taken in from the folder itself and then moved to `done` or `failed` below it. A file whose name
begins with a dot or ends in `.part` is still being written and left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from turnus.market.records import TakeInResult
from turnus.market.services import take_in

_UNFINISHED = (".part", ".tmp", ".filepart")


class Inbox:
    """A folder into which others drop files. Raises OSError where it cannot be written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done = folder / "done"
        self.failed = folder / "failed"
        self.done.mkdir(exist_ok=True)
        self.failed.mkdir(exist_ok=True)

    def waiting(self) -> list[Path]:
        """Finished files that nobody has taken in yet, oldest first."""
        files = [
            path
            for path in self.folder.iterdir()
            if path.is_file() and not path.name.startswith(".") and path.suffix not in _UNFINISHED
        ]
        return sorted(files, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def take_in(self, *, client_id: int, at: datetime) -> Iterator[TakeInResult]:
        """Take in what waits. A file moves only after its original is stored; a crash before repeats it."""
        for path in self.waiting():
            result = take_in(client_id=client_id, content=path.read_bytes(), name=path.name, at=at, user=None)
            self._move(path, self.failed if result.error else self.done)
            yield result

    def _move(self, path: Path, target: Path) -> None:
        """Rename without overwriting a namesake of an earlier day."""
        place = target / path.name
        number = 1
        while place.exists():
            number += 1
            place = target / f"{path.stem}-{number}{path.suffix}"
        os.replace(path, place)  # noqa: PTH105  # atomic on one file system
