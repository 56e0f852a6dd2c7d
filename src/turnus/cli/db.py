"""`turnus db`: create or upgrade the database."""

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True, help="Datenbank einrichten und auf den Stand dieses Programms bringen."
)


@app.callback()
def _group() -> None:
    """Keeps `migrate` a sub-command even while it is the only one."""


@app.command()
def migrate() -> None:
    """Tabellen, Regeln und Trennung der Auftraggeber anlegen oder aktualisieren (wiederholbar)."""
    from turnus.system.boot import boot

    boot()
    from turnus.system.schema import prepare

    prepare()
    Console().print("Datenbank ist auf dem Stand dieses Programms.")
