"""Fixtures of these tests."""

import pytest

from sandbox import makers
from tests.access.asking import answered


@pytest.fixture
def channel(shop):
    channel = makers.make_channel("pl")
    makers.switch_on(channel, guest_link_hours="48")
    return channel


@pytest.fixture
def order(channel):
    return makers.make_order(channel, email="Ana@Example.com", number=1042)


@pytest.fixture
def grant(order, now):
    return answered(now)
