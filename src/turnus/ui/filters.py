"""Filters above a list: a GET form whose fields say which lookup they stand for."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, ClassVar, TypeVar

from django import forms
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
FEW = 2000


def any_of(rows: QuerySet[M], *conditions: Q) -> QuerySet[M]:
    """The rows that pass at least one of the conditions, each found by its own index.

    PostgreSQL tries an "or" over several tables on every row. Where few rows pass, they are therefore
    looked up condition by condition; where many do (more than `FEW`), a list in its own order meets enough of
    them on its way.
    """
    found: set[Any] = set()
    for condition in conditions:
        found.update(rows.filter(condition).order_by().values_list("pk", flat=True)[: FEW + 1])
        if len(found) > FEW:
            return rows.filter(reduce(or_, conditions))
    return rows.filter(pk__in=found)


class FilterForm(forms.Form):
    """Base of every filter. `lookups` maps a field to one lookup or to several joined by "or".

    A field without a lookup is applied by the method `by_<field>(rows, value)` of the subclass. A value
    that does not parse shows its error and filters nothing away.
    """

    lookups: ClassVar[dict[str, str | tuple[str, ...]]] = {}

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request.GET or None, auto_id="filter_%s")

    def apply(self, rows: QuerySet[M]) -> QuerySet[M]:
        """The rows that pass every filled field."""
        if not self.is_bound:
            return rows
        self.is_valid()
        for name, value in self.cleaned_data.items():
            if value in (None, "", []):
                continue
            rows = self._one(rows, name, value)
        return rows

    def _one(self, rows: QuerySet[M], name: str, value: Any) -> QuerySet[M]:
        custom = getattr(self, f"by_{name}", None)
        if custom is not None:
            narrowed: QuerySet[M] = custom(rows, value)
            return narrowed
        lookups = self.lookups[name]
        condition = Q()
        for lookup in (lookups,) if isinstance(lookups, str) else lookups:
            condition |= Q(**{lookup: value})
        return rows.filter(condition)

    @property
    def active(self) -> bool:
        """Whether any filter is set, so that the page can offer to reset it."""
        return self.is_bound and any(self.data.get(name) for name in self.fields)


def choice(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    """A select whose first entry means "all"."""
    return forms.ChoiceField(label=label, choices=[("", "alle"), *choices], required=False)


def words(label: str = "Suche", hint: str = "") -> forms.CharField:
    """A free text field."""
    widget = forms.TextInput(attrs={"placeholder": hint, "type": "search", "autocomplete": "off"})
    return forms.CharField(label=label, required=False, strip=True, max_length=120, widget=widget)


def day(label: str) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=DateInput())


class DateInput(forms.DateInput):
    """The browser's own date field; it wants ISO dates whatever the language of the page."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")
