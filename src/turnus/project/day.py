"""The state of the day: what waits, what arrived, what is owed. Bounded reads on indexed columns."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.urls import reverse

from turnus.billing.models import Bill
from turnus.clients.access import StaffRequest, mine
from turnus.market.models import Message
from turnus.market.queries import day_state
from turnus.receivables.models import DebitRun, DunningRun, OpenItem, StatementEntry
from turnus.receivables.pictures import ageing_picture
from turnus.system.models import User
from turnus.ui import charts
from turnus.ui.charts.lines import Series
from turnus.ui.formats import number_de
from turnus.ui.pages import Tile
from turnus.worklist.models import Approval, Case

FLOW_DAYS = 31


def work_tiles(request: StaffRequest, today: date) -> list[Tile]:
    """What waits for people."""
    cases = mine(request, Case.objects.exclude(state=Case.State.DONE))
    counted = cases.order_by().aggregate(
        all=Count("pk"),
        own=Count("pk", filter=Q(owner=request.user)),
        late=Count("pk", filter=Q(due_on__lt=today)),
    )
    approvals = mine(request, Approval.objects.filter(state="open")).exclude(proposed_by=request.user).count()
    aside = mine(request, Bill.objects.filter(state="excepted")).count()
    suspense = mine(request, StatementEntry.objects.filter(state="suspense")).count()
    lists = reverse("worklist:cases")
    return [
        Tile("Meine Fälle", number_de(counted["own"]), "mir zugewiesen", f"{lists}?mine=on", "info"),
        Tile("Klärungsliste", number_de(counted["all"]), "offen im Team", lists, _waiting(counted["all"])),
        Tile(
            "Überfällig",
            number_de(counted["late"]),
            "Frist verstrichen",
            f"{lists}?overdue=on",
            _bad(counted["late"]),
        ),
        Tile(
            "Freigaben",
            number_de(approvals),
            "warten auf eine zweite Person",
            reverse("worklist:approvals"),
            _waiting(approvals),
        ),
        Tile(
            "Aussteuerung",
            number_de(aside),
            "Rechnungen zu entscheiden",
            reverse("billing:exceptions"),
            _waiting(aside),
        ),
        Tile(
            "Zahlungen",
            number_de(suspense),
            "ungeklärt gebucht",
            reverse("receivables:suspense"),
            _waiting(suspense),
        ),
    ]


def _waiting(count: int) -> str:
    return "warn" if count else "ok"


def _bad(count: int) -> str:
    return "bad" if count else "ok"


def my_cases(request: StaffRequest, user: User) -> list[Case]:
    """The next cases: mine first, then the team's most urgent ones."""
    open_cases = mine(request, Case.objects.exclude(state=Case.State.DONE)).select_related("client", "owner")
    own = list(open_cases.filter(owner=user)[:10])
    return own + list(open_cases.filter(owner=None)[: 12 - len(own)])


def message_facts(request: StaffRequest, now: datetime, today: date) -> dict[str, object]:
    """How the messages of the day stand, and the flow of the last month."""
    rows = mine(request, Message.objects.all()).order_by()
    start = today - timedelta(days=FLOW_DAYS - 1)
    flow = {
        row["day"]: row["count"]
        for row in rows.filter(received_at__date__gte=start)
        .annotate(day=TruncDate("received_at"))
        .values("day")
        .annotate(count=Count("pk"))
    }
    days = [start + timedelta(days=n) for n in range(FLOW_DAYS)]
    picture = ""
    if flow:
        picture = charts.line(
            title="Eingegangene Nachrichten je Tag",
            labels=[f"{day:%d.%m.}" for day in days],
            series=[Series("Nachrichten", [flow.get(day, 0) for day in days])],
            unit="Anzahl",
            width=340,
            least=4,  # counts of a quiet day must not stand on an axis of halves
        )
    return {"day": day_state(client_ids=request.client_ids, day=today, at=now), "flow": picture}


def money_facts(request: StaffRequest, today: date) -> dict[str, object]:
    """What is owed by age, what came in today, which runs wait for release."""
    entries = mine(request, StatementEntry.objects.filter(statement__imported_at__date=today))
    came = dict(
        entries.order_by().values_list("state").annotate(count=Count("pk")).values_list("state", "count")
    )
    labels = dict(StatementEntry.State.choices)
    items = mine(request, OpenItem.objects.all())
    return {
        "ageing": ageing_picture(items, today),
        "came": [(labels[state], count) for state, count in sorted(came.items())],
        "debits": list(mine(request, DebitRun.objects.filter(state="planned"))[:5]),
        "dunning": list(mine(request, DunningRun.objects.filter(state="proposed"))[:5]),
    }
