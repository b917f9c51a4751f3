"""Sources that are left alone: how long, and what a clock or a cache that fails does to it."""

import datetime

import pytest
from django.core.cache import cache

from saleor_support_plugin.tracking import pauses

SECOND, HOUR = datetime.timedelta(seconds=1), datetime.timedelta(hours=1)


def test_a_pause_ends(now):
    assert pauses.until("a", now) is None
    assert pauses.begin("a", 3600, now) == now + HOUR
    assert pauses.until("a", now + HOUR - SECOND) == now + HOUR
    assert pauses.until("a", now + HOUR) is None
    assert pauses.until("b", now) is None


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(0, 1), (-5, 1), (86_401, 86_400), (float("inf"), 86_400), (float("nan"), 86_400)],
)
def test_a_pause_is_from_a_second_to_a_day(now, seconds, counts):
    assert pauses.begin("a", seconds, now) == now + counts * SECOND


def test_a_clock_that_is_put_back_holds_nobody_for_long(now):
    pauses.begin("a", 3600, now)
    assert pauses.until("a", now - 22 * HOUR) == now + HOUR
    assert pauses.until("a", now - 24 * HOUR) is None


def test_a_cache_that_does_not_answer_holds_nobody(now, monkeypatch, caplog):
    def broken(*args, **more):
        raise OSError("no answer")

    monkeypatch.setattr(type(cache._connections["default"]), "set", broken)
    monkeypatch.setattr(type(cache._connections["default"]), "get", broken)
    assert pauses.begin("a", 3600, now) == now + HOUR
    assert pauses.until("a", now) is None
    assert caplog.text.count("The cache does not answer") == 2
