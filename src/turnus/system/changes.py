"""Create and change rows of master data: checked field by field, audited with old and new value."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from turnus.system import audit
from turnus.system.models import ClientOwned, User

M = TypeVar("M", bound=ClientOwned)


class InvalidInput(ValueError):
    """A value that cannot be taken; `field` names it, the message is German and for a clerk."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def check_fields(row: models.Model) -> None:
    """Check every column's form (length, choice, number). References are left to the database.

    Raises:
        InvalidInput: for the first field that does not fit, with its German label.
    """
    references = {f.name for f in row._meta.fields if f.is_relation}
    try:
        row.clean_fields(exclude=references)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        label = str(getattr(row._meta.get_field(field), "verbose_name", field))
        raise InvalidInput(field, f"{label}: {messages[0]}") from error


def add(*, row: M, user: User | None, at: datetime, reason: str = "") -> M:
    """Check, save and audit a new row."""
    check_fields(row)
    row.save(force_insert=True)
    audit.record(
        client_id=row.client_id, at=at, user=user, action="created",
        object_kind=row._meta.label_lower, object_id=row.pk, text=reason or str(row),
    )  # fmt: skip
    return row


def change(*, row: M, values: Mapping[str, Any], user: User | None, at: datetime, reason: str = "") -> bool:
    """Set fields of a row; False if nothing differs. The row passed in carries the new values.

    Raises:
        InvalidInput: a value does not fit; nothing is saved and the row is as before.
    """
    before = {name: getattr(row, name) for name in values}
    differing = [name for name, value in values.items() if before[name] != value]
    if not differing:
        return False
    for name in differing:
        setattr(row, name, values[name])
    try:
        check_fields(row)
    except InvalidInput:
        for name in differing:
            setattr(row, name, before[name])
        raise
    row.save(update_fields=differing)
    audit.record(
        client_id=row.client_id, at=at, user=user, action="changed",
        object_kind=row._meta.label_lower, object_id=row.pk, text=reason,
        details={name: [_plain(before[name]), _plain(values[name])] for name in differing},
    )  # fmt: skip
    return True


def _plain(value: Any) -> Any:
    """JSON form of a value for the audit."""
    return value if value is None or isinstance(value, bool | int) else str(value)
