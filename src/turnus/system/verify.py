"""What `turnus verify` proves: the registered checks of all rooms, principal by principal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string

from turnus.system.isolation import allowed
from turnus.system.models import Principal
from turnus.system.schema import isolation_state


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is broken: which check, which object, and what is wrong with it."""

    check: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check of one principal (or of the database as a whole): how much was looked at, what is broken."""

    check: str
    principal: str
    looked_at: int
    findings: tuple[Finding, ...]


Check = Callable[..., tuple[int, list[Finding]]]


def verify() -> Iterator[CheckResult]:
    """Run every check; yields results as they come.

    A check gets `client_id` and returns (number looked at, findings).
    """
    yield _isolation()
    paths: list[str] = import_string(f"{settings.TURNUS_HANDLERS}.VERIFY_CHECKS")
    for principal in Principal.objects.order_by("id"):
        for path in paths:
            check: Check = import_string(path)
            with allowed(principal.pk):
                looked_at, findings = check(client_id=principal.pk)
            yield CheckResult(path.rsplit(".", 1)[-1], principal.short_name, looked_at, tuple(findings))


def _isolation() -> CheckResult:
    tables = isolation_state()
    bare = [
        Finding("isolation", t.name, "Zeilensicherheit fehlt oder ist unvollständig.")
        for t in tables
        if not t.isolated
    ]
    return CheckResult("isolation", "", len(tables), tuple(bare))
