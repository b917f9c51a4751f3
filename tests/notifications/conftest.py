"""A shop with everything on, an order, and a scripted mail server."""

import pytest

from sandbox import makers
from tests.notifications import backends, samples


@pytest.fixture
def server(settings):
    """The scripted mail server as Django's default; ``server.SCRIPT`` and ``server.TAKEN``."""
    settings.EMAIL_BACKEND = "tests.notifications.backends.Scripted"
    for record in (backends.SCRIPT, backends.TAKEN, backends.OPENED):
        record.clear()
    yield backends
    for record in (backends.SCRIPT, backends.TAKEN, backends.OPENED):
        record.clear()


@pytest.fixture
def channel(shop):
    """A channel with every feature on."""
    made = makers.make_channel()
    makers.switch_on(made, shop_name="Casa Olivo", sender_address="hola@casaolivo.example")
    return made


@pytest.fixture
def order(shop, channel):
    """An order of a member, as the shop gives it."""
    made = makers.make_order(channel, makers.make_customer("lucia@example.com"), number=1042)
    return shop.order(makers.gid(made))


@pytest.fixture
def notify(order, now):
    """``notify()`` writes a return_requested of return 1 into the outbox; keywords override."""
    from saleor_support_plugin.notifications import service

    def write(kind="return_requested", **changes):
        values = {
            "kind": kind, "subject": "return:1", "occasion": "requested", "order": order, "now": now,
            "data": samples.DATA.get(kind),
        }  # fmt: skip
        return service.notify(**{**values, **changes})

    return write


@pytest.fixture
def staff(shop):
    """A member of staff who manages orders in every channel."""
    return shop.identify(makers.request_for(makers.make_staff("staff@example.com")))
