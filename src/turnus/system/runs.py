"""Mass runs: one mechanism for billing, dunning, payments, documents and checks.

A run's population is cut into chunks; a chunk is one transaction: it is locked, worked on and
marked done together with everything it wrote. So a killed worker loses nothing and doubles
nothing, and any number of workers may share one run.
"""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.module_loading import import_string

from turnus.system import statistics
from turnus.system.isolation import allowed
from turnus.system.models import Run, RunChunk, RunFailure, User

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What one chunk achieved; `figures` are summed over the run (counts or cents, integers)."""

    done: int
    failures: Mapping[int, str] = field(default_factory=dict)
    figures: Mapping[str, int] = field(default_factory=dict)


class RunKind(Protocol):
    """What a room registers in `project.handlers.RUN_KINDS` for one kind of mass run."""

    title: str
    chunk_size: int

    def population(self, run: Run) -> Iterable[int]:
        """Ids of the subjects, each exactly once, in a stable order."""
        ...

    def process(self, run: Run, subjects: list[int]) -> ChunkResult:
        """Load set-wise, calculate, record. Runs inside the chunk's transaction."""
        ...

    def failed(self, run: Run, subject: int, reason: str) -> None:
        """Open the case for a subject that broke. Runs in the same transaction as the failure's row."""
        ...

    def finished(self, run: Run) -> None:
        """Once, after the last chunk."""
        ...


class UnknownRunKind(LookupError):
    """No room has registered this kind of run."""


@dataclass(frozen=True, slots=True)
class Progress:
    """State of a run for terminal and screen."""

    total: int
    done: int
    failed: int
    chunks: int
    chunks_left: int
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        return 100 if not self.total else (self.done + self.failed) * 100 // self.total


def kind_of(name: str) -> RunKind:
    """The registered handler of a kind of run.

    Raises:
        UnknownRunKind: nobody registered it.
    """
    table: Mapping[str, str] = import_string(f"{settings.TURNUS_HANDLERS}.RUN_KINDS")
    if name not in table:
        raise UnknownRunKind(f"Unbekannte Laufart „{name}“. Bekannt: {', '.join(sorted(table))}.")
    handler: RunKind = import_string(table[name])
    return handler


def start(
    *, client_id: int, kind: str, key: str, parameters: dict[str, Any], user: User | None, at: datetime
) -> tuple[Run, bool]:
    """Plan a run and cut its population into chunks; (run, False) if this key was planned before."""
    handler = kind_of(kind)
    with transaction.atomic():
        run, created = Run.objects.get_or_create(
            client_id=client_id,
            kind=kind,
            key=key,
            defaults={"parameters": parameters, "created_by": user, "created_at": at},
        )
        if not created:
            return run, False
        subjects = list(handler.population(run))
        size = handler.chunk_size
        RunChunk.objects.bulk_create(
            [
                RunChunk(client_id=client_id, run=run, number=n, subjects=subjects[i : i + size])
                for n, i in enumerate(range(0, len(subjects), size))
            ],
            batch_size=500,
        )
        # Technical time, not the business date: rate and remaining time are computed from it.
        run.total, run.state, run.started_at = len(subjects), Run.State.RUNNING, timezone.now()
        run.save(update_fields=["total", "state", "started_at"])
        if not subjects:
            _finish(run)
    return run, True


def work_chunk(*, run: Run, chunk_id: int | None = None) -> bool:
    """Work on one open chunk that nobody else holds; False if there is none left to take."""
    handler = kind_of(run.kind)
    with allowed(run.client_id):
        worked = _work_on_one(handler, run, chunk_id)
        if worked:
            statistics.refresh_after(worked.number + 1)
        # Also when there was nothing to take: whoever did the last chunk may have died before this.
        finish_if_last(run)
    return worked is not None


def _work_on_one(handler: RunKind, run: Run, chunk_id: int | None) -> RunChunk | None:
    with transaction.atomic():
        chunks = RunChunk.objects.select_for_update(skip_locked=True).filter(
            run=run, state=RunChunk.State.PENDING
        )
        chunk = (chunks.filter(id=chunk_id) if chunk_id else chunks).order_by("number").first()
        if chunk is None:
            return None
        result = _process(handler, run, list(chunk.subjects))
        chunk.state, chunk.done, chunk.failed = RunChunk.State.DONE, result.done, len(result.failures)
        chunk.figures, chunk.finished_at = dict(result.figures), timezone.now()
        chunk.save(update_fields=["state", "done", "failed", "figures", "finished_at"])
    return chunk


def _process(handler: RunKind, run: Run, subjects: list[int]) -> ChunkResult:
    """The whole chunk at once; if it breaks, halve it until the guilty subjects stand alone."""
    try:
        with transaction.atomic():
            return handler.process(run, subjects)
    except Exception as error:
        if len(subjects) == 1:
            log.exception("run %s: subject %s failed", run.pk, subjects[0])
            reason = f"{type(error).__name__}: {error}"
            RunFailure.objects.get_or_create(
                client_id=run.client_id, run=run, subject=subjects[0], defaults={"reason": reason}
            )
            handler.failed(run, subjects[0], reason)
            return ChunkResult(0, {subjects[0]: reason})
    middle = len(subjects) // 2
    left, right = _process(handler, run, subjects[:middle]), _process(handler, run, subjects[middle:])
    return ChunkResult(
        left.done + right.done,
        {**left.failures, **right.failures},
        add_figures([left.figures, right.figures]),
    )


def add_figures(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sum the figures of several chunks name by name."""
    total: dict[str, int] = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, 0) + value
    return total


def finish_if_last(run: Run) -> None:
    """Close a run whose last chunk is done; repeatable, and cheap when there is nothing to close."""
    with transaction.atomic():
        locked = Run.objects.select_for_update().get(pk=run.pk)
        if (
            locked.state == Run.State.RUNNING
            and not locked.chunks.filter(state=RunChunk.State.PENDING).exists()
        ):
            _finish(locked)


def _finish(run: Run) -> None:
    run.result = add_figures(run.chunks.values_list("figures", flat=True))
    run.state, run.finished_at = Run.State.DONE, timezone.now()
    run.save(update_fields=["result", "state", "finished_at"])
    kind_of(run.kind).finished(run)


def progress(run: Run) -> Progress:
    """Counts of a run now."""
    run.refresh_from_db()
    sums = run.chunks.aggregate(done=Sum("done"), failed=Sum("failed"))
    left = run.chunks.filter(state=RunChunk.State.PENDING).count()
    return Progress(
        run.total,
        sums["done"] or 0,
        sums["failed"] or 0,
        run.chunks.count(),
        left,
        run.started_at,
        run.finished_at,
    )


def execute(run: Run, *, processes: int = 1, report: Callable[[Progress], None] | None = None) -> Progress:
    """Work on a run until it is done, in this process and `processes - 1` others beside it."""
    helpers = [
        subprocess.Popen(
            [sys.executable, "-m", "turnus.cli.main", "work-run", str(run.client_id), str(run.pk)]
        )
        for _ in range(min(processes, run.chunks.filter(state=RunChunk.State.PENDING).count()) - 1)
    ]
    while work_chunk(run=run):
        if report:
            report(progress(run))
    for helper in helpers:
        helper.wait()
    # A helper that was killed leaves its chunk open; whoever waits here takes it over.
    while work_chunk(run=run):
        pass
    state = progress(run)
    if report:
        report(state)
    return state


def hand_to_workers(run: Run) -> int:
    """Queue every open chunk for `turnus worker`; a chunk already queued is not queued again."""
    from procrastinate.exceptions import AlreadyEnqueued

    from turnus.system.jobs import work_on_chunk

    queued = 0
    for chunk_id in run.chunks.filter(state=RunChunk.State.PENDING).values_list("id", flat=True):
        try:
            with transaction.atomic():
                work_on_chunk.configure(queueing_lock=f"chunk-{chunk_id}").defer(
                    client_id=run.client_id, run_id=run.pk, chunk_id=chunk_id
                )
            queued += 1
        except AlreadyEnqueued:
            continue
    return queued


def workers_alive(*, within_seconds: int = 30) -> int:
    """Number of worker processes whose heartbeat is fresh."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_workers "
            "WHERE last_heartbeat > now() - make_interval(secs => %s)",
            [within_seconds],
        )
        return int(cursor.fetchone()[0])
