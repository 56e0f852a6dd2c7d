"""`turnus work-run`: help with one run until no chunk is left (started by the command that runs it)."""

import typer

app = typer.Typer()


@app.command()
def work_run(client_id: int, run_id: int) -> None:
    """An einem Lauf mitarbeiten, bis kein Block mehr offen ist."""
    from turnus.system.boot import boot

    boot()
    from turnus.system import runs
    from turnus.system.isolation import allowed
    from turnus.system.models import Run

    with allowed(client_id):
        run = Run.objects.get(pk=run_id)
    while runs.work_chunk(run=run):
        pass
