"""What stands on the pages: read back from the PDF, so that data that is not printed is noticed."""

from __future__ import annotations

import multiprocessing
import os
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest

from turnus.documents.calc.bill import (
    BillDocument,
    BillKind,
    BillPayment,
    ContainedCharge,
    CorrectedBill,
    Estimate,
    PaymentMethod,
    Reading,
    ReadingOrigin,
)
from turnus.documents.calc.parties import PostalAddress, Recipient
from turnus.documents.render import sample
from turnus.documents.render.engine import TEMPLATES, RenderError, TypstRenderer, renderer
from turnus.documents.render.pdf_check import page_texts, pdf_a_findings
from turnus.documents.render.records import Record, payload_of

AT = datetime(2026, 1, 15, 8, 0, tzinfo=UTC)
D = Decimal


def pdf_of(record: Record) -> bytes:
    template, payload = payload_of(record)
    return renderer().pdf(template, payload, created_at=AT)


def words(text: str) -> str:
    """Without hyphenation, line ends and the kinds of blanks, so that sentences can be found."""
    return re.sub(r"\s+", "", text.replace(" - ", "").replace("\u00ad", ""))


def text_of(record: Record) -> str:
    return words(" ".join(page_texts(pdf_of(record))))


ALL = {
    "electricity": sample.sample_electricity_bill(),
    "gas": sample.sample_gas_bill(),
    "reminder": sample.sample_reminder(),
    "pre_notification": sample.sample_pre_notification(),
    "explanation": sample.sample_explanation(),
    "letter": sample.sample_letter(),
}


@pytest.mark.parametrize("name", ALL)
def test_every_document_is_pdf_a_and_the_same_bytes_again(name: str) -> None:
    first = pdf_of(ALL[name])
    assert pdf_a_findings(first) == []
    assert TypstRenderer().pdf(*payload_of(ALL[name]), created_at=AT) == first


def test_the_check_rejects_what_is_no_pdf_a(tmp_path: Path) -> None:
    good = tmp_path / "good.pdf"
    good.write_bytes(pdf_of(ALL["letter"]))
    with pikepdf.open(good) as pdf:
        del pdf.Root.OutputIntents, pdf.Root.StructTreeRoot, pdf.Root.Lang
        with pdf.open_metadata() as meta:
            meta["pdfaid:part"] = "2"
        font = next(iter(pdf.pages[0].Resources.Font.values()))
        del font.DescendantFonts[0].FontDescriptor["/FontFile2"]
        pdf.save(tmp_path / "bad.pdf")
    found = " ".join(pdf_a_findings((tmp_path / "bad.pdf").read_bytes()))
    for part in ("OutputIntent", "Strukturbaum", "Sprache", "Teil '2'", "nicht eingebettet"):
        assert part in found
    assert pdf_a_findings(b"no PDF at all")


def test_the_first_page_says_what_how_much_and_when() -> None:
    first = words(page_texts(pdf_of(ALL["electricity"]))[0])
    for part in (
        "Erika Müller-Özdemir",
        "Ihre Stromrechnung",
        "Sie zahlen noch",
        "131,28 €",
        "fällig am 02.02.2026",
        "DE89 … 3000",
        "M00012345",
        "DE98ZZZ09999999999",
        "R-2026-0000001",
        "113,10 €",
        "Kündbar zum",
    ):
        assert words(part) in first
    assert "DE89370400440532013000" not in first


# Every requirement of the checklist with words that must be readable on the page.
ON_THE_PAGE = {
    2: ("131,28 €", "02.02.2026"),
    3: ("unentgeltlich",),
    4: ("Am Gaswerk 12", "Amtsgericht Essen"),
    5: ("0201 000-0", "service@stadtwerke-lindenau.example"),
    6: ("51234567890", "Lindenweg 7, 45127 Essen"),
    7: ("unbefristet", "24,80 ct/kWh"),
    8: ("28.02.2026", "ein Monat"),
    9: ("9900000000001", "Messstellenbetreiber"),
    10: ("12.345", "13.742", "1.397", "2.106"),
    11: ("Ablesung Netzbetreiber", "von Ihnen abgelesen"),
    12: ("3.684 kWh", "Vorher: 01.01.2024"),
    13: ("Haushalt mit 3 Personen", "3.600 kWh"),
    14: ("Schlichtungsstelle Energie e. V.", "Friedrichstraße 133, 10117 Berlin"),
    15: ("53105 Bonn",),
    16: ("www.verbraucherzentrale-energieberatung.de",),
    17: ("§ 41c EnWG",),
    18: ("Lindenau Natur", "keine Grundv"),
    19: ("Stromsteuer", "71,75 €"),
    20: ("Konzessionsabgabe", "55,65 €"),
    21: ("KWKG-Umlage", "9,70 €", "Offshore-Netzumlage", "28,56 €"),
    22: ("54,53 €",),
    23: ("Netzentgelt",),
    24: ("Messstellenbetrieb", "16,81 €"),
    27: ("18,9626 %", "398,78", "Lastprofil H0", "181/365"),
    29: ("Stromkennzeichnung 2024", "57,2 %", "148 g/kWh", "Radioaktiver Abfall"),
    30: ("Erika Müller-Özdemir",),
    31: ("111/5700/0000",),
    32: ("15.01.2026",),
    33: ("R-2026-0000001",),
    34: ("1.796 kWh",),
    35: ("01.01.2025 – 31.12.2025",),
    36: ("Nettobetrag zu 19 % USt", "1.016,20 €"),
    37: ("19 %", "193,08 €"),
    38: ("1.078,00 €", "172,15 €"),
    41: ("www.bfee-online.de",),
}


def test_every_requirement_can_be_read_on_the_electricity_bill() -> None:
    text = text_of(ALL["electricity"])
    missing = {item: part for item, parts in ON_THE_PAGE.items() for part in parts if words(part) not in text}
    assert missing == {}


def test_the_gas_bill_shows_conversion_carbon_and_tax_notice() -> None:
    text = text_of(ALL["gas"])
    for part in (
        "0,9543",
        "11,412",
        "1.834",
        "19.973,12",
        "19.973 kWh",
        "2.179,75 €",
        "Ihr Guthaben",
        "20,25 €",
        "3.623,0 kg",
        "0,20088 kg/kWh",
        "CO2KostAufG",
        "Steuerbegünstigtes Energieerzeugnis!",
        "Gasspeicherumlage",
        "109,85 €",
    ):
        assert words(part) in text


def changed(**fields: object) -> BillDocument:
    return replace(sample.sample_electricity_bill(), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("payment", "part"),
    [
        (BillPayment(PaymentMethod.TRANSFER, date(2026, 2, 2), "R-1"), "Verwendungszweck: R-1"),
        (BillPayment(PaymentMethod.PAYOUT, date(2026, 2, 2), "R-1"), "nennen Sie uns Ihre Bankverbindung"),
        (BillPayment(PaymentMethod.OFFSET, date(2026, 2, 2), "R-1"), "mit Ihrem nächsten Abschlag"),
        (BillPayment(PaymentMethod.NOTHING_DUE, date(2026, 2, 2), "R-1"), "genau dem Rechnungsbetrag"),
    ],
)
def test_each_way_to_settle_is_explained(payment: BillPayment, part: str) -> None:
    assert words(part) in text_of(changed(payment=payment))


def test_an_estimate_is_highlighted_with_reason_and_basis() -> None:
    bill = sample.sample_electricity_bill()
    last = replace(bill.intervals[1], closing=Reading(D(2106), ReadingOrigin.ESTIMATE))
    text = text_of(
        replace(
            bill,
            intervals=(bill.intervals[0], last),
            estimate=Estimate("Der Zähler war nicht zugänglich.", "Grundlage ist das Vorjahr."),
        )
    )
    for part in (
        "Ihr Verbrauch ist geschätzt.",
        "nicht zugänglich",
        "Grundlage ist das Vorjahr",
        "geschätzt",
    ):
        assert words(part) in text


def test_a_cancellation_names_what_it_cancels() -> None:
    old = CorrectedBill("R-2026-0000001", date(2026, 1, 15), "Zahlendreher")
    text = text_of(changed(kind=BillKind.CANCELLATION, corrected=old, number="R-2026-0000987"))
    assert (
        words("Diese Rechnung storniert die Rechnung R-2026-0000001 vom 15.01.2026. Grund: Zahlendreher")
        in text
    )


def test_many_lines_and_payments_run_over_pages() -> None:
    bill = sample.sample_electricity_bill()
    paid = bill.instalments[0]
    many = tuple(replace(paid, paid_on=date(2025, 1 + i % 12, 1), label=f"Abschlag {i}") for i in range(60))
    pages = page_texts(pdf_of(replace(bill, instalments=many)))
    assert len(pages) > len(page_texts(pdf_of(bill)))
    assert words("Abschlag 59") in words(" ".join(pages))
    assert f"Seite {len(pages)} von {len(pages)}" in pages[-1]


def test_text_of_others_is_never_markup() -> None:
    """A name that looks like typst code is printed, not run; quotes and escapes do not end the literal."""
    name = '#panic[x] *fett* $x^2$ <label> @ref \\ `raw` #sys.inputs \\" "))#panic() \\u{41}'
    evil = Recipient((name,), PostalAddress("Weg 1", "45127", "Essen"))
    assert words(name) in text_of(changed(recipient=evil))


def test_a_sign_the_font_does_not_have_is_an_error_and_no_gap() -> None:
    foreign = Recipient(("李小龙",), PostalAddress("Weg 1", "45127", "Essen"))
    with pytest.raises(RenderError, match="bill"):
        pdf_of(changed(recipient=foreign))


def test_a_template_that_does_not_exist_is_named() -> None:
    with pytest.raises(RenderError, match=r"Vorlage lettre gibt es nicht \(bekannt: bill, letter\)"):
        renderer().pdf("lettre", {}, created_at=AT)


def test_templates_get_their_data_as_arguments() -> None:
    """What a style or function closes over makes every layout look new, and nothing is reused."""
    folder = Path(sample.__file__).parent / "templates"
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.typ")}
    assert sorted(found) == sorted({f"{name}.typ" for name in TEMPLATES} | found.keys())
    for name, source in found.items():
        assert not re.search(r"sys\.inputs|^#let data\b", source, re.MULTILINE), name


def test_a_letter_is_the_same_whatever_was_set_before() -> None:
    """What the typesetter kept of other letters never leaks into the next one."""
    fresh = TypstRenderer().pdf(*payload_of(ALL["gas"]), created_at=AT)
    used = TypstRenderer()
    for name in ("electricity", "letter", "reminder"):
        used.pdf(*payload_of(ALL[name]), created_at=AT)
    assert used.pdf(*payload_of(ALL["gas"]), created_at=AT) == fresh


def test_a_warning_of_the_typesetter_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from turnus.documents.render import engine

    monkeypatch.setattr(engine, "_HERE", tmp_path)
    (tmp_path / "templates").mkdir()
    broken = '#let letter(data) = { set text(font: "No Such Font"); [Hallo] }'
    (tmp_path / "templates" / "letter.typ").write_text(broken, "utf-8")
    (tmp_path / "fonts").symlink_to(Path(sample.__file__).parent / "fonts")
    with pytest.raises(RenderError, match="letter"):
        TypstRenderer().pdf("letter", {}, created_at=AT)


def _child(queue: multiprocessing.Queue[str], made: TypstRenderer) -> None:
    try:
        made.pdf(*payload_of(ALL["letter"]), created_at=AT)
        queue.put("rendered")
    except RenderError as error:
        queue.put(str(error))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_is_refused_instead_of_hanging() -> None:
    made = TypstRenderer()
    made.pdf(*payload_of(ALL["letter"]), created_at=AT)
    context = multiprocessing.get_context("fork")
    queue: multiprocessing.Queue[str] = context.Queue()
    child = context.Process(target=_child, args=(queue, made))
    child.start()
    assert "fork" in queue.get(timeout=30)
    child.join(timeout=30)


def test_pictures_are_one_per_page() -> None:
    template, payload = payload_of(ALL["electricity"])
    pictures = renderer().pictures(template, payload, ppi=40)
    assert len(pictures) == len(page_texts(pdf_of(ALL["electricity"])))
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)


def test_the_worked_example_of_the_page_on_documents_stands_on_the_bill() -> None:
    page = Path(__file__).parents[5] / "docs" / "algorithms" / "documents.md"
    rows = [
        line.split("|") for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")
    ]
    figures = [row[3].strip() for row in rows[1:]]
    text = text_of(ALL["electricity"])
    assert len(figures) == 17
    assert [figure for figure in figures if words(figure) not in text] == []


def test_energy_sources_may_be_named_in_german_and_beyond_the_list() -> None:
    bill = sample.sample_electricity_bill()
    assert bill.energy_mix is not None
    shares = (("Kohle", D("20")), ("renewables_eeg", D("70")), ("Grubengas", D("10")))
    columns = tuple(replace(column, shares=shares) for column in bill.energy_mix.columns)
    text = text_of(replace(bill, energy_mix=replace(bill.energy_mix, columns=columns)))
    for part in ("Kohle 20,0 %", "gefördert nach dem EEG 70,0 %", "Grubengas 10,0 %"):
        assert words(part) in text


def test_the_end_of_the_gas_storage_levy_is_told_to_those_it_concerns() -> None:
    gas = replace(sample.sample_gas_bill(), storage_levy_relief_ct=D("0.289"))
    sentence = words("Entlastung von 0,289 ct/kWh (netto)")
    assert sentence in text_of(gas)
    assert sentence not in text_of(replace(gas, issue_date=date(2025, 12, 31)))
    assert sentence not in text_of(replace(sample.sample_electricity_bill(), storage_levy_relief_ct=D(1)))


def test_a_final_bill_tells_the_end_and_no_next_termination() -> None:
    text = text_of(changed(kind=BillKind.FINAL))
    assert words("Lieferende 31.12.2025") in text
    assert words("Kündbar zum") not in text


def test_a_minimum_term_that_is_over_is_not_printed() -> None:
    bill = sample.sample_electricity_bill()
    over = replace(bill.product, minimum_term_until=date(2025, 12, 31))
    running = replace(bill.product, minimum_term_until=date(2026, 12, 31))
    assert words("Laufzeit bis") not in text_of(replace(bill, product=over))
    assert words("Laufzeit bis 31.12.2026") in text_of(replace(bill, product=running))


def test_a_levy_that_ended_is_not_multiplied_by_zero() -> None:
    gas = sample.sample_gas_bill()
    kept = tuple(c for c in gas.contained if c.key != "gas_storage_levy")
    levy = ContainedCharge(
        "gas_storage_levy", "Umlage", ((D(9000), D("0.289")), (D(10973), D(0))), D("26.01")
    )
    text = text_of(replace(gas, contained=(*kept, levy)))
    assert words("9.000 kWh × 0,289 ct 26,01 €") in text


@pytest.mark.parametrize("extra", ["transfer", "estimate", "note"])
def test_extras_on_the_first_page_do_not_add_a_sheet(extra: str) -> None:
    bill = sample.sample_electricity_bill()
    fuller = {
        "transfer": replace(bill, payment=BillPayment(PaymentMethod.TRANSFER, date(2026, 2, 2), "R-1")),
        "estimate": replace(bill, estimate=Estimate("Keine Ablesung.", "Vorjahr.")),
        "note": replace(bill, notes=("Wir haben Ihre Anschrift geändert.",)),
    }[extra]
    pages = page_texts(pdf_of(fuller))
    assert len(pages) == len(page_texts(pdf_of(bill))) == 4
    assert words("So haben wir gerechnet") in words(pages[1])
    assert words("Ihr Vertrag") in words(" ".join(pages[2:]))
