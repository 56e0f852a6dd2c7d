"""`turnus bench`: measure throughput in a database that is thrown away."""

import importlib
import json
from enum import StrEnum

import typer
from rich.console import Console

app = typer.Typer()


class Kind(StrEnum):
    """What can be measured."""

    mscons = "mscons"
    billing = "billing"
    documents = "documents"
    bank = "bank"


DEFAULT_SIZES = {Kind.mscons: 5_000_000, Kind.billing: 20_000, Kind.documents: 400, Kind.bank: 10_000}


@app.command()
def bench(
    kind: Kind,
    size: int = typer.Option(0, help="Umfang: Werte, Verträge, PDF oder Umsätze (0 = Vorgabe)."),
    json_output: bool = typer.Option(False, "--json", help="Ergebnis als JSON."),
) -> None:
    """Durchsatz der ganzen Arbeit messen, von der Datei bis zur dauerhaften Zeile."""
    from turnus.bench.base import throwaway_database

    if size < 0:
        raise typer.BadParameter("--size muss positiv sein.")
    with throwaway_database():
        module = importlib.import_module(f"turnus.bench.{kind.value}")
        outcome = module.run(size=size or DEFAULT_SIZES[kind])
    if json_output:
        typer.echo(json.dumps(outcome.as_dict()))
        return
    Console().print(
        f"{outcome.kind}: {outcome.size:,} {outcome.unit} in {outcome.seconds:.1f} s = "
        f"{outcome.rate:,.0f} {outcome.unit}/s, Spitze {outcome.peak_mb:.0f} MB"
    )
