"""Links that are mailed to confirm one thing."""

import datetime

import pytest

from saleor_support_plugin.access import service
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.actors import ANONYMOUS
from saleor_support_plugin.errors import Invalid
from saleor_support_plugin.history.models import HistoryEntry
from sandbox import makers

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def order(shop):
    channel = makers.make_channel()
    makers.switch_on(channel)
    return shop.order(makers.gid(makers.make_order(channel, email="guest@example.com")))


def _come_in(grant, now):
    return service.open(token=service.token(grant), now=now)


def test_it_opens_the_order_until_it_expires(order, now):
    grant = service.grant_for(order=order, purpose="return:1", until=now + 2 * HOUR, now=now)
    guest = _come_in(grant, now)
    assert (guest.order_id, guest.grant_id) == (order.id, grant.pk)
    assert (grant.purpose, grant.expires_at) == ("return:1", now + 2 * HOUR)
    assert HistoryEntry.objects.get().verb == "guest_link_granted"
    with pytest.raises(Invalid, match="expired"):
        _come_in(grant, now + 2 * HOUR)


def test_it_confirms_one_thing_once(order, now):
    grant = service.grant_for(order=order, purpose="return:1", until=now + HOUR, now=now)
    guest = _come_in(grant, now)
    assert not service.use(actor=guest, purpose="return:2", now=now)
    assert service.use(actor=guest, purpose="return:1", now=now)
    assert not service.use(actor=guest, purpose="return:1", now=now)
    assert GuestGrant.objects.get().used_at == now
    assert _come_in(grant, now) == guest  # and still opens the order


def test_other_links_confirm_nothing(order, now):
    grant = service.grant_for(order=order, purpose="", until=now + HOUR, now=now)
    guest = _come_in(grant, now)
    for actor in (guest, ANONYMOUS):
        for purpose in ("return:1", ""):
            assert not service.use(actor=actor, purpose=purpose, now=now)


def test_a_revoked_one_confirms_nothing(order, now):
    grant = service.grant_for(order=order, purpose="return:1", until=now + HOUR, now=now)
    guest = _come_in(grant, now)
    GuestGrant.objects.update(revoked_at=now)
    assert not service.use(actor=guest, purpose="return:1", now=now)
