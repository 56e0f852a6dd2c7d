"""`turnus demo`: a month of an energy supplier's back office, from market message to reminder."""

import time

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

app = typer.Typer()


@app.command()
def demo(
    serve: bool = typer.Option(True, help="Danach den Arbeitsplatz im Browser anbieten."),
    customers: int = typer.Option(400, help="Kunden beider Auftraggeber zusammen.", min=40),
    port: int = typer.Option(8000, help="Anschluss des Arbeitsplatzes."),
) -> None:
    """Zwei Auftraggeber, ihre Vorgeschichte und der Oktober 2026, alles durch echte Dateien."""
    from turnus.system.boot import boot, home

    boot()
    from turnus.demo.services import PASSWORD, PEOPLE, Told, all_steps, run
    from turnus.system.schema import prepare

    console = Console()
    began = time.monotonic()
    console.print("Datenbank vorbereiten …")
    prepare()
    happened: list[str] = []
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Vorgeschichte", total=2 * len(all_steps()))

        def tell(told: Told) -> None:
            bar.update(task, advance=1, description=f"{told.town}: {told.step.title}")
            if told.result is not None:
                happened.append(told.step.name)
                line = f"{told.step.day:%d.%m.%Y} {told.town:9} {told.step.title}: [cyan]{told.result}[/cyan]"
                bar.console.print(line, soft_wrap=True, highlight=False)

        found = run(home=home(), customers=customers, tell=tell)
    if not happened:
        console.print("Alles davon ist in einem früheren Start schon geschehen; nichts wird verdoppelt.")
    table = Table("", *(f.principal for f in found), title="Nach einem Monat Betrieb (31.10.2026)")
    for n, (name, _) in enumerate(found[0].rows):
        table.add_row(name, *(f.rows[n][1] for f in found))
    for column in table.columns[1:]:
        column.justify = "right"
    console.print(table)
    console.print(f"Dateien: {home() / 'demo'} · {time.monotonic() - began:.0f} s")
    if not serve:
        return
    console.print(f"\nArbeitsplatz: http://127.0.0.1:{port}/  Kennwort für alle: [bold]{PASSWORD}[/bold]")
    for username, first, last, role, only in PEOPLE:
        if role != "machine":
            console.print(f"  {username:10} {first} {last} ({role.label}{', ' + only if only else ''})")
    from turnus.cli.serve import serve as serve_workbench

    serve_workbench(host="127.0.0.1", port=port, threads=8)
