"""`turnus calc`: the billing engine without a database, for tests, advice and disputes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.fileformat import FileRefused, read
from turnus.billing.calc.records import Bill, BillRefused
from turnus.billing.calc.wording import bill_data, german, working_data
from turnus.lib.money import format_eur

app = typer.Typer(no_args_is_help=True, help="Abrechnung rechnen, ohne Datenbank.")

KINDS = {"energy": "Arbeitspreis", "base": "Grundpreis", "bonus": "Bonus"}


@app.callback()
def _group() -> None:
    """Keeps `bill` a sub-command even while it is the only one."""


@app.command()
def bill(
    file: Annotated[Path, typer.Argument(help="Eingabe als JSON (siehe docs/algorithms/billing.md).")],
    json_output: Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")] = False,
) -> None:
    """Eine Rechnung mit Rechenweg; Rückgabewert 1 und die Felder, wenn etwas fehlt oder unmöglich ist."""
    try:
        result = calculate(read(file.read_text(encoding="utf-8-sig")))
    except FileRefused as error:
        _refuse(file, [{"code": "file", "field": f.field, "text": f.text} for f in error.faults], json_output)
    except BillRefused as error:
        found = [{"code": f.code.value, "field": f.field, "text": f.text} for f in error.findings]
        _refuse(file, found, json_output)
    except (OSError, UnicodeDecodeError) as error:
        _refuse(file, [{"code": "file", "field": "FILE", "text": f"nicht lesbar ({error})"}], json_output)
    else:
        if json_output:
            typer.echo(json.dumps(bill_data(result), ensure_ascii=False, indent=2))
        else:
            _show(result)


def _refuse(file: Path, findings: list[dict[str, Any]], json_output: bool) -> None:
    for finding in findings:
        typer.echo(f"{file}: {finding['field']}: {finding['text']}", err=True)
    if json_output:
        typer.echo(json.dumps({"findings": findings}, ensure_ascii=False, indent=2))
    raise typer.Exit(1)


def _show(result: Bill) -> None:
    console = Console()
    lines = Table("Nr.", "Position", "Zeitraum", "kWh", "Preis", "netto", title="Rechnung")
    for number, line in enumerate(result.lines, start=1):
        unit = "ct/kWh" if line.kwh is not None else "€/Jahr"
        price = "" if line.unit_price is None else f"{german(line.unit_price)} {unit}"
        lines.add_row(
            str(number),
            KINDS[line.kind],
            line.period.german(),
            "" if line.kwh is None else german(line.kwh),
            price,
            format_eur(line.net),
        )
    console.print(lines)
    for number, line in enumerate(result.lines, start=1):
        console.print(f"{number}. {working_data(line)['text']}", highlight=False)
    console.print(_totals(result))
    if result.contained:
        contained = Table("Steuer oder Umlage", "netto", title="Im Preis enthalten")
        for charge in result.contained:
            net = "noch nicht veröffentlicht" if charge.net is None else format_eur(charge.net)
            contained.add_row(charge.title, net)
        console.print(contained)
    if result.co2:
        kg, cost = german(result.co2.kg), format_eur(result.co2.gross)
        console.print(f"CO₂-Emissionen {kg} kg, CO₂-Kosten {cost} brutto")


def _totals(result: Bill) -> Table:
    totals = Table("Summe", "Betrag")
    totals.add_row("Verbrauch", f"{german(result.kwh)} kWh")
    totals.add_row("netto", format_eur(result.net))
    for entry in result.vat:
        text = f"USt {german(entry.percent)} % auf {format_eur(entry.net)}"
        totals.add_row(text, format_eur(entry.vat))
    totals.add_row("brutto", format_eur(result.gross))
    for entry in result.instalments_vat:
        text = f"erhaltene Abschläge, darin {german(entry.percent)} % USt {format_eur(entry.vat)}"
        totals.add_row(text, format_eur(-(entry.net + entry.vat)))
    what = "Nachzahlung" if result.balance >= 0 else "Guthaben"
    totals.add_row(what, format_eur(abs(result.balance)))
    return totals
