"""Direct debit files: accepted by the ISO schema and the German subset, and both reject what is broken."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree

from official_schemas import payment_schema
from turnus.receivables.files.pain008 import write_pain008
from turnus.receivables.files.pain008_records import (
    NAMESPACE,
    Address,
    Amendment,
    Batch,
    Collection,
    Creditor,
    DirectDebit,
    Pain008Refused,
)
from turnus.receivables.files.pain008_rules import check_debit, check_pain008
from turnus.receivables.files.sepa_text import sepa_text

CREDITOR = Creditor(
    "Stadtwerke Mühlenau GmbH",
    "DE02120300000000202051",
    "DE98ZZZ09999999999",
    "BYLADEM1001",
    Address("Mühlenau", "DE", "Am Markt", "1", "12345"),
)
DEBIT = DirectDebit(
    end_to_end_id="T1-2026-0001",
    amount=Decimal("98.00"),
    mandate_id="M-4711",
    mandate_signed=date(2024, 3, 1),
    debtor_name="Jörg Grün & Söhne",
    debtor_iban="DE02500105170137075030",
    remittance="Abschlag 11/2026 Vertragskonto 100200",
)


def collection(*debits: DirectDebit, scheme: str = "CORE", sequence: str = "RCUR") -> Collection:
    total = sum((debit.amount for debit in debits), Decimal(0))
    batch = Batch("T1-1", scheme, sequence, date(2026, 12, 1), CREDITOR, len(debits), total, debits)
    return Collection("T1", datetime(2026, 11, 26, 9, 30, tzinfo=UTC), "Stadtwerke Mühlenau GmbH", [batch])


def written(collection: Collection) -> bytes:
    target = io.BytesIO()
    write_pain008(collection, target)
    return target.getvalue()


def schema(kind: str) -> etree.XMLSchema:
    return payment_schema(kind, "pain.008.001.08")


VARIANTS = {
    "core_rcur": collection(DEBIT),
    "core_frst": collection(DEBIT, sequence="FRST"),
    "core_ooff": collection(DEBIT, sequence="OOFF"),
    "core_fnal": collection(DEBIT, sequence="FNAL"),
    "b2b": collection(DEBIT, replace(DEBIT, end_to_end_id="T1-2"), scheme="B2B"),
    "new_account": collection(replace(DEBIT, amendment=Amendment(account_changed=True))),
    "new_mandate_id": collection(replace(DEBIT, amendment=Amendment(original_mandate_id="OLD-1"))),
    "new_creditor": collection(
        replace(
            DEBIT,
            amendment=Amendment(
                original_creditor_id="DE98ZZZ09999999999", original_creditor_name="Alte Werke"
            ),
        )
    ),
    "address_and_bic": collection(
        replace(DEBIT, debtor_bic="INGDDEFFXXX", address=Address("Köln", "DE", "Domstraße", "3a", "50667"))
    ),
    "ultimate": collection(replace(DEBIT, ultimate_debtor="Grün Immobilien", purpose="ELEC")),
}


@pytest.mark.parametrize("kind", ["iso", "gbic"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_schema_accepts_what_we_write(variant: str, kind: str) -> None:
    data = written(VARIANTS[variant])
    schema(kind).assertValid(etree.fromstring(data))
    assert check_pain008(io.BytesIO(data)) == []


BROKEN = {
    # what is broken: (text to replace, by what, our code, the ISO schema sees it)
    "zero amount": (b">98.00</InstdAmt>", b">0.00</InstdAmt>", "amount", False),
    "other currency": (b'Ccy="EUR"', b'Ccy="CHF"', "currency", False),
    "umlaut in mandate": (b"M-4711", "M-ä".encode(), "mandate_id", False),
    "no signature date": (b"<DtOfSgntr>2024-03-01</DtOfSgntr>", b"", "mandate_date", False),
    "address of lines only": (
        b"<Nm>Joerg Gruen + Soehne</Nm>",
        b"<Nm>Joerg Gruen + Soehne</Nm><PstlAdr><AdrLine>Domstr. 3</AdrLine></PstlAdr>",
        "address",
        False,
    ),
    "no name": (b"<Nm>Joerg Gruen + Soehne</Nm>", b"", "debtor_name", False),
    "long name": (b"Joerg Gruen + Soehne", b"x" * 71, "debtor_name", False),
    "unknown sequence": (b"RCUR", b"OFTN", "sequence", True),
    "wrong iban": (b"DE02500105170137075030", b"DE02", "debtor_iban", True),
    "no end-to-end id": (b"<EndToEndId>T1-2026-0001</EndToEndId>", b"", "end_to_end_id", True),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_files_are_rejected_by_the_german_schema_and_by_us(case: str) -> None:
    old, new, code, iso_sees_it = BROKEN[case]
    data = written(collection(DEBIT))
    assert data.count(old) >= 1, "the mutation must hit"
    broken = data.replace(old, new)
    assert code in [finding.code for finding in check_pain008(io.BytesIO(broken))]
    tree = etree.fromstring(broken)
    assert schema("iso").validate(tree) is not iso_sees_it
    assert not schema("gbic").validate(tree)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (
            b"<NbOfTxs>1</NbOfTxs><CtrlSum>98.00</CtrlSum><InitgPty>",
            b"<NbOfTxs>2</NbOfTxs><CtrlSum>98.00</CtrlSum><InitgPty>",
            "control_count",
        ),
        (b"<CtrlSum>98.00</CtrlSum><InitgPty>", b"<CtrlSum>97.00</CtrlSum><InitgPty>", "control_sum"),
        (b"DE02500105170137075030", b"DE03500105170137075030", "debtor_iban"),
        (b"DE98ZZZ09999999999", b"DE99ZZZ09999999999", "creditor_id"),
    ],
)
def test_what_no_schema_can_see_is_found_by_us(old: bytes, new: bytes, code: str) -> None:
    data = written(collection(DEBIT))
    assert old in data
    assert code in [finding.code for finding in check_pain008(io.BytesIO(data.replace(old, new)))]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount": Decimal("0.00")}, "amount"),
        ({"amount": Decimal("1.005")}, "cents"),
        ({"mandate_id": "Mündlich"}, "mandate_id"),
        ({"mandate_id": ""}, "mandate_id"),
        ({"end_to_end_id": "x" * 36}, "end_to_end_id"),
        ({"debtor_iban": "DE02500105170137075031"}, "debtor_iban"),
        ({"debtor_bic": "KEINEBIC!"}, "debtor_bic"),
        ({"debtor_name": " "}, "debtor_name"),
        ({"remittance": ""}, "remittance"),
        ({"address": Address("", "DE", "Domstr. 3")}, "address"),
        ({"amendment": Amendment(original_mandate_id="Übrig")}, "original_mandate"),
    ],
)
def test_every_bad_debit_is_refused_with_its_reason(change: dict[str, object], code: str) -> None:
    bad = replace(DEBIT, **change)  # type: ignore[arg-type]
    assert [finding.code for finding in check_debit(bad)] == [code]
    with pytest.raises(Pain008Refused, match="Lastschrift"):
        written(collection(bad))


def test_promised_totals_must_hold() -> None:
    short = replace(collection(DEBIT).batches[0], count=2)
    with pytest.raises(Pain008Refused, match="Angekündigt sind 2"):
        written(replace(collection(DEBIT), batches=[short]))


def test_same_input_gives_same_bytes_and_utc_with_z() -> None:
    assert written(collection(DEBIT)) == written(collection(DEBIT))
    assert b"<CreDtTm>2026-11-26T09:30:00Z</CreDtTm>" in written(collection(DEBIT))


def test_control_sums_over_several_batches() -> None:
    one = collection(DEBIT, replace(DEBIT, end_to_end_id="B", amount=Decimal("1.10"))).batches[0]
    two = replace(collection(DEBIT, sequence="FRST").batches[0], batch_id="T1-2")
    data = written(replace(collection(DEBIT), batches=[one, two]))
    tree = etree.fromstring(data)
    ns = {"p": NAMESPACE}
    assert tree.xpath("string(//p:GrpHdr/p:NbOfTxs)", namespaces=ns) == "3"
    assert tree.xpath("string(//p:GrpHdr/p:CtrlSum)", namespaces=ns) == "197.10"
    assert [e.text for e in tree.findall(".//p:PmtInf/p:CtrlSum", ns)] == ["99.10", "98.00"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jörg Grün & Söhne", "Joerg Gruen + Soehne"),
        ("Straße 5; Ärger", "Strasse 5, Aerger"),
        ("Łódź – Café", "Lodz - Cafe"),
        ("a  \n b", "a b"),
        ("你好", ""),
    ],
)
def test_transliteration(text: str, expected: str) -> None:
    assert sepa_text(text, 70) == expected
