"""Sets, for every request, which principals the signed-in user may see and which one it works for."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from turnus.clients.models import Membership
from turnus.system.isolation import allow
from turnus.system.models import Principal


def memberships_of(user_id: int) -> list[tuple[int, str]]:
    """(principal id, role) of a user. Read past the policies, because they are what it decides."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT client_id, role FROM turnus_memberships(%s)", [user_id])
        return [(row[0], row[1]) for row in cursor.fetchall()]


class PrincipalMiddleware:
    """Allows the request's connection the user's principals; nobody signed in: none.

    Gives the views `request.client_ids`, `request.roles` (principal id → role) and
    `request.principal`, the one chosen in the top bar (None = all of the user's).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        roles: dict[int, str] = {}
        if request.user.is_authenticated:
            roles = dict(memberships_of(request.user.pk))
        chosen = request.session.get("principal") if roles else None
        visible = [chosen] if chosen in roles else list(roles)
        request.roles = roles  # type: ignore[attr-defined]
        request.client_ids = visible  # type: ignore[attr-defined]
        request.principal = Principal.objects.filter(id=chosen).first() if chosen in roles else None  # type: ignore[attr-defined]
        allow(visible)
        try:
            return self.get_response(request)
        finally:
            allow([])


def principals(request: HttpRequest) -> dict[str, Any]:
    """Template context: the user's principals and the chosen one."""
    roles: dict[int, str] = getattr(request, "roles", {})
    return {
        "my_principals": Principal.objects.filter(id__in=roles) if roles else [],
        "principal": getattr(request, "principal", None),
        "my_roles": sorted(set(roles.values())),
    }


def memberships_sql() -> str:
    """SQL of the function that reads memberships as the tables' owner (`schema.prepare` runs it)."""
    return f"""
    CREATE OR REPLACE FUNCTION turnus_memberships(of_user bigint)
    RETURNS TABLE (client_id bigint, role text) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$
        SELECT m.client_id, m.role::text FROM {Membership._meta.db_table} m
        JOIN {Principal._meta.db_table} p ON p.id = m.client_id AND p.is_active
        WHERE m.user_id = of_user
    $$;
    """
