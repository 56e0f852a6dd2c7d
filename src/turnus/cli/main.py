"""The `turnus` command. Sub-commands are loaded when they are called, so that pure ones need no database."""

import importlib
import sys
from typing import Any

import click
import typer.main

# name → (module, attribute, one line of help). A typer app or a plain function.
COMMANDS: dict[str, tuple[str, str]] = {
    "edifact": ("turnus.cli.edifact", "EDIFACT-Dateien zeigen und prüfen (ohne Datenbank)"),
    "calc": ("turnus.cli.calc", "Abrechnung rechnen (ohne Datenbank)"),
    "inbox": ("turnus.cli.inbox", "Marktnachrichten entgegennehmen"),
    "bank": ("turnus.cli.bank", "Kontoauszüge einlesen"),
    "billing": ("turnus.cli.billing", "Abrechnungsläufe"),
    "receivables": ("turnus.cli.receivables", "Lastschriften und Mahnungen"),
    "import": ("turnus.cli.csv_import", "Stammdaten aus CSV-Dateien übernehmen"),
    "db": ("turnus.cli.db", "Datenbank einrichten"),
    "worker": ("turnus.cli.worker", "Läufe abarbeiten (beliebig oft startbar)"),
    "work-run": ("turnus.cli.work_run", "an einem Lauf mitarbeiten"),
    "serve": ("turnus.cli.serve", "Arbeitsplatz im Browser anbieten"),
    "demo": ("turnus.cli.demo", "Ein Monat Betrieb mit zwei Auftraggebern"),
    "verify": ("turnus.cli.verify", "Datenbestand beweisen"),
    "bench": ("turnus.cli.bench", "Durchsatz messen"),
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Befehle"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=_Commands, help="Turnus: das Backoffice eines Energielieferanten.")
@click.version_option(package_name="turnus")
def main(**_: Any) -> None:
    """Entry point of all commands."""


def run() -> None:
    """Console script."""
    main(prog_name="turnus")


if __name__ == "__main__":
    sys.exit(run())
