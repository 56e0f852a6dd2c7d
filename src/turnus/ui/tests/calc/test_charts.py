from decimal import Decimal
from xml.etree import ElementTree

import pytest

from turnus.ui.charts import ageing, bars, funnel, line, sparkbars
from turnus.ui.charts.lines import Series
from turnus.ui.charts.parts import Bucket, Step
from turnus.ui.charts.svg import nice_top, short


def tree(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{picture}</div>")


def test_a_picture_tells_its_title_and_every_figure_to_a_screen_reader() -> None:
    picture = bars(
        title="Verbrauch <2025>", labels=["Jan", "Feb"], values=[310, None], previous=[330, 300], unit="kWh"
    )
    svg = tree(picture).find("svg")
    assert svg is not None
    assert svg.get("role") == "img"
    named = svg.get("aria-labelledby", "").split()
    texts = {node.get("id"): node.text for node in svg}
    assert texts[named[0]] == "Verbrauch <2025>"
    assert texts[named[1]] == "Jan: 310 kWh (Vorjahr 330 kWh); Feb: kein Wert (Vorjahr 300 kWh)"


def test_a_missing_value_draws_no_bar() -> None:
    def count(values: list[int | None]) -> int:
        picture = bars(title="t", labels=["a", "b"], values=values, unit="kWh")
        return len(tree(picture).findall(".//rect"))

    assert count([1, 2]) == 2
    assert count([1, None]) == 1


def test_bar_heights_are_in_proportion_and_estimates_are_hatched() -> None:
    picture = bars(title="t", labels=["a", "b"], values=[50, 100], unit="kWh", estimated={1})
    rects = tree(picture).findall(".//rect")
    heights = [float(rect.get("height", "0")) for rect in rects]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert [rect.get("class") for rect in rects] == ["s1", "s1 hatch"]


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="same length"):
        bars(title="t", labels=["a"], values=[1, 2], unit="kWh")
    with pytest.raises(ValueError, match="one value per label"):
        line(title="t", labels=["a"], series=[Series("x", [1, 2])], unit="kW")


def test_a_gap_breaks_the_line() -> None:
    path = tree(line(title="t", labels=list("abcd"), series=[Series("x", [1, 2, None, 4])], unit="kW"))
    drawn = path.find(".//path")
    assert drawn is not None
    assert drawn.get("d", "").count("M") == 2


def test_ageing_widths_are_shares_of_the_sum() -> None:
    picture = ageing(title="Alter", buckets=[Bucket("nicht fällig", 75_00, 3), Bucket("1–30 Tage", 25_00, 1)])
    widths = [float(rect.get("width", "0")) for rect in tree(picture).findall(".//rect")]
    assert widths == pytest.approx([479.0, 159.0])
    assert "nicht fällig: 75,00 € (3)" in picture


def test_empty_pictures_do_not_divide_by_zero() -> None:
    assert "<svg" in ageing(title="t", buckets=[Bucket("a", 0, 0)])
    assert "<svg" in funnel(title="t", steps=[Step("a", 0)])
    assert "<svg" in bars(title="t", labels=[], values=[], unit="kWh")
    assert "<svg" in sparkbars(title="t", values=[None], unit="kWh")


@pytest.mark.parametrize(
    ("largest", "top"), [(0, 1), (3, 5), (10, 10), (11, 20), (21, 25), (330, 500), (Decimal("0.3"), 0.5)]
)
def test_an_axis_ends_at_a_round_number(largest: Decimal, top: float) -> None:
    assert nice_top(largest) == pytest.approx(top)


def test_axis_figures_are_german() -> None:
    assert [short(x) for x in (1500, 2.5, 0, 1_000_000)] == ["1.500", "2,5", "0", "1.000.000"]
