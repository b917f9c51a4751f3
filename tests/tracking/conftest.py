"""Fixtures of these tests."""

import pytest

from saleor_support_plugin import tasks
from saleor_support_plugin.tracking import service
from sandbox import makers
from sandbox.home.shop import SHOP
from tests.tracking.shipping import MINUTE


@pytest.fixture
def channel(shop, clock):
    made = makers.make_channel()
    makers.switch_on(made, shop_name="Casa Olivo", overlap="take over")
    return made


@pytest.fixture
def order(channel):
    return makers.make_order(channel, makers.make_customer("lucia@example.com"), number=1042)


@pytest.fixture
def swept(shop, now):
    """The sweep has run once before anything happened: its cursor stands."""
    service.sweep(now=now - 60 * MINUTE, limit=100)


@pytest.fixture
def send(clock, run_jobs):
    """``send()`` runs what is queued, and what waits for others of its order, some minutes later."""

    def run():
        run_jobs()
        clock(SHOP.now() + 3 * MINUTE)
        tasks.deliver_due()
        run_jobs()

    return run
