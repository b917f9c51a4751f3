"""Faults in the running shop: hooks lost, the broker down, the mail server busy. No mail is lost or doubled."""

import pytest

from tests.saleor.live.beginnings import BUSY, LOST, UNHEARD
from tests.saleor.live.mails import new_mails, quiet, to, told
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")


def once(cast, order, address):
    """The parcel of the order is told of in one mail to the address, and nothing else is."""
    (mail,) = new_mails(cast, address, 1, within=300)
    assert order["number"] in mail["Subject"]
    quiet(cast)
    assert len(to(cast, address)) == 1


def test_1_a_lost_hook_is_found_by_the_sweep(cast, lost):
    once(cast, lost, LOST)


def test_1_broker_down_the_mutation_succeeds_and_the_mail_comes_later(cast, unheard):
    once(cast, unheard, UNHEARD)


def test_1_mail_server_down_is_retried(cast, busy):
    wait_for(lambda: bool(busy.refused), 240, lambda: told(cast))
    once(cast, busy.order, BUSY)
    assert len(busy.refused) == 2
