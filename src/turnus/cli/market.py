"""`turnus market`: what goes out to market partners."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console

from turnus.cli.session import session

app = typer.Typer(no_args_is_help=True, help="Ausgehende Marktnachrichten.")


@app.callback()
def market() -> None:
    """Ausgehende Marktnachrichten."""


@app.command()
def send(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Wartende Dateien in den Postausgang legen, je Marktpartner ein Ordner; jede genau einmal."""
    with session(principal) as client_id:
        from turnus.market.services import send_waiting
        from turnus.market.services.transport import outbox_of
        from turnus.system import clock

        try:
            result = send_waiting(client_id=client_id, at=clock.now())
        except OSError as error:
            raise ValueError(
                f"Der Postausgang lässt sich nicht schreiben: {error}. Rechte und Platz prüfen, dann erneut "
                "senden; was schon übergeben ist, bleibt übergeben."
            ) from error
        folder = outbox_of(client_id).folder
    if json_output:
        answer = {"sent": result.sent, "held": result.held, "obstacles": list(result.obstacles)}
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
        return
    console = Console(highlight=False)
    console.print(f"{result.sent} Dateien liegen in {folder}, {result.held} warten.")
    for obstacle in result.obstacles:
        console.print(f"  [yellow]{obstacle}[/]")
