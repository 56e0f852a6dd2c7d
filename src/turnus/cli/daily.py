"""`turnus daily`: what happens every day without a person, in its order; repeating it doubles nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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
    """Abschläge anfordern, Lastschriften ankündigen, fehlende Werte anfordern, Fälle eröffnen."""
    with session(principal) as client_id:
        figures = _work(client_id, look_back)
    if json_output:
        done = {name: count for name, count in figures.items() if count is not None}
        sys.stdout.write(json.dumps(done, ensure_ascii=False) + "\n")
        return
    table = Table("Tagesarbeit", "Anzahl")
    for name, count in figures.items():
        table.add_row(name, "nicht gebucht" if count is None else str(count))
    Console().print(table)


@dataclass(frozen=True, slots=True)
class Day:
    """For whom and when the day's work is done."""

    client_id: int
    today: date
    at: datetime
    look_back: int

    @property
    def first(self) -> date:
        return self.today - timedelta(days=self.look_back)


def _instalments(day: Day) -> int:
    from turnus.billing.services import request_due_instalments

    return request_due_instalments(client_id=day.client_id, until=day.today, user=None, at=day.at)


def _announcements(day: Day) -> int:
    from turnus.receivables.services import announce_debits

    return announce_debits(client_id=day.client_id, until=day.today, today=day.today, user=None, at=day.at)


def _gaps(day: Day) -> int:
    from turnus.metering.services import request_gaps

    return request_gaps(client_id=day.client_id, first=day.first, end=day.today, at=day.at)


def _requests(day: Day) -> int:
    from turnus.market.services import send_requests

    return send_requests(client_id=day.client_id, at=day.at).sent


def _rebills(day: Day) -> int:
    from turnus.billing.services import check_rebills

    since = day.at - timedelta(days=day.look_back)
    return len(check_rebills(client_id=day.client_id, since=since, today=day.today, at=day.at))


def _suspense(day: Day) -> int:
    from turnus.receivables.services import escalate_suspense

    return escalate_suspense(client_id=day.client_id, on=day.today, at=day.at)


# Job (as `project.booking` names it) → what it is called, what it does; in this order.
STEPS: dict[str, tuple[str, Callable[[Day], int]]] = {
    "request_instalments": ("Abschläge angefordert", _instalments),
    "announce_debits": ("Lastschriften angekündigt", _announcements),
    "request_gaps": ("Lücken in Lastgängen angefordert", _gaps),
    "send_requests": ("Anforderungen gesendet (ORDERS)", _requests),
    "check_rebills": ("Rechnungen, die neuere Werte ändern", _rebills),
    "escalate_suspense": ("Ungeklärtes Geld eskaliert", _suspense),
}


def _work(client_id: int, look_back: int) -> dict[str, int | None]:
    """What every step did; None where no service of the principal asks for it."""
    from turnus.clients.services import is_due
    from turnus.system import clock

    day = Day(client_id, clock.today(), clock.now(), look_back)
    return {
        label: step(day) if is_due(client_id=client_id, job=job, on=day.today) else None
        for job, (label, step) in STEPS.items()
    }
