"""What every command that works for one principal begins with: database, principal, user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from rich.console import Console

if TYPE_CHECKING:
    from turnus.system.models import User


@contextmanager
def session(principal: str) -> Iterator[int]:
    """Open the database for one principal, named by short name or full name; yields its id.

    An unknown principal ends the command with 2 and the known ones; a refusal of a service with 1.
    """
    from turnus.system.boot import boot

    boot()
    from turnus.system.isolation import allowed
    from turnus.system.models import Principal

    found = (
        Principal.objects.filter(short_name=principal).first()
        or Principal.objects.filter(name=principal).first()
    )
    if found is None:
        known = ", ".join(Principal.objects.values_list("short_name", flat=True)) or "keiner"
        typer.echo(f"Den Auftraggeber „{principal}“ gibt es nicht (angelegt: {known}).", err=True)
        raise typer.Exit(2)
    with allowed(found.pk):
        try:
            yield found.pk
        except (ValueError, LookupError, PermissionError) as error:
            Console(stderr=True).print(f"[red]{error}[/red]", highlight=False)
            raise typer.Exit(1) from error


def user_named(name: str) -> User | None:
    """The user under whose name a command acts; nobody if none is named."""
    from turnus.system.models import User

    if not name:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise typer.BadParameter(f"Den Benutzer „{name}“ gibt es nicht.", param_hint="--user")
    return user
