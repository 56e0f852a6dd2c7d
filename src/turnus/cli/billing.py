"""`turnus billing`: billing runs and instalment requests from the terminal."""

import json
from datetime import date, datetime, time
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from turnus.cli.session import session

app = typer.Typer(no_args_is_help=True, help="Abrechnungsläufe und Abschläge.")

FIGURES = {
    "billed": "Rechnungen",
    "released": "davon freigegeben",
    "excepted": "davon ausgesteuert",
    "held": "angehalten (Fall)",
    "not_due": "nicht fällig",
}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"„{text}“ ist kein Datum (JJJJ-MM-TT).") from error


@app.command()
def run(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    until: Annotated[str, typer.Option(help="Letzter Tag, bis zu dem abgerechnet wird (JJJJ-MM-TT).")],
    month: Annotated[int, typer.Option(help="Nur Ablesemonat 1 bis 12.", min=0, max=12)] = 0,
    processes: Annotated[int, typer.Option(help="Prozesse, die sich den Lauf teilen.", min=1)] = 2,
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Alle fälligen Verträge abrechnen; derselbe Lauf am selben Tag ist derselbe Lauf."""
    last = _day(until)
    with session(principal, job="run_billing") as client_id:
        from turnus.billing.services import start_billing
        from turnus.system import clock, runs

        planned = start_billing(
            client_id=client_id,
            until=last,
            today=clock.today(),
            user=None,
            at=clock.now(),
            month=month or None,
        )
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("Abrechnung", total=planned.total)

            def report(state: runs.Progress) -> None:
                bar.update(task, completed=state.done + state.failed)

            state = runs.execute(planned, processes=processes, report=report)
        planned.refresh_from_db()
    if json_output:
        figures = {"run": planned.pk, "total": state.total, "failed": state.failed, **planned.result}
        typer.echo(json.dumps(figures))
        return
    table = Table("Abrechnung", f"bis {last:%d.%m.%Y}", title=f"Lauf {planned.pk}")
    table.add_row("fällige Verträge", str(state.total))
    for name, label in FIGURES.items():
        table.add_row(label, str(planned.result.get(name, 0)))
    table.add_row("gescheitert (Fall)", str(state.failed))
    Console().print(table)


@app.command()
def missing(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    until: Annotated[str, typer.Option(help="Letzter Tag, bis zu dem abgerechnet wird (JJJJ-MM-TT).")],
    month: Annotated[int, typer.Option(help="Nur Ablesemonat 1 bis 12.", min=0, max=12)] = 0,
) -> None:
    """Verträge auflisten, die ein Lauf nicht abrechnet, je Vertrag mit Grund."""
    last = _day(until)
    table = Table("Vertrag", "Grund", title=f"Nicht fällig bis {last:%d.%m.%Y}")
    with session(principal) as client_id:
        from turnus.billing.queries import left_out

        for entry in left_out(client_id=client_id, until=last, month=month or None):
            table.add_row(entry.number, entry.reason)
    Console().print(table)


@app.command()
def instalments(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    until: Annotated[str, typer.Option(help="Fällig bis einschließlich (JJJJ-MM-TT).")],
) -> None:
    """Fällige Abschläge anfordern; wiederholt fordert nichts doppelt an."""
    last = _day(until)
    with session(principal, job="request_instalments") as client_id:
        from turnus.billing.services import request_due_instalments
        from turnus.system import clock

        count = request_due_instalments(client_id=client_id, until=last, user=None, at=clock.now())
    Console().print(f"{count} Abschläge bis {last:%d.%m.%Y} angefordert.")


@app.command()
def rebills(
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    since: Annotated[str, typer.Option(help="Messwerte, die seit diesem Tag eingingen (JJJJ-MM-TT).")],
) -> None:
    """Rechnungen suchen, die mit neueren Messwerten anders ausfielen; je Rechnung ein Klärungsfall."""
    first = _day(since)
    with session(principal, job="check_rebills") as client_id:
        from turnus.billing.services import check_rebills
        from turnus.system import clock

        begin = datetime.combine(first, time.min, tzinfo=clock.BERLIN)
        found = check_rebills(client_id=client_id, since=begin, today=clock.today(), at=clock.now())
    table = Table("Rechnung", "Grund", title=f"{len(found)} Rechnungen zu prüfen")
    for rebill in found:
        table.add_row(str(rebill.bill.number), rebill.reason)
    Console().print(table)
