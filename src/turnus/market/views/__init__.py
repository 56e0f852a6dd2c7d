"""The pages of market messages: what came in and went out, one message, what is missing."""

from turnus.market.views import messages, outgoing

__all__ = ["messages", "outgoing"]
