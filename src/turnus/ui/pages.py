"""What every page has: a head with actions, and one way to answer a list request."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from turnus.ui.filters import FilterForm
from turnus.ui.tables import Badge, Table


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the page head. `kind`: link, post (a form of its own) or dialog (opens `#url`)."""

    label: str
    url: str
    kind: str = "link"
    tone: str = ""
    icon: str = ""
    key: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a day: what, how much, and where to work on it."""

    label: str
    value: str
    note: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a time line."""

    when: str
    what: str
    who: str = ""
    note: str = ""
    tone: str = ""
    url: str = ""


@dataclass(slots=True)
class Page:
    """Title, way back and actions of a page."""

    title: str
    sub: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    badges: Sequence[Badge] = ()
    actions: Sequence[Action] = ()
    tabs: Sequence[Tab] = ()
    tiles: Sequence[Tile] = ()
    notices: list[tuple[str, str]] = field(default_factory=list)
    help: str = ""


def render_list(
    request: HttpRequest,
    page: Page,
    table: Table,
    *,
    filters: FilterForm | None = None,
    template: str = "ui/list.html",
    **context: Any,
) -> HttpResponse:
    """The whole page, or only the list when htmx asks for it after a filter, a sort or a page turn."""
    only_list = request.headers.get("HX-Target") == "list"
    values = {"page": page, "table": table, "filters": filters, **context}
    return render(request, "ui/list_body.html" if only_list else template, values)


def render_form(
    request: HttpRequest, page: Page, form: Any, *, submit: str = "Speichern", back: str = "", **context: Any
) -> HttpResponse:
    """A page with one form; status 422 when it came back with errors."""
    values = {"page": page, "form": form, "submit": submit, "back": back, **context}
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, context.get("template", "ui/form.html"), values, status=status)


def neighbours(keys: Iterable[Any], current: Any) -> tuple[Any | None, Any | None]:
    """The entries before and after `current` in a list; both None where it is not in it."""
    ordered = list(keys)
    if current not in ordered:
        return None, (ordered[0] if ordered else None)
    place = ordered.index(current)
    before = ordered[place - 1] if place else None
    return before, (ordered[place + 1] if place + 1 < len(ordered) else None)


def tab_of(request: HttpRequest, allowed: Sequence[str]) -> str:
    """The tab asked for by `?tab=`, or the first one."""
    wanted = request.GET.get("tab", "")
    return wanted if wanted in allowed else allowed[0]
