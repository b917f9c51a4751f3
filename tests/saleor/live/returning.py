"""Returns in the running shop: what customers and staff send, and whether Saleor's sums are ours."""

import dataclasses
from collections import Counter
from decimal import Decimal
from typing import Any

from tests.saleor.live import documents as doc
from tests.saleor.live.cast import Cast
from tests.saleor.live.mails import told
from tests.saleor.live.shipments import RETURN as STAFF_RETURN
from tests.saleor.live.world import wait_for

WITH_CUSTOMER = ("FULFILLED", "REFUNDED")
BACK = ("RETURNED", "REFUNDED_AND_RETURNED", "REPLACED")

FIELDS = """id number status authorisation logistics settlement confirmBy decisionBy sendBy instructions
  lines { orderLineId quantity approvedQuantity receivedQuantity missingQuantity returnedQuantity keep }
  shipments { state status trackingNumber } receipts { state message }
  quotedAmount { amount } refundAmount { amount } payouts { amount { amount } state }"""
REQUEST = f"""mutation ($input: SupportReturnRequestInput!, $token: String) {{
  supportReturnRequest(input: $input, accessToken: $token) {{ errors {{ field message code }}
    return {{ {FIELDS} }} }} }}"""
CONFIRM = f"""mutation ($id: ID!, $token: String) {{ supportReturnConfirm(id: $id, accessToken: $token) {{
  errors {{ field message code }} return {{ {FIELDS} }} }} }}"""
APPROVE = f"""mutation ($id: ID!, $input: SupportReturnApproveInput) {{
  supportReturnApprove(id: $id, input: $input) {{ errors {{ field message code }} return {{ {FIELDS} }} }} }}"""
REPORT = f"""mutation ($id: ID!, $input: SupportReturnShipmentReportInput!, $token: String) {{
  supportReturnShipmentReport(id: $id, input: $input, accessToken: $token) {{
    errors {{ field message code }} return {{ {FIELDS} }} }} }}"""
RECEIVE = f"""mutation ($id: ID!, $input: SupportReturnReceiveInput!) {{
  supportReturnReceive(id: $id, input: $input) {{ errors {{ field message code }} return {{ {FIELDS} }} }} }}"""
RETRY = f"""mutation ($id: ID!) {{ supportReturnReceiptRetry(id: $id) {{
  errors {{ field message code }} return {{ {FIELDS} }} }} }}"""
DECLINE = """mutation ($id: ID!) { supportReturnDecline(id: $id, message: "No.") {
  errors { field message code } } }"""
READ = f"query ($id: ID!, $token: String) {{ supportReturn(id: $id, accessToken: $token) {{ {FIELDS} }} }}"
OF_ORDER = f"""query ($id: ID!) {{ order(id: $id) {{ status total {{ gross {{ amount }} }}
  lines {{ id quantity quantityFulfilled }}
  fulfillments {{ id status lines {{ id quantity orderLine {{ id }} }} }}
  payments {{ capturedAmount {{ amount }} }} transactions {{ refundedAmount {{ amount }} }}
  grantedRefunds {{ status amount {{ amount }} reason }}
  supportReturns {{ {FIELDS} }} }} }}"""
APPS = "{ apps(first: 50) { edges { node { id identifier isActive } } } }"
ACTIVATE = "mutation ($id: ID!) { appActivate(id: $id) { errors { message } } }"
DEACTIVATE = "mutation ($id: ID!) { appDeactivate(id: $id) { errors { message } } }"
OURS = """
from saleor.app.models import App
print(App.objects.get(identifier="saleor.support").pk)
"""


def ask(cast: Cast, order: Any, quantity: int, token: str = "", **more: Any) -> Any:
    """Ask for pieces of the order's line; the payload."""
    access = more.pop("access", None)
    line = {"orderLineId": order["lines"][0]["id"], "quantity": quantity}
    if reason := more.pop("reason", "too_small"):
        line["reason"] = reason
    given = {"orderId": order["id"], "lines": [line], **more}
    answer = cast.world.ask(REQUEST, {"input": given, "token": access}, token)
    assert "errors" not in answer, answer
    return answer["data"]["supportReturnRequest"]


def asked(cast: Cast, order: Any, quantity: int, token: str = "", **more: Any) -> Any:
    """As :func:`ask`, for what must succeed: the return."""
    payload = ask(cast, order, quantity, token, **more)
    assert payload["errors"] == []
    return payload["return"]


def approve(cast: Cast, row: Any, **terms: Any) -> Any:
    """Staff agrees."""
    return cast.world.do(APPROVE, {"id": row["id"], "input": terms or None}, cast.admin)["return"]


def receive(cast: Cast, row: Any, **counted: int) -> Any:
    """Staff counts what came of the return's one line: ``sellable=1, missing=1``."""
    line = {"orderLineId": row["lines"][0]["orderLineId"], **counted}
    return cast.world.do(RECEIVE, {"id": row["id"], "input": {"lines": [line]}}, cast.admin)["return"]


def read(cast: Cast, row: Any, token: str = "", access: str | None = None) -> Any:
    """The return as it is now; as staff sees it unless somebody else reads."""
    by = token or ("" if access else cast.admin)
    return cast.world.do(READ, {"id": row["id"], "token": access}, by)


def until(cast: Cast, row: Any, within: float = 180, **wanted: Any) -> Any:
    """Wait until the return's fields are as wanted."""

    def found() -> Any:
        now = read(cast, row)
        return {name: now[name] for name in wanted}

    wait_for(
        lambda: found() == wanted,
        within,
        lambda: f"{read(cast, row)}\n{cast.world.do(doc.TASKS, token=cast.admin)}\n{told(cast)}",
    )
    return read(cast, row)


def staff_takes_back(cast: Cast, order: Any, quantity: int) -> None:
    """Staff returns pieces in the dashboard, without us."""
    found = cast.world.do(OF_ORDER, {"id": order["id"]}, cast.admin)["fulfillments"]
    shipped = next(one for one in found if one["status"] == "FULFILLED")
    lines = [{"fulfillmentLineId": shipped["lines"][0]["id"], "quantity": quantity}]
    cast.world.do(STAFF_RETURN, {"order": order["id"], "lines": lines}, cast.admin)


@dataclasses.dataclass(frozen=True)
class Sums:
    """An order's books: pieces by status of their fulfilments, and money, as Saleor and as we have them."""

    status: str
    pieces: Counter[str]
    back: int
    money: Decimal
    ours_back: int
    ours_money: Decimal


def sums(cast: Cast, order: Any) -> Sums:
    """The order's books, read by staff over HTTP."""
    found = cast.world.do(OF_ORDER, {"id": order["id"]}, cast.admin)
    pieces: Counter[str] = Counter()
    for one in found["fulfillments"]:
        pieces[one["status"]] += sum(line["quantity"] for line in one["lines"])
    money = sum((_money(one["refundedAmount"]) for one in found["transactions"]), Decimal(0))
    if found["payments"]:
        captured = sum((_money(one["capturedAmount"]) for one in found["payments"]), Decimal(0))
        money += _money(found["total"]["gross"]) - captured
    returns = found["supportReturns"]
    paid = [one for row in returns for one in row["payouts"] if one["state"] == "PAID"]
    return Sums(
        status=found["status"],
        pieces=+pieces,
        back=sum(pieces[one] for one in BACK),
        money=money,
        ours_back=sum(line["returnedQuantity"] for row in returns for line in row["lines"]),
        ours_money=sum((_money(one["amount"]) for one in paid), Decimal(0)),
    )


def agree(cast: Cast, order: Any, *, by_staff: int = 0) -> Sums:
    """What Saleor and we say of goods and money is the same; ``by_staff``: pieces moved without us."""
    found = sums(cast, order)
    assert found.back == found.ours_back + by_staff
    assert found.money == found.ours_money
    fulfilled = sum(
        line["quantityFulfilled"]
        for line in cast.world.do(OF_ORDER, {"id": order["id"]}, cast.admin)["lines"]
    )
    assert sum(found.pieces[one] for one in WITH_CUSTOMER) + found.back == fulfilled
    return found


def price(order: Any, quantity: int) -> Decimal:
    """What so many pieces of the order's one line cost: all of them the whole price, no cent lost by rounding."""
    line = order["lines"][0]
    if quantity == line["quantity"]:
        return _money(line["totalPrice"]["gross"])
    return quantity * _money(line["unitPrice"]["gross"])


def kinds(cast: Cast, order: Any) -> list[str]:
    """The kinds of mails about returns of the order that a mail server took, in their order."""
    rows = [line.split() for line in cast.world.shell(doc.OUTBOX).splitlines()]
    return [
        kind
        for kind, number, state, _reason in rows
        if number == order["number"] and kind.startswith("return_") and state == "accepted"
    ]


def _money(value: Any) -> Decimal:
    return Decimal(str(value["amount"]))
