"""Messages in and out: take in, process again, answer."""

from turnus.market.services.acknowledge import acknowledge
from turnus.market.services.reject import reject_message
from turnus.market.services.reprocess import NotReprocessable, reprocess
from turnus.market.services.requests import SentRequests, send_requests
from turnus.market.services.take_in import take_in

__all__ = [
    "NotReprocessable",
    "SentRequests",
    "acknowledge",
    "reject_message",
    "reprocess",
    "send_requests",
    "take_in",
]
