"""Page three of a bill: consumption compared, and the energy mix, as pictures with their figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from turnus.documents.calc.bill import BillDocument, MixColumn
from turnus.documents.render.wording import MIX_SOURCES, kwh, number, span

__all__ = ["comparison_payload"]


def comparison_payload(bill: BillDocument) -> dict[str, Any]:
    """Bars carry their share of the longest one (0 … 1); the figures stand beside them as text."""
    prior_bars, group_bars = _prior_bars(bill), _group_bars(bill)
    return {
        "prior": prior_bars,
        "prior_missing": bill.prior_missing_reason,
        "prior_alt": _alt("Verbrauch im Vergleich zum Vorjahr", prior_bars),
        "group": group_bars,
        "group_note": _group_note(bill),
        "group_alt": _alt("Jahresverbrauch im Vergleich zu Kundengruppen", group_bars),
        "mix": _mix(bill),
    }


def _prior_bars(bill: BillDocument) -> list[dict[str, Any]]:
    rows = [(f"Jetzt: {span(bill.period)}", bill.kwh, bill.period.days, True)]
    if bill.prior:
        prior = bill.prior
        rows.append((f"Vorher: {span(prior.period)}", prior.kwh, prior.period.days, False))
    longest = max(abs(value) for _, value, _, _ in rows)
    return [
        {
            "label": label,
            "value": kwh(value),
            "note": f"{number(value / days, 1, 1)} kWh je Tag",
            "share": _share(value, longest),
            "own": own,
        }
        for label, value, days, own in rows
    ]


def _yearly(bill: BillDocument) -> Decimal:
    """Consumption scaled to a year of 365 days when the period is no year, only for the picture."""
    days = bill.period.days
    return bill.kwh if days in (365, 366) else (bill.kwh * 365 / days)


def _group_note(bill: BillDocument) -> str:
    if bill.group is None:
        return ""
    parts = ["Jahresverbrauch."]
    if bill.period.days not in (365, 366):
        parts = [f"Ihr Verbrauch ist von {bill.period.days} Tagen auf ein Jahr hochgerechnet."]
    if any(value.own for value in bill.group.values):
        parts.append("Farbig ist die Gruppe, zu der Sie nach unseren Angaben gehören.")
    return " ".join([*parts, f"Quelle: {bill.group.source}."])


def _group_bars(bill: BillDocument) -> list[dict[str, Any]]:
    if bill.group is None:
        return []
    own = _yearly(bill)
    longest = max(abs(value) for value in (own, *(v.kwh for v in bill.group.values)))
    bars: list[dict[str, Any]] = [
        {
            "label": "Ihr Verbrauch",
            "value": kwh(own),
            "share": _share(own, longest),
            "own": True,
            "mark": False,
        }
    ]
    for value in bill.group.values:
        bars.append(
            {
                "label": value.label,
                "value": kwh(value.kwh),
                "share": _share(value.kwh, longest),
                "own": False,
                "mark": value.own,
            }
        )
    return bars


def _share(value: Decimal, longest: Decimal) -> float:
    return float(abs(value) / longest) if longest else 0.0


def _alt(title: str, bars: list[dict[str, Any]]) -> str:
    """What the picture shows, for those who hear the bill read aloud."""
    return f"{title}: " + "; ".join(f"{bar['label']} {bar['value']}" for bar in bars)


def _mix(bill: BillDocument) -> dict[str, Any]:
    mix = bill.energy_mix
    if mix is None:
        return {}
    used = _sources(mix.columns)
    sources = [
        {"label": label, "colour": colour, "values": [_share_text(column, key) for column in mix.columns]}
        for key, label, colour in used
    ]
    columns = [
        {
            "label": column.label,
            "parts": [{"colour": colour, "share": float(_of(column, key) / 100)} for key, _, colour in used],
            "co2": f"{number(column.co2_g_per_kwh)} g/kWh",
            "waste": f"{number(column.radioactive_waste_g_per_kwh)} g/kWh",
        }
        for column in mix.columns
    ]
    alt = "; ".join(
        f"{column.label}: " + ", ".join(f"{label} {_share_text(column, key)}" for key, label, _ in used)
        for column in mix.columns
    )
    return {
        "year": str(mix.year),
        "sources": sources,
        "columns": columns,
        "alt": f"Stromkennzeichnung. {alt}",
    }


_KEY_OF = {label: key for key, (label, _) in MIX_SOURCES.items()}
# For sources a principal names that the law does not list.
_OTHER_COLOURS = ("#6f86a6", "#b3a47e", "#9aa39b")


def _sources(columns: tuple[MixColumn, ...]) -> list[tuple[str, str, str]]:
    """(key, German name, colour) of every source with a share, the known ones in their fixed order.

    A principal may name a source by its key or by its German name.
    """
    named = {_known(name) for column in columns for name, share in column.shares if share}
    known = [(key, *MIX_SOURCES[key]) for key in MIX_SOURCES if key in named]
    others = sorted(named - set(MIX_SOURCES))
    return known + [(name, name, _OTHER_COLOURS[i % 3]) for i, name in enumerate(others)]


def _known(name: str) -> str:
    return _KEY_OF.get(name, name)


def _share_text(column: MixColumn, key: str) -> str:
    return f"{number(_of(column, key), 1)}\u00a0%"


def _of(column: MixColumn, key: str) -> Decimal:
    return sum((share for name, share in column.shares if _known(name) == key), Decimal(0))
