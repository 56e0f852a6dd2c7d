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

    from turnus.project.wsgi import application

    Console().print(f"Turnus läuft auf http://{host}:{port}/ (Strg+C beendet)")
    waitress.serve(application, host=host, port=port, threads=threads)
