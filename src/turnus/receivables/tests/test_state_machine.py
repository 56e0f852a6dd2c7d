"""Any order of bills, requests, payments, returns and reversals ends where a plain dictionary ends."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import factories as make
from turnus.ledger.drafts import JournalDraft, LegDraft
from turnus.ledger.models import Leg, Subaccount
from turnus.ledger.services import account_table, seed_accounts
from turnus.receivables import checks, services
from turnus.receivables.calc.redemption import Debt, redeem
from turnus.receivables.calc.vat import vat_within
from turnus.receivables.models import Clearing, OpenItem
from turnus.receivables.services import BillPosting, InstalmentRequest, VatPart
from turnus.receivables.services.batch import ClearingDraft, ItemDraft, PostingBatch
from turnus.receivables.services.reversal import reversing
from turnus.receivables.services.settlement import Payment, instalment_legs, post_payment
from turnus.system.models import Principal

NOW = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 9)
NINETEEN = Decimal(19)


def flush(batch: PostingBatch) -> None:
    with transaction.atomic():
        batch.flush()


class Book(RuleBasedStateMachine):
    """One account. `model` maps item keys to open cents (credits negative)."""

    client: Principal
    serial = 0

    def __init__(self) -> None:
        super().__init__()
        Book.serial += 1
        self.sub = Subaccount.objects.create(client=self.client, number=f"{Book.serial:08d}").pk
        self.accounts = account_table(client_id=self.client.pk)
        self.model: dict[str, int] = {}
        self.bills: list[str] = []
        self.payments: list[tuple[str, dict[str, int]]] = []
        self.count = 0

    def key(self) -> str:
        self.count += 1
        return f"{self.sub}:{self.count}"

    @rule(net=st.integers(1, 50000))
    def bill(self, net: int) -> None:
        key = self.key()
        vat = net * 19 // 100
        part = VatPart(NINETEEN, Decimal(net) / 100, Decimal(vat) / 100)
        posting = BillPosting(key, self.sub, f"R{key}", DAY, DAY, "electricity", (part,))
        for _ in range(2):  # twice: idempotent
            services.post_bills(
                client_id=self.client.pk, bills=[posting], posting_date=DAY, user=None, at=NOW
            )
        self.model[f"bill:{key}"] = net + vat
        self.bills.append(key)

    @rule(gross=st.integers(1, 20000))
    def request(self, gross: int) -> None:
        key = self.key()
        wanted = InstalmentRequest(
            key, self.sub, DAY, Decimal(gross) / 100, NINETEEN, "electricity", f"A{key}"
        )
        services.request_instalments(
            client_id=self.client.pk, requests=[wanted], posting_date=DAY, user=None, at=NOW
        )
        self.model[f"instalment:{key}"] = gross

    @rule(cents=st.integers(1, 60000))
    def pay(self, cents: int) -> None:
        items = {i.pk: i for i in OpenItem.objects.filter(subaccount_id=self.sub, open_cents__gt=0, side=1)}
        debts = [Debt(i.pk, i.open_cents, i.due_date, i.pk) for i in items.values()]
        lines, rest = redeem(debts, cents, DAY)
        key = self.key()
        batch = PostingBatch(self.client.pk, None, NOW)
        payment = Payment(key, "bank", self.sub, cents, lines, DAY, DAY, key, "Test")
        post_payment(batch, self.accounts, payment, items)
        flush(batch)
        paid = {items[item_id].key: part for item_id, part in lines}
        for item_key, part in paid.items():
            self.model[item_key] -= part
        self.model[key] = -rest
        if paid:
            self.payments.append((key, paid))

    @precondition(lambda self: self.payments)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """The bank takes a payment back: its clearing is reversed, the money posted out."""
        key, paid = self.payments.pop(data.draw(st.integers(0, len(self.payments) - 1)))
        payment = OpenItem.objects.get(client=self.client, key=key)
        clearing = Clearing.objects.get(lines__open_item=payment, reverses__isnull=True, reversed_by=None)
        back = f"{key}:back"
        legs = [
            LegDraft(self.accounts.of("receivable"), payment.amount_cents, self.sub),
            LegDraft(self.accounts.of("bank"), -payment.amount_cents),
        ]
        for item_key, part in paid.items():
            legs += instalment_legs(
                self.accounts, OpenItem.objects.get(client=self.client, key=item_key), -part
            )
        batch = PostingBatch(self.client.pk, None, NOW)
        batch.post(
            JournalDraft(back, "debit_return", DAY, DAY, tuple(legs)),
            [ItemDraft(0, back, OpenItem.Kind.RETURN, back, DAY)],
        )
        batch.clear(reversing(clearing, kind=Clearing.Kind.RETURN, on=DAY, reason="zurück"))
        pair = ((payment.pk, payment.amount_cents), (back, payment.amount_cents))
        batch.clear(ClearingDraft(self.sub, Clearing.Kind.RETURN, DAY, pair))
        flush(batch)
        for item_key, part in paid.items():
            self.model[item_key] += part
        self.model[key] = 0
        self.model[back] = 0

    @precondition(lambda self: self.bills)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """A bill is cancelled: whatever was paid on it is a credit of the payments again."""
        key = self.bills.pop(data.draw(st.integers(0, len(self.bills) - 1)))
        touched = [p for p in self.payments if f"bill:{key}" in p[1]]
        services.reverse_bills(client_id=self.client.pk, keys=[key], posting_date=DAY, user=None, at=NOW)
        for payment in touched:
            self.model[payment[0]] -= payment[1].pop(f"bill:{key}")
            if not payment[1]:
                self.payments.remove(payment)
        self.model[f"bill:{key}"] = 0

    @invariant()
    def every_item_is_as_the_model_says(self) -> None:
        rows = OpenItem.objects.filter(subaccount_id=self.sub).exclude(kind="reversal")
        found = {item.key: item.side * item.open_cents for item in rows}
        assert {key: cents for key, cents in found.items() if cents} == {
            key: cents for key, cents in self.model.items() if cents
        }

    @invariant()
    def vat_is_due_on_what_was_received(self) -> None:
        received = 0
        for item in OpenItem.objects.filter(subaccount_id=self.sub, kind="instalment"):
            received += vat_within(item.amount_cents - item.open_cents, NINETEEN)
        booked = Leg.objects.filter(
            journal__legs__subaccount_id=self.sub,
            account_id=self.accounts.of("output_vat", "", NINETEEN),
            journal__kind__in=("payment", "debit_return"),
        )
        assert -sum(leg.amount_cents for leg in booked.distinct()) == received

    @invariant()
    def the_control_account_is_the_sum_of_the_items(self) -> None:
        legs = Leg.objects.filter(subaccount_id=self.sub).values_list("amount_cents", flat=True)
        assert sum(legs) == sum(self.model.values())


@pytest.mark.django_db
def test_any_order_of_events_ends_like_the_model() -> None:
    Book.client = make.principal("stadtwerk-a")
    seed_accounts(client_id=Book.client.pk)
    run_state_machine_as_test(
        Book,
        settings=settings(
            max_examples=20,
            stateful_step_count=12,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    for check in (checks.check_open_items, checks.check_clearings):
        assert check(client_id=Book.client.pk)[1] == []
