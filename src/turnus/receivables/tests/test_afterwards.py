"""What happens to money after something else has happened: returns, undone assignments, later blocks."""

from datetime import date
from decimal import Decimal

import pytest

from bank_story import DAY, NINETEEN, NOW, Story
from turnus.ledger.queries import balances
from turnus.receivables import services
from turnus.receivables.files.camt053_writer import Payment
from turnus.receivables.models import OpenItem, StatementEntry
from turnus.receivables.services import VatPart
from turnus.receivables.services import posting as posting_module

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


def _return(debit_id: str, euros: str) -> Payment:
    return Payment(Decimal(euros), "return", end_to_end_id=debit_id, reason="MS03")


def test_a_return_after_the_bill_was_cancelled_takes_only_the_money_back(story: Story) -> None:
    account = story.payer(debit=True)
    story.bill(account, "R00000001", "119.00")
    debit = story.collected(account)
    services.reverse_bills(
        client_id=story.client.pk, keys=["R00000001"], posting_date=DAY, user=story.clerk, at=NOW
    )
    assert balances(client_id=story.client.pk)["1400"] == Decimal("-119.00")
    result = story.take(story.statement(_return(debit.end_to_end_id, "-119.00")))
    assert (result.returned, result.suspense) == (1, 0)
    assert balances(client_id=story.client.pk)["1400"] == Decimal("0.00")
    assert not OpenItem.objects.filter(open_cents__gt=0).exists()
    story.verify()


def test_one_entry_that_breaks_goes_to_suspense_and_the_rest_is_posted(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = story.payer(debit=True)
    story.bill(account, "R00000001", "10.00")
    debit = story.collected(account)
    item = story.bill(story.payer(), "R00000002", "40.00")

    def broken(*_: object) -> None:
        raise ValueError("unvorhergesehen")

    monkeypatch.setattr(posting_module, "post_return", broken)
    story.take(
        story.statement(
            _return(debit.end_to_end_id, "-10.00"), Payment(Decimal("40.00"), remittance="R00000002")
        )
    )
    item.refresh_from_db()
    assert item.open_cents == 0
    kept = StatementEntry.objects.get(is_return=True)
    assert (kept.state, "unvorhergesehen" in kept.reason) == ("suspense", True)
    story.verify()


def test_an_assignment_whose_instalment_a_bill_has_credited_stays(story: Story) -> None:
    account = story.payer()
    keys = story.instalments(account, 10)
    story.take(story.statement(Payment(Decimal("98.00"), name="Wer?")))
    entry = StatementEntry.objects.get()
    instalment = OpenItem.objects.get(kind="instalment")
    services.assign(entry_id=entry.pk, parts=[(instalment.pk, Decimal("98.00"))], user=story.clerk, at=NOW)
    paid = (VatPart(NINETEEN, Decimal("82.35"), Decimal("15.65")),)
    story.bill(account, "R00000009", "1209.28", instalments=paid, instalment_keys=tuple(keys))
    with pytest.raises(ValueError, match="R00000009"):
        services.undo_assignment(entry_id=entry.pk, user=story.clerk, at=NOW)
    entry.refresh_from_db()
    assert entry.state == "assigned"
    story.verify()


def test_the_same_item_named_twice_is_one_part(story: Story) -> None:
    item = story.bill(story.payer(), "R00000001", "60.00")
    story.take(story.statement(Payment(Decimal("60.00"), name="Wer?")))
    parts = [(item.pk, Decimal("20.00")), (item.pk, Decimal("40.00"))]
    services.assign(entry_id=StatementEntry.objects.get().pk, parts=parts, user=story.clerk, at=NOW)
    item.refresh_from_db()
    assert item.open_cents == 0
    story.verify()


def test_a_block_set_after_the_proposal_stops_the_letter(story: Story) -> None:
    story.letterhead()
    stopped, dunned = (
        story.bill(story.payer(), "R00000001", "50.00"),
        story.bill(story.payer(), "R00000002", "60.00"),
    )
    run = services.propose_dunning(client_id=story.client.pk, on=DAY, user=story.clerk, at=NOW)
    assert run.notices.count() == 2
    services.block_dunning(
        client_id=story.client.pk, subaccount_id=stopped.subaccount_id, reason="objection",
        since=date(2026, 11, 1), until=None, user=story.clerk, at=NOW,
    )  # fmt: skip
    services.release_dunning(run_id=run.pk, user=story.lead, at=NOW)
    for item in (stopped, dunned):
        item.refresh_from_db()
    assert (stopped.dunning_level, dunned.dunning_level) == (0, 1)
