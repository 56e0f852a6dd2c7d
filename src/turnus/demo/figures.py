"""What the demo has made of a principal, counted from the database."""

from dataclasses import dataclass

from django.db.models import Count, F, Sum

from turnus.billing.models import Bill
from turnus.contracts.models import SupplyContract
from turnus.demo.world import euros
from turnus.documents.models import Document
from turnus.ledger.models import Journal
from turnus.lib.money import format_eur
from turnus.market.models import Message
from turnus.masterdata.models import Customer
from turnus.metering.models import IntervalDay, MeterReading
from turnus.receivables.models import Debit, DunningNotice, OpenItem, StatementEntry
from turnus.system.models import Principal
from turnus.worklist.models import Approval, Case


@dataclass(frozen=True, slots=True)
class Figures:
    """A principal's figures as (name, value), in the order of the day's work."""

    principal: str
    rows: tuple[tuple[str, str], ...]


def figures(principal: Principal) -> Figures:
    """Count everything; the same portfolio gives the same figures in every start."""
    mine = {"client_id": principal.pk}
    bills = Bill.objects.filter(**mine)
    released = bills.filter(state=Bill.State.RELEASED)
    by_state = dict(
        StatementEntry.objects.filter(**mine).order_by().values_list("state").annotate(Count("id"))
    )
    debits = Debit.objects.filter(**mine).exclude(state__in=["planned", "cancelled"])
    owed = OpenItem.objects.filter(**mine).aggregate(s=Sum(F("side") * F("open_cents")))["s"] or 0
    collected = debits.aggregate(s=Sum("amount_cents"))["s"] or 0
    rows = (
        ("Kunden", Customer.objects.filter(**mine).count()),
        ("Lieferverträge", SupplyContract.objects.filter(**mine).count()),
        ("Marktnachrichten", Message.objects.filter(**mine).count()),
        ("Zählerstände", MeterReading.objects.filter(**mine).count()),
        ("Tage mit Lastgang", IntervalDay.objects.filter(**mine, is_current=True).count()),
        ("Rechnungen freigegeben", released.count()),
        ("Rechnungen ausgesteuert", bills.filter(state=Bill.State.EXCEPTED).count()),
        ("Rechnungssumme brutto", format_eur(released.aggregate(s=Sum("gross"))["s"] or euros(0))),
        ("Dokumente versandt", Document.objects.filter(**mine, state="dispatched").count()),
        ("Lastschriften eingereicht", debits.count()),
        ("Summe der Lastschriften", format_eur(euros(collected))),
        ("Umsätze auf Kontoauszügen", sum(by_state.values())),
        ("Rücklastschriften", by_state.get(StatementEntry.State.RETURNED, 0)),
        ("im Klärungskonto", by_state.get(StatementEntry.State.SUSPENSE, 0)),
        ("Mahnungen Stufe 1", DunningNotice.objects.filter(**mine).exclude(number="").count()),
        ("Saldo aller offenen Posten", format_eur(euros(owed))),
        ("Buchungsbelege", Journal.objects.filter(**mine).count()),
        ("offene Klärungsfälle", Case.objects.filter(**mine).exclude(state=Case.State.DONE).count()),
        ("offene Freigaben", Approval.objects.filter(**mine, state=Approval.State.OPEN).count()),
    )
    return Figures(principal.name, tuple((name, str(value)) for name, value in rows))
