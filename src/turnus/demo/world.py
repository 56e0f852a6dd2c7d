"""What every step of the demo works on, and how the demo remembers which steps are done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from django.db import transaction

from turnus.clients.models import Setting
from turnus.demo.portfolio import CustomerSpec, Portfolio
from turnus.demo.setup import Staff
from turnus.system.models import Principal

MEMORY = "demo"


@dataclass
class World:
    """One principal of the demo with its portfolio, people and folder of files."""

    portfolio: Portfolio
    principal: Principal
    staff: Staff
    folder: Path
    seed: int

    @property
    def client_id(self) -> int:
        return self.principal.pk

    def write(self, name: str, content: bytes) -> Path:
        """Lay a file into the demo's folder, as if it had arrived there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def random(self, purpose: str) -> Random:
        """A generator for one purpose: later steps do not depend on how often earlier ones drew."""
        return Random(f"{self.seed}-{self.principal.short_name}-{purpose}")

    def by_account(self) -> dict[str, tuple[CustomerSpec, str]]:
        """Contract account number → its customer and the twist of its site."""
        return {site.account: (customer, site.twist) for customer, site in self.portfolio.sites()}

    def memory(self) -> dict[str, Any]:
        """What the demo has noted about this principal: finished steps, balance of the house bank."""
        stored = Setting.objects.filter(client_id=self.client_id, name=MEMORY).first()
        return stored.value if stored else {"done": [], "balance": "0.00", "statements": 0}

    def remember(self, **values: Any) -> None:
        """Change some of what is noted."""
        noted = {**self.memory(), **values}
        Setting.objects.update_or_create(client_id=self.client_id, name=MEMORY, defaults={"value": noted})


Work = Callable[[World], str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens. `whole`: in one transaction together with the note that it is done."""

    name: str
    title: str
    day: date
    work: Work
    whole: bool = True


def take(world: World, step: Step) -> str | None:
    """Do a step unless it was done in an earlier start of the demo; returns its result in words."""
    if step.name in world.memory()["done"]:
        return None
    if not step.whole:
        said = step.work(world)
        world.remember(done=[*world.memory()["done"], step.name])
        return said
    with transaction.atomic():
        said = step.work(world)
        world.remember(done=[*world.memory()["done"], step.name])
    return said


def euros(cents: int) -> Decimal:
    """Cents as euros."""
    return Decimal(cents).scaleb(-2)
