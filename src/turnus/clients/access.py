"""Who may open a page: every view of every room goes through `page`.

What a user sees is decided by row-level security (the middleware allows the user's principals); here
it is decided what a user may *do*.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from turnus.clients.models import Role
from turnus.system.models import Principal, User

P = ParamSpec("P")
M = TypeVar("M", bound=Model)
T = TypeVar("T")
STAFF: tuple[str, ...] = (Role.CLERK, Role.LEAD)
LEAD: tuple[str, ...] = (Role.LEAD,)
DECIDERS: tuple[str, ...] = (Role.LEAD, Role.PRINCIPAL)
PRINCIPAL: tuple[str, ...] = (Role.PRINCIPAL,)


class StaffRequest(HttpRequest):
    """A request as `PrincipalMiddleware` leaves it: signed in, with the principals of the user."""

    user: User
    roles: dict[int, str]
    client_ids: list[int]
    principal: Principal | None


class NoSinglePrincipal(Exception):
    """Something new belongs to one principal, but the user sees several and has chosen none."""


View = Callable[Concatenate[HttpRequest, P], HttpResponse]
StaffView = Callable[Concatenate[StaffRequest, P], HttpResponse]


def page(*roles: str) -> Callable[[StaffView[P]], View[P]]:
    """Decorate a view: signed in, a member of a principal and (if named) in one of these roles.

    With a principal chosen in the top bar, only the role with that principal counts.
    """

    def decorate(view: StaffView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            staff: StaffRequest = request  # type: ignore[assignment]
            if not staff.roles:
                raise PermissionDenied("Ihrem Zugang ist kein Auftraggeber zugeordnet.")
            if roles and not any(staff.roles[client] in roles for client in staff.client_ids):
                raise PermissionDenied("Ihre Rolle erlaubt diese Seite nicht.")
            try:
                return view(staff, *args, **kwargs)
            except NoSinglePrincipal:
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{reverse('clients:choose')}?{query}")

        return guarded

    return decorate


def require(request: StaffRequest, client_id: int, roles: Collection[str]) -> None:
    """Refuse unless the user has one of these roles with the principal that owns the object."""
    if request.roles.get(client_id) not in roles:
        raise PermissionDenied("Ihre Rolle erlaubt das nicht.")


def may(request: StaffRequest, client_id: int, roles: Collection[str]) -> bool:
    """Whether a button should be shown; the service behind it is guarded by `require`."""
    return request.roles.get(client_id) in roles


def staff_only(request: StaffRequest, *entries: T) -> list[T]:
    """What is offered to staff alone: the buttons of a list that is not one principal's."""
    staff = any(request.roles[client_id] in STAFF for client_id in request.client_ids)
    return list(entries) if staff else []


def mine(request: StaffRequest, rows: QuerySet[M]) -> QuerySet[M]:
    """The rows of the chosen principals. Row-level security hides the others anyway; naming the
    principals lets PostgreSQL use the indexes that begin with them."""
    return rows.filter(client_id__in=request.client_ids)


def in_order(request: StaffRequest, rows: QuerySet[M], *own: str) -> QuerySet[M]:
    """Rows in their own order for one principal, by key for several.

    An index begins with the principal: over several of them only the key gives the first page of a
    million rows without sorting them all.
    """
    return rows.order_by(*own) if len(request.client_ids) == 1 else rows.order_by("pk")


def the_client(request: StaffRequest) -> int:
    """The principal that something new will belong to."""
    if request.principal is not None:
        return request.principal.pk
    if len(request.client_ids) == 1:
        return request.client_ids[0]
    raise NoSinglePrincipal
