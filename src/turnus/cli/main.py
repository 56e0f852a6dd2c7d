"""The `turnus` command. Sub-commands are loaded when they are called, so that pure ones need no database."""

import importlib
import sys
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

# name → (module with a typer `app`, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "edifact": ("turnus.cli.edifact", "EDIFACT-Dateien zeigen und prüfen (ohne Datenbank)"),
    "calc": ("turnus.cli.calc", "Abrechnung rechnen (ohne Datenbank)"),
    "inbox": ("turnus.cli.inbox", "Marktnachrichten entgegennehmen"),
    "market": ("turnus.cli.market", "Marktnachrichten an das Übertragungssystem übergeben"),
    "bank": ("turnus.cli.bank", "Kontoauszüge einlesen"),
    "billing": ("turnus.cli.billing", "Abrechnungsläufe"),
    "receivables": ("turnus.cli.receivables", "Lastschriften und Mahnungen"),
    "ledger": ("turnus.cli.ledger", "Buchungsperioden, Umsatzsteuer eines Monats"),
    "documents": ("turnus.cli.documents", "Rechnungen und Briefe als PDF, Versand"),
    "daily": ("turnus.cli.daily", "Tagesarbeit eines Auftraggebers, die keine Person braucht"),
    "import": ("turnus.cli.csv_import", "Stammdaten aus CSV-Dateien übernehmen"),
    "db": ("turnus.cli.db", "Datenbank einrichten"),
    "worker": ("turnus.cli.worker", "Läufe abarbeiten (beliebig oft startbar)"),
    "work-run": ("turnus.cli.work_run", "an einem Lauf mitarbeiten"),
    "serve": ("turnus.cli.serve", "Arbeitsplatz im Browser anbieten"),
    "demo": ("turnus.cli.demo", "Ein Monat Betrieb mit zwei Auftraggebern"),
    "verify": ("turnus.cli.verify", "Datenbestand beweisen"),
    "bench": ("turnus.cli.bench", "Durchsatz messen"),
}


def _overview() -> Table:
    table = Table(
        "Befehl", "wofür", title="turnus: das Backoffice eines Energielieferanten", title_justify="left"
    )
    for name, (_, text) in COMMANDS.items():
        table.add_row(name, text)
    return table


def _call(name: str, rest: list[str]) -> None:
    module = importlib.import_module(COMMANDS[name][0])
    try:
        module.app(args=rest, prog_name=f"turnus {name}")
    except Exception as error:
        remedy = _remedy(error)
        if remedy is None:
            raise
        Console(stderr=True).print(remedy)
        sys.exit(2)


def _remedy(error: Exception) -> str | None:
    """What to do about a failure of the surroundings; None if the failure is the program's own."""
    kind, text = type(error).__name__, str(error)
    if kind == "ProgrammingError" and "does not exist" in text:
        return "Die Datenbank ist nicht auf dem Stand dieses Programms. Abhilfe: turnus db migrate"
    if kind == "DatabaseUnavailable":
        return text
    if kind == "OperationalError" and "connection" in text:
        return f"Die Datenbank antwortet nicht: {text.splitlines()[0]}"
    return None


def run() -> None:
    """Console script: hand the rest of the line to the named sub-command."""
    name, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("--help", [])
    if name in {"--help", "-h"}:
        Console().print(_overview())
        Console().print("Mehr zu einem Befehl: turnus BEFEHL --help")
    elif name == "--version":
        Console().print(f"turnus {version('turnus')}")
    elif name in COMMANDS:
        _call(name, rest)
    else:
        Console(stderr=True).print(f"Unbekannter Befehl „{name}“. Bekannt: {', '.join(COMMANDS)}.")
        sys.exit(2)


if __name__ == "__main__":
    run()
