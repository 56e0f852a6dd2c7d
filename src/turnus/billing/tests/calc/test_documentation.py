"""The pages under docs/algorithms say what the engine does: their example is run, their numbers are found."""

import json
import re
from pathlib import Path

import pytest

from turnus.billing.calc.bill import calculate
from turnus.billing.calc.fileformat import read

PAGES = Path(__file__).resolve().parents[5] / "docs" / "algorithms"


def test_the_example_of_the_page_gives_the_number_of_the_page() -> None:
    page = (PAGES / "billing.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    bill = calculate(read(example))
    assert f"{bill.gross:,}" in page
    by_days = calculate(read(json.dumps(json.loads(example) | {"split": "days"})))
    assert f"{by_days.gross:,}" in page


@pytest.mark.parametrize(
    "name",
    [
        "billing",
        "consumption_split",
        "profiles",
        "gas",
        "vat",
        "instalments",
        "estimates",
        "corrections",
        "exceptions",
    ],
)
def test_every_page_has_its_drawbacks(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert "## Drawbacks\n\n- " in page
    for link in re.findall(r"\]\((\w+\.md)\)", page):
        assert (PAGES / link).is_file(), link
