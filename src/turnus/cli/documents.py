"""`turnus documents`: set missing PDFs, send what waits, see a principal's letterhead, print a record."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

app = typer.Typer(no_args_is_help=True, help="Rechnungen und Briefe als PDF.")

Name = Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")]
Json = Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")]


def _client(name: str) -> int:
    from turnus.system.models import Principal

    principal = Principal.objects.filter(short_name=name).first()
    if principal is None:
        known = ", ".join(Principal.objects.values_list("short_name", flat=True))
        raise typer.BadParameter(f"Auftraggeber „{name}“ gibt es nicht. Bekannt: {known or 'keiner'}.")
    return principal.pk


@app.command()
def render(
    principal: Name,
    processes: Annotated[int, typer.Option(help="Prozesse, die sich den Lauf teilen.", min=1)] = 2,
    json_output: Json = False,
) -> None:
    """Alle fehlenden PDF erzeugen; was sich nicht setzen lässt, wird ein Klärungsfall."""
    from turnus.system.boot import boot

    boot()
    from turnus.documents.services import start_rendering
    from turnus.system import clock, runs
    from turnus.system.isolation import allowed

    client_id, now = _client(principal), clock.now()
    with allowed(client_id):
        run, _ = start_rendering(client_id=client_id, key=now.isoformat(), user=None, at=now)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("Dokumente", total=run.total)

            def report(state: runs.Progress) -> None:
                bar.update(task, completed=state.done + state.failed)

            state = runs.execute(run, processes=processes, report=report)
    if json_output:
        typer.echo(json.dumps({"run": run.pk, "total": state.total, "failed": state.failed}))
        return
    Console().print(f"{state.done} PDF erzeugt, {state.failed} gescheitert (Klärungsfall).")


@app.command()
def send(principal: Name, json_output: Json = False) -> None:
    """Alles, was als PDF bereitliegt, in den Postausgang legen."""
    from turnus.system.boot import boot, home

    boot()
    from turnus.documents.services import dispatch_waiting
    from turnus.system import clock
    from turnus.system.isolation import allowed

    client_id = _client(principal)
    with allowed(client_id):
        sent = dispatch_waiting(client_id=client_id, at=clock.now())
    if json_output:
        typer.echo(json.dumps({"sent": sent}))
        return
    Console().print(f"{sent} Schreiben liegen in {home() / 'outbox' / principal}.")


@app.command()
def sample(principal: Name, target: Annotated[Path, typer.Argument(help="PDF, die entstehen soll.")]) -> None:
    """Eine Musterrechnung mit dem Briefkopf des Auftraggebers."""
    from turnus.system.boot import boot

    boot()
    from turnus.documents.queries import letterhead_of
    from turnus.documents.render.sample import sample_electricity_bill
    from turnus.system.isolation import allowed

    client_id = _client(principal)
    with allowed(client_id):
        try:
            head = letterhead_of(client_id=client_id)
        except LookupError as error:
            Console(stderr=True).print(str(error))
            raise typer.Exit(1) from error
    _write(target, sample_electricity_bill(letterhead=head))


@app.command(name="print")
def print_record(
    source: Annotated[
        Path, typer.Argument(help="Dokument als JSON (documents.render.records).", exists=True)
    ],
    target: Annotated[Path, typer.Argument(help="PDF, die entstehen soll.")],
) -> None:
    """Ein Dokument aus seinen Daten setzen, ohne Datenbank."""
    from turnus.documents.render.records import BadRecord, from_data

    try:
        record = from_data(json.loads(source.read_text(encoding="utf-8")))
    except (BadRecord, ValueError) as error:
        Console(stderr=True).print(f"{source.name}: {error}")
        raise typer.Exit(1) from error
    _write(target, record)


def _write(target: Path, record: object) -> None:
    from datetime import UTC, datetime, time

    from turnus.documents.calc.bill import BillDocument
    from turnus.documents.render.engine import RenderError, renderer
    from turnus.documents.render.records import Record, payload_of

    known: Record = record  # type: ignore[assignment]
    day = known.issue_date if isinstance(known, BillDocument) else known.frame.letter_date
    template, payload = payload_of(known)
    try:
        content = renderer().pdf(template, payload, created_at=datetime.combine(day, time(), UTC))
    except RenderError as error:
        Console(stderr=True).print(str(error))
        raise typer.Exit(1) from error
    target.write_bytes(content)
    Console().print(f"{target} ({len(content) // 1000} kB)")
