"""MSCONS: from bytes to measured values, on two roads that must agree."""

from turnus.catalogue.mscons.records import (
    Amount,
    Checked,
    Content,
    DayBlock,
    Place,
    RegisterReading,
    Status,
)

__all__ = ["Amount", "Checked", "Content", "DayBlock", "Place", "RegisterReading", "Status"]
