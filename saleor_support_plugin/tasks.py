"""Every Celery job: fetch nothing, call one verb, retry only when the shop did not answer."""

import contextlib
from collections.abc import Callable
from typing import Any

from celery import shared_task

from saleor_support_plugin import jobs
from saleor_support_plugin.access import service as access
from saleor_support_plugin.files import service as files
from saleor_support_plugin.history import notes
from saleor_support_plugin.history import retention as history_retention
from saleor_support_plugin.notifications import drain, guests, retention
from saleor_support_plugin.notifications.feedback import service as feedback
from saleor_support_plugin.refunds import service as refunds
from saleor_support_plugin.reports import runs
from saleor_support_plugin.returns import retention as return_retention
from saleor_support_plugin.returns import service as returns
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.shop.errors import ShopUnavailable
from saleor_support_plugin.tracking import dispatch, events, instructions, polling
from saleor_support_plugin.tracking import retention as tracking_retention
from saleor_support_plugin.tracking import service as tracking
from saleor_support_plugin.tracking.scans import payloads
from saleor_support_plugin.tracking.scans import service as scans
from saleor_support_plugin.worklist import retention as worklist_retention

BATCH = 200


def job(function: Callable[..., Any]) -> Any:
    """A task that may write, runs again after a crash of its worker, and retries ShopUnavailable.

    Of the periodic ones (``jobs.PERIODIC``) each run is noted, for ``supportHealth``.
    """
    name = function.__name__
    periodic = name in jobs.PERIODIC

    @shared_task(
        name=jobs.PREFIX + name,
        autoretry_for=(ShopUnavailable,),
        retry_backoff=10,
        retry_backoff_max=600,
        max_retries=5,
        acks_late=True,
        ignore_result=True,
    )
    def run(*args: Any) -> None:
        shop = get_shop()
        with shop.writing(), runs.noted(name, shop.now) if periodic else contextlib.nullcontext():
            function(*args)

    run.__doc__ = function.__doc__
    return run


def schedule() -> dict[str, dict[str, Any]]:
    """The periodic jobs (``jobs.PERIODIC``), as entries of CELERY_BEAT_SCHEDULE."""
    return {
        f"support-{name.replace('_', '-')}": {
            "task": jobs.PREFIX + name,
            "schedule": interval,
        }
        for name, interval in jobs.PERIODIC.items()
    }


@job
def announce_parcel(fulfillment_id: str) -> None:
    """Tell the customer that a parcel left."""
    tracking.announce(fulfillment_id=fulfillment_id, now=get_shop().now())


@job
def sweep_parcels() -> None:
    """Find parcels that hooks missed."""
    tracking.sweep(now=get_shop().now(), limit=BATCH)


@job
def read_orders() -> None:
    """Read what has just happened to orders."""
    events.catch_up(now=get_shop().now(), limit=BATCH)


@job
def sweep_orders() -> None:
    """Read what happened to orders, and tell of those that should have left by now."""
    events.sweep(now=get_shop().now(), limit=BATCH)
    dispatch.sweep(now=get_shop().now(), limit=BATCH)


@job
def hand_over_instruction(instruction_id: int) -> None:
    """Bring an instruction to its carrier."""
    instructions.hand_over(instruction_id=instruction_id, now=get_shop().now())


@job
def sweep_instructions() -> None:
    """Bring over instructions whose jobs were lost, and end those that parcels have overtaken."""
    instructions.sweep(now=get_shop().now(), limit=BATCH)


@job
def read_payloads() -> None:
    """Read what tracking providers have just sent."""
    payloads.read_new(now=get_shop().now(), limit=BATCH * 5)


@job
def sweep_payloads() -> None:
    """Read what tracking providers sent and whose job was lost, and fold lives that are due for it."""
    payloads.sweep(now=get_shop().now(), limit=BATCH * 5)
    scans.sweep(now=get_shop().now(), limit=BATCH * 5)


@job
def poll_parcels() -> None:
    """Ask tracking providers for parcels that are due."""
    polling.poll(now=get_shop().now(), limit=BATCH * 10)


@job
def deliver(notification_id: int) -> None:
    """Send one notification."""
    drain.deliver(notification_id=notification_id, now=get_shop().now())


@job
def deliver_due() -> None:
    """Send whatever is due and nobody sends."""
    drain.deliver_due(now=get_shop().now(), limit=BATCH * 50, seconds=25)  # before the next round


@job
def apply_delivery_events() -> None:
    """Note what mail providers have just reported."""
    feedback.apply_new(now=get_shop().now(), limit=BATCH * 25)


@job
def sweep_delivery_events() -> None:
    """Note what was reported and whose job was lost, or whose mail was not found yet."""
    feedback.sweep(now=get_shop().now(), limit=BATCH * 25)


@job
def answer_guest_request(request_id: int) -> None:
    """Mail a guest the link, if there is an order to link to."""
    guests.answer(request_id=request_id, now=get_shop().now())


@job
def sweep_guest_requests() -> None:
    """Answer requests whose job was lost."""
    guests.sweep(now=get_shop().now(), limit=BATCH)


@job
def enter_receipt(receipt_id: int) -> None:
    """Enter counted goods in the shop."""
    returns.enter(receipt_id=receipt_id, now=get_shop().now())


@job
def settle_return(return_id: int) -> None:
    """Give back what is due for a return, and complete it when nothing is left to do."""
    returns.settle_due(return_id=return_id, now=get_shop().now())


@job
def sweep_returns() -> None:
    """Go on with goods and money of returns whose jobs were lost."""
    returns.sweep_receipts(now=get_shop().now(), limit=BATCH)
    returns.sweep_settlements(now=get_shop().now(), limit=BATCH)


@job
def sweep_return_deadlines() -> None:
    """Remind customers of goods they have not sent, and end returns whose time is over."""
    returns.sweep_deadlines(now=get_shop().now(), limit=BATCH)


@job
def make_return_label(label_id: int) -> None:
    """Have a carrier make the label of a return."""
    returns.make_label(label_id=label_id, now=get_shop().now())


@job
def sweep_return_labels() -> None:
    """Go on with labels whose jobs were lost, or whose carriers did not answer."""
    returns.sweep_labels(now=get_shop().now(), limit=BATCH)


@job
def follow_return_shipments() -> None:
    """Take over what carriers say of parcels that come back."""
    returns.follow_shipments(now=get_shop().now(), limit=BATCH)


@job
def reconcile_returns() -> None:
    """Hold returns against what staff did in the shop."""
    returns.sweep_orders(now=get_shop().now(), limit=BATCH)


@job
def carry_out_refund(refund_id: int) -> None:
    """Give money back, at most once."""
    refunds.carry_out(refund_id=refund_id, now=get_shop().now())
    returns.settle_refund(refund_id=refund_id, now=get_shop().now())


@job
def sweep_refunds() -> None:
    """Go on with refunds whose jobs were lost, and watch those the provider has not answered."""
    refunds.sweep(now=get_shop().now(), limit=BATCH)
    refunds.watch(now=get_shop().now(), limit=BATCH)


@job
def note_order(note_id: int) -> None:
    """Write a note into the order's timeline."""
    notes.post(note_id=note_id)


@job
def sweep_notes() -> None:
    """Write notes whose job was lost."""
    notes.sweep(now=get_shop().now(), limit=BATCH)


@job
def sweep_files() -> None:
    """Ask the scanner again about files that it did not answer for."""
    files.sweep(now=get_shop().now(), limit=BATCH)


@job
def purge() -> None:
    """Delete what the retention rules no longer keep, a bounded number at a time."""
    access.purge(now=get_shop().now(), limit=BATCH * 50)
    files.purge(now=get_shop().now(), limit=BATCH * 50)
    notes.purge(now=get_shop().now(), limit=BATCH * 50)
    retention.purge(now=get_shop().now(), limit=BATCH * 50)
    dispatch.purge(now=get_shop().now(), limit=BATCH * 50)
    return_retention.purge(now=get_shop().now(), limit=BATCH * 50)
    tracking_retention.purge(now=get_shop().now(), limit=BATCH * 50)
    worklist_retention.purge(now=get_shop().now(), limit=BATCH * 50)
    history_retention.purge(now=get_shop().now(), limit=BATCH * 50)
