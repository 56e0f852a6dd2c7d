"""The mass-run mechanism: chunks, failures that stand alone, restarts, several workers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

import factories as make
from turnus.system import runs
from turnus.system.models import AuditEntry, Run, RunChunk, RunFailure

NOW = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


class Counting:
    """Writes one audit entry per subject; subject 13 breaks."""

    title, chunk_size = "Zählen", 5

    def population(self, run: Run) -> Iterable[int]:
        return range(1, int(run.parameters["n"]) + 1)

    def process(self, run: Run, subjects: list[int]) -> runs.ChunkResult:
        AuditEntry.objects.bulk_create(
            [
                AuditEntry(client_id=run.client_id, at=NOW, action="count", object_kind="n", object_id=n)
                for n in subjects
            ]
        )
        if run.parameters.get("bad") in subjects:
            raise ValueError("dreizehn")
        return runs.ChunkResult(len(subjects), figures={"sum": sum(subjects)})

    def failed(self, run: Run, subject: int, reason: str) -> None:
        AuditEntry.objects.create(
            client_id=run.client_id, at=NOW, action="case", object_kind="n", object_id=subject, text=reason
        )

    def finished(self, run: Run) -> None:
        AuditEntry.objects.create(
            client_id=run.client_id, at=NOW, action="end", object_kind="run", object_id=run.pk
        )


COUNTING = Counting()


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "kind_of", lambda name: COUNTING)


def _start(client_id: int, n: int, bad: int | None = None, key: str = "k") -> tuple[Run, bool]:
    return runs.start(
        client_id=client_id, kind="counting", key=key, parameters={"n": n, "bad": bad}, user=None, at=NOW
    )


@pytest.mark.django_db
def test_a_run_works_on_every_subject_once_and_sums_its_figures() -> None:
    a = make.principal("a")
    run, created = _start(a.pk, 12)
    assert created
    state = runs.execute(run)
    assert (state.done, state.failed, state.chunks_left, state.percent) == (12, 0, 0, 100)
    run.refresh_from_db()
    assert (run.state, run.result) == ("done", {"sum": 78})
    assert AuditEntry.objects.filter(action="count").count() == 12
    assert AuditEntry.objects.filter(action="end").count() == 1


@pytest.mark.django_db
def test_the_same_key_is_never_run_twice() -> None:
    a = make.principal("a")
    first, _ = _start(a.pk, 3)
    again, created = _start(a.pk, 3)
    assert (again.pk, created) == (first.pk, False)


@pytest.mark.django_db
def test_one_broken_subject_becomes_a_failure_and_the_rest_goes_on() -> None:
    a = make.principal("a")
    run, _ = _start(a.pk, 20, bad=13)
    state = runs.execute(run)
    assert (state.done, state.failed) == (19, 1)
    assert RunFailure.objects.get().reason == "ValueError: dreizehn"
    assert AuditEntry.objects.filter(action="count").count() == 19
    assert AuditEntry.objects.filter(action="case").count() == 1


@pytest.mark.django_db
def test_an_empty_population_is_done_at_once() -> None:
    a = make.principal("a")
    run, _ = _start(a.pk, 0)
    run.refresh_from_db()
    assert run.state == "done"


def test_an_unknown_kind_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with pytest.raises(runs.UnknownRunKind, match="unsinn"):
        runs.kind_of("unsinn")


def test_open_chunks_are_queued_once_and_worked_on_by_a_worker_job(committed_db: str) -> None:
    from turnus.system.jobs import requeue_open_runs, work_on_chunk

    a = make.principal("a")
    run, _ = _start(a.pk, 12)
    assert runs.hand_to_workers(run) == 3
    assert runs.hand_to_workers(run) == 0
    assert requeue_open_runs() == 0
    assert runs.workers_alive() == 0
    for chunk_id in RunChunk.objects.values_list("id", flat=True):
        work_on_chunk(client_id=a.pk, run_id=run.pk, chunk_id=chunk_id)
    assert runs.progress(run).chunks_left == 0
    # A job that comes twice does nothing the second time.
    work_on_chunk(client_id=a.pk, run_id=run.pk, chunk_id=RunChunk.objects.values_list("id", flat=True)[0])
    assert AuditEntry.objects.filter(action="count").count() == 12


def test_a_chunk_of_a_killed_process_is_open_again(committed_db: str) -> None:
    a = make.principal("a")
    run, _ = _start(a.pk, 12)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, psycopg, sys\n"
            "c = psycopg.connect(os.environ['TURNUS_OWNER_DSN'])\n"
            "c.execute('SELECT 1 FROM system_runchunk WHERE number = 0 FOR UPDATE')\n"
            "print('held', flush=True); sys.stdin.read()\n",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    while runs.work_chunk(run=run):
        pass
    assert runs.progress(run).chunks_left == 1
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    # The server notices the dead client when its transaction's socket closes; locking waits for that.
    from django.db import transaction

    with transaction.atomic():
        assert RunChunk.objects.select_for_update().get(state="pending").number == 0
    runs.execute(run)
    assert AuditEntry.objects.filter(action="count").count() == 12


@pytest.mark.django_db
def test_a_run_whose_last_worker_died_before_closing_it_is_closed_by_the_next() -> None:
    a = make.principal("a")
    run, _ = _start(a.pk, 3)
    runs.execute(run)
    Run.objects.filter(pk=run.pk).update(state="running", finished_at=None, result={})
    assert not runs.work_chunk(run=run)
    run.refresh_from_db()
    assert (run.state, run.result) == ("done", {"sum": 6})
