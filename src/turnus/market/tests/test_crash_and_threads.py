"""A crash loses nothing; two inboxes with the same file do its work once."""

from __future__ import annotations

import importlib
import importlib.util
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import connection

import factories as make
from turnus.documents.models import Original
from turnus.market.models import Interchange, Message
from turnus.market.records import TakeInResult
from turnus.market.services import take_in
from turnus.metering.models import IntervalDay
from turnus.system.isolation import allow, allowed

_path = Path(__file__).parents[2] / "catalogue" / "tests" / "mscons_text.py"
_spec = importlib.util.spec_from_file_location("mscons_text", _path)
assert _spec and _spec.loader
text = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(text)

AT = datetime(2026, 11, 1, 6, tzinfo=UTC)
MESSAGES = [text.profile(date(2026, 10, day), ["1,5"] * 96, reference=str(day)) for day in (28, 29, 30)]


def world() -> int:
    make.grid_operator(text.SENDER, "Netz Nord")
    client = make.principal(market_partner_id=text.RECEIVER)
    make.market_location(client, market_location_id=text.LOCATION)
    return client.pk


def test_a_crash_in_the_middle_leaves_the_original_and_nothing_half_done(
    committed_db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_id = world()
    module = importlib.import_module("turnus.market.services.take_in")
    finish = module._Intake._finish

    def crash(self: object, tail: object) -> None:
        finish(self, tail)
        raise KeyboardInterrupt

    monkeypatch.setattr(module._Intake, "_finish", crash)
    with pytest.raises(KeyboardInterrupt):
        take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a.edi", at=AT, user=None)
    assert Original.objects.get().content == text.interchange(MESSAGES)
    assert (Interchange.objects.count(), Message.objects.count(), IntervalDay.objects.count()) == (0, 0, 0)
    monkeypatch.setattr(module._Intake, "_finish", finish)
    result = take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a.edi", at=AT, user=None)
    assert not result.known_before
    assert IntervalDay.objects.count() == 3


def test_the_same_file_in_four_threads_is_taken_in_once(committed_db: str) -> None:
    client_id = world()
    results: list[TakeInResult] = []
    gate = threading.Barrier(4)

    def work() -> None:
        try:
            allow([client_id])
            gate.wait()
            results.append(
                take_in(client_id=client_id, content=text.interchange(MESSAGES), name="a", at=AT, user=None)
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(result.known_before for result in results) == [False, True, True, True]
    with allowed(client_id):
        assert Message.objects.filter(type="MSCONS").count() == 3
        assert IntervalDay.objects.count() == 3
