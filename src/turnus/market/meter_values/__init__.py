"""MSCONS understood: which value belongs to which register, series or location.

Handlers of `project.handlers.MESSAGE_HANDLERS`; each takes many messages at once.
"""

from turnus.market.meter_values.amounts import take_amounts, take_gas_quality
from turnus.market.meter_values.cancellation import take_cancellation
from turnus.market.meter_values.intervals import take_intervals
from turnus.market.meter_values.readings import take_readings

__all__ = ["take_amounts", "take_cancellation", "take_gas_quality", "take_intervals", "take_readings"]
