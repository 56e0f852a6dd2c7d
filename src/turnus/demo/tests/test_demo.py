"""The demo runs from nothing to reminders; a second start changes nothing, an interrupted one goes on."""

import pytest

from turnus.demo import services, world
from turnus.system import clock, verify
from turnus.system.isolation import allowed
from turnus.system.models import Principal, Run


def _number(figures, name):
    return int(dict(figures.rows)[name])


def test_the_demo_tells_its_story_once(committed_db, tmp_path):
    first = services.run(home=tmp_path, customers=40)
    told = []
    again = services.run(home=tmp_path, customers=40, tell=told.append)
    assert again == first
    assert {step.result for step in told} == {None}
    assert clock.today().isoformat() == "2026-10-31"
    for figures in first:
        for name in (
            "Marktnachrichten", "Tage mit Lastgang", "Rechnungen freigegeben", "Rechnungen ausgesteuert",
            "Dokumente versandt", "Rücklastschriften", "im Klärungskonto", "Mahnungen Stufe 1",
            "offene Klärungsfälle", "offene Freigaben",
        ):  # fmt: skip
            assert _number(figures, name) > 0, (figures.principal, name)
    assert not [f for result in verify.verify() for f in result.findings]
    for principal in Principal.objects.all():
        with allowed(principal.pk):
            assert set(Run.objects.values_list("state", flat=True)) == {"done"}
    files = {path.suffix for path in (tmp_path / "demo").rglob("*.*")}
    assert files == {".csv", ".edi", ".xml"}


class Unplugged(RuntimeError):
    """The power went off."""


def test_an_interrupted_step_leaves_nothing_behind(committed_db, tmp_path, monkeypatch):
    steps = services.all_steps()[:3]
    monkeypatch.setattr(services, "all_steps", lambda: steps)
    monkeypatch.setattr(services, "figures", lambda principal: world.World)
    whole = steps[0].work

    def unplug(one):
        whole(one)
        raise Unplugged

    broken = [world.Step(steps[0].name, steps[0].title, steps[0].day, unplug), *steps[1:]]
    monkeypatch.setattr(services, "all_steps", lambda: broken)
    with pytest.raises(Unplugged):
        services.run(home=tmp_path, customers=40)
    monkeypatch.setattr(services, "all_steps", lambda: steps)
    told = []
    services.run(home=tmp_path, customers=40, tell=told.append)
    assert [bool(one.result) for one in told] == [True] * 6
