"""Run the demo: every step once, shown with progress; at the end a table of what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from turnus.demo import history, october
from turnus.demo.figures import Figures, figures
from turnus.demo.portfolio import Portfolio, make_portfolios
from turnus.demo.setup import PASSWORD, PEOPLE, set_up, staff
from turnus.demo.world import Step, World, take
from turnus.system import clock
from turnus.system.isolation import allowed
from turnus.system.models import Principal

SEED, CUSTOMERS = 2026, 400

__all__ = ["CUSTOMERS", "PASSWORD", "PEOPLE", "SEED", "Told", "all_steps", "run"]


@dataclass(frozen=True, slots=True)
class Told:
    """A finished step: whose, which, and what came of it (None: done in an earlier start)."""

    town: str
    step: Step
    result: str | None


def all_steps() -> list[Step]:
    """Every step of one principal, in order of time."""
    return [*history.steps(), *october.steps()]


def run(
    *,
    home: Path,
    customers: int = CUSTOMERS,
    seed: int = SEED,
    tell: Callable[[Told], None] = lambda told: None,
) -> list[Figures]:
    """Make or complete the demo; what was done in an earlier start is not done again.

    Args:
        home: folder of the installation; the files of the demo go to `home/demo/PRINCIPAL`.
        tell: called after every step.

    Returns:
        the figures of each principal.
    """
    found = []
    for portfolio in make_portfolios(customers=customers, seed=seed):
        found.append(_run(portfolio, home / "demo" / portfolio.principal.short_name, seed, tell))
    clock.set_business_date(october.TODAY)
    return found


def _run(portfolio: Portfolio, folder: Path, seed: int, tell: Callable[[Told], None]) -> Figures:
    principal = Principal.objects.filter(short_name=portfolio.principal.short_name).first()
    if principal is None:
        with allowed():
            principal = set_up(portfolio.principal)
    with allowed(principal.pk):
        world = World(portfolio, principal, staff(), folder, seed)
        for step in all_steps():
            if step.name not in world.memory()["done"]:
                clock.set_business_date(step.day)
            tell(Told(portfolio.principal.town, step, take(world, step)))
        return figures(principal)
