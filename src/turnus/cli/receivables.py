"""`turnus receivables`: direct debits, reminders, ageing, money nobody claims."""

import json
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
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
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


@app.command("announce")
def announce(principal: Client, until: Day = None, user: Clerk = "") -> None:
    """Lastschriften ankündigen, die bis zu einem Tag fällig werden."""
    with session(principal) as client_id:
        from turnus.receivables.services import announce_debits
        from turnus.system import clock

        last = until.date() if until else clock.today()
        count = announce_debits(
            client_id=client_id, until=last, today=clock.today(), user=user_named(user), at=clock.now()
        )
        Console().print(f"{count} Ankündigungen erstellt.")


@app.command("debit-run")
def debit_run(principal: Client, collect_on: Day = None, user: Clerk = "") -> None:
    """Einen Lastschriftlauf vorschlagen."""
    with session(principal) as client_id:
        from turnus.receivables.services import plan_debit_run
        from turnus.system import clock

        today = clock.today()
        day = collect_on.date() if collect_on else today
        run = plan_debit_run(
            client_id=client_id, collect_on=day, today=today, user=user_named(user), at=clock.now()
        )
        Console().print(
            f"Lauf {run.number} zum {run.collect_on:%d.%m.%Y}: {run.count} Lastschriften, "
            f"{run.total_cents / 100:.2f} €; ausgeschlossen: {run.exclusions.count()}."
        )


@app.command("release-debit-run")
def release_debit_run(
    principal: Client,
    number: str,
    user: Clerk = "",
    out: Annotated[Path | None, typer.Option(help="Datei für die Bank hierhin schreiben.")] = None,
) -> None:
    """Einen Lauf freigeben (zweite Person) und die Datei für die Bank ausgeben."""
    with session(principal) as client_id:
        from turnus.receivables.models import DebitRun
        from turnus.receivables.services import release_debit_run as release
        from turnus.system import clock

        run = DebitRun.objects.filter(client_id=client_id, number=number).first()
        if run is None:
            raise LookupError(f"Den Lauf {number} gibt es nicht.")
        released = release(run_id=run.pk, user=user_named(user), at=clock.now())
        assert released.original is not None
        if out is not None:
            out.write_bytes(released.original.content)
        Console().print(f"Freigegeben: {released.original.name}, SHA-256 {released.original.sha256}")


@app.command("dun")
def dun(
    principal: Client,
    on: Day = None,
    user: Clerk = "",
    release: Annotated[bool, typer.Option(help="Gleich freigeben.")] = False,
) -> None:
    """Mahnvorschlag erstellen, auf Wunsch gleich freigeben."""
    with session(principal) as client_id:
        from turnus.receivables.services import propose_dunning, release_dunning
        from turnus.system import clock

        day = on.date() if on else clock.today()
        run = propose_dunning(client_id=client_id, on=day, user=user_named(user), at=clock.now())
        if release:
            release_dunning(run_id=run.pk, user=user_named(user), at=clock.now())
        console = Console()
        console.print(f"{run.notices.count()} Schreiben, {run.exclusions.count()} Ausschlüsse.")
        for exclusion in run.exclusions.select_related("subaccount")[:20]:
            console.print(f"  Konto {exclusion.subaccount.number}: {escape(exclusion.reason)}")


@app.command("ageing")
def ageing(principal: Client, on: Day = None) -> None:
    """Altersliste der offenen Posten; ihre Summe ist das Mitbuchkonto."""
    with session(principal) as client_id:
        from turnus.receivables.queries import ageing as buckets
        from turnus.system import clock

        day: date = on.date() if on else clock.today()
        table = Table("überfällig", "Posten", "Betrag", title=f"Offene Posten am {day:%d.%m.%Y}")
        for bucket in buckets(client_id=client_id, on=day):
            table.add_row(bucket.label, str(bucket.count), format_eur(from_cents(bucket.cents)))
        Console().print(table)


@app.command("suspense")
def suspense(
    principal: Client,
    on: Day = None,
    older_than: Annotated[int, typer.Option(help="nur länger ungeklärte (Tage)", min=0)] = 10,
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Bericht: lange ungeklärtes Geld mit Alter, Zuständigem und Fall."""
    with session(principal) as client_id:
        from turnus.receivables.queries import suspense_report
        from turnus.system import clock

        day = on.date() if on else clock.today()
        rows = suspense_report(client_id=client_id, on=day, days=older_than)
        if json_output:
            entries = [{**asdict(row), "booked": row.booked.isoformat()} for row in rows]
            sys.stdout.write(json.dumps(entries, ensure_ascii=False) + "\n")
            return
        table = Table(
            "gebucht", "Tage", "Betrag", "Zahler", "zuständig", "Fall",
            title=f"Länger als {older_than} Tage ungeklärt am {day:%d.%m.%Y}",
        )  # fmt: skip
        for row in rows:
            amount = format_eur(from_cents(row.cents))
            booked = f"{row.booked:%d.%m.%Y}"
            table.add_row(booked, str(row.days), amount, escape(row.name), row.owner or "Team", row.case)
        Console().print(table)


@app.command("payout-file")
def payout_file(
    principal: Client,
    user: Clerk,
    out: Annotated[Path | None, typer.Option(help="Datei für die Bank hierhin schreiben.")] = None,
) -> None:
    """Freigegebene Auszahlungen in eine Überweisungsdatei schreiben."""
    with session(principal) as client_id:
        from turnus.receivables.services import create_payout_file
        from turnus.system import clock

        clerk = user_named(user)
        if clerk is None:
            raise typer.BadParameter("Eine Überweisungsdatei erzeugt eine Person.", param_hint="--user")
        made = create_payout_file(client_id=client_id, today=clock.today(), user=clerk, at=clock.now())
        if out is not None:
            out.write_bytes(made.original.content)
        total = format_eur(from_cents(made.total_cents))
        Console().print(
            f"{made.number}: {made.count} Überweisungen über {total} zum {made.execute_on:%d.%m.%Y}."
        )


@app.command("escalate")
def escalate(principal: Client, on: Day = None) -> None:
    """Fälle eröffnen: lange ungeklärtes Geld, Daueraufträge mit altem Betrag."""
    with session(principal) as client_id:
        from turnus.receivables.services import escalate_suspense, find_outdated_standing_orders
        from turnus.system import clock

        day = on.date() if on else clock.today()
        count = escalate_suspense(client_id=client_id, on=day, at=clock.now())
        old = find_outdated_standing_orders(client_id=client_id, on=day, at=clock.now())
        Console().print(f"{count} Fälle zu ungeklärtem Geld, {old} Daueraufträge mit altem Betrag.")
