from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import RequestFactory

from turnus.ui import fields, filters
from turnus.ui.formats import bool_de, cents_de, date_de, moment_de, number_de, plain_de
from turnus.ui.pages import neighbours
from turnus.ui.tables import Badge, Column, Empty, Table, light


def table(query: str = "", rows: int = 7, **options: Any) -> Table:
    data = [{"pk": n, "name": f"Kunde {n}", "cents": -100 * n} for n in range(1, rows + 1)]
    columns = [Column("Name", "name", sort="name"), Column("Saldo", "cents", "cents")]
    return Table(RequestFactory().get(f"/x{query}"), data, columns, per_page=3, **options)


def test_a_page_shows_its_rows_and_knows_its_neighbours() -> None:
    page = table("?seite=2&zustand=offen")
    assert [row.cells[0].text for row in page.shown] == ["Kunde 4", "Kunde 5", "Kunde 6"]
    assert page.next_query == "?zustand=offen&seite=3"
    assert page.previous_query == "?zustand=offen&seite=1"
    assert (page.first_row, page.last_row, page.total) == (4, 6, 7)


@pytest.mark.parametrize("query", ["?seite=x", "?seite=-1", "?seite=0", "?seite=²"])
def test_a_nonsense_page_number_is_page_one(query: str) -> None:
    assert table(query).number == 1


def test_only_declared_columns_can_be_sorted() -> None:
    assert table("?sort=-name").sort == "-name"
    assert table("?sort=password").sort == ""
    header = table("?sort=name").headers[0]
    assert (header.direction, header.query) == ("ascending", "?sort=-name")


def test_negative_amounts_are_marked_and_right_aligned() -> None:
    cell = table().shown[0].cells[1]
    assert (cell.text, cell.css, cell.negative) == ("-1,00 €", "num", True)


def test_an_empty_list_says_what_to_do_next() -> None:
    empty = Empty("Leer.", "Anlegen", "/neu")
    drawn = render_to_string("ui/table.html", {"table": table(rows=0, empty=empty)})
    assert "Leer." in drawn
    assert 'href="/neu"' in drawn
    assert "<table" not in drawn


def test_content_is_escaped_and_badges_are_words() -> None:
    rows = [{"pk": 1, "name": "<script>", "state": light("überfällig", "bad")}]
    columns = [Column("Name", "name"), Column("Zustand", "state")]
    drawn = render_to_string("ui/table.html", {"table": Table(RequestFactory().get("/"), rows, columns)})
    assert "&lt;script&gt;" in drawn
    assert '<span class="light bad">überfällig</span>' in drawn
    assert Badge("x").shape == "badge"


def test_german_notation() -> None:
    assert cents_de(120928) == "1.209,28 €"
    assert cents_de(None) == "–"
    assert date_de(date(2025, 12, 31)) == "31.12.2025"
    assert date_de(datetime(2025, 12, 31, 23, 30, tzinfo=UTC)) == "01.01.2026"
    assert moment_de(datetime(2026, 7, 1, 8, 5, tzinfo=UTC)) == "01.07.2026 10:05"
    assert number_de(Decimal("3500.5"), 1) == "3.500,5"
    assert plain_de(Decimal("0.9500")) == "0,95"
    assert plain_de(Decimal("1E+3")) == "1.000"
    assert [bool_de(value) for value in (True, False, None)] == ["ja", "nein", "–"]


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("1.234,56", 123456), ("1234,56 €", 123456), ("1234.56", 123456), ("1.234", 123400), ("-5", -500)],
)
def test_amounts_as_clerks_type_them(typed: str, cents: int) -> None:
    assert fields.CentsField().clean(typed) == cents


@pytest.mark.parametrize("typed", ["12a", "1,234,5", "1,005", "NaN", "1e99"])
def test_what_is_no_amount_is_refused_in_german(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        fields.CentsField().clean(typed)


def test_a_field_ties_label_help_and_error_together() -> None:
    class Entry(forms.Form):
        amount = fields.CentsField(label="Betrag", help_text="in Euro")

    form = Entry({"amount": "viel"})
    drawn = render_to_string("ui/form_fields.html", {"form": form})
    assert '<label for="id_amount">' in drawn
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_amount_helptext id_amount_error"' in drawn
    assert 'id="id_amount_helptext"' in drawn
    assert 'id="id_amount_error"' in drawn
    assert "zum Beispiel 1.234,56" in drawn


def test_an_unparsable_filter_says_so_and_hides_nothing() -> None:
    class Some(filters.FilterForm):
        lookups = {"since": "due__gte"}
        since = filters.day("fällig seit")

    form = Some(RequestFactory().get("/?since=gestern"))
    untouched: Any = object()
    assert form.apply(untouched) is untouched
    assert form.errors["since"]


def test_neighbours_in_a_worklist() -> None:
    assert neighbours([3, 5, 8], 5) == (3, 8)
    assert neighbours([3, 5, 8], 3) == (None, 5)
    assert neighbours([3, 5, 8], 4) == (None, 3)
    assert neighbours([], 4) == (None, None)
