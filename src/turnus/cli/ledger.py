"""`turnus ledger`: posting periods, VAT of a month."""

import json
import re
import sys
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from turnus.cli.session import session, user_named
from turnus.ledger.calc.vat_report import GROUPS, Amount, VatReport
from turnus.lib.money import format_eur, from_cents

app = typer.Typer(no_args_is_help=True)

Client = Annotated[str, typer.Option("--principal", help="Kürzel des Auftraggebers.")]
Clerk = Annotated[str, typer.Option("--user", help="Benutzer, unter dem gehandelt wird.")]
Month = Annotated[str, typer.Argument(help="Monat, zum Beispiel 2026-10.")]
Json = Annotated[bool, typer.Option("--json", help="Ergebnis als JSON.")]


@app.command("periods")
def periods(principal: Client, json_output: Json = False) -> None:
    """Buchungsperioden mit Zustand, Buchungen und Summen je Kontenart."""
    with session(principal) as client_id:
        from turnus.ledger.models import Account
        from turnus.ledger.queries import periods as known

        rows = known(client_id=client_id)
        if json_output:
            found = [{"month": r.month, "locked": r.is_locked, **asdict(r.figures)} for r in rows]
            sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
            return
        table = Table("Monat", "Zustand", "Buchungen", "Saldo je Kontenart", "letzte Buchung")
        for row in rows:
            sums = "\n".join(
                f"{Account.Kind(kind).label} {format_eur(from_cents(cents))}"
                for kind, cents in row.figures.sums.items()
            )
            state = "gesperrt" if row.is_locked else "offen"
            last = escape(f"{row.figures.last_number or ''} {row.figures.last_text}".strip())
            table.add_row(row.month, state, str(row.figures.journals), sums, last)
        Console().print(table)


@app.command("lock")
def lock(
    principal: Client,
    month: Month,
    user: Clerk = "",
    reason: Annotated[str, typer.Option(help="Anlass, für das Protokoll.")] = "",
) -> None:
    """Einen Monat sperren, der vorbei ist."""
    with session(principal) as client_id:
        from turnus.ledger.services import lock_period
        from turnus.system import clock

        person = user_named(user)
        lock_period(
            client_id=client_id, month=month, today=clock.today(), user=person, at=clock.now(), reason=reason
        )
        Console().print(f"{month} ist gesperrt.")


@app.command("unlock")
def unlock(
    principal: Client,
    month: Month,
    user: Clerk,
    reason: Annotated[str, typer.Option(help="Begründung.")],
) -> None:
    """Einen Monat wieder öffnen: die erste Person schlägt vor, die zweite ruft dasselbe auf und öffnet."""
    with session(principal) as client_id:
        from turnus.ledger.models import PostingPeriod
        from turnus.ledger.services import propose_unlock
        from turnus.ledger.services.periods import open_unlock
        from turnus.system import clock
        from turnus.worklist.services import decide

        person, at = user_named(user), clock.now()
        if person is None:
            raise typer.BadParameter("Wieder geöffnet wird nur unter einem Namen.", param_hint="--user")
        period = PostingPeriod.objects.filter(client_id=client_id, month=month).first()
        proposal = open_unlock(period) if period is not None else None
        if proposal is None:
            propose_unlock(client_id=client_id, month=month, user=person, at=at, reason=reason)
            Console().print(f"Vorgeschlagen. Eine zweite Person öffnet {month} mit demselben Befehl.")
            return
        decide(approval=proposal, approve=True, user=person, at=at, reason=reason)
        Console().print(f"{month} ist wieder offen (vorgeschlagen von {proposal.proposed_by}).")


@app.command("vat")
def vat(
    principal: Client,
    month: Annotated[str, typer.Option("--month", help="Monat, zum Beispiel 2026-10.")],
    json_output: Json = False,
) -> None:
    """Umsatzsteuer eines Monats, abgestimmt mit den Konten; endet mit 1, wenn etwas abweicht."""
    if not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", month):
        raise typer.BadParameter("Gebraucht wird ein Monat der Form 2026-10.", param_hint="--month")
    with session(principal) as client_id:
        from turnus.ledger.vat import report_of

        report = report_of(client_id=client_id, month=month)
    if json_output:
        sys.stdout.write(json.dumps(_vat_json(month, report), ensure_ascii=False) + "\n")
    else:
        _print_vat(month, report)
    if report.difference_cents:
        raise typer.Exit(1)


def _vat_json(month: str, report: VatReport) -> dict[str, Any]:
    def told(amount: Amount) -> dict[str, str]:
        return {"base": str(from_cents(amount.base_cents)), "vat": str(from_cents(amount.vat_cents))}

    return {
        "month": month,
        "rates": [
            {
                "percent": f"{percent:.2f}",
                **{name: told(report.amount(percent=percent, kinds=kinds)) for name, kinds in GROUPS},
                "total": told(report.amount(percent=percent)),
            }
            for percent in report.rates
        ],
        "lines": [
            {"percent": f"{line.percent:.2f}", "kind": line.kind.value, **told(line.amount)}
            for line in report.lines
        ],
        "accounts": [
            {
                "account": proof.account,
                "name": proof.name,
                "moved": str(from_cents(proof.moved_cents)),
                "reported": str(from_cents(proof.reported_cents)),
                "difference": str(from_cents(proof.difference_cents)),
            }
            for proof in report.proofs
        ],
        "total": told(report.amount()),
        "difference": str(from_cents(report.difference_cents)),
    }


def _print_vat(month: str, report: VatReport) -> None:
    console = Console()
    table = Table("Satz", "Vorgang", "Bemessungsgrundlage", "Umsatzsteuer", title=f"Umsatzsteuer {month}")
    words = {"supplies": "Lieferungen", "prepayments": "erhaltene Anzahlungen", "reversals": "Rücknahmen"}
    for percent in report.rates:
        for name, kinds in GROUPS:
            amount = report.amount(percent=percent, kinds=kinds)
            base, tax = (format_eur(from_cents(cents)) for cents in (amount.base_cents, amount.vat_cents))
            table.add_row(f"{percent:.2f} %", words[name], base, tax)
    console.print(table)
    for proof in report.proofs:
        moved, gap = (format_eur(from_cents(c)) for c in (proof.moved_cents, proof.difference_cents))
        console.print(f"Konto {proof.account}: {moved}, Differenz {gap}", highlight=False)
