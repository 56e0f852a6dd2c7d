"""From an object named in a case, an audit entry or a document to the page that shows it."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string


def url_of(kind: str, object_id: int | None) -> str:
    """Address of an object, "" where it has no page.

    `kind` is `room.model`. A room's page is named `room:model`; where another page shows the object
    better, `project.handlers.OBJECT_PAGES` says so.
    """
    if not kind or object_id is None:
        return ""
    table: Mapping[str, str] = import_string(f"{settings.TURNUS_HANDLERS}.OBJECT_PAGES")
    try:
        return reverse(table.get(kind, kind.replace(".", ":", 1)), args=[object_id])
    except NoReverseMatch:
        return ""
