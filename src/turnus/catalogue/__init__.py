"""The formats of German market messages as dated data, and a validator that reads them."""

from turnus.catalogue.check import check_message, message_day
from turnus.catalogue.describe import Description, describe
from turnus.catalogue.rules import message_types, mscons_rules, obis_meaning, pid_title

__all__ = [
    "Description",
    "check_message",
    "describe",
    "message_day",
    "message_types",
    "mscons_rules",
    "obis_meaning",
    "pid_title",
]
