"""Which function understands a message: the explicit table in the project's handlers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from turnus.market.records import Handled, Incoming
from turnus.system.models import User


class MessageHandler(Protocol):
    """Understands messages of one kind, many at once; answers in the same order."""

    def __call__(
        self, *, client_id: int, messages: Sequence[Incoming], user: User | None, at: datetime
    ) -> list[Handled]: ...


def handler_path(message_type: str, pid: str) -> str | None:
    """Dotted path for a type and Prüfidentifikator; an entry with an empty pid serves the whole type."""
    table: Mapping[tuple[str, str], str] = import_string(f"{settings.TURNUS_HANDLERS}.MESSAGE_HANDLERS")
    return table.get((message_type, pid)) or table.get((message_type, ""))


def load(path: str) -> MessageHandler:
    """The handler behind a path."""
    handler: MessageHandler = import_string(path)
    return handler
