"""`turnus daily`: what happens every day without a person, in its order; repeating it doubles nothing."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from turnus.cli.session import session

app = typer.Typer()


@app.command()
def daily(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    look_back: Annotated[int, typer.Option(help="Tage, deren Werte noch einmal geprüft werden.", min=1)] = 7,
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Abschläge, Ankündigungen, Nachrichten, fehlende Werte, Sperrschwelle, Fälle: die Arbeit jedes Tages."""
    with session(principal) as client_id:
        figures = _work(client_id, look_back)
    if json_output:
        sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        return
    table = Table("Tagesarbeit", "Anzahl")
    for name, count in figures.items():
        table.add_row(name, str(count))
    Console().print(table)


def _work(client_id: int, look_back: int) -> dict[str, int]:
    from turnus.accounting.services import check_disconnections
    from turnus.billing.services import check_rebills, request_due_instalments
    from turnus.market.services import (
        escalate_silence,
        follow_up_requests,
        send_requests,
        send_waiting,
    )
    from turnus.metering.services import request_gaps
    from turnus.receivables.services import announce_debits, escalate_suspense
    from turnus.system import clock

    today, at = clock.today(), clock.now()
    first = today - timedelta(days=look_back)
    gaps = request_gaps(client_id=client_id, first=first, end=today, at=at)
    asked = send_requests(client_id=client_id, at=at).sent
    followed = follow_up_requests(client_id=client_id, at=at)
    handed = send_waiting(client_id=client_id, at=at)
    return {
        "Abschläge angefordert": request_due_instalments(client_id=client_id, until=today, user=None, at=at),
        "Lastschriften angekündigt": announce_debits(
            client_id=client_id, until=today, today=today, user=None, at=at
        ),
        "Lücken in Lastgängen angefordert": gaps,
        "Anforderungen geschrieben (ORDERS)": asked,
        "Erinnerungen geschrieben (ORDERS)": followed.reminded,
        "Anforderungen ohne Antwort (Fälle)": followed.escalated,
        "Dateien an Marktpartner übergeben": handed.sent,
        "Dateien ohne Kommunikationsadresse": handed.held,
        "Fehlende CONTRL und APERAK (Fälle)": escalate_silence(client_id=client_id, at=at),
        "Rechnungen, die neuere Werte ändern": len(
            check_rebills(client_id=client_id, since=at - timedelta(days=look_back), today=today, at=at)
        ),
        "Ungeklärtes Geld eskaliert": escalate_suspense(client_id=client_id, on=today, at=at),
        "Konten sperrfähig (§ 41f EnWG)": check_disconnections(
            client_id=client_id, on=today, user=None, at=at
        ).eligible,
    }
