"""Forms of the case list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from turnus.system.models import User
from turnus.ui.fields import DayField, text_area
from turnus.ui.filters import FilterForm, choice, words
from turnus.worklist.models import Case


class CaseFilter(FilterForm):
    """State, priority, service, owner and words of a case."""

    lookups = {
        "q": ("number__icontains", "title__icontains", "object_label__icontains"),
        "priority": "priority",
    }
    q = words(hint="Nummer, Titel, Objekt")
    state = choice("Zustand", [("all", "auch erledigte"), *[(s.value, str(s.label)) for s in Case.State]])
    priority = choice("Priorität", [(str(p.value), str(p.label)) for p in Case.Priority])
    service = forms.CharField(label="Baustein", required=False, max_length=3)
    mine = forms.BooleanField(label="nur meine", required=False)
    overdue = forms.BooleanField(label="überfällig", required=False)

    def apply_all(self, rows: QuerySet[Case], *, user: User, today: Any) -> QuerySet[Case]:
        """Open cases unless a state is asked for; "mine" and "overdue" need person and day."""
        rows = self.apply(rows)
        data = self.cleaned_data if self.is_bound and self.is_valid() else {}
        if not data.get("state"):
            rows = rows.exclude(state=Case.State.DONE)
        if data.get("mine"):
            rows = rows.filter(owner=user)
        if data.get("overdue"):
            rows = rows.exclude(state=Case.State.DONE).filter(due_on__lt=today)
        return rows

    def by_state(self, rows: QuerySet[Case], value: str) -> QuerySet[Case]:
        return rows if value == "all" else rows.filter(state=value)

    def by_service(self, rows: QuerySet[Case], value: str) -> QuerySet[Case]:
        return rows.filter(service__iexact=value)

    def by_mine(self, rows: QuerySet[Case], value: bool) -> QuerySet[Case]:
        return rows

    def by_overdue(self, rows: QuerySet[Case], value: bool) -> QuerySet[Case]:
        return rows


class NoteForm(forms.Form):
    text = text_area("Notiz", required=True)


class AssignForm(forms.Form):
    """Who works on a case and until when."""

    owner = forms.ChoiceField(label="Zuständig", required=False)
    due_on = DayField(label="fällig am", required=False)

    def __init__(self, *args: Any, people: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ChoiceField)
        owner.choices = [("", "Team"), *[(str(one.pk), str(one)) for one in people]]


class CloseForm(forms.Form):
    outcome = text_area("Ergebnis", required=True, hint="Was wurde geklärt, und wie?")


class DecisionForm(forms.Form):
    """Approve or reject with a reason; a rejection always needs one."""

    decision = forms.ChoiceField(choices=[("approve", "freigeben"), ("reject", "ablehnen")])
    reason = text_area("Begründung", rows=2)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "reject" and not data.get("reason"):
            self.add_error("reason", "Eine Ablehnung braucht eine Begründung.")
        return data
