"""Makers of MSCONS text for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from turnus.lib import market_time

SENDER, RECEIVER = "9905048000007", "9985046000001"
LOCATION = "51192233984"


def stamp(instant: datetime) -> str:
    return instant.strftime("%Y%m%d%H%M") + "?+00:303"


def profile(
    day: date,
    numbers: Sequence[str],
    *,
    reference: str = "1",
    location: str = LOCATION,
    obis: str = "1-1?:1.29.0",
    qualifier: str = "220",
    status: str = "",
    version: str = "2.5",
    pid: str = "13025",
    document: str = "Z48",
    minutes: int = 15,
    start: datetime | None = None,
) -> str:
    """A load profile message with consecutive values from the beginning of the day."""
    begin = start or market_time.day_start(day)
    step = timedelta(minutes=minutes)
    segments = [
        f"UNH+{reference}+MSCONS:D:04B:UN:{version}",
        f"BGM+{document}+DOC{reference}+9",
        "DTM+137:" + stamp(market_time.day_start(day) + timedelta(days=1, hours=4)),
        f"RFF+Z13:{pid}",
        f"NAD+MS+{SENDER}::293",
        f"NAD+MR+{RECEIVER}::293",
        "UNS+D",
        "NAD+DP",
        f"LOC+172+{location}",
        "DTM+163:" + stamp(begin),
        "DTM+164:" + stamp(begin + len(numbers) * step),
        "LIN+1",
        f"PIA+5+{obis}:SRW",
    ]
    for index, number in enumerate(numbers):
        segments += [
            f"QTY+{qualifier}:{number}",
            "DTM+163:" + stamp(begin + index * step),
            "DTM+164:" + stamp(begin + (index + 1) * step),
        ]
        segments += [status] if status else []
    segments.append(f"UNT+{len(segments) + 1}+{reference}")
    return "".join(segment + "'" for segment in segments)


def interchange(messages: Sequence[str], *, una: str = "UNA:+,? '", created: str = "261101:0500") -> bytes:
    head = f"{una}UNB+UNOC:3+{SENDER}:500+{RECEIVER}:500+{created}+REF0001++TL'"
    return (head + "".join(messages) + f"UNZ+{len(messages)}+REF0001'").encode("latin-1")


def reading(
    *segments: str, pid: str = "13017", version: str = "2.5", document: str = "7", on: str = "202611010500"
) -> str:
    """A message with the given segments after UNS and NAD+DP."""
    parts = [
        f"UNH+1+MSCONS:D:04B:UN:{version}",
        f"BGM+{document}+DOC+9",
        f"DTM+137:{on}?+00:303",
        f"RFF+Z13:{pid}",
        f"NAD+MS+{SENDER}::{'332' if pid in ('13002', '13007', '13008', '13009', '13013') else '293'}",
        f"NAD+MR+{RECEIVER}::{'332' if pid in ('13002', '13007', '13008', '13009', '13013') else '293'}",
        "UNS+D",
        "NAD+DP",
        *segments,
    ]
    parts.append(f"UNT+{len(parts) + 1}+1")
    return "".join(part + "'" for part in parts)
