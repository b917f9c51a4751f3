"""A rule names the warehouse that receives the goods: its address is in the mail, on the slip and on the label."""

import pytest

from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.returns.slip import contents as slip
from tests.returns import told
from tests.returns.labels import asked
from tests.returns.labels.courier import Courier

NORTH, SOUTH = "Returns North\nHavnegata 1\n0150 Oslo", "Returns South\nCalle Mayor 5\n28013 Madrid"
PLACES = [{"warehouse": "South", "address": SOUTH}, {"warehouse": "East", "address": "Returns East"}]


@pytest.fixture
def maker(world, use):
    return use(
        Courier(),
        instructions="Pack it well.",
        drop_off="Any post office.",
        address=NORTH,
        addresses=PLACES,
        destination="North",
    )


def sent_to(world, maker, run_jobs, row):
    """Where the customer reads that the goods go, what the slip says, and what the carrier is asked for."""
    maker.asked.clear()
    run_jobs()
    [(request, _settings)] = maker.asked
    row.refresh_from_db()
    rows = Notification.objects.filter(subject=row.subject, kind="return_approved")
    (mail,) = {one.data["instructions"] for one in rows}  # with the approval, and with the label
    printed = slip.of(row, world.shop.order(row.order_id), world.shop.settings(row.channel_id))
    assert (printed.instructions, printed.drop_off) == (("Pack it well.",), ("Any post office.",))
    return row.destination, mail, printed.address, (request.destination, request.receiver)


@pytest.mark.parametrize(
    ("rule", "warehouse", "address"),
    [
        ("South", "South", SOUTH),
        ("", "North", NORTH),
        ("Nowhere", "Nowhere", NORTH),  # it has no address of its own
    ],
)
def test_the_address_of_the_warehouse_is_the_one_that_everybody_is_told(
    world, maker, run_jobs, rule, warehouse, address
):
    told.rule(destination=rule)
    row = asked.approved(world)
    lines = tuple(address.splitlines())
    assert sent_to(world, maker, run_jobs, row) == (
        warehouse,
        f"Pack it well.\n\nAny post office.\n\n{address}",
        lines,
        (warehouse, lines),
    )


def test_the_channels_own_warehouse_may_have_one_too(world, use, run_jobs):
    maker = use(
        Courier(),
        instructions="Pack it well.",
        drop_off="Any post office.",
        addresses=PLACES,
        destination="East",
    )
    row = asked.approved(world)
    *_, printed, (warehouse, receiver) = sent_to(world, maker, run_jobs, row)
    assert (printed, warehouse, receiver) == (("Returns East",), "East", ("Returns East",))
