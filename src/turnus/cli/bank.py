"""`turnus bank`: take in bank statements."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _root() -> None:
    """Kontoauszüge einlesen."""


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
    from turnus.system.boot import boot

    boot()
    from turnus.system.isolation import allowed
    from turnus.system.models import Principal

    client = Principal.objects.filter(short_name=principal).first()
    if client is None:
        raise typer.BadParameter(f"Den Auftraggeber „{principal}“ gibt es nicht.", param_hint="--principal")
    with allowed(client.pk):
        results = [_import(client.pk, path) for path in files]
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
        finding = refused.finding
        return {
            "file": path.name,
            "state": "refused",
            "findings": [
                {
                    "code": finding.code,
                    "severity": finding.severity,
                    "place": finding.place,
                    "text": finding.text,
                    "remedy": finding.remedy,
                }
            ],
        }
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
        table.add_row(result["file"], _STATES[result["state"]], *cells)
    console = Console()
    console.print(table)
    for result in results:
        for finding in result["findings"]:
            colour = "red" if finding["severity"] == "error" else "yellow"
            text = f"{finding['place']}: {finding['text']} {finding['remedy']}"
            console.print(f"[{colour}]{result['file']}[/{colour}] {text}")
