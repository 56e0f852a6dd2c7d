"""`turnus import`: take master data and readings from CSV files, with an error list by row."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

from turnus.cli.session import agent, principal_named

if TYPE_CHECKING:
    from turnus.system.imports import ImportReport

app = typer.Typer()


@app.command()
def csv_import(
    kind: str = typer.Argument(help="Was: customers, bank_accounts, … oder „template“ für eine Vorlage."),
    file: str = typer.Argument(help="CSV-Datei (bei template: der Name der Vorlage)."),
    principal: str = typer.Option("", "--principal", help="Auftraggeber (Kürzel)."),
    user: str = typer.Option("", "--user", help="Benutzer, in dessen Namen eingelesen wird."),
    json_output: bool = typer.Option(False, "--json", help="Ergebnis als JSON."),
    dry_run: bool = typer.Option(False, "--dry-run", help="Nur prüfen, nichts schreiben."),
) -> None:
    """CSV-Datei einlesen: gute Zeilen werden übernommen, schlechte mit Grund und Abhilfe gelistet.

    Rückgabewert 0, wenn alles übernommen ist; 1, wenn Zeilen abgelehnt wurden; 2, wenn nichts geschah.
    """
    from turnus.system.boot import boot

    boot()
    from turnus.lib.csv_table import UnreadableTable
    from turnus.system.imports import UnknownImport, template_of

    try:
        if kind == "template":
            typer.echo(template_of(file).decode("utf-8-sig"), nl=False)
            return
        report = _run(kind, Path(file), principal, user, dry_run)
    except (UnreadableTable, UnknownImport, FileNotFoundError, LookupError) as error:
        typer.echo(
            json.dumps({"error": str(error)}, ensure_ascii=False) if json_output else str(error),
            err=not json_output,
        )
        raise typer.Exit(2) from error
    if json_output:
        typer.echo(json.dumps({**asdict(report), "refused": report.refused}, ensure_ascii=False))
    else:
        _print(report)
    raise typer.Exit(1 if report.errors else 0)


def _run(kind: str, path: Path, principal: str, user: str, dry_run: bool) -> "ImportReport":
    from turnus.documents.services import store_original
    from turnus.system import clock
    from turnus.system.imports import run
    from turnus.system.isolation import allowed

    if not path.is_file():
        raise FileNotFoundError(f"{path}: Diese Datei gibt es nicht.")
    client = principal_named(principal)
    content, at = path.read_bytes(), clock.now()
    with allowed(client.pk):
        acting = agent(client.pk, user, machine="import", title="CSV-Import")
        report = run(
            kind=kind,
            client_id=client.pk,
            content=content,
            name=path.name,
            user=acting,
            at=at,
            dry_run=dry_run,
        )
        if not dry_run:
            store_original(client_id=client.pk, content=content, name=path.name, media_type="text/csv", at=at)
    return report


def _print(report: "ImportReport") -> None:
    console = Console()
    dry = " (Probelauf, nichts geschrieben)" if report.dry_run else ""
    console.print(
        f"{report.rows} Zeilen: {report.new} neu, {report.changed} geändert, {report.unchanged} unverändert, "
        f"{report.refused} abgelehnt{dry}"
    )
    if report.errors:
        table = Table("Zeile", "Spalte", "Wert", "Grund", "Abhilfe", title="Abgelehnt")
        for error in report.errors:
            table.add_row(str(error.row), error.column, error.value, error.cause, error.remedy)
        console.print(table)
