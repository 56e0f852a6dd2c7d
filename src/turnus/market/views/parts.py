"""What the pages of this room share: tabs, and states as badges and lights."""

from __future__ import annotations

from django.urls import reverse

from turnus.market.models import Acknowledgement, Message
from turnus.system import clock
from turnus.ui.pages import Tab
from turnus.ui.tables import Badge, light

TRANSPORT = {"waiting": "warn", "sent": "info", "acknowledged": "ok", "refused": "bad"}
TONES = {"received": "info", "processed": "ok", "case": "warn", "rejected": "bad", "sent": "info"}


def tabs(current: str) -> list[Tab]:
    """The lists of this area."""
    names = {"messages": "Nachrichten", "outgoing": "Ausgang", "silent": "Fehlende Bestätigungen"}
    return [
        Tab(label, "?" if name == current else reverse(f"market:{name}"), name == current)
        for name, label in names.items()
    ]


def state(row: Message) -> Badge:
    """What became of a message; for one of ours, how far its file is."""
    transport = row.interchange.transport
    if transport:
        return Badge(row.interchange.get_transport_display(), TRANSPORT[transport])
    return Badge(row.get_state_display(), TONES[row.state])


def clock_of(row: Acknowledgement) -> Badge:
    """Traffic light of an acknowledgement: answered, running, or silent past its time."""
    if row.is_refusal:
        return light("abgewiesen", "bad")
    if row.answered_at:
        return light("beantwortet", "ok")
    return light("überfällig", "bad") if row.due_at < clock.now() else light("läuft", "warn")
