"""A principal with one object of every kind a page can show; for tests that go over all pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import factories as make
from factories import NOW
from turnus.billing.models import Bill, BillLine
from turnus.care.models import ContactNote
from turnus.clients.models import ApprovalThreshold, Letterhead
from turnus.documents.models import Document, Original
from turnus.ledger.models import PostingPeriod
from turnus.ledger.services import seed_accounts
from turnus.market.models import Interchange, Message
from turnus.metering.models import MeterReading, ValueRequest
from turnus.receivables.models import (
    DebitRun,
    DisconnectionCheck,
    DunningExclusion,
    DunningNotice,
    DunningRun,
    OpenItem,
    Payout,
    PayoutFile,
    Statement,
    StatementEntry,
)
from turnus.receivables.services import BillPosting, VatPart, post_bills
from turnus.system.models import Principal, Run, User
from turnus.worklist import services as worklist

TODAY = date(2026, 1, 15)
MSCONS = (
    b"UNA:+.? 'UNB+UNOC:3+9900000000001:500+9900000000002:500+260115:0900+R1'UNH+M1+MSCONS:D:04B:UN:2.5'"
    b"BGM+7+DOC1+9'DTM+137:202601150900?+00:303'RFF+Z13:13002'NAD+MS+9900000000001::293'UNT+6+M1'UNZ+1+R1'"
)


@dataclass
class Everything:
    """One principal and the id of its object per kind (`room.model`)."""

    client: Principal
    clerk: User
    lead: User
    supply: make.Supply
    ids: dict[str, Any] = field(default_factory=dict)


def everything(name: str) -> Everything:
    """A principal named `name`; its customers and numbers contain the name."""
    client = make.principal(name)
    clerk, lead = make.user(f"{name}-clerk", client), make.user(f"{name}-lead", client, role="lead")
    supply = make.supply(client, date(2025, 1, 1))
    supply.customer.name = f"Geheim-{name}"
    supply.customer.save()
    one = Everything(client, clerk, lead, supply)
    seed_accounts(client_id=client.pk)
    ApprovalThreshold.objects.create(client=client, kind="bill_gross", role="clerk", amount=Decimal(500))
    ApprovalThreshold.objects.create(client=client, kind="bill_gross", role="lead", amount=Decimal(5000))
    _masterdata(one)
    _measured(one)
    _billed(one)
    _paid(one)
    _worked(one)
    return one


def _masterdata(one: Everything) -> None:
    mandate = make.mandate(one.supply.customer)
    account = mandate.bank_account
    make.price(one.supply.product, date(2025, 1, 1), None, "30", "120")
    Letterhead.objects.create(client=one.client, company=f"Geheim-{one.client.short_name} GmbH")
    one.ids |= {
        "clients.principal": one.client.pk,
        "masterdata.customer": one.supply.customer.pk,
        "masterdata.bankaccount": account.pk,
        "masterdata.mandate": mandate.pk,
        "masterdata.marketlocation": one.supply.location.pk,
        "contracts.supplycontract": one.supply.contract.pk,
        "products.product": one.supply.product.pk,
    }


def _measured(one: Everything) -> None:
    register = make.meter(one.supply.location)
    common: dict[str, Any] = {"client": one.client, "register": register, "origin": "grid", "quality": "true"}
    for day, value in ((date(2025, 1, 1), 1000), (date(2026, 1, 1), 4500)):
        reading = MeterReading.objects.create(
            date=day, value=Decimal(value), taken_at=NOW, document_at=NOW, **common
        )
    one.ids["metering.meterreading"] = reading.pk
    request = ValueRequest.objects.create(
        client=one.client, kind="reading", key="stand", market_location=one.supply.location,
        register=register, period=(TODAY, date(2026, 1, 16)), reason=f"Geheim-{one.client.short_name}",
        due_on=TODAY, requested_at=NOW,
    )  # fmt: skip
    one.ids["metering.valuerequest"] = request.pk
    one.ids["masterdata.register"] = register.pk
    original = Original.objects.create(
        client=one.client,
        sha256=f"{one.client.pk:064x}",
        size=len(MSCONS),
        media_type="application/edifact",
        name="m.edi",
        stored=MSCONS,
        stored_at=NOW,
    )
    interchange = Interchange.objects.create(
        client=one.client,
        original=original,
        name="m.edi",
        sender="9900000000001",
        receiver="9900000000002",
        reference="R1",
        end=len(MSCONS),
        received_at=NOW,
    )
    start = MSCONS.index(b"UNH")
    message = Message.objects.create(
        client=one.client,
        interchange=interchange,
        position=1,
        reference=f"M1-{one.client.short_name}",
        type="MSCONS",
        pid="13002",
        offset=start,
        end=MSCONS.index(b"UNZ"),
        received_at=NOW,
        state="case",
        market_location=one.supply.location,
        location_text=one.supply.location.market_location_id,
        findings=[{"code": "X", "severity": "error", "segment": 5, "offset": 0, "text": "Datum fehlt"}],
        outcome="Zu dieser Nachricht gibt es einen Fall.",
    )
    one.ids["market.message"] = message.pk


def _billed(one: Everything) -> None:
    run = Run.objects.create(
        client=one.client, kind="billing", key=f"geheim-{one.client.short_name}", created_at=NOW
    )
    bill = Bill.objects.create(
        client=one.client,
        contract=one.supply.contract,
        run=run,
        state="excepted",
        prepared_by=one.clerk,
        period=(date(2025, 1, 1), date(2026, 1, 1)),
        kwh=Decimal(3500),
        net=Decimal("1000.00"),
        gross=Decimal("1190.00"),
        instalments=Decimal("600.00"),
        balance=Decimal("590.00"),
        prepared_at=NOW,
        vat=[{"percent": "19", "net": "1000.00", "vat": "190.00"}],
        input={},
        checks=[{"check": "profile", "ok": True}],
        exceptions=[
            {"rule": "gross_limit", "text": "Über der Grenze", "value": "1.190,00 €", "limit": "500,00 €"}
        ],
    )
    BillLine.objects.create(
        client=one.client,
        bill=bill,
        position=1,
        kind="energy",
        period=bill.period,
        kwh=Decimal(3500),
        unit_price=Decimal("0.28571"),
        net=Decimal("1000.00"),
        vat_percent=Decimal(19),
        working={"text": "so"},
    )
    document = Document.objects.create(
        client=one.client,
        number="D1",
        kind="letter",
        title=f"Geheim-{one.client.short_name}",
        created_at=NOW,
        customer_number=one.supply.customer.number,
    )
    one.ids |= {"clients.run": run.pk, "billing.bill": bill.pk, "documents.document": document.pk}


def _paid(one: Everything) -> None:
    client, account = one.client, one.supply.account
    part = VatPart(Decimal(19), Decimal("100.00"), Decimal("19.00"))
    posting = BillPosting(
        key=f"x{client.pk}",
        subaccount_id=account.pk,
        bill_number=f"R-{client.short_name}",
        parts=(part,),
        bill_date=date(2025, 11, 1),
        due_date=date(2025, 11, 20),
        division="electricity",
    )
    items = post_bills(
        client_id=client.pk, bills=[posting], posting_date=date(2025, 11, 1), user=None, at=NOW
    )
    item = OpenItem.objects.get(pk=items[posting.key])
    original = Original.objects.get(client=client)
    statement = Statement.objects.create(
        client=client,
        original=original,
        kind="camt.053",
        statement_id=f"Geheim-{client.short_name}",
        account="DE02120300000000202051",
        imported_at=NOW,
    )
    entry = StatementEntry.objects.create(
        client=client,
        statement=statement,
        key="k1",
        cross_key="c1",
        place="Zeile 1",
        amount_cents=11900,
        booking_date=TODAY,
        value_date=TODAY,
        name=f"Geheim-{client.short_name}",
        state="suspense",
        remittance=posting.bill_number,
        journal=item.leg.journal,
    )
    debit = DebitRun.objects.create(
        client=client, number="L1", collect_on=TODAY, created_at=NOW, created_by=one.clerk
    )
    dunning = DunningRun.objects.create(client=client, on=TODAY, created_at=NOW, created_by=one.clerk)
    DunningNotice.objects.create(
        client=client, run=dunning, subaccount=account.subaccount, level=1, total_cents=11900, pay_until=TODAY
    )
    DunningExclusion.objects.create(
        client=client,
        run=dunning,
        subaccount=account.subaccount,
        amount_cents=1,
        code="minimum",
        reason="zu klein",
    )
    file = PayoutFile.objects.create(
        client=client,
        number="UE1",
        execute_on=TODAY,
        count=1,
        total_cents=100,
        original=original,
        created_at=NOW,
        created_by=one.clerk,
    )
    returned = StatementEntry.objects.create(
        client=client,
        statement=statement,
        key="k2",
        cross_key="c2",
        place="Zeile 2",
        amount_cents=100,
        booking_date=TODAY,
        value_date=TODAY,
        name=f"Geheim-{client.short_name}",
        iban="DE02500105170137075030",
        state="refunded",
        journal=item.leg.journal,
    )
    payout = Payout.objects.create(
        client=client,
        number="AZ1",
        entry=returned,
        amount_cents=100,
        iban=returned.iban,
        name=f"Geheim-{client.short_name}",
        remittance="zurück",
        journal=item.leg.journal,
        proposed_by=one.clerk,
        approved_by=one.lead,
        approved_at=NOW,
    )
    check = DisconnectionCheck.objects.create(
        client=client,
        subaccount=account.subaccount,
        division="electricity",
        code="below_minimum",
        is_eligible=False,
        arrears_cents=0,
        required_cents=10000,
        reason="zu wenig",
        working={"contracts": [], "steps": [], "counted": [], "excluded": []},
        computed_on=TODAY,
    )
    one.ids |= {
        "receivables.disconnectioncheck": check.pk,
        "ledger.postingperiod": PostingPeriod.objects.get(client=client, month="2025-11").pk,
        "ledger.journal": item.leg.journal_id,
        "receivables.openitem": item.pk,
        "receivables.payout": payout.pk,
        "receivables.payoutfile": file.pk,
        "receivables.statemententry": entry.pk,
        "receivables.debitrun": debit.pk,
        "receivables.dunningrun": dunning.pk,
    }


def _worked(one: Everything) -> None:
    new = worklist.NewCase(
        kind="billing_hold",
        service="M05",
        key=f"k{one.client.pk}",
        title=f"Geheim-{one.client.short_name}",
        reason="Ein Wert fehlt",
        object_kind="contracts.supplycontract",
        object_id=one.supply.contract.pk,
    )
    case = worklist.open_case(client_id=one.client.pk, new=new, at=NOW)
    approval = worklist.propose(
        client_id=one.client.pk,
        kind="write_off",
        object_kind="masterdata.bankaccount",
        object_id=one.ids["masterdata.bankaccount"],
        title=f"Geheim-{one.client.short_name}",
        amount=Decimal(10),
        user=one.clerk,
        at=NOW,
    )
    note = ContactNote.objects.create(
        client=one.client,
        customer=one.supply.customer,
        concerns="account",
        channel="phone_in",
        identity="full",
        topic="bill",
        text="Hallo",
        result="erklärt",
        at=NOW,
        agent=one.clerk,
    )
    one.ids |= {"worklist.case": case.pk, "worklist.approval": approval.pk, "care.contactnote": note.pk}
