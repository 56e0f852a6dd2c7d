"""`turnus serve`: the workbench on one port, production server included."""

import typer
from rich.console import Console

app = typer.Typer()


@app.command()
def serve(
    host: str = typer.Option("127.0.0.1", help="Adresse."),
    port: int = typer.Option(8000, help="Anschluss."),
    threads: int = typer.Option(8, help="Gleichzeitige Anfragen."),
) -> None:
    """Arbeitsplatz im Browser anbieten."""
    import waitress

    from turnus.system.boot import boot

    boot()
    from django.utils.module_loading import import_string

    # By name: the project lies above the commands and may not be imported from here.
    application = import_string("turnus.project.wsgi.application")

    Console().print(f"Turnus läuft auf http://{host}:{port}/ (Strg+C beendet)")
    waitress.serve(application, host=host, port=port, threads=threads)
