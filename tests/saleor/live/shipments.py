"""How the stories of parcels begin, and how a warehouse's own system reports on them by webhook."""

import dataclasses
import datetime
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from typing import Any

from tests.saleor.live import documents as doc
from tests.saleor.live.cast import Cast
from tests.saleor.live.mails import told
from tests.saleor.live.world import wait_for

SECRET = "a long enough secret of our own"
SEVERAL, SENT_BACK, WAITED = (
    "several@customer.example",
    "sent-back@customer.example",
    "waited@customer.example",
)
PAIR = ("HV-1001-7001", "HV-1001-7002")
OLD, NEW = "HV-1002-7001", "HV-1002-7002"
TAKEN_BACK, APPROVED, RETURNED = "HV-1003-7001", "HV-1004-7001", "HV-1005-7001"

AUTO_APPROVE = """mutation ($on: Boolean!) { shopSettingsUpdate(input: {fulfillmentAutoApprove: $on}) {
  errors { field message } } }"""
APPROVE = """mutation ($id: ID!) { orderFulfillmentApprove(id: $id, notifyCustomer: true,
  allowStockToBeExceeded: true) { errors { field message code } } }"""
CANCEL = """mutation ($id: ID!, $warehouse: ID!) { orderFulfillmentCancel(id: $id,
  input: {warehouseId: $warehouse}) { errors { field message code } } }"""
RETURN = """mutation ($order: ID!, $lines: [OrderReturnFulfillmentLineInput!]!) {
  orderFulfillmentReturnProducts(order: $order, input: {refund: false, fulfillmentLines: $lines}) {
    errors { field message code } } }"""
SINCE = """
import datetime
from django.utils import timezone
from saleor_support_plugin.shop.switches import Switch
Switch.objects.update(since=timezone.now() - datetime.timedelta(hours=1))
"""


@dataclasses.dataclass
class Shipments:
    """Orders: one in two parcels; one whose number was changed, one whose shipment was cancelled; one
    that waited for approval and what was seen of it until then; one that comes back."""

    several: Any
    renumbered: Any
    cancelled: Any
    approved: Any
    while_waiting: Any
    returned: Any


def shipments(cast: Cast) -> Shipments:
    """Parcels leave in every way there is, with scans of our own systems taken in."""
    assert cast.configure(tracking="true", tracking_own_secret=SECRET)["data"]["pluginUpdate"]["errors"] == []
    cast.world.shell(SINCE)
    several = cast.order(guest=SEVERAL)
    for quantity, number in zip((1, 2), PAIR, strict=True):
        cast.fulfill(several, quantity, tracking=number)
    renumbered = cast.order("ben")
    shipped = cast.fulfill(renumbered, 3, tracking=OLD)
    cast.world.do(doc.UPDATE_TRACKING, {"id": shipped["id"], "number": NEW}, cast.admin)
    cancelled = cast.order("ben")
    shipped = cast.fulfill(cancelled, 3, tracking=TAKEN_BACK)
    cast.world.do(CANCEL, {"id": shipped["id"], "warehouse": cast.warehouse}, cast.admin)
    approved, while_waiting = _approved(cast)
    returned = cast.order(guest=SENT_BACK)
    cast.fulfill(returned, 3, tracking=RETURNED)
    return Shipments(several, renumbered, cancelled, approved, while_waiting, returned)


def _approved(cast: Cast) -> tuple[Any, Any]:
    order = cast.order(guest=WAITED)
    cast.world.do(AUTO_APPROVE, {"on": False}, cast.admin)
    try:
        waiting = cast.fulfill(order, 3, tracking=APPROVED)
    finally:
        cast.world.do(AUTO_APPROVE, {"on": True}, cast.admin)
    seen = cast.world.do(doc.ORDER_PARCELS, {"id": order["id"]}, cast.admin)["supportParcels"]
    cast.world.do(APPROVE, {"id": waiting["id"]}, cast.admin)
    return order, seen


def scan(number: str, status: str, *, minutes_ago: float = 5, **more: Any) -> dict[str, Any]:
    """One event as our own systems report it."""
    moment = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes_ago)
    return {"number": number, "happenedAt": moment.isoformat(), "status": status, **more}


def signed(body: bytes, *, secret: str = SECRET, age: float = 0) -> dict[str, str]:
    """The headers that prove who sent this ``body``, ``age`` seconds ago."""
    moment = str(int(time.time() - age))
    signature = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Support-Timestamp": moment,
        "X-Support-Signature": signature,
    }


def send(cast: Cast, body: bytes, headers: dict[str, str]) -> int:
    """POST to the channel's address for scans; the answer's HTTP status."""
    address = cast.world.url.removesuffix("graphql/")
    url = f"{address}plugins/channel/{cast.slug}/saleor.support/tracking/signed"
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def report(cast: Cast, *scans: dict[str, Any]) -> bytes:
    """Report scans, which must be taken; the body that was sent."""
    body = json.dumps({"events": scans}).encode()
    assert send(cast, body, signed(body)) == 200
    return body


def parcels(cast: Cast, order: Any, token: str = "", access: str | None = None) -> list[Any]:
    """The parcels of an order as its reader sees them, oldest first."""
    seen = cast.world.do(doc.ORDER_PARCELS, {"id": order["id"], "token": access}, token)
    found: list[Any] = seen["supportParcels"]
    return found


def await_statuses(cast: Cast, order: Any, *wanted: str) -> list[Any]:
    """Wait until the parcels of an order are in these statuses; the parcels as staff sees them."""

    def statuses() -> list[str]:
        return [one["status"] for one in parcels(cast, order, cast.admin)]

    wait_for(lambda: statuses() == list(wanted), 120, lambda: f"{statuses()}\n{told(cast)}")
    return parcels(cast, order, cast.admin)
