"""What the frame around every page shows: areas with their backlog, principals, the person, the day."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from turnus.clients.models import Role
from turnus.project.counts import COUNTS
from turnus.project.navigation import NAVIGATION, Area
from turnus.system import clock
from turnus.system.models import Principal, User


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page; computed only when a template really shows the frame."""
    made: dict[str, Any] = {}

    def once() -> dict[str, Any]:
        if not made:
            made.update(_shell(request))
        return made

    return {"shell": _Lazy(once)}


class _Lazy:
    """`shell` in a template: nothing is read from the database before the first attribute."""

    def __init__(self, load: Callable[[], dict[str, Any]]) -> None:
        self._load = load

    def __getitem__(self, name: str) -> Any:
        return self._load()[name]


def _shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("turnus_theme", "")
    frame: dict[str, Any] = {
        "theme": theme if theme in {"light", "dark"} else "",
        "groups": [],
        "today": None,
        "search_url": reverse("search"),
        "logout_url": reverse("clients:logout"),
        "principal_url": reverse("clients:switch"),
    }
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_authenticated:
        return frame
    roles: dict[int, str] = getattr(request, "roles", {})
    frame["today"] = clock.today()
    frame["principals"] = _principals(roles, getattr(request, "principal", None))
    frame["user"] = _person(user, roles)
    counts = {name: count(user) for name, count in COUNTS.items()} if roles else {}
    frame["groups"] = [
        {"label": label, "items": items}
        for label, areas in NAVIGATION
        if (items := [_item(area, request.path, counts) for area in areas if _is_there(request, area)])
    ]
    return frame


def _is_there(request: HttpRequest, area: Area) -> bool:
    offers = getattr(request, "offers", None)
    return offers is None or offers.page(area.page)


def _item(area: Area, path: str, counts: dict[str, int]) -> dict[str, Any]:
    url = reverse(area.page)
    current = path == url if url == "/" else path.startswith(url)
    waiting = counts.get(area.count, 0)
    shown = "99+" if waiting > 99 else str(waiting or "")
    return {
        "label": area.label,
        "url": url,
        "icon": area.icon,
        "key": area.key,
        "current": current,
        "count": shown,
    }


def _principals(roles: dict[int, str], chosen: Principal | None) -> list[dict[str, Any]]:
    known = Principal.objects.filter(id__in=roles).only("id", "name")
    listed = [{"key": str(one.pk), "label": one.name, "current": one == chosen} for one in known]
    if len(listed) < 2:
        return listed
    return [{"key": "", "label": "Alle Auftraggeber", "current": chosen is None}, *listed]


def _person(user: User, roles: dict[int, str]) -> dict[str, str]:
    name = str(user)
    initials = "".join(word[0] for word in name.split()[:2]).upper()
    held = ", ".join(sorted({str(Role(role).label) for role in roles.values()})) or "ohne Auftraggeber"
    return {"name": name, "initials": initials, "role": held}
