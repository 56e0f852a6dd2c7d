"""Value limits and decisions of a principal."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.module_loading import import_string

from turnus.clients.catalogue import BUILDS_ON, SERVICES
from turnus.clients.models import ApprovalThreshold, BookedService, Letterhead, Membership, Role, Setting
from turnus.system import audit
from turnus.system.models import User

# Decisions a principal has not made are read from here. Amounts in euros as strings.
DEFAULTS: dict[str, Any] = {
    "vat_model": "stichtag",
    "split": "slp",
    "bill_deviation_percent": 50,
    "bill_due_days": 16,
    "payment_tolerance": "1.00",
    "dunning_grace_days": 7,
    "dunning_minimum": "10.00",
    "dunning_fee_level_1": "1.20",
    "dunning_due_days": 14,
    "pre_notification_days": 14,
    "debit_lead_days": 2,
    "instalments_per_year": 11,
    "chart_of_accounts": "SKR03",
    "quality_sample_percent": 2,
    "reading_limit_factor": 2,
    "reading_limit_floor": 100,
}


def setting(*, client_id: int, name: str) -> Any:
    """The principal's decision, or the default.

    Raises:
        KeyError: there is no setting of this name.
    """
    stored = Setting.objects.filter(client_id=client_id, name=name).values_list("value", flat=True).first()
    return DEFAULTS[name] if stored is None else stored


def settings_of(*, client_id: int) -> dict[str, Any]:
    """All decisions of a principal at once, for mass work."""
    return {**DEFAULTS, **dict(Setting.objects.filter(client_id=client_id).values_list("name", "value"))}


def thresholds(*, client_id: int, kind: str) -> dict[str, Decimal]:
    """Role → amount in euros up to which it decides alone."""
    rows = ApprovalThreshold.objects.filter(client_id=client_id, kind=kind)
    return dict(rows.values_list("role", "amount"))


def role_of(*, client_id: int, user: User) -> str | None:
    """The user's role with this principal, or None (then it sees nothing of it)."""
    return Membership.objects.filter(client_id=client_id, user=user).values_list("role", flat=True).first()


def may_decide(*, client_id: int, user: User, kind: str, amount: Decimal) -> bool:
    """Whether the user's role may decide on a matter of this kind and (absolute) amount in euros."""
    role = role_of(client_id=client_id, user=user)
    if role is None:
        return False
    limit = thresholds(client_id=client_id, kind=kind).get(role)
    if limit is None:
        # The principal itself is bound by no limit of its own making; nobody else decides unlimited.
        return role == Role.PRINCIPAL
    return abs(amount) <= limit


def is_booked(*, client_id: int, service: str, on: object) -> bool:
    """Whether the principal has booked this service (M01 … M52) on that day."""
    return BookedService.objects.filter(client_id=client_id, service=service, valid__contains=on).exists()


def booked_services(*, client_ids: Iterable[int], on: date) -> dict[int, frozenset[str]]:
    """Principal → services that can be worked on that day.

    A service that builds on another counts only together with it. A principal for whom nothing was ever
    booked has not chosen yet and gets everything: work must not vanish because nobody has ticked a box.
    """
    found: dict[int, set[str]] = {}
    for row in BookedService.objects.filter(client_id__in=client_ids):
        running = found.setdefault(row.client_id, set())
        if on in row.valid:
            running.add(row.service)
    return {
        client_id: frozenset(s for s in found.get(client_id, SERVICES) if _stands(s, found.get(client_id)))
        for client_id in client_ids
    }


def _stands(service: str, booked: Collection[str] | None) -> bool:
    return booked is None or BUILDS_ON.get(service, service) in booked


class NotBooked(PermissionError):
    """The principal has not booked the service that a piece of work belongs to."""

    def __init__(self, services: Collection[str]) -> None:
        titles = " oder ".join(f"{service} ({SERVICES[service]})" for service in services)
        super().__init__(
            f"Nicht gebucht: {titles}. Das ändert der Auftraggeber unter „Auftraggeber“, Reiter „Bausteine“."
        )


def is_due(*, client_id: int, job: str, on: date) -> bool:
    """Whether a job (`project.booking`) is to be done for the principal on that day.

    Raises:
        KeyError: no service names this job.
    """
    table: Mapping[str, tuple[str, ...]] = import_string(f"{settings.TURNUS_HANDLERS}.SERVICES_OF_JOB")
    booked = booked_services(client_ids=[client_id], on=on)[client_id]
    return not booked.isdisjoint(table[job])


def require_booked(*, client_id: int, job: str, on: date) -> None:
    """Refuse a job whose services the principal has not booked.

    Raises:
        NotBooked: with the names of the services.
    """
    if not is_due(client_id=client_id, job=job, on=on):
        table: Mapping[str, tuple[str, ...]] = import_string(f"{settings.TURNUS_HANDLERS}.SERVICES_OF_JOB")
        raise NotBooked(table[job])


@transaction.atomic
def choose_services(
    *, client_id: int, chosen: Collection[str], since: date, user: User, at: datetime
) -> tuple[list[str], list[str]]:
    """Book exactly these services from a day on; returns (newly booked, ended).

    Days before stay as they were. What was planned for later days is replaced.

    Raises:
        ValueError: a service that does not exist.
    """
    if unknown := sorted(set(chosen) - SERVICES.keys()):
        raise ValueError(f"Den Baustein {', '.join(unknown)} gibt es nicht.")
    rows = BookedService.objects.select_for_update().filter(client_id=client_id)
    had_chosen = rows.exists()
    starting = set(rows.filter(valid__startswith=since).values_list("service", flat=True))
    rows.filter(valid__startswith__gte=since).delete()
    running = {row.service: row for row in rows.filter(valid__contains=since)}
    for service, row in running.items():
        upper = None if service in chosen else since
        if row.valid.upper != upper:
            row.valid = DateRange(row.valid.lower, upper)
            row.save(update_fields=["valid"])
    BookedService.objects.bulk_create(
        BookedService(client_id=client_id, service=service, valid=DateRange(since, None))
        for service in sorted(set(chosen) - running.keys())
    )
    before = running.keys() | starting if had_chosen else SERVICES.keys()
    added, ended = sorted(set(chosen) - before), sorted(before - set(chosen))
    audit.record(
        client_id=client_id, at=at, user=user, action="services_chosen",
        object_kind="clients.principal", object_id=client_id,
        text=f"ab {since:%d.%m.%Y}: gebucht {', '.join(added) or '–'}, beendet {', '.join(ended) or '–'}",
        details={"booked": added, "ended": ended},
    )  # fmt: skip
    return added, ended


@transaction.atomic
def machine_user(*, client_id: int, name: str, title: str) -> User:
    """The user under which a command acts for a principal; nobody can sign in as it.

    It is the first pair of eyes where two are needed: what it proposes, any person with the right may decide.
    """
    user, made = User.objects.get_or_create(username=name, defaults={"is_active": False, "last_name": title})
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    Membership.objects.get_or_create(client_id=client_id, user=user, defaults={"role": Role.MACHINE})
    return user


@transaction.atomic
def set_threshold(
    *, client_id: int, kind: str, role: str, amount: Decimal, user: User, at: datetime
) -> ApprovalThreshold:
    """Set up to which amount (euros) a role decides alone; audited with the former amount."""
    found: dict[str, Any] = {"client_id": client_id, "kind": kind, "role": role}
    former = ApprovalThreshold.objects.filter(**found).values_list("amount", flat=True).first()
    limit, _ = ApprovalThreshold.objects.update_or_create(**found, defaults={"amount": amount})
    audit.record(
        client_id=client_id, at=at, user=user, action="threshold_changed",
        object_kind="clients.approvalthreshold", object_id=limit.pk, text=f"{kind} {role}",
        details={"amount": [None if former is None else str(former), str(amount)]},
    )  # fmt: skip
    return limit


@transaction.atomic
def change_letterhead(
    *, letterhead: Letterhead, values: Mapping[str, Any], user: User, at: datetime
) -> Letterhead:
    """Set fields of a letterhead (a new one is created); documents made before keep theirs."""
    for name, value in values.items():
        setattr(letterhead, name, value)
    letterhead.save()
    audit.record(
        client_id=letterhead.client_id, at=at, user=user, action="letterhead_changed",
        object_kind="clients.letterhead", object_id=letterhead.pk, text=", ".join(sorted(values)),
    )  # fmt: skip
    return letterhead
