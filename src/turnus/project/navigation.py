"""The areas of the workbench, grouped by work. `key` is the letter after `g` on the keyboard."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Area:
    label: str
    page: str
    icon: str
    key: str = ""
    count: str = ""


NAVIGATION: tuple[tuple[str, tuple[Area, ...]], ...] = (
    (
        "Meine Arbeit",
        (
            Area("Mein Tag", "start", "day", "t"),
            Area("Klärungsliste", "worklist:cases", "list", "k", "cases"),
            Area("Freigaben", "worklist:approvals", "release", "f", "approvals"),
        ),
    ),
    (
        "Kunden",
        (
            Area("Kunden", "masterdata:customers", "people", "c"),
            Area("Verträge", "contracts:contracts", "contract", "v"),
            Area("Messwerte", "metering:readings", "meter", "w"),
            Area("Nachrichten", "market:messages", "message", "n"),
        ),
    ),
    (
        "Abrechnung",
        (
            Area("Rechnungen", "billing:bills", "bill", "r"),
            Area("Aussteuerung", "billing:exceptions", "shield", "a", "exceptions"),
        ),
    ),
    (
        "Geld",
        (
            Area("Offene Posten", "receivables:items", "money", "o"),
            Area("Zahlungszuordnung", "receivables:suspense", "bank", "z", "suspense"),
            Area("Lastschriften", "receivables:debit_runs", "debit", "l"),
            Area("Auszahlungen", "receivables:payouts", "money"),
            Area("Mahnvorschlag", "receivables:dunning_runs", "bell", "m"),
            Area("Sperrfähig", "receivables:disconnections", "shield"),
            Area("Buchungsperioden", "ledger:periods", "check"),
            Area("Umsatzsteuer", "ledger:vat", "data"),
        ),
    ),
    (
        "Grundlagen",
        (
            Area("Dokumente", "documents:documents", "file", "d"),
            Area("Läufe", "clients:runs", "run"),
            Area("Stammdaten", "masterdata:overview", "data", "s"),
            Area("Auftraggeber", "clients:principals", "client"),
        ),
    ),
)
