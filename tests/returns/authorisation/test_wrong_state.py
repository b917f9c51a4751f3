"""What is not possible any more, or not yet, says in plain words why, since when, and what to do."""

import datetime

import pytest

from saleor_support_plugin.errors import Code, WrongState
from saleor_support_plugin.returns import service
from saleor_support_plugin.returns.models import Return
from sandbox import makers

HOUR = datetime.timedelta(hours=1)
URL = "https://labels.example/1.pdf"
VERBS = {
    "ask": lambda world, more: service.ask(question="Why?", **more),
    "approve": lambda world, more: service.approve(**more),
    "decline": lambda world, more: service.decline(message="No.", **more),
    "label": lambda world, more: service.attach_label(url=URL, **more),
    "report": lambda world, more: service.report_shipment(tracking_number="1", **more),
    "receive": lambda world, more: service.receive(counts=[service.Count(world.apples, sellable=1)], **more),
    "settle": lambda world, more: service.settle(**more),
    "cancel": lambda world, more: service.cancel(**more),
}
DECISIONS = {"ask", "approve", "decline"}


def _asked(world, state):
    """A return that came to this state on 2024-04-17 (UTC)."""
    staff, now = world.staff(), world.now
    row = world.ask(actor=world.guest if state == "unconfirmed" else None)
    if state == "asked":
        return service.ask(actor=staff, return_id=row.pk, question="Why?", now=now)
    if state == "declined":
        return service.decline(actor=staff, return_id=row.pk, message="No.", now=now)
    if state in ("cancelled", "expired"):
        row = service.cancel(actor=staff, return_id=row.pk, now=now)
    if state == "expired":
        Return.objects.filter(pk=row.pk).update(authorisation="expired")
    if state in ("approved", "completed"):
        row = world.approve(row)
    if state == "completed":
        Return.objects.filter(pk=row.pk).update(settlement="settled", completed_at=now, closed_at=now)
    return row


def _refused(world, row, verb, actor):
    with pytest.raises(WrongState) as refused:
        VERBS[verb](world, {"actor": actor, "return_id": row.pk, "now": world.now + HOUR})
    assert (refused.value.field, refused.value.code) == ("id", Code.WRONG_STATE)
    return refused.value.message


@pytest.mark.parametrize(
    ("state", "verbs", "message"),
    [
        ("unconfirmed", set(VERBS) - {"cancel"},
         "The customer has to confirm this request first, by the link in the mail about it; staff does it "
         "for the customer with supportReturnConfirm."),
        ("requested", {"label", "report", "receive", "settle"},
         "The shop has not decided on this return yet; approve it first."),
        ("asked", {"ask", "label", "report", "receive", "settle"},
         "The customer was asked on 2024-04-17 and has not answered yet: wait, or decide without it."),
        ("approved", {"approve"}, "This return was approved on 2024-04-17 already."),
        ("approved", {"ask"}, "This return was approved on 2024-04-17 already; write a comment instead."),
        ("approved", {"decline"}, "This return was approved on 2024-04-17 already; cancel it instead."),
        *((state, set(VERBS) - {"cancel"}, f"This return {word} on 2024-04-17 already; reopen it first.")
          for state, word in (("declined", "was declined"), ("cancelled", "was cancelled"),
                              ("expired", "expired"), ("completed", "was completed"))),
        *((state, {"cancel"}, f"This return {word} on 2024-04-17 already.")
          for state, word in (("declined", "was declined"), ("cancelled", "was cancelled"),
                              ("expired", "expired"), ("completed", "was completed"))),
    ],
)  # fmt: skip
def test_what_staff_reads(world, state, verbs, message):
    row = _asked(world, state)
    assert {verb: _refused(world, row, verb, world.staff()) for verb in verbs} == dict.fromkeys(
        verbs, message
    )


@pytest.mark.parametrize(
    ("state", "verb", "message"),
    [
        ("unconfirmed", "report", "Confirm this request first, by the link in the mail about it."),
        ("requested", "report", "The shop has not decided on this return yet."),
        ("asked", "report", "The shop asked something about this return on 2024-04-17: answer first."),
        ("declined", "report", "This return was declined on 2024-04-17 already."),
        ("cancelled", "cancel", "This return was cancelled on 2024-04-17 already."),
        ("completed", "cancel", "This return was completed on 2024-04-17 already."),
    ],
)
def test_what_customers_read(world, state, verb, message):
    assert _refused(world, _asked(world, state), verb, world.guest) == message


def test_days_are_the_shops(world):
    makers.switch_on(world.channel, time_zone="Pacific/Auckland")
    row = _asked(world, "cancelled")
    assert _refused(world, row, "cancel", world.buyer) == "This return was cancelled on 2024-04-18 already."
