"""`turnus verify`: prove a whole database."""

import json

import typer
from rich.console import Console
from rich.table import Table

app = typer.Typer()


@app.command()
def verify(json_output: bool = typer.Option(False, "--json", help="Ergebnis als JSON.")) -> None:
    """Den Datenbestand beweisen; Rückgabewert 1 und eine Liste, wenn etwas nicht stimmt."""
    from turnus.system.boot import boot

    boot()
    from turnus.system.verify import verify as checks

    results = list(checks())
    broken = [f for r in results for f in r.findings]
    if json_output:
        typer.echo(
            json.dumps(
                {
                    "ok": not broken,
                    "checks": [
                        {"check": r.check, "principal": r.principal, "looked_at": r.looked_at}
                        for r in results
                    ],
                    "findings": [{"check": f.check, "subject": f.subject, "text": f.text} for f in broken],
                },
                ensure_ascii=False,
            )
        )
    else:
        table = Table("Prüfung", "Auftraggeber", "geprüft", "Befunde", title="Bestand")
        for r in results:
            table.add_row(r.check, r.principal or "alle", str(r.looked_at), str(len(r.findings)))
        console = Console()
        console.print(table)
        for f in broken:
            console.print(f"[red]{f.check}[/red] {f.subject}: {f.text}")
    raise typer.Exit(1 if broken else 0)
