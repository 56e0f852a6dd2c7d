"""`turnus ledger`: posting periods."""

import json
import sys
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turnus.cli.session import session, user_named
from turnus.lib.money import format_eur, from_cents

app = typer.Typer(no_args_is_help=True)

Client = Annotated[str, typer.Option("--principal", help="Kürzel des Auftraggebers.")]
Clerk = Annotated[str, typer.Option("--user", help="Benutzer, unter dem gehandelt wird.")]
Month = Annotated[str, typer.Argument(help="Monat, zum Beispiel 2026-10.")]
Json = Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")]


@app.command("periods")
def periods(principal: Client, json_output: Json = False) -> None:
    """Buchungsperioden mit Zustand, Buchungen und Summen je Kontenart."""
    with session(principal) as client_id:
        from turnus.ledger.models import Account
        from turnus.ledger.queries import periods as known

        rows = known(client_id=client_id)
        if json_output:
            found = [{"month": r.month, "locked": r.is_locked, **asdict(r.figures)} for r in rows]
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            return
        table = Table("Monat", "Zustand", "Buchungen", "Saldo je Kontenart", "letzte Buchung")
        for row in rows:
            sums = "\n".join(
                f"{Account.Kind(kind).label} {format_eur(from_cents(cents))}"
                for kind, cents in row.figures.sums.items()
            )
            state = "gesperrt" if row.is_locked else "offen"
            last = escape(f"{row.figures.last_number or ''} {row.figures.last_text}".strip())
            table.add_row(row.month, state, str(row.figures.journals), sums, last)
        Console().print(table)


@app.command("lock")
def lock(
    principal: Client,
    month: Month,
    user: Clerk = "",
    reason: Annotated[str, typer.Option(help="Anlass, für das Protokoll.")] = "",
) -> None:
    """Einen Monat sperren, der vorbei ist."""
    with session(principal) as client_id:
        from turnus.ledger.services import lock_period
        from turnus.system import clock

        person = user_named(user)
        lock_period(
            client_id=client_id, month=month, today=clock.today(), user=person, at=clock.now(), reason=reason
        )
        Console().print(f"{month} ist gesperrt.")


@app.command("unlock")
def unlock(
    principal: Client,
    month: Month,
    user: Clerk,
    reason: Annotated[str, typer.Option(help="Begründung.")],
) -> None:
    """Einen Monat wieder öffnen: die erste Person schlägt vor, die zweite ruft dasselbe auf und öffnet."""
    with session(principal) as client_id:
        from turnus.ledger.models import PostingPeriod
        from turnus.ledger.services import propose_unlock
        from turnus.ledger.services.periods import open_unlock
        from turnus.system import clock
        from turnus.worklist.services import decide

        person, at = user_named(user), clock.now()
        if person is None:
            raise typer.BadParameter("Wieder geöffnet wird nur unter einem Namen.", param_hint="--user")
        period = PostingPeriod.objects.filter(client_id=client_id, month=month).first()
        proposal = open_unlock(period) if period is not None else None
        if proposal is None:
            propose_unlock(client_id=client_id, month=month, user=person, at=at, reason=reason)
            Console().print(f"Vorgeschlagen. Eine zweite Person öffnet {month} mit demselben Befehl.")
            return
        decide(approval=proposal, approve=True, user=person, at=at, reason=reason)
        Console().print(f"{month} ist wieder offen (vorgeschlagen von {proposal.proposed_by}).")
