"""The checklist of the law for bills that have just been calculated, before anything is written (M06)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from turnus.billing.calc.pages import House, Issue, Parties, Terms, build
from turnus.billing.calc.records import Bill as CalculatedBill
from turnus.billing.document import KINDS
from turnus.billing.models import Bill
from turnus.billing.queries.gather import Case
from turnus.billing.queries.pages import house_of, parties_of, terms_of_products
from turnus.documents.calc.bill import PriorConsumption
from turnus.documents.calc.checklist import Prover, Verdict
from turnus.lib.period import Period

__all__ = ["DraftChecklist"]


@dataclass(frozen=True, slots=True)
class DraftChecklist:
    """Everything the pages of a chunk need besides the calculated bills, which are in memory already."""

    house: House
    parties: Mapping[int, Parties]
    terms: Mapping[int, Terms]
    prover: Prover
    day: date
    due_date: date

    @classmethod
    def load(
        cls, *, client_id: int, cases: Sequence[Case], settings: Mapping[str, Any], today: date
    ) -> DraftChecklist:
        """For bills issued today."""
        return cls(
            house=house_of(client_id=client_id, settings=settings),
            parties=parties_of(contract_ids=[case.contract.contract_id for case in cases], payouts=False),
            terms=terms_of_products(case.product_id for case in cases if case.product_id is not None),
            prover=Prover(today),
            day=today,
            due_date=today + timedelta(days=int(settings["bill_due_days"])),
        )

    def prove(self, case: Case, bill: CalculatedBill, kind: Bill.Kind) -> Verdict:
        """What is missing on the page of this bill; it has no number yet and needs none for that."""
        issue = Issue(
            kind=KINDS[kind],
            number="",
            day=self.day,
            due_date=self.due_date,
            terms=None if case.product_id is None else self.terms[case.product_id],
            prior=_prior(case),
        )
        parties = self.parties[case.contract.contract_id]
        return self.prover.prove(build(case.input, bill, self.house, parties, issue))


def _prior(case: Case) -> PriorConsumption | None:
    if case.before is None:
        return None
    return PriorConsumption(Period(case.before.start, case.before.end), case.before.kwh)
