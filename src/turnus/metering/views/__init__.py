"""The pages of measured values: readings, and what is asked of market partners."""

from turnus.metering.views import readings, requests

__all__ = ["readings", "requests"]
