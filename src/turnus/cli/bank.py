"""`turnus bank`: take in bank statements."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turnus.cli.session import session

if TYPE_CHECKING:
    from turnus.receivables.files.records import Finding, StatementFile

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Kontoauszüge einlesen."""


@app.command("show")
def show_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="camt, MT940 oder MT942.")],
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Einen Kontoauszug lesen und zeigen, ohne Datenbank.

    Rückgabewert 0 ohne Fehler, 1 wenn der Auszug nicht aufgeht, 2 wenn er sich nicht lesen lässt.
    """
    from turnus.receivables.files.records import FileRefused
    from turnus.receivables.files.statements import read_file

    try:
        with file.open("rb") as stream:
            content = read_file(stream, file.name)
    except FileRefused as refused:
        if json_output:
            typer.echo(json.dumps({"ok": False, "findings": [_finding(refused.finding)]}, ensure_ascii=False))
        else:
            Console(stderr=True).print(f"[red]{escape(str(refused))}[/red]")
        raise typer.Exit(2) from refused
    if json_output:
        typer.echo(json.dumps(_as_json(content), ensure_ascii=False, default=str))
    else:
        _print(content)
    raise typer.Exit(1 if content.errors else 0)


def _as_json(content: "StatementFile") -> dict[str, Any]:
    """The file as it was read; amounts and dates become strings."""
    return {
        "kind": content.header.kind,
        "version": content.header.version,
        "statements": [
            {
                **{name: getattr(s.header, name) for name in ("statement_id", "account", "currency")},
                "balances": [asdict(balance) for balance in s.header.balances],
                "entries": [asdict(entry) for entry in s.entries],
            }
            for s in content.statements
        ],
        "findings": [_finding(finding) for finding in content.findings],
        "ok": not content.errors,
    }


def _finding(finding: "Finding") -> dict[str, str]:
    return asdict(finding)


def _print(content: "StatementFile") -> None:
    console = Console()
    for statement in content.statements:
        header = statement.header
        title = f"{content.header.version} · {header.account} · Auszug {header.statement_id}"
        table = Table("Buchung", "Betrag", "Name", "Zweck", "Hinweis", title=title)
        for entry in statement.entries:
            for payment in entry.transactions:
                note = f"Rückgabe {payment.return_reason}" if payment.is_return else entry.status
                amount = f"{payment.amount} {entry.currency}"
                table.add_row(
                    str(entry.booking_date),
                    amount,
                    escape(payment.name),
                    escape(payment.remittance[:60]),
                    note,
                )
        console.print(table)
    for finding in content.findings:
        colour = "red" if finding.severity == "error" else "yellow"
        console.print(f"[{colour}]{escape(str(finding))}[/{colour}]")


@app.command("import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(exists=True, dir_okay=False, help="camt.052, .053, .054, MT940 oder MT942."),
    ],
    principal: Annotated[str, typer.Option(help="Kürzel des Auftraggebers.")],
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Kontoauszüge einlesen, buchen und zuordnen; zweimal dieselbe Datei ändert nichts.

    Rückgabewert 1, wenn eine Datei abgewiesen wurde; die übrigen sind dann trotzdem gebucht.
    """
    with session(principal, job="import_statements") as client_id:
        results = [_import(client_id, path) for path in files]
    refused = [result for result in results if result["state"] == "refused"]
    if json_output:
        typer.echo(json.dumps({"files": results, "ok": not refused}, ensure_ascii=False))
    else:
        _show(results)
    raise typer.Exit(1 if refused else 0)


def _import(client_id: int, path: Path) -> dict[str, Any]:
    from turnus.receivables.files.records import FileRefused
    from turnus.receivables.services import import_statement
    from turnus.system import clock

    try:
        result = import_statement(
            client_id=client_id, content=path.read_bytes(), name=path.name, at=clock.now(), user=None
        )
    except FileRefused as refused:
        return {"file": path.name, "state": "refused", "findings": [_finding(refused.finding)]}
    return result.as_dict()


_COLUMNS = (
    ("entries", "Umsätze"),
    ("new", "neu"),
    ("known", "bekannt"),
    ("allocated", "zugeordnet"),
    ("collected", "eingezogen"),
    ("returned", "zurück"),
    ("suspense", "ungeklärt"),
    ("informed", "nur gemeldet"),
)
_STATES = {"imported": "gebucht", "known": "schon bekannt", "refused": "abgewiesen"}


def _show(results: list[dict[str, Any]]) -> None:
    table = Table("Datei", "Ergebnis", *[label for _, label in _COLUMNS], title="Kontoauszüge")
    for result in results:
        cells = [str(result.get(name, "")) for name, _ in _COLUMNS]
        table.add_row(escape(result["file"]), _STATES[result["state"]], *cells)
    console = Console()
    console.print(table)
    for result in results:
        for finding in result["findings"]:
            colour = "red" if finding["severity"] == "error" else "yellow"
            text = f"{finding['place']}: {finding['text']} {finding['remedy']}"
            console.print(f"[{colour}]{escape(result['file'])}[/{colour}] {escape(text)}")
