"""A principal as it is set up before the first customer: people, decisions, letterhead, bank, accounts."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from turnus.clients.models import (
    ApprovalThreshold,
    BookedService,
    HouseBank,
    Letterhead,
    Membership,
    Role,
    Setting,
)
from turnus.demo.portfolio import PrincipalSpec, creditor_id_of, iban_of
from turnus.ledger.services import seed_accounts
from turnus.partners.models import MarketPartner
from turnus.products.models import EnergyMix
from turnus.system.isolation import allow, allowed_ids
from turnus.system.models import Principal, User

BERLIN = ZoneInfo("Europe/Berlin")
# Accounts exist in a demo only; the installation listens on this machine only (`turnus serve`).
PASSWORD = "Lindental-2026"
BEGAN = date(2024, 9, 1)
PEOPLE = (
    # user name, first name, last name, role, principal ("" = all)
    ("clerk", "Anna", "Berger", Role.CLERK, ""),
    ("clerk2", "Jonas", "Kraft", Role.CLERK, ""),
    ("lead", "Lea", "Winter", Role.LEAD, ""),
    ("lindental", "Otto", "Lindner", Role.PRINCIPAL, "stadtwerk-lindental"),
    ("rheinaue", "Petra", "Rhein", Role.PRINCIPAL, "energie-rheinaue"),
    ("turnus", "", "Turnus", Role.MACHINE, ""),
)
LIMITS = {
    "bill_net": ("3500", "20000"),
    "bill_gross": ("4200", "25000"),
    "credit": ("400", "3000"),
    "payout": ("200", "2000"),
    "write_off": ("20", "300"),
    "plan": ("500", "3000"),
}
# What the second principal has not booked: it does its accounting and its grid invoices itself.
NOT_BOOKED = {"energie-rheinaue": {"M27", "M31", "M32", "M47", "M48", "M49", "M50"}}
MIX = {
    "Erneuerbare Energien, gefördert nach dem EEG": "52.1",
    "Erneuerbare Energien mit Herkunftsnachweis": "17.4",
    "Erdgas": "15.0",
    "Kohle": "14.2",
    "Sonstige fossile Energieträger": "1.3",
}


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of the demo by what they do."""

    clerk: User
    lead: User
    machine: User


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A time of day in Berlin."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


@transaction.atomic
def set_up(spec: PrincipalSpec) -> Principal:
    """Create the principal with everything it decides itself. Only once (the caller asks)."""
    principal = Principal.objects.create(
        short_name=spec.short_name,
        name=spec.name,
        market_partner_id=spec.code,
        market_partner_id_gas=spec.code_gas,
    )
    allow([*allowed_ids(), principal.pk])
    _people(principal)
    _decisions(principal)
    _bank_and_letterhead(principal, spec)
    _partners(spec)
    _mix(principal)
    seed_accounts(client_id=principal.pk)
    return principal


def staff() -> Staff:
    """The users, after `set_up`."""
    people = {u.username: u for u in User.objects.filter(username__in=["clerk", "lead", "turnus"])}
    return Staff(people["clerk"], people["lead"], people["turnus"])


def _people(principal: Principal) -> None:
    for username, first, last, role, only in PEOPLE:
        if only and only != principal.short_name:
            continue
        user, made = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last}
        )
        if made:
            if role == Role.MACHINE:
                user.set_unusable_password()
            else:
                user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        Membership.objects.create(client=principal, user=user, role=role)


def _decisions(principal: Principal) -> None:
    services = {f"M{n:02d}" for n in range(1, 53)} - NOT_BOOKED.get(principal.short_name, set())
    BookedService.objects.bulk_create(
        BookedService(client=principal, service=service, valid=DateRange(BEGAN, None))
        for service in sorted(services)
    )
    for kind, (clerk, lead) in LIMITS.items():
        ApprovalThreshold.objects.create(client=principal, kind=kind, role=Role.CLERK, amount=Decimal(clerk))
        ApprovalThreshold.objects.create(client=principal, kind=kind, role=Role.LEAD, amount=Decimal(lead))
    Setting.objects.create(client=principal, name="dunning_fee_level_1", value="1.20")


def house_iban(spec: PrincipalSpec) -> str:
    """The principal's own account."""
    return iban_of("37050198", spec.number_base * 100 + 7)


def _bank_and_letterhead(principal: Principal, spec: PrincipalSpec) -> None:
    HouseBank.objects.create(
        client=principal, iban=house_iban(spec), bic="COLSDE33XXX", bank_name="Sparkasse KölnBonn",
        holder=spec.name, creditor_id=creditor_id_of(spec.number_base),
    )  # fmt: skip
    domain = f"{spec.short_name}.example"
    Letterhead.objects.create(
        client=principal, company=spec.name, street="Marktplatz 1", postal_code=spec.postal_code,
        city=spec.town, register_court=f"Amtsgericht {spec.town}", register_number=f"HRB {spec.number_base}",
        managing_directors="Dr. Mara Vogt, Stefan Brandt", tax_number=f"133/5{spec.number_base // 100}/1234",
        vat_id=f"DE2{spec.number_base:08d}", hotline="0800 5 887 887", email=f"service@{domain}",
        web=f"www.{domain}", colour=spec.colour,
    )  # fmt: skip


def _partners(spec: PrincipalSpec) -> None:
    operators = [(spec.grid_operator, f"Netz {spec.town} GmbH", "electricity")]
    if spec.grid_operator_gas:
        operators.append((spec.grid_operator_gas, f"Gasnetz {spec.town} GmbH", "gas"))
    for code, name, commodity in operators:
        MarketPartner.objects.get_or_create(
            market_partner_id=code,
            defaults={
                "name": name, "role": MarketPartner.Role.GRID_OPERATOR, "commodity": commodity,
                "email": f"mako@netz-{spec.short_name}.example", "phone": "0201 4711-0",
                "street": "Am Umspannwerk 3", "postal_code": spec.postal_code, "city": spec.town,
            },
        )  # fmt: skip


def _mix(principal: Principal) -> None:
    for year in (2024, 2025):
        EnergyMix.objects.create(
            client=principal, year=year, shares=MIX, co2_g_per_kwh=Decimal("243.0"),
            radioactive_mg_per_kwh=Decimal("0.000"),
        )  # fmt: skip
    germany = {
        "shares": {
            "Erneuerbare Energien, gefördert nach dem EEG": "48.0",
            "Erneuerbare Energien mit Herkunftsnachweis": "10.6",
            "Erdgas": "16.9",
            "Kohle": "23.0",
            "Sonstige fossile Energieträger": "1.5",
        },
        "co2_g_per_kwh": "337",
        "radioactive_mg_per_kwh": "0.0",
    }
    Setting.objects.create(client=principal, name="energy_mix_germany", value=germany)
    # Contained in the prices of the tariffs; § 40(3) EnWG wants them on the bill.
    fees = {
        "electricity": {"ct_per_kwh": "7.85", "eur_per_year": "60.00", "metering_eur_per_year": "16.81"},
        "gas": {"ct_per_kwh": "1.52", "eur_per_year": "36.00", "metering_eur_per_year": "12.40"},
    }
    Setting.objects.create(client=principal, name="grid_fees", value=fees)
    Setting.objects.create(client=principal, name="storage_levy_relief_ct", value="0.289")
