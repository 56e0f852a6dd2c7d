"""`turnus worker`: work on queued chunks until stopped; start it as often as there are cores."""

import typer
from rich.console import Console

app = typer.Typer()


@app.command()
def worker(
    until_idle: bool = typer.Option(False, "--until-idle", help="Beenden, sobald nichts mehr zu tun ist."),
) -> None:
    """Läufe abarbeiten. Beliebig viele gleichzeitig, auch auf mehreren Rechnern."""
    from turnus.system.boot import boot

    boot()
    from procrastinate.contrib.django import app as procrastinate_app

    from turnus.system.jobs import requeue_open_runs

    requeued = requeue_open_runs()
    Console(stderr=True).print(f"Arbeiter bereit, {requeued} offene Blöcke eingereiht.")
    queue = procrastinate_app.with_connector(procrastinate_app.connector.get_worker_connector())  # type: ignore[attr-defined]
    queue.run_worker(
        queues=["runs"], concurrency=1, wait=not until_idle, delete_jobs="successful", listen_notify=True
    )
