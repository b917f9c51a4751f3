"""The shop's own page of a reason goes with the money, where all lines that are paid for share it."""

import pytest

from saleor_support_plugin.refunds.models import Refund
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.desk import reasons
from sandbox import makers, models
from tests.returns.conftest import build, settle_down


@pytest.fixture
def world(shop, now):
    return build(shop, now, pay="transaction")


def page_for(world, *codes, type=models.Page.PAGE_OF_REASONS):
    """A page that these reasons are mapped to; its global id."""
    page = makers.gid(models.Page.objects.create(title="Size", type=type))
    for row in reasons.every():
        if row.code in codes:
            reasons.update(actor=world.staff(), reason_id=row.pk, shop_reference=page, now=world.now)
    return page


def money_back(world, row, *counts):
    """What was given the shop for the return: the page as we keep it, and as the shop has it."""
    world.receive(world.approve(row), *counts)
    settle_down(world.now)
    refund, granted = Refund.objects.get(), models.GrantedRefund.objects.get()
    assert (refund.state, refund.amount, granted.status) == ("settled", granted.amount, "success")
    return refund.reason_reference, granted.reason_reference and makers.gid(granted.reason_reference)


def test_lines_that_share_a_page_take_it_along(world):
    page = page_for(world, "too_small", "too_large")
    row = world.ask((world.apples, 1, "too_small"), (world.beans, 1, "too_large"))
    assert money_back(world, row) == (page, page)


def test_lines_of_several_pages_take_none_along(world):
    page_for(world, "too_small")
    page_for(world, "too_large")
    row = world.ask((world.apples, 1, "too_small"), (world.beans, 1, "too_large"))
    assert money_back(world, row) == ("", None)


def test_a_line_without_a_page_does_not_pass_for_one_that_has_it(world):
    page_for(world, "too_small")
    row = world.ask((world.apples, 1, "too_small"), (world.beans, 1, "changed_mind"))
    assert money_back(world, row) == ("", None)


def test_only_lines_that_are_paid_for_count(world):
    page = page_for(world, "too_small")
    row = world.ask((world.apples, 1, "too_small"), (world.beans, 1, "changed_mind"))
    counts = service.Count(world.apples, sellable=1), service.Count(world.beans, missing=1)
    assert money_back(world, row, *counts) == (page, page)


def test_a_page_that_the_shop_takes_for_no_reason_keeps_no_money_back(world):
    page = page_for(world, "too_small", type="news")
    row = world.ask((world.apples, 1, "too_small"))
    assert money_back(world, row) == (page, None)
