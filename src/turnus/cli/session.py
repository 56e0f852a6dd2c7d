"""What every command that works for one principal begins with: database, principal, user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from turnus.system.models import Principal, User


class UnknownPrincipal(LookupError):
    """There is no principal of that name; the message lists those there are."""


@contextmanager
def session(principal: str, *, job: str = "") -> Iterator[int]:
    """Open the database for one principal, named by short name or full name; yields its id.

    An unknown principal ends the command with 2 and the known ones; a refusal of a service with 1, and so
    does a job (`project.booking`) whose service the principal has not booked.
    """
    from turnus.system.boot import boot

    boot()
    from turnus.clients.services import require_booked
    from turnus.system import clock
    from turnus.system.isolation import allowed

    try:
        found = principal_named(principal)
    except UnknownPrincipal as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    with allowed(found.pk):
        try:
            if job:
                require_booked(client_id=found.pk, job=job, on=clock.today())
            yield found.pk
        except (ValueError, LookupError, PermissionError) as error:
            Console(stderr=True).print(f"[red]{escape(str(error))}[/red]", highlight=False)
            raise typer.Exit(1) from error


def principal_named(name: str) -> Principal:
    """The principal of a short name or a full name; the database must be open.

    Raises:
        UnknownPrincipal: there is none.
    """
    from turnus.system.models import Principal

    found = Principal.objects.filter(short_name=name).first() or Principal.objects.filter(name=name).first()
    if found is None:
        known = ", ".join(Principal.objects.values_list("short_name", flat=True)) or "keiner"
        raise UnknownPrincipal(f"Den Auftraggeber „{name}“ gibt es nicht (angelegt: {known}).")
    return found


def user_named(name: str) -> User | None:
    """The user under whose name a command acts; nobody if none is named."""
    from turnus.system.models import User

    if not name:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise typer.BadParameter(f"Den Benutzer „{name}“ gibt es nicht.", param_hint="--user")
    return user


def agent(client_id: int, name: str, *, machine: str, title: str) -> User:
    """Who acts where somebody must: the named user of the principal, else the command's own machine user.

    Raises:
        LookupError: the named user does not work for the principal.
    """
    from turnus.clients.services import machine_user
    from turnus.system.models import User

    if not name:
        return machine_user(client_id=client_id, name=machine, title=title)
    found = User.objects.filter(username=name, memberships__client=client_id).first()
    if found is None:
        raise LookupError(f"Benutzer „{name}“ gibt es bei diesem Auftraggeber nicht (--user).")
    return found
