"""Background jobs of the system room: one task works on one chunk of a run."""

from procrastinate.contrib.django import app

from turnus.system import runs
from turnus.system.isolation import allowed
from turnus.system.models import Principal, Run


@app.task(name="turnus.work_on_chunk", queue="runs", pass_context=False)
def work_on_chunk(*, client_id: int, run_id: int, chunk_id: int) -> None:
    """Work on one chunk; does nothing if somebody else has finished or holds it."""
    with allowed(client_id):
        run = Run.objects.get(pk=run_id)
        runs.work_chunk(run=run, chunk_id=chunk_id)


def requeue_open_runs() -> int:
    """Queue every open chunk of every principal again, as a worker does when it starts."""
    queued = 0
    for client_id in Principal.objects.filter(is_active=True).values_list("id", flat=True):
        with allowed(client_id):
            for run in Run.objects.filter(state=Run.State.RUNNING):
                queued += runs.hand_to_workers(run)
                runs.finish_if_last(run)
    return queued
