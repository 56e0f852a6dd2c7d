"""The market messages of the demo's month, written as the grid operators would send them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from turnus.demo.portfolio import END, YEAR, MeterSpec, Portfolio, SiteSpec, market_location_of
from turnus.edifact.model import Message, Segment, segment
from turnus.edifact.syntax import ServiceChars
from turnus.edifact.writer import new_interchange, new_message
from turnus.lib.market_time import day_start, gas_day_start, quarter_hours

# German suppliers send decimal commas and say so in UNA.
COMMA = ServiceChars(decimal=",")
NEW_FORMAT = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
# Calorific value by month, kWh/m³; the conversion factor holds for the height of the town.
CALORIFIC = (
    "11,287", "11,301", "11,295", "11,310", "11,322", "11,318",
    "11,304", "11,299", "11,312", "11,290", "11,285", "11,296",
)  # fmt: skip
CONVERSION = "0,9612"


def message(number: str, at: datetime, body: Sequence[Segment]) -> Message:
    """An MSCONS in the format version of its day."""
    version = "2.5" if at >= NEW_FORMAT else "2.4c"
    return new_message(number, ("MSCONS", "D", "04B", "UN", version), body)


@dataclass(frozen=True, slots=True)
class Party:
    """Sender and receiver of an interchange with their code list (500/293 BDEW, 502/332 DVGW)."""

    sender: str
    receiver: str
    qualifier: str
    code_list: str


def electricity_party(portfolio: Portfolio) -> Party:
    return Party(portfolio.principal.grid_operator, portfolio.principal.code, "500", "293")


def gas_party(portfolio: Portfolio) -> Party:
    return Party(portfolio.principal.grid_operator_gas, portfolio.principal.code_gas, "502", "332")


def interchange(party: Party, messages: Sequence[Message], *, reference: str, created: datetime) -> bytes:
    """One file. `application` TL marks values of the meter."""
    return new_interchange(
        sender=(party.sender, party.qualifier), receiver=(party.receiver, party.qualifier),
        reference=reference, created=created, messages=messages, application="TL", chars=COMMA,
    )  # fmt: skip


def stamp(instant: datetime) -> tuple[str, str, str]:
    """DTM components of an instant in UTC; the qualifier is put in front by the caller."""
    return ("", f"{instant.astimezone(UTC):%Y%m%d%H%M}+00", "303")


def _dtm(qualifier: str, instant: datetime) -> Segment:
    return segment("DTM", (qualifier, *stamp(instant)[1:]))


def _head(party: Party, pid: str, document: str, number: str, at: datetime) -> list[Segment]:
    return [
        segment("BGM", document, number, "9"),
        _dtm("137", at),
        segment("RFF", ("Z13", pid)),
        segment("NAD", "MS", (party.sender, "", party.code_list)),
        segment("NAD", "MR", (party.receiver, "", party.code_list)),
        segment("UNS", "D"),
        segment("NAD", "DP"),
    ]


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """A reading to be sent: at 00:00 (gas: 06:00) of `day`."""

    site: SiteSpec
    meter: MeterSpec
    day: date
    value: Decimal
    qualifier: str = "220"


def reading_message(party: Party, line: ReadingLine, *, number: str, at: datetime) -> Message:
    """13017 (electricity) or 13002 (gas) with one reading."""
    gas = line.site.commodity == "gas"
    instant = gas_day_start(line.day) if gas else day_start(line.day)
    reasons = (
        []
        if line.qualifier == "220"
        else [segment("STS", "Z32", "", "Z92"), segment("STS", "Z40", "", "Z75")]
    )
    body = [
        *_head(party, "13002" if gas else "13017", "7", number, at),
        segment("LOC", "172", line.site.market_location),
        segment("RFF", ("MG", line.meter.number)),
        segment("LIN", "1"),
        segment("PIA", "5", ("7-0:3.0.0" if gas else "1-0:1.8.0", "SRW")),
        segment("QTY", (line.qualifier, _number(line.value))),
        _dtm("7", instant),
        *reasons,
    ]
    return message(number, at, body)


def _number(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",") if value % 1 else f"{value:.0f}"


def gas_quality_message(party: Party, site: SiteSpec, *, number: str, at: datetime, year: int) -> Message:
    """13007: calorific value by month and conversion factor from October `year` to September."""
    months = [date(year + (9 + n) // 12, (9 + n) % 12 + 1, 1) for n in range(13)]
    first, last = gas_day_start(months[0]), gas_day_start(months[-1])
    body = [
        *_head(party, "13007", "Z21", number, at),
        segment("LOC", "172", site.market_location),
        _dtm("163", first),
        _dtm("164", last),
        segment("DTM", ("293", f"{at.astimezone(UTC):%Y%m%d%H%M%S}+00", "304")),
        segment("LIN", "1"),
        segment("PIA", "5", ("7-0:54.0.16", "SRW")),
    ]
    for begin, end, value in zip(months, months[1:], CALORIFIC, strict=False):
        body += [
            segment("QTY", ("220", value)),
            _dtm("163", gas_day_start(begin)),
            _dtm("164", gas_day_start(end)),
        ]
    body += [
        segment("LIN", "2"),
        segment("PIA", "5", ("7-0:52.0.16", "SRW")),
        segment("QTY", ("220", CONVERSION)),
        _dtm("163", first),
        _dtm("164", last),
    ]
    return message(number, at, body)


def load_profile_message(
    party: Party, site: SiteSpec, day: date, *, number: str, at: datetime, random: Random
) -> Message:
    """13025: the quarter-hours of one market day, kWh with three decimals."""
    start, count = day_start(day), quarter_hours(day)
    body = [
        *_head(party, "13025", "Z48", number, at),
        segment("LOC", "172", site.market_location),
        _dtm("163", start),
        _dtm("164", start + timedelta(minutes=15 * count)),
        segment("LIN", "1"),
        segment("PIA", "5", ("1-1:1.29.0", "SRW")),
    ]
    for n in range(count):
        begin = start + timedelta(minutes=15 * n)
        kwh = f"{_SHAPE[n * 24 // count] * random.uniform(0.7, 1.3):.3f}".replace(".", ",")
        body += [segment("QTY", ("220", kwh)), _dtm("163", begin), _dtm("164", begin + timedelta(minutes=15))]
    return message(number, at, body)


# kWh per quarter-hour over the hours of a household's day.
_SHAPE = (
    0.05, 0.04, 0.04, 0.04, 0.04, 0.05, 0.11, 0.16, 0.13, 0.10, 0.09, 0.11,
    0.15, 0.12, 0.09, 0.09, 0.11, 0.16, 0.23, 0.25, 0.21, 0.16, 0.11, 0.07,
)  # fmt: skip


def closing_readings(portfolio: Portfolio) -> list[ReadingLine]:
    """The readings that close the year, as they arrive: one missing, one below the last, one substitute."""
    lines = []
    for _, site in portfolio.sites():
        if site.twist == "missing_reading":
            continue
        for meter in site.meters:
            known = {day: value for day, value in meter.readings if day > YEAR}
            if site.twist == "below_last":
                before = meter.readings[-2][1]
                known = {END: before - 412}
            for day, value in known.items():
                qualifier = "67" if site.twist == "substitute_then_true" and day == END else "220"
                shown = value - 37 if qualifier == "67" else value
                lines.append(ReadingLine(site, meter, day, shown, qualifier))
    return lines


def true_values(portfolio: Portfolio) -> list[ReadingLine]:
    """The true values that replace substitutes some days later."""
    return [
        ReadingLine(site, meter, END, meter.readings[-1][1])
        for _, site in portfolio.sites()
        if site.twist == "substitute_then_true"
        for meter in site.meters[-1:]
    ]


def numbered(prefix: str) -> Iterator[str]:
    """References M1, M2, … of one file."""
    n = 0
    while True:
        n += 1
        yield f"{prefix}{n:06d}"


def readings_file(party: Party, lines: Iterable[ReadingLine], *, reference: str, at: datetime) -> bytes:
    """One interchange with a message per reading."""
    numbers = numbered(reference)
    messages = [reading_message(party, line, number=next(numbers), at=at) for line in lines]
    return interchange(party, messages, reference=reference, created=at)


def gas_quality_file(portfolio: Portfolio, *, reference: str, at: datetime, year: int) -> bytes:
    """Gas quality of every gas site; one site's is missing in the last year."""
    party, numbers = gas_party(portfolio), numbered(reference)
    messages = [
        gas_quality_message(party, site, number=next(numbers), at=at, year=year)
        for _, site in portfolio.sites()
        if site.commodity == "gas" and not (site.twist == "no_gas_quality" and year == YEAR.year)
    ]
    return interchange(party, messages, reference=reference, created=at)


def load_profile_file(portfolio: Portfolio, *, month: date, reference: str, at: datetime, seed: int) -> bytes:
    """Load profiles of the smart meters for one month, a message per site and day."""
    party, numbers, random = electricity_party(portfolio), numbered(reference), Random(f"{seed}-{reference}")
    sites = [site for _, site in portfolio.sites() if site.twist == "load_profile"]
    days = [month + timedelta(days=n) for n in range(31) if (month + timedelta(days=n)).month == month.month]
    messages = [
        load_profile_message(party, site, day, number=next(numbers), at=at, random=random)
        for site in sites
        for day in days
    ]
    return interchange(party, messages, reference=reference, created=at)


def unknown_location_file(portfolio: Portfolio, *, reference: str, at: datetime) -> bytes:
    """A reading for a location that is not the principal's."""
    party = electricity_party(portfolio)
    stranger = market_location_of(51, portfolio.principal.number_base + 9_000)
    meter = MeterSpec("1EMH0099999999", date(2019, 1, 1), None, 6, Decimal(1), ())
    site = SiteSpec(
        "electricity", stranger, "", "", "", "H0", 0, "", (meter,), "", "", "", None, (0, 0)
    )  # fmt: skip
    line = ReadingLine(site, meter, END, Decimal(4711))
    return readings_file(party, [line], reference=reference, at=at)


def damaged_file(portfolio: Portfolio, *, reference: str, at: datetime) -> bytes:
    """An interchange that was cut off on its way."""
    party = electricity_party(portfolio)
    whole = readings_file(party, closing_readings(portfolio)[:2], reference=reference, at=at)
    return whole[: len(whole) * 3 // 5]
