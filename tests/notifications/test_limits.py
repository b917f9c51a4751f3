"""Mails a minute: no moving minute sees more, and whoever is refused is told when to ask again."""

import datetime
import random

import pytest
from django.core.cache import cache

from saleor_support_plugin.notifications.sending import limits
from saleor_support_plugin.settings import SupportSettings

START = datetime.datetime(2026, 11, 24, 12, 0, 3, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()
    yield
    cache.clear()


def test_so_many_and_no_more():
    assert [limits.take("a", 3, START) for _ in range(3)] == [None] * 3
    until = limits.take("a", 3, START)
    assert until is not None
    assert START + 60 * SECOND <= until <= START + 65 * SECOND
    assert limits.take("a", 3, until - SECOND) == until
    assert limits.take("a", 3, until) is None


def test_being_refused_uses_nothing_up():
    assert limits.take("a", 1, START) is None
    until = limits.take("a", 1, START)
    for _ in range(20):
        assert limits.take("a", 1, START + SECOND) == until
    assert limits.take("a", 1, until) is None


def test_others_are_not_held_up():
    assert limits.take("a", 1, START) is None
    assert limits.take("a", 1, START) is not None
    assert limits.take("b", 1, START) is None


@pytest.mark.parametrize("most", [1, 7, 60, 600])
def test_no_moving_minute_sees_more_and_little_is_wasted(most):
    rng, now, taken = random.Random(most), START, []
    while now < START + 600 * SECOND:
        until = limits.take("a", most, now)
        if until is None:
            taken.append(now)
            now += datetime.timedelta(seconds=rng.expovariate(most / 20))  # three times too many
        else:
            assert now < until <= now + 65 * SECOND
            now = until if rng.random() < 0.5 else now + datetime.timedelta(seconds=rng.random() * 3)
    for first, last in zip(taken, taken[most:], strict=False):
        assert last - first >= 60 * SECOND
    if most > 1:
        assert len(taken) >= most * 10 * 0.85


def test_the_cost_does_not_grow(monkeypatch):
    calls = []
    for name in ("add", "incr", "get_many"):
        real = getattr(cache, name)
        monkeypatch.setattr(cache, name, lambda *args, real=real, **kw: calls.append(1) or real(*args, **kw))
    costs = []
    for _ in range(200):
        calls.clear()
        limits.take("a", 1000, START)
        costs.append(len(calls))
    assert set(costs) == {3}


def test_a_broken_cache_limits_nothing(monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ConnectionError("redis is away")

    monkeypatch.setattr(cache, "add", broken)
    assert [limits.take("a", 1, START) for _ in range(3)] == [None] * 3
    assert "without a limit" in caplog.text


def test_a_cache_that_keeps_nothing_limits_nothing(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert [limits.take("a", 1, START) for _ in range(3)] == [None] * 3


def test_a_key_is_a_channels_and_its_servers_and_tells_no_password():
    one = SupportSettings(channel_id="one", email_url="smtp://user:geheim@mail.example.com")
    keys = {
        limits.key(settings)
        for settings in (
            one,
            SupportSettings(channel_id="two", email_url=one.email_url),
            SupportSettings(channel_id="one", email_url="smtp://other.example.com"),
            SupportSettings(channel_id="one", mail_provider="postmark", mail_provider_options={"server_token": "geheim"}),
        )
    }  # fmt: skip
    assert len(keys) == 4
    assert not any("geheim" in key for key in keys)
    assert limits.key(one) == limits.key(SupportSettings(channel_id="one", email_url=one.email_url))
