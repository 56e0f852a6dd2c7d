"""Bank statements: every sample is read or refused; return data survives; totals are checked."""

import io
import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnus.receivables.files.camt053_writer import Booking, Page, Payment, write_camt053
from turnus.receivables.files.records import FileRefused, StatementFile, Transaction
from turnus.receivables.files.statements import read_file

IBAN = "DE02120300000000202051"
DAY = date(2026, 11, 2)
OPENING = Decimal("1000.00")


def statement(*bookings: Booking, total: Decimal | None = None) -> bytes:
    target = io.BytesIO()
    booked = sum((booking.amount for booking in bookings), Decimal(0))
    page = Page("S-2026-211", IBAN, "Stadtwerke", OPENING, booked if total is None else total, DAY)
    write_camt053(page, bookings, target)
    return target.getvalue()


def read(data: bytes, name: str = "auszug.xml") -> StatementFile:
    return read_file(io.BytesIO(data), name)


CREDIT = Booking("B1", DAY, (Payment(Decimal("98.00"), name="Erika Muster", remittance="RE-1"),))
RETURN = Booking(
    "B2",
    DAY,
    (
        Payment(
            Decimal("-53.00"),
            "return",
            "A",
            "DE02500105170137075030",
            "",
            "E1",
            "M1",
            "AC04",
            Decimal("3.00"),
        ),
        Payment(Decimal("-98.00"), "return", "B", "", "", "E2", "M2", "MD06", Decimal("0.00")),
    ),
)


def test_written_statement_is_read_back() -> None:
    file = read(statement(CREDIT, RETURN))
    assert (file.header.kind, file.header.version) == ("camt.053", "camt.053.001.08")
    assert file.findings == ()
    header = file.statements[0].header
    assert (header.account, header.currency, header.owner) == (IBAN, "EUR", "Stadtwerke")
    credit, returned = file.entries
    assert (credit.amount, credit.booking_date, credit.value_date) == (Decimal("98.00"), DAY, DAY)
    assert credit.transactions[0].name == "Erika Muster"
    assert credit.transactions[0].remittance == "RE-1"
    assert credit.transactions[0].end_to_end_id == ""  # NOTPROVIDED is no reference
    assert not credit.transactions[0].is_return
    assert returned.amount == Decimal("-151.00")


def test_batch_of_returns_keeps_sign_reason_amount_and_fee_per_transaction() -> None:
    entry = read(statement(RETURN)).entries[0]
    seen = [
        (t.amount, t.original_amount, t.charges, t.return_reason, t.end_to_end_id, t.mandate_id, t.gvc)
        for t in entry.transactions
    ]
    assert seen == [
        (Decimal("-53.00"), Decimal("50.00"), Decimal("3.00"), "AC04", "E1", "M1", "109"),
        (Decimal("-98.00"), Decimal("98.00"), Decimal("0.00"), "MD06", "E2", "M2", "109"),
    ]
    assert all(t.is_return for t in entry.transactions)
    assert entry.transactions[0].iban == "DE02500105170137075030"


def test_wrong_totals_are_findings_that_name_both_figures() -> None:
    (finding,) = read(statement(CREDIT, total=Decimal("97.00"))).errors
    assert finding.code == "balance_mismatch"
    assert "1098.00" in finding.text and "1097.00" in finding.text
    assert finding.place == "Auszug S-2026-211" and finding.remedy

    broken = statement(RETURN).replace(b'<Amt Ccy="EUR">53.00</Amt>', b'<Amt Ccy="EUR">54.00</Amt>')
    broken = broken.replace(b'<Amt Ccy="EUR">50.00</Amt>', b'<Amt Ccy="EUR">49.00</Amt>')
    assert [finding.code for finding in read(broken).errors] == ["batch_mismatch"]

    summary = (
        b"<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>98.00</Sum></TtlCdtNtries></TxsSummry>"
    )
    claimed = statement(CREDIT).replace(b"<Ntry>", summary + b"<Ntry>", 1)
    assert [finding.code for finding in read(claimed).errors] == ["totals_mismatch"]


def test_charges_debited_separately_are_not_part_of_the_amount() -> None:
    separate = statement(RETURN).replace(
        b'<Chrgs><Rcrd><Amt Ccy="EUR">3.00</Amt></Rcrd></Chrgs>',
        b'<Chrgs><Rcrd><Amt Ccy="EUR">3.00</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd></Chrgs>',
    )
    without_original = separate.replace(
        b'<AmtDtls><InstdAmt><Amt Ccy="EUR">50.00</Amt></InstdAmt></AmtDtls>', b""
    )
    transaction = read(without_original).entries[0].transactions[0]
    assert (transaction.original_amount, transaction.charges) == (Decimal("53.00"), Decimal(0))


def test_keys_are_stable_and_tell_equal_bookings_apart() -> None:
    first = read(statement(CREDIT, CREDIT, RETURN)).entries
    again = read(statement(CREDIT, CREDIT, RETURN), "other-name.xml").entries
    assert [entry.key for entry in first] == [entry.key for entry in again]
    assert len({entry.key for entry in first}) == 3
    assert len({entry.cross_key for entry in first}) == 3


@pytest.mark.parametrize("version", ["02", "03", "04", "06", "08", "11"])
def test_any_version_of_the_namespace_reads_the_same(version: str) -> None:
    data = statement(RETURN).replace(b"camt.053.001.08", f"camt.053.001.{version}".encode())
    file = read(data)
    assert file.header.version == f"camt.053.001.{version}"
    assert file.entries == read(statement(RETURN)).entries


def test_old_party_and_status_form() -> None:
    old = (
        statement(CREDIT)
        .replace(b"<Pty>", b"")
        .replace(b"</Pty>", b"")
        .replace(b"<Sts><Cd>BOOK</Cd></Sts>", b"<Sts>PDNG</Sts>")
        .replace(b"1098.00", b"1000.00")
    )
    entry = read(old).entries[0]
    assert (entry.status, entry.booked, entry.transactions[0].name) == ("PDNG", False, "Erika Muster")
    assert read(old).errors == ()  # a pending line does not move the balance


def test_latin1_bytes_declared_as_utf8_are_read_with_a_warning() -> None:
    data = statement(Booking("B", DAY, (Payment(Decimal("1.00"), name="Jörg Müller"),)))
    latin = data.decode().encode("cp1252")
    file = read(latin)
    assert file.entries[0].transactions[0].name == "Jörg Müller"
    assert [(finding.code, finding.severity) for finding in file.findings] == [("recoded", "warning")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"hello", "unknown_format"),
        (b"<a><b/></a>", "no_statement"),
        (b"<Document><BkToCstmrStmt><GrpHdr>", "xml_damaged"),
        (b":61:2611020211C98,00NTRFNONREF\n", "no_statement"),
        (b":20:X\n:25:1/2\n:61:2602300230C98,00NTRFNONREF\n", "line_unreadable"),
        (b":20:X\n:25:1/2\n:61:garbage\n", "line_unreadable"),
        (b":20:X\n:60F:C261101EUR1,00\n:62F:C261101EUR1,00\n", "account_missing"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read(data, "bank.dat")
    assert caught.value.finding.code == code
    assert caught.value.finding.remedy
    assert str(caught.value).startswith("bank.dat: ")


def test_document_type_and_external_entities_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    evil = statement(CREDIT).replace(
        b"<Document", f'<!DOCTYPE d [<!ENTITY x SYSTEM "{secret.as_uri()}">]><Document'.encode(), 1
    )
    with pytest.raises(FileRefused) as caught:
        read(evil.replace(b"Erika Muster", b"&x;"))
    assert caught.value.finding.code == "doctype_forbidden"


@pytest.mark.parametrize("amount", [b"", b'<Amt Ccy="EUR">NaN</Amt>', b'<Amt Ccy="EUR">-98.00</Amt>'])
def test_entry_without_amount_is_refused_with_its_place(amount: bytes) -> None:
    broken = statement(CREDIT).replace(b'<Ntry><Amt Ccy="EUR">98.00</Amt>', b"<Ntry>" + amount)
    with pytest.raises(FileRefused, match="Umsatz 1"):
        read(broken)


MT940 = """:20:STARTUMS
:25:12030000/0000202051
:28C:00211/001
:60F:C261101EUR1000,00
:61:2611021102CR98,00NTRFNONREF//B1
:86:166?00GUTSCHRIFT?100399?20EREF+E9?21SVWZ+Rechnung RE-1?30BYLADEM1001?31DE02500105170137075030
?32Erika Muster
:61:2611021102RC53,00NRTIKREF+//B2
:86:109?00RUECKLASTSCHRIFT?100399?20EREF+E1?21MREF+M1?22OAMT+50,00?23COAM+3,00?32Max Beispiel?34912
:62F:C261102EUR1045,00
-
"""


def test_mt940_return_is_negative_and_split() -> None:
    file = read(MT940.encode(), "konto.sta")
    assert (file.header.kind, file.errors) == ("mt940", ())
    credit, returned = (entry.transactions[0] for entry in file.entries)
    assert (credit.amount, credit.end_to_end_id, credit.iban) == (
        Decimal("98.00"),
        "E9",
        "DE02500105170137075030",
    )
    assert "RE-1" in credit.remittance
    assert returned.amount == Decimal("-53.00")
    assert (returned.original_amount, returned.charges) == (Decimal("50.00"), Decimal("3.00"))
    assert (returned.return_reason, returned.mandate_id, returned.is_return) == ("MD06", "M1", True)
    wrong = MT940.replace("EUR1045,00", "EUR1044,00")
    assert [finding.code for finding in read(wrong.encode()).errors] == ["balance_mismatch"]


def test_mt940_in_windows_code_page() -> None:
    data = MT940.replace("Erika Muster", "Jörg Grün").encode("cp1252")
    assert read(data).entries[0].transactions[0].name == "Jörg Grün"


SHARED = Path(os.environ.get("TURNUS_SHARED", Path(__file__).parents[5].parent / "shared"))
SAMPLES = sorted((SHARED / "samples" / "bank").glob("*")) if SHARED.exists() else []


@pytest.mark.parametrize("path", SAMPLES or [None], ids=lambda path: path.name if path else "absent")
def test_every_sample_is_read_or_refused_with_place_cause_and_remedy(path: Path | None) -> None:
    if path is None:
        pytest.skip("the bank samples are not at hand (TURNUS_SHARED)")
    with path.open("rb") as stream:
        try:
            file = read_file(stream, path.name)
        except FileRefused as refused:
            assert refused.finding.place and refused.finding.text and refused.finding.remedy
            assert ".xml" not in path.name or "pain" in path.name, "every camt sample can be read"
            return
    for entry in file.entries:
        total = sum((t.amount for t in entry.transactions), Decimal(0))
        assert total == entry.amount or any(f.code == "batch_mismatch" for f in file.findings)
    assert all(isinstance(t, Transaction) for entry in file.entries for t in entry.transactions)
    assert len({entry.key for entry in file.entries}) == len(file.entries)
    with path.open("rb") as stream:
        assert read_file(stream, path.name) == file


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([statement(CREDIT, RETURN), MT940.encode()]),
    st.integers(0, 3000),
    st.integers(0, 40),
    st.binary(max_size=8),
)
def test_a_damaged_file_is_read_or_refused_but_never_breaks(
    whole: bytes, start: int, length: int, noise: bytes
) -> None:
    start %= len(whole)
    damaged = whole[:start] + noise + whole[start + length :]
    try:
        file = read(damaged)
    except FileRefused as refused:
        assert refused.finding.place and refused.finding.text
    else:
        assert all(isinstance(entry.amount, Decimal) for entry in file.entries)
