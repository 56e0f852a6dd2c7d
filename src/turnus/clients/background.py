"""Work on a run that a page has started, without making the page wait."""

import subprocess
import sys

from turnus.system import runs
from turnus.system.models import Run


def work_on(run: Run) -> None:
    """Hand a run to the workers; where none is alive, start one process that works on it to its end.

    Chunks lock themselves, so a worker that comes up meanwhile shares the run instead of doubling it.
    """
    if run.state == Run.State.DONE:
        return
    if runs.workers_alive():
        runs.hand_to_workers(run)
        return
    command = [sys.executable, "-m", "turnus.cli.main", "work-run", str(run.client_id), str(run.pk)]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
