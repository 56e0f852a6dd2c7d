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

__all__ = [
    "FollowUp",
    "NotReprocessable",
    "RequestSettled",
    "SentRequests",
    "acknowledge",
    "follow_up_requests",
    "reject_message",
    "remind_again",
    "reprocess",
    "send_requests",
    "take_in",
]
