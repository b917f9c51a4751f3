"""What customers say instead of a parcel's number: links, and what is no number at all."""

import pytest

from saleor_support_plugin.returns import service

LINK = "https://carrier.example/follow/1"
NUMBER = "1Z999AA10123456784"


@pytest.fixture
def row(world):
    return world.approve(world.ask())


def report(world, row, number):
    return service.report_shipment(actor=world.buyer, return_id=row.pk, tracking_number=number, now=world.now)


def test_a_link_is_kept_with_the_label_that_waits(world, row):
    label = service.attach_label(actor=world.staff(), return_id=row.pk, url=LINK, now=world.now)
    sent = report(world, row, LINK)
    assert (sent.pk, sent.tracking_number, sent.state) == (label.pk, LINK, "in_transit")


def test_a_link_is_kept_with_the_parcel_handed_in_without_a_number(world, row):
    sent = report(world, row, "")
    assert (report(world, row, LINK).pk, report(world, row, LINK).tracking_number) == (sent.pk, LINK)


@pytest.mark.parametrize("other", ["https://carrier.example/follow/2", "追跡番号", "ask at the counter"])
def test_two_that_are_no_numbers_are_two_parcels(world, row, other):
    first, second = report(world, row, LINK), report(world, row, other)
    assert second.pk != first.pk
    assert (report(world, row, LINK).pk, report(world, row, other).pk) == (first.pk, second.pk)


def test_a_number_is_the_same_however_it_is_written(world, row):
    first = report(world, row, NUMBER)
    assert report(world, row, "1z 999 aa1 0123456784").pk == first.pk
