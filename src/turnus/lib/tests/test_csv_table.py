"""Tables as offices save them; what cannot be read is named by row, column, cause and remedy."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.lib import csv_table
from turnus.lib.csv_table import BadCell, Column, UnreadableTable, read_table

COLUMNS = (
    Column("straße", csv_table.text(12), "Straße", "Lindenweg"),
    Column("gueltig_ab", csv_table.day, "Tag", "01.01.2026"),
    Column("preis", csv_table.number, "Preis", "24,80", required=False),
)


def _read(content, columns=COLUMNS):
    return read_table(content if isinstance(content, bytes) else content.encode(), columns, name="liste.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_usual_way_of_saving_gives_the_same_rows(encoding, delimiter, newline):
    lines = [
        ["Straße", "Gültig ab", "PREIS"],
        ["Grüner Weg", "1.2.2026", "1.234,56"],
        ["Ring", "2026-02-01", ""],
    ]
    content = newline.join(delimiter.join(cells) for cells in lines).encode(encoding)
    table = _read(content)
    assert [dict(r.values) for r in table.rows] == [
        {"straße": "Grüner Weg", "gueltig_ab": date(2026, 2, 1), "preis": Decimal("1234.56")},
        {"straße": "Ring", "gueltig_ab": date(2026, 2, 1), "preis": None},
    ]
    assert [r.number for r in table.rows] == [2, 3]


def test_commas_separate_where_no_semicolon_does_and_quotes_keep_them():
    table = _read('strasse,gueltig_ab,preis\n"Ring, Hof",01.01.2026,"24,80"\n')
    assert table.rows[0]["straße"] == "Ring, Hof"
    assert table.rows[0]["preis"] == Decimal("24.80")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "leer"),
        ("strasse;preis\nx;1\n", "fehlt die Spalte „gueltig_ab“"),
        ("strasse;gueltig_ab;preiß2\n", "gemeint „preis“"),
        ("strasse;gueltig_ab;gueltig ab\n", "doppelt"),
        (b"\xff\x00\x01", "keine Textdatei"),
    ],
)
def test_a_wrong_table_is_refused_whole(content, cause):
    with pytest.raises(UnreadableTable, match=cause) as refused:
        _read(content)
    assert "liste.csv" in str(refused.value)


def test_bad_cells_are_listed_all_with_place_and_remedy():
    table = _read("strasse;gueltig_ab;preis\nx;31.02.2026;abc\n\n;01.01.2026;\nzu;viele;felder;hier\n")
    assert table.rows == ()
    assert [(e.row, e.column) for e in table.errors] == [
        (2, "gueltig_ab"), (2, "preis"), (4, "straße"), (5, ""),
    ]  # fmt: skip
    assert all(e.cause and e.remedy for e in table.errors)


def test_row_numbers_survive_a_line_break_inside_quotes():
    table = _read('strasse;gueltig_ab\n"a\nb";01.01.2026\nc;01.01.2026\n')
    assert [r.number for r in table.rows] == [2, 4]


@pytest.mark.parametrize(
    ("cell", "value"),
    [("24,80", "24.80"), ("24.80", "24.80"), ("1.234,56", "1234.56"), ("12345", "12345"), ("-5,01", "-5.01")],
)
def test_numbers(cell, value):
    assert csv_table.number(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["1.234", "12.345", "1,2,3", "1.23,4", "abc", "", "1e5", "NaN", "²"])
def test_numbers_that_are_none_or_two(cell):
    with pytest.raises(BadCell):
        csv_table.number(cell)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=3).filter(lambda d: d % 1 != 0))
def test_german_spelling_is_read_back(value):
    spelled = f"{value:,.3f}".replace(",", "_").replace(".", ",").replace("_", ".")
    assert csv_table.number(spelled) == value


@given(st.binary(max_size=200))
def test_no_file_makes_it_stumble(content):
    try:
        table = _read(content)
    except UnreadableTable:
        return
    assert all(e.cause for e in table.errors)


def test_every_template_reads_back():
    table = _read(csv_table.template(COLUMNS))
    assert len(table.rows) == 1
    assert not table.errors


def test_choices_are_read_in_any_case_and_listed_when_wrong():
    read = csv_table.choice({"Strom": "electricity", "Gas": "gas"})
    assert read("STROM") == "electricity"
    with pytest.raises(BadCell) as refused:
        read("Wasser")
    assert "Strom, Gas" in refused.value.remedy
    assert [csv_table.yes_no(c) for c in ("ja", "Nein", "J")] == [True, False, True]
