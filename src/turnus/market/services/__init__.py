"""Messages in and out: take in, process again, answer."""

from turnus.market.services.acknowledge import acknowledge
from turnus.market.services.reject import reject_message
from turnus.market.services.reprocess import NotReprocessable, reprocess
from turnus.market.services.requests import (
    FollowUp,
    RequestSettled,
    SentRequests,
    follow_up_requests,
    remind_again,
    send_requests,
)
from turnus.market.services.take_in import take_in
from turnus.market.services.transport import HandedOver, escalate_silence, note_answer, send_waiting

__all__ = [
    "FollowUp",
    "HandedOver",
    "NotReprocessable",
    "RequestSettled",
    "SentRequests",
    "acknowledge",
    "escalate_silence",
    "follow_up_requests",
    "note_answer",
    "reject_message",
    "remind_again",
    "reprocess",
    "send_requests",
    "send_waiting",
    "take_in",
]
