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
    """Abschläge, Ankündigungen, Nachrichten, fehlende Werte, Sperrschwelle, Fälle: die Arbeit jedes Tages."""
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


def _silence(day: Day) -> tuple[int, int]:
    from turnus.market.services import follow_up_requests

    followed = follow_up_requests(client_id=day.client_id, at=day.at)
    return followed.reminded, followed.escalated


def _send(day: Day) -> tuple[int, int]:
    from turnus.market.services import send_waiting

    handed = send_waiting(client_id=day.client_id, at=day.at)
    return handed.sent, handed.held


def _unacknowledged(day: Day) -> int:
    from turnus.market.services import escalate_silence

    return escalate_silence(client_id=day.client_id, at=day.at)


def _completed(day: Day) -> int:
    from turnus.billing.services import release_completed

    return release_completed(client_id=day.client_id, user=None, at=day.at, today=day.today).released


def _rebills(day: Day) -> int:
    from turnus.billing.services import check_rebills

    since = day.at - timedelta(days=day.look_back)
    return len(check_rebills(client_id=day.client_id, since=since, today=day.today, at=day.at))


def _suspense(day: Day) -> int:
    from turnus.receivables.services import escalate_suspense

    return escalate_suspense(client_id=day.client_id, on=day.today, at=day.at)


def _disconnections(day: Day) -> int:
    from turnus.accounting.services import check_disconnections

    return check_disconnections(client_id=day.client_id, on=day.today, user=None, at=day.at).eligible


Step = Callable[[Day], int | tuple[int, ...]]
# Job (as `project.booking` names it) → what its figures are called, what it does; in this order.
STEPS: dict[str, tuple[tuple[str, ...], Step]] = {
    "request_gaps": (("Lücken in Lastgängen angefordert",), _gaps),
    "send_requests": (("Anforderungen geschrieben (ORDERS)",), _requests),
    "follow_up_requests": (
        ("Erinnerungen geschrieben (ORDERS)", "Anforderungen ohne Antwort (Fälle)"),
        _silence,
    ),
    "send_messages": (
        ("Dateien an Marktpartner übergeben", "Dateien ohne Kommunikationsadresse"),
        _send,
    ),
    "escalate_silence": (("Fehlende CONTRL und APERAK (Fälle)",), _unacknowledged),
    "request_instalments": (("Abschläge angefordert",), _instalments),
    "announce_debits": (("Lastschriften angekündigt",), _announcements),
    "release_completed": (("Rechnungen mit nun vollständigen Pflichtangaben freigegeben",), _completed),
    "check_rebills": (("Rechnungen, die neuere Werte ändern",), _rebills),
    "escalate_suspense": (("Ungeklärtes Geld eskaliert",), _suspense),
    "check_disconnections": (("Konten sperrfähig (§ 41f EnWG)",), _disconnections),
}


def _work(client_id: int, look_back: int) -> dict[str, int | None]:
    """What every step did; None where no service of the principal asks for it."""
    from turnus.clients.services import is_due
    from turnus.system import clock

    day = Day(client_id, clock.today(), clock.now(), look_back)
    figures: dict[str, int | None] = {}
    for job, (labels, step) in STEPS.items():
        if not is_due(client_id=client_id, job=job, on=day.today):
            figures.update(dict.fromkeys(labels))
            continue
        counts = step(day)
        figures.update(zip(labels, counts if isinstance(counts, tuple) else (counts,), strict=True))
    return figures
