"""The demo's principals, customers, meters and their consumption, made from one seed.

Pure: the same seed and size give the same portfolio on every machine and in every year. The story is
told by `twist`: each location with one is a case that a back office meets in an ordinary month.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random

from turnus.demo.names import BANK_CODES, FAMILY, FEMALE, MALE, STREETS, TRADES
from turnus.lib.ids import market_location_check_digit

START, YEAR, END = date(2024, 10, 1), date(2025, 10, 1), date(2026, 10, 1)
EXCHANGE_DAY = date(2026, 3, 17)
MOVE_OUT = date(2026, 9, 1)

# What is special about a location, by its place in the principal's list (see `_twists`).
TWISTS = (
    "exchange", "overflow", "transformer", "missing_reading", "below_last", "much_more",
    "substitute_then_true", "load_profile", "move_out", "wrong_bank_account", "objects_to_debit",
    "stopped_paying", "no_gas_quality",
)  # fmt: skip


# Consumption of the second year by twist: enough more to owe something, or to be put aside.
_MORE = {"much_more": 1.8, "wrong_bank_account": 1.2, "objects_to_debit": 1.25, "stopped_paying": 1.15}


@dataclass(frozen=True, slots=True)
class PrincipalSpec:
    """An invented energy supplier."""

    short_name: str
    name: str
    town: str
    postal_code: str
    state: str
    code: str
    code_gas: str
    grid_operator: str
    grid_operator_gas: str
    number_base: int
    colour: str
    share: Decimal
    gas_share: Decimal
    concession_class: str


PRINCIPALS = (
    PrincipalSpec(
        "stadtwerk-lindental", "Stadtwerk Lindental GmbH", "Lindental", "58999", "NW", "9900777000015", "",
        "9900777100010", "", 10000, "#1b5e4b", Decimal("0.575"), Decimal(0), "25000",
    ),
    PrincipalSpec(
        "energie-rheinaue", "Energie Rheinaue AG", "Rheinaue", "55999", "RP",
        "9900777000023", "9800777000024", "9900777200018",
        "9800777200019", 20000, "#1b4b72", Decimal("0.425"), Decimal("0.6"), "100000",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MeterSpec:
    """A meter at a location; readings are (day, value) at 00:00, in order."""

    number: str
    installed: date
    removed: date | None
    digits: int
    factor: Decimal
    readings: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SiteSpec:
    """A market location with its contract."""

    commodity: str
    market_location: str
    metering_location: str
    street: str
    house_number: str
    profile: str
    forecast_kwh: int
    concession_class: str
    meters: tuple[MeterSpec, ...]
    contract: str
    account: str
    product: str
    end: date | None
    year_kwh: tuple[int, int]
    twist: str = ""


@dataclass(frozen=True, slots=True)
class CustomerSpec:
    """A customer with bank details (always known to the demo, a mandate for most) and sites."""

    number: str
    kind: str
    salutation: str
    first_name: str
    name: str
    street: str
    house_number: str
    email: str
    phone: str
    born_on: date | None
    iban: str
    mandate: str
    signed_on: date
    sites: tuple[SiteSpec, ...]

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A principal with its customers."""

    principal: PrincipalSpec
    customers: tuple[CustomerSpec, ...]

    def sites(self) -> list[tuple[CustomerSpec, SiteSpec]]:
        """Every site with its customer, in order."""
        return [(customer, site) for customer in self.customers for site in customer.sites]


def make_portfolios(*, customers: int, seed: int) -> list[Portfolio]:
    """Both principals with `customers` customers between them."""
    first = int(customers * PRINCIPALS[0].share)
    sizes = (first, customers - first)
    return [_Maker(spec, seed).make(size) for spec, size in zip(PRINCIPALS, sizes, strict=True)]


def iban_of(bank_code: str, account: int) -> str:
    """A German IBAN with right check digits (ISO 13616)."""
    bban = f"{bank_code}{account:010d}"
    check = 98 - int(f"{bban}131400") % 97
    return f"DE{check:02d}{bban}"


def creditor_id_of(number: int) -> str:
    """A German creditor identifier with right check digits; the business code ZZZ does not count."""
    national = f"{number:011d}"
    check = 98 - int(f"{national}131400") % 97
    return f"DE{check:02d}ZZZ{national}"


def market_location_of(first_digits: int, serial: int) -> str:
    """A market location with right check digit; `first_digits` two digits, 51 electricity, 52 gas."""
    first10 = f"{first_digits}{serial:08d}"
    return first10 + str(market_location_check_digit(first10))


@dataclass
class _Maker:
    """Draws one principal's portfolio."""

    spec: PrincipalSpec
    seed: int
    random: Random = field(init=False)
    serial: int = 0

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}-{self.spec.short_name}")

    def make(self, size: int) -> Portfolio:
        twists = self._twists(size)
        return Portfolio(self.spec, tuple(self._customer(i, twists.get(i, "")) for i in range(size)))

    def _twists(self, size: int) -> dict[int, str]:
        """Every twist at least once; payment trouble a few times. Small demos get them all as well."""
        wanted = list(TWISTS) + ["stopped_paying"] * (size // 25) + ["wrong_bank_account"] * (size // 100)
        if self.spec.gas_share == 0:
            wanted = [t for t in wanted if t != "no_gas_quality"]
        step = max(1, size // (len(wanted) + 1))
        return {(n + 1) * step: twist for n, twist in enumerate(wanted) if (n + 1) * step < size}

    def _customer(self, index: int, twist: str) -> CustomerSpec:
        draw = self.random
        company = draw.random() < 0.12 or twist == "transformer"
        female = draw.random() < 0.5
        family = draw.choice(FAMILY)
        first = "" if company else draw.choice(FEMALE if female else MALE)
        number = self.spec.number_base + index + 1
        street, house = draw.choice(STREETS), str(draw.randint(1, 98))
        has_mandate = draw.random() < 0.7
        if twist in {"wrong_bank_account", "objects_to_debit"}:
            has_mandate = True
        elif twist == "stopped_paying":
            has_mandate = False
        name = f"{draw.choice(TRADES)} {family}" if company else family
        mail = (
            f"{first}.{family}@example.org".lower().translate(_ASCII) if draw.random() < 0.6 and first else ""
        )
        return CustomerSpec(
            number=f"K{number}",
            kind="Firma" if company else "Person",
            salutation="ohne" if company else ("Frau" if female else "Herr"),
            first_name=first,
            name=name,
            street=street,
            house_number=house,
            email=mail if draw.random() < 0.6 and first else "",
            phone=f"0{draw.randint(2000, 9999)} {draw.randint(10000, 999999)}" if draw.random() < 0.7 else "",
            born_on=None
            if company
            else date(draw.randint(1938, 2004), draw.randint(1, 12), draw.randint(1, 28)),
            iban=iban_of(draw.choice(BANK_CODES), number * 1000 + draw.randint(1, 999)),
            mandate=f"M{number}" if has_mandate else "",
            signed_on=date(2024, draw.randint(1, 8), draw.randint(1, 28)),
            sites=self._sites(company, street, house, twist),
        )

    def _sites(self, company: bool, street: str, house: str, twist: str) -> tuple[SiteSpec, ...]:
        electricity = self._electricity(company, street, house, "" if twist == "no_gas_quality" else twist)
        wants_gas = self.random.random() < float(self.spec.gas_share)
        if twist == "no_gas_quality" or (wants_gas and not twist):
            return electricity, self._gas(street, house, twist)
        return (electricity,)

    def _next(self) -> int:
        self.serial += 1
        return self.spec.number_base + self.serial

    def _electricity(self, company: bool, street: str, house: str, twist: str) -> SiteSpec:
        draw, serial = self.random, self._next()
        year = draw.randint(6000, 22000) if company else int(draw.triangular(1200, 6200, 2900))
        if twist == "transformer":
            year = 61_000
        kwh = (self._vary(year), self._vary(year))
        if twist in _MORE:
            kwh = (kwh[0], int(kwh[0] * _MORE[twist]))
        profile = ("G0" if draw.random() < 0.7 else "G1") if company else "H0"
        default_supply = draw.random() < 0.2
        if company:
            product = "GEWERBE-STROM"
        else:
            product = "GRUND-STROM" if default_supply else "TREUE-STROM"
        return self._site("electricity", serial, street, house, profile, year, kwh, product, twist)

    def _gas(self, street: str, house: str, twist: str) -> SiteSpec:
        year = int(self.random.triangular(6000, 28000, 14500))
        cubic = (self._vary(year) * 100 // 1060, self._vary(year) * 100 // 1060)
        return self._site("gas", self._next(), street, house, "HEF", year, cubic, "TREUE-GAS", twist)

    def _vary(self, year: int) -> int:
        return int(year * self.random.uniform(0.94, 1.15))

    def _site(
        self, commodity: str, serial: int, street: str, house: str, profile: str, forecast: int,
        used: tuple[int, int], product: str, twist: str,
    ) -> SiteSpec:  # fmt: skip
        gas = commodity == "gas"
        operator = self.spec.grid_operator_gas if gas else self.spec.grid_operator
        return SiteSpec(
            commodity=commodity,
            market_location=market_location_of(52 if gas else 51, serial),
            metering_location=f"DE{operator[4:10]}{self.spec.postal_code}{serial:020d}",
            street=street,
            house_number=house,
            profile=profile,
            forecast_kwh=forecast,
            concession_class="special" if gas else self.spec.concession_class,
            meters=self._meters("7GAS" if gas else "1EMH", serial, used, twist),
            contract=f"V{serial}",
            account=f"{serial:08d}",
            product=product,
            end=MOVE_OUT if twist == "move_out" else None,
            year_kwh=used,
            twist=twist,
        )

    def _meters(self, maker: str, serial: int, used: tuple[int, int], twist: str) -> tuple[MeterSpec, ...]:
        factor = Decimal(40) if twist == "transformer" else Decimal(1)
        digits = 5 if twist == "overflow" else 6
        first = Decimal(self.random.randint(1000, 60000))
        if twist == "overflow":
            first = Decimal(99_999 - used[0] - used[1] // 2)
        middle = first + used[0] // factor
        last_day = MOVE_OUT if twist == "move_out" else END
        number = f"{maker}{serial:010d}"
        if twist != "exchange":
            last = (middle + used[1] // factor) % (10**digits)
            return (
                MeterSpec(
                    number,
                    date(2019, 5, 2),
                    None,
                    digits,
                    factor,
                    ((START, first), (YEAR, middle), (last_day, last)),
                ),
            )
        until = middle + used[1] * 6 // 10
        new = ((EXCHANGE_DAY, Decimal(3)), (END, Decimal(3) + used[1] - used[1] * 6 // 10))
        return (
            MeterSpec(
                number, date(2014, 3, 4), EXCHANGE_DAY, digits, factor,
                ((START, first), (YEAR, middle), (EXCHANGE_DAY, until)),
            ),
            MeterSpec(f"{maker}{serial + 500_000:010d}", EXCHANGE_DAY, None, digits, factor, new),
        )  # fmt: skip


_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "é": "e"})
