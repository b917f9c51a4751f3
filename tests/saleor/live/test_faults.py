"""Faults in the running shop: hooks lost, the broker down, the mail server busy. No mail is lost or doubled."""

import pytest

from tests.saleor.live.mails import mark, new_mails
from tests.saleor.live.world import wait_for

pytestmark = pytest.mark.xdist_group("live")


def test_1_a_lost_hook_is_found_by_the_sweep(cast):
    """The fulfilment is as old as if the hook had been lost ten minutes ago."""
    order, address = cast.order(), cast.customers["ana"]["email"]
    since = mark(cast)
    cast.world.stop("worker")
    cast.fulfill(order, 1, tracking="1Z999AA10123456784")
    cast.world.shell(
        "import datetime\nfrom django.utils import timezone\nfrom django.core.cache import cache\n"
        "from saleor.order.models import Fulfillment\n"
        "from saleor_support_plugin.tracking.models import Parcel\n"
        "from saleor_support_plugin.shop.switches import Switch\n"
        "row = Fulfillment.objects.latest('pk')\n"
        "assert Parcel.objects.filter(order_id__isnull=False).exists()\n"
        "Parcel.objects.latest('pk').delete()\n"
        "Switch.objects.update(since=timezone.now() - datetime.timedelta(hours=1))\n"
        "Fulfillment.objects.filter(pk=row.pk).update(created_at=timezone.now() - datetime.timedelta(minutes=10))\n"
        "from saleor.celeryconf import app\napp.control.purge()"
    )
    cast.world.start("worker")
    (mail,) = new_mails(cast, address, 1, since, within=420)  # a sweep a minute; a minute for other parcels
    assert order["number"] in mail["Subject"]
    assert mark(cast) == since + 1


def test_1_broker_down_the_mutation_succeeds_and_the_mail_comes_later(cast):
    order, address = cast.order(), cast.customers["ana"]["email"]
    since = mark(cast)
    cast.world.stop("broker", signal=9)
    try:
        cast.fulfill(order, 1, tracking="1Z999AA10123456784")
        assert mark(cast) == since
    finally:
        cast.world.start("broker")
    (mail,) = new_mails(cast, address, 1, since, within=300)
    assert order["number"] in mail["Subject"]


def test_1_mail_server_down_is_retried(cast):
    order, address = cast.order(), cast.customers["ana"]["email"]
    since = mark(cast)
    refused = []

    def busy(recipient):
        refused.append(recipient)
        return "451 try again later" if len(refused) == 1 else None

    cast.world.sink.fault = busy
    cast.fulfill(order, 1, tracking="1Z999AA10123456784")
    wait_for(lambda: bool(refused), 240, lambda: cast.world.log("worker")[-3000:])
    (mail,) = new_mails(cast, address, 1, since, within=300)
    assert order["number"] in mail["Subject"]
    assert len(refused) == 2
    cast.world.sink.fault = lambda _recipient: None
