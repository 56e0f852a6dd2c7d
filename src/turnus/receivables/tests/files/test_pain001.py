"""Credit transfer files: accepted by the ISO schema and the German subset, and both reject what is broken."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree

from official_schemas import payment_schema
from turnus.receivables.files.pain001 import write_pain001
from turnus.receivables.files.pain001_records import (
    NAMESPACE,
    TRANSFER_BACK,
    Debtor,
    Pain001Refused,
    Transfer,
    TransferFile,
)
from turnus.receivables.files.pain001_rules import check_header, check_pain001, check_transfer

TRANSFER = Transfer(
    end_to_end_id="AZ0000001",
    amount=Decimal("98.00"),
    creditor_name="Jörg Grün & Söhne",
    creditor_iban="DE02500105170137075030",
    remittance="Rücküberweisung: Zahlung nicht zuzuordnen",
)
DEBTOR = Debtor("Stadtwerke Mühlenau GmbH", "DE02120300000000202051", "BYLADEM1001")


def order(*transfers: Transfer) -> TransferFile:
    total = sum((transfer.amount for transfer in transfers), Decimal(0))
    created = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    return TransferFile("AD000001", created, date(2026, 11, 27), DEBTOR, len(transfers), total, transfers)


def written(file: TransferFile) -> bytes:
    target = io.BytesIO()
    write_pain001(file, target)
    return target.getvalue()


def schema(kind: str) -> etree.XMLSchema:
    return payment_schema(kind, "pain.001.001.09")


VARIANTS = {
    "one": order(TRANSFER),
    "several": order(TRANSFER, replace(TRANSFER, end_to_end_id="AZ0000002", amount=Decimal("0.01"))),
    "bic": order(replace(TRANSFER, creditor_bic="INGDDEFFXXX")),
    "transfer back": order(replace(TRANSFER, purpose=TRANSFER_BACK)),
    "bank without bic": replace(order(TRANSFER), debtor=replace(DEBTOR, bic="")),
    "long texts": order(replace(TRANSFER, creditor_name="Grün " * 30, remittance="ä" * 200)),
}


@pytest.mark.parametrize("kind", ["iso", "gbic"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_schema_accepts_what_we_write(variant: str, kind: str) -> None:
    data = written(VARIANTS[variant])
    schema(kind).assertValid(etree.fromstring(data))
    assert check_pain001(io.BytesIO(data)) == []


BROKEN = {
    # what is broken: (text to replace, by what, our code, the ISO schema sees it)
    "zero amount": (b">98.00</InstdAmt>", b">0.00</InstdAmt>", "amount", False),
    "amount too large": (b">98.00</InstdAmt>", b">1000000000.00</InstdAmt>", "amount", False),
    "other currency": (b'Ccy="EUR"', b'Ccy="CHF"', "currency", False),
    "no name": (b"<Nm>Joerg Gruen + Soehne</Nm>", b"", "creditor_name", False),
    "long name": (b"Joerg Gruen + Soehne", b"x" * 71, "creditor_name", False),
    "address of lines only": (
        b"<Nm>Joerg Gruen + Soehne</Nm>",
        b"<Nm>Joerg Gruen + Soehne</Nm><PstlAdr><AdrLine>Domstr. 3</AdrLine></PstlAdr>",
        "address",
        False,
    ),
    "cheque": (b"<PmtMtd>TRF</PmtMtd>", b"<PmtMtd>CHK</PmtMtd>", "method", False),
    "charges of the payer": (b"SLEV", b"DEBT", "charges", False),
    "two purposes": (b"</RmtInf>", b"<Ustrd>mehr</Ustrd></RmtInf>", "remittance", False),
    "agent without bic": (
        b"<Cdtr>",
        b"<CdtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></CdtrAgt><Cdtr>",
        "creditor_bic",
        False,
    ),
    "wrong iban": (b"DE02500105170137075030", b"DE02", "creditor_iban", True),
    "no day": (b"<Dt>2026-11-27</Dt>", b"<Dt>morgen</Dt>", "execution_date", True),
    "no end-to-end id": (b"<EndToEndId>AZ0000001</EndToEndId>", b"", "end_to_end_id", True),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_rejected_by_the_german_schema_and_by_us(case: str) -> None:
    old, new, code, iso_sees_it = BROKEN[case]
    data = written(order(TRANSFER))
    assert data.count(old) >= 1, "the mutation must hit"
    broken = data.replace(old, new)
    assert code in [finding.code for finding in check_pain001(io.BytesIO(broken))]
    tree = etree.fromstring(broken)
    assert schema("iso").validate(tree) is not iso_sees_it
    assert not schema("gbic").validate(tree)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"<NbOfTxs>1</NbOfTxs><CtrlSum>98.00</CtrlSum><InitgPty>",
         b"<NbOfTxs>2</NbOfTxs><CtrlSum>98.00</CtrlSum><InitgPty>", "control_count"),
        (b"<CtrlSum>98.00</CtrlSum><InitgPty>", b"<CtrlSum>97.00</CtrlSum><InitgPty>", "control_sum"),
        (b"DE02500105170137075030", b"DE03500105170137075030", "creditor_iban"),
        (b"DE02120300000000202051", b"DE03120300000000202051", "debtor_iban"),
        (b"09:30:00Z", b"09:30:00", "created_naive"),
        (b"<Cd>SEPA</Cd>", b"<Cd>URGP</Cd>", "service_level"),
    ],
)  # fmt: skip
def test_what_no_schema_can_see_is_found_by_us(old: bytes, new: bytes, code: str) -> None:
    data = written(order(TRANSFER))
    assert old in data
    assert code in [finding.code for finding in check_pain001(io.BytesIO(data.replace(old, new)))]


@pytest.mark.parametrize("data", [b"<Document/>", b"no xml", b"<Document"])
def test_another_file_is_no_credit_transfer(data: bytes) -> None:
    assert [finding.code for finding in check_pain001(io.BytesIO(data))] == ["not_pain001"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": Decimal("0.00")}, "amount"),
        ({"amount": Decimal("1.005")}, "cents"),
        ({"end_to_end_id": "x" * 36}, "end_to_end_id"),
        ({"creditor_iban": "DE02500105170137075031"}, "creditor_iban"),
        ({"creditor_iban": ""}, "creditor_iban"),
        ({"creditor_bic": "KEINEBIC!"}, "creditor_bic"),
        ({"creditor_name": " "}, "creditor_name"),
        ({"remittance": ""}, "remittance"),
    ],
)
def test_every_bad_transfer_is_refused_with_its_reason(change: dict[str, object], code: str) -> None:
    bad = replace(TRANSFER, **change)  # type: ignore[arg-type]
    assert [finding.code for finding in check_transfer(bad)] == [code]
    with pytest.raises(Pain001Refused, match="Überweisung"):
        written(order(bad))


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (order(), "empty"),
        (replace(order(TRANSFER), message_id="Über"), "message_id"),
        (replace(order(TRANSFER), created=datetime(2026, 11, 26)), "created_naive"),  # noqa: DTZ001
        (replace(order(TRANSFER), debtor=Debtor("", DEBTOR.iban)), "debtor_name"),
        (replace(order(TRANSFER), debtor=Debtor("x", "DE1")), "debtor_iban"),
        (replace(order(TRANSFER), debtor=Debtor("x", DEBTOR.iban, "!")), "debtor_bic"),
    ],
)
def test_a_bad_head_is_refused_before_anything_is_written(file: TransferFile, code: str) -> None:
    assert [finding.code for finding in check_header(file)] == [code]
    target = io.BytesIO()
    with pytest.raises(Pain001Refused):
        write_pain001(file, target)
    assert target.getvalue() == b""


def test_promised_totals_must_hold() -> None:
    with pytest.raises(Pain001Refused, match="Angekündigt sind 2"):
        written(replace(order(TRANSFER), count=2))


def test_same_input_gives_same_bytes_with_their_sums() -> None:
    data = written(VARIANTS["several"])
    assert data == written(VARIANTS["several"])
    ns = {"p": NAMESPACE}
    tree = etree.fromstring(data)
    assert tree.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=ns) == "98.01"
    assert tree.xpath("string(//p:GrpHdr/p:CreDtTm)", namespaces=ns) == "2026-11-26T09:30:00Z"
    assert tree.xpath("string(//p:Ustrd)", namespaces=ns) == "Rueckueberweisung: Zahlung nicht zuzuordnen"
