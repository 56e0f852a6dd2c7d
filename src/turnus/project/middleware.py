"""Hides what no principal of the user has booked."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve

from turnus.clients.catalogue import SERVICES
from turnus.clients.services import booked_services
from turnus.project.booking import SERVICES_OF_PAGE
from turnus.system import clock
from turnus.system.models import Principal
from turnus.ui.pages import Page


class BookedServicesMiddleware:
    """Answers a page of a service that nobody has booked with a sentence instead of the page.

    Gives templates `request.offers(url)`: whether a link leads to a page that is there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.offers = Offers(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if not getattr(request, "client_ids", []) or request.offers.page(name):  # type: ignore[attr-defined]
            return None
        context = {"page": Page("Nicht gebucht"), "sentence": _sentence(request, name)}
        return render(request, "project/not_booked.html", context, status=403)


class Offers:
    """Which pages the user's principals have booked; read from the database once per request."""

    def __init__(self, request: HttpRequest) -> None:
        self._client_ids: list[int] = getattr(request, "client_ids", [])
        self._booked: frozenset[str] | None = None

    def page(self, name: str) -> bool:
        """Whether a page, named as in `reverse`, is there for the user."""
        services = SERVICES_OF_PAGE.get(name)
        return services is None or not self._services().isdisjoint(services)

    def __call__(self, url: str) -> bool:
        """Whether the page behind an address is there; addresses outside of Turnus always are."""
        return self.page(_name_of(url.split("?")[0].split("#")[0]))

    def _services(self) -> frozenset[str]:
        if self._booked is None:
            found = booked_services(client_ids=self._client_ids, on=clock.today())
            self._booked = frozenset().union(*found.values())
        return self._booked


@lru_cache(maxsize=4096)
def _name_of(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _sentence(request: HttpRequest, name: str) -> str:
    wanted = SERVICES_OF_PAGE[name]
    titles = " oder ".join(f"{service} ({SERVICES[service]})" for service in wanted[:3])
    principals = list(Principal.objects.filter(id__in=request.client_ids)[:2])  # type: ignore[attr-defined]
    whose = f"{principals[0].name} hat {titles} nicht"
    if len(principals) > 1:
        whose = f"Keiner Ihrer Auftraggeber hat {titles}"
    return f"{whose} gebucht; das ändert der Auftraggeber selbst unter „Auftraggeber“, Reiter „Bausteine“."
