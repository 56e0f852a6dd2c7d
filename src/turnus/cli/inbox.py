"""`turnus inbox`: take market messages in, from files, folders, or a watched folder."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turnus.cli.session import session

if TYPE_CHECKING:
    from turnus.market.records import TakeInResult

app = typer.Typer(no_args_is_help=True)

_COLOURS = {"processed": "green", "case": "yellow", "rejected": "red"}
_WORDS = {"processed": "verarbeitet", "case": "in Klärung", "rejected": "fehlerhaft"}
_MOST_LINES = 40


@app.command()
def inbox(
    paths: Annotated[list[Path], typer.Argument(help="Dateien oder Ordner; mit --watch ein Ordner.")],
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
    watch: Annotated[bool, typer.Option(help="Den Ordner weiter beobachten (Ende mit Strg+C).")] = False,
    request_missing: Annotated[
        bool, typer.Option(help="Danach bei den Marktpartnern anfordern, was fehlt (ORDERS).")
    ] = False,
    every: Annotated[float, typer.Option(help="Sekunden zwischen zwei Blicken in den Ordner.")] = 5.0,
) -> None:
    """Marktnachrichten entgegennehmen: Original ablegen, prüfen, verarbeiten; Unklares wird ein Fall."""
    with session(principal, job="take_in_messages") as client_id:
        files = _files(paths, watch=watch)
        if watch:
            _watch(paths[0], client_id, every)
            return
        results = [_take_in(path, client_id) for path in files]
        if request_missing:
            _request_missing(client_id)
    if json_output:
        answer = {"files": [result.as_json() for result in results]}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    else:
        for result in results:
            _print(Console(highlight=False), result)


def _files(paths: list[Path], *, watch: bool) -> list[Path]:
    """All files that are meant; a folder stands for the files in it, in order of their names.

    A file that cannot be read ends the command before anything is taken in.
    """
    missing = [path for path in paths if not path.exists()]
    if missing:
        typer.echo(f"{missing[0]}: Diese Datei oder diesen Ordner gibt es nicht.", err=True)
        raise typer.Exit(2)
    if watch and (len(paths) != 1 or not paths[0].is_dir()):
        typer.echo("--watch braucht genau einen Ordner.", err=True)
        raise typer.Exit(2)
    result: list[Path] = []
    for path in paths:
        result += sorted(item for item in path.iterdir() if item.is_file()) if path.is_dir() else [path]
    unreadable = [path for path in result if not os.access(path, os.R_OK)]
    if unreadable:
        typer.echo(f"{unreadable[0]}: Die Datei lässt sich nicht lesen (Rechte prüfen).", err=True)
        raise typer.Exit(2)
    return result


def _take_in(path: Path, client_id: int) -> TakeInResult:
    from turnus.market.services import take_in
    from turnus.system import clock

    try:
        content = path.read_bytes()
    except OSError as error:
        typer.echo(f"{path}: Die Datei lässt sich nicht lesen ({error.strerror}).", err=True)
        raise typer.Exit(2) from error
    return take_in(client_id=client_id, content=content, name=path.name, at=clock.now(), user=None)


def _request_missing(client_id: int) -> None:
    """Ask for the gaps of the last seven days and for everything else that waits to be asked."""
    from turnus.market.services import send_requests
    from turnus.metering.services import request_gaps
    from turnus.system import clock

    today = clock.today()
    request_gaps(client_id=client_id, first=today - timedelta(days=7), end=today, at=clock.now())
    result = send_requests(client_id=client_id, at=clock.now())
    typer.echo(f"{result.sent} Anforderungen gesendet, {len(result.impossible)} nicht möglich.", err=True)


def _watch(folder: Path, client_id: int, every: float) -> None:
    from turnus.market.watch import Inbox
    from turnus.system import clock

    console = Console(highlight=False)
    console.print(f"Beobachte {folder} …")
    inbox_folder = Inbox(folder)
    try:
        while True:
            for result in inbox_folder.take_in(client_id=client_id, at=clock.now()):
                _print(console, result)
            time.sleep(every)
    except KeyboardInterrupt:
        console.print("Beendet.")


def _print(console: Console, result: TakeInResult) -> None:
    known = " [dim](war schon da, nichts geändert)[/]" if result.known_before else ""
    console.print(f"\n[bold]{escape(result.name)}[/]: {len(result.messages)} Nachrichten{known}")
    if result.error:
        console.print(f"  [red]{escape(result.error)}[/]")
    if not result.messages:
        return
    table = Table("Nachricht", "Lokation", "Zustand", "Ergebnis", box=None, padding=(0, 2, 0, 0))
    for message in result.messages[:_MOST_LINES]:
        state = str(message.state)
        table.add_row(
            escape(f"{message.type} {message.pid} {message.reference}"),
            escape(message.location),
            f"[{_COLOURS.get(state, 'white')}]{_WORDS.get(state, state)}[/]",
            escape(message.outcome),
        )
    console.print(table)
    if len(result.messages) > _MOST_LINES:
        console.print(f"  … und {len(result.messages) - _MOST_LINES} weitere")


if __name__ == "__main__":
    app()
