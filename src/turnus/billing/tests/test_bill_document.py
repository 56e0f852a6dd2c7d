"""Released bills as documents: complete by the checklist, rendered once, with the numbers of the bill."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import factories as make
from billing_world import better_reading
from turnus.billing import document
from turnus.billing.document import page_of
from turnus.billing.models import Bill
from turnus.billing.services import correct_bill, prepare_bills
from turnus.clients.models import Setting
from turnus.documents.calc.checklist import bill_checklist, blocking
from turnus.documents.models import Document
from turnus.documents.services import pdf_of
from turnus.metering.models import MeterReading
from turnus.system.models import Principal
from turnus.worklist.models import Case
from turnus.worklist.services import run_action

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 15)


def billed(client: Principal, **more: Any) -> Bill:
    supply = make.supply(client)
    make.price(supply.product, date(2025, 1, 1), date(2025, 7, 1), "24.80", "120.00")
    make.price(supply.product, date(2025, 7, 1), None, "26.10", "132.00")
    register = make.meter(supply.location)
    for day, value in ((date(2025, 1, 1), 0), (date(2026, 1, 1), 3500)):
        MeterReading.objects.create(
            client=client,
            register=register,
            date=day,
            value=value,
            origin="grid",
            quality="true",
            taken_at=make.NOW,
            document_at=make.NOW,
        )
    prepare_bills(
        client_id=client.pk,
        contract_ids=[supply.contract.pk],
        until=date(2025, 12, 31),
        today=TODAY,
        run=None,
        user=None,
        at=make.NOW,
        **more,
    )
    return Bill.objects.get()


def test_a_released_bill_becomes_a_complete_document() -> None:
    client = make.billing_principal()
    bill = billed(client)
    document = Document.objects.get()
    assert (document.number, document.object_id, document.state) == (bill.number, bill.pk, "created")
    page = page_of(bill.pk)
    assert (page.gross, page.balance, page.number) == (bill.gross, bill.balance, bill.number)
    assert [str(line.net) for line in page.lines] == [
        str(line.net) for line in bill.lines.order_by("position")
    ]
    open_items = blocking(bill_checklist(page, on=TODAY))
    assert open_items == []
    assert pdf_of(document=document, at=make.NOW).startswith(b"%PDF-1.7")


def test_a_released_bill_whose_content_was_taken_away_is_printed_later() -> None:
    """Grid fees were there at the release and not when the letter was made: a case, and a letter later."""
    client = make.billing_principal()
    bill = billed(client, documents=False)
    assert bill.state == "released"
    fees = Setting.objects.get(client=client, name="grid_fees")
    fees.delete()
    assert document.create_missing(client_id=client.pk, user=None, at=make.NOW) == (0, 1)
    case = Case.objects.get(kind="bill_incomplete")
    assert "nicht gedruckt" in case.title
    assert "Netzentgelte gesondert (§ 40 Abs. 3 Nr. 4 EnWG)" in case.reason
    clerk = make.user("clara", client)
    with pytest.raises(ValueError, match="1 Rechnungen fehlen"):
        run_action(case=case, name="print", user=clerk, at=make.NOW, form={})
    Setting.objects.create(client=client, name="grid_fees", value=fees.value)
    run_action(case=case, name="print", user=clerk, at=make.NOW, form={})
    assert Document.objects.get().number == bill.number
    case.refresh_from_db()
    assert case.state == "done"
    assert document.create_missing(client_id=client.pk, user=None, at=make.NOW) == (0, 0)


def test_a_correction_is_explained_in_a_letter() -> None:
    client = make.billing_principal()
    lead = make.user("lea", client, "lead")
    bill = billed(client)
    better_reading(3500, 3482)
    _, new = correct_bill(bill_id=bill.pk, user=lead, at=make.NOW, today=TODAY, reason="Zahlendreher")
    letter = Document.objects.get(kind="explanation")
    assert letter.number == new.number
    assert letter.data["cause"] == "Zahlendreher"
    assert [change["difference"] for change in letter.data["changes"]][:2] == ["−18", "−18 kWh"]
    assert f"{-(new.gross - bill.gross):.2f}".replace(".", ",") in letter.data["outcome"]
    assert sorted(Document.objects.filter(kind="bill").values_list("title", flat=True)) == [
        "Korrekturrechnung",
        "Storno",
        "Turnusabrechnung",
    ]
    assert pdf_of(document=letter, at=make.NOW).startswith(b"%PDF-1.7")
