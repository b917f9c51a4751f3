"""One order's whole story, steps 4 to 6: return, guests, and everybody who may not."""

import re
import urllib.parse
from typing import Any

from sandbox import mails
from sandbox.demo import documents as ask
from sandbox.demo.seed import Seed
from sandbox.demo.story import STAFF, Cast
from sandbox.demo.teller import Teller, Voice
from sandbox.makers import gid


def send_back(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 4."""
    t.chapter(
        4,
        "Goods come back, and so does the money",
        """Lucía asks what she may return, and sends back one of three mugs. Ana approves: the shop books the
        goods into a return fulfilment, a job refunds the payment, everybody is told.""",
    )
    row = seed.orders["story"]
    order, (mugs, _board) = gid(row), [gid(line) for line in row.lines.order_by("position")]
    foreign = gid(seed.orders["transaction"].lines.order_by("position")[0])
    may = t.ask(cast.lucia, ask.ELIGIBILITY, order=order)["supportReturnEligibility"]
    t.expect(may["eligible"] and may["lines"][0]["returnable"] == 3, "all three mugs may come back")
    for line, quantity, code, sentence in (
        (mugs, 4, "TOO_MANY", "more than was delivered is refused"),
        (foreign, 1, "NOT_FOUND", "another order's line is not there"),
    ):
        wish = _wish(order, line, quantity)
        t.refused(t.ask(cast.lucia, ask.RETURN_REQUEST, input=wish)["supportReturnRequest"], code, sentence)
    answer = t.ask(cast.lucia, ask.RETURN_REQUEST, input=_wish(order, mugs, 1, "damaged"))
    made = answer["supportReturnRequest"]["return"]
    t.expect(made["status"] == "REQUESTED", "the return is requested")
    t.mailed(("return_requested", "lucia@example.com"))
    answer = t.ask(cast.ana, ask.RETURN_APPROVE, id=made["id"])["supportReturnApprove"]
    t.expect(answer["errors"] == [], "Ana approves")
    t.mailed(("return_approved", "lucia@example.com"), ("return_refunded", "lucia@example.com"))
    t.refused(
        t.ask(cast.ana, ask.RETURN_APPROVE, id=made["id"])["supportReturnApprove"], "WRONG_STATE", "only once"
    )
    after = t.ask(cast.ana, ask.AFTER_RETURN, order=order)["order"]
    shelf = {one["status"]: [line["quantity"] for line in one["lines"]] for one in after["fulfillments"]}
    t.expect(shelf == {"FULFILLED": [2, 1], "RETURNED": [1]}, "one mug lies in a return fulfilment")
    t.expect(after["payments"][0]["capturedAmount"]["amount"] == 71.9, "18.50 EUR went back by the payment")
    t.expect(after["supportReturns"][0]["status"] == "COMPLETED", "the return is complete")
    t.expect(any(one["message"] for one in after["events"]), "the order's timeline tells it")
    t.mailed()
    _by_transaction(t, cast, seed)


def _by_transaction(t: Teller, cast: Cast, seed: Seed) -> None:
    t.say("Tom paid by a Transaction: there the shop grants a refund, and the payment app settles it.")
    row = seed.orders["transaction"]
    order, lamp = gid(row), gid(row.lines.order_by("position")[0])
    answer = t.ask(cast.tom, ask.RETURN_REQUEST, input=_wish(order, lamp, 1, "changed_mind"))
    made = answer["supportReturnRequest"]["return"]
    t.mailed(("return_requested", "tom@example.com"))
    t.ask(cast.sam, ask.RETURN_APPROVE, id=made["id"])
    t.mailed(("return_approved", "tom@example.com"), ("return_refunded", "tom@example.com"))
    after = t.ask(cast.sam, ask.AFTER_RETURN, order=order)["order"]
    refunds = [(one["amount"]["amount"], one["status"]) for one in after["grantedRefunds"]]
    t.expect(refunds == [(59.0, "SUCCESS")], "59.00 GBP were granted and given back")


def open_by_link(t: Teller, cast: Cast, seed: Seed) -> str:
    """Step 5; returns the guest's token."""
    t.chapter(
        5,
        "A guest gets a link",
        """Marta has no account. Whatever she types, the answer is the same; only if order and e-mail belong
        together a mail with a signed, expiring link goes to the order's own address. Its token
        opens exactly that order.""",
    )
    answers = []
    for number, email in (
        ("1045", "somebody@example.com"),
        ("999999", "marta.gil@example.com"),
        ("1045", "Marta.Gil@example.com"),
    ):
        answers.append(
            t.ask(cast.nobody, ask.GUEST_ACCESS, channel="europe", orderNumber=number, email=email)
        )
    t.expect(answers[0] == answers[1] == answers[2], "hit and miss look the same")
    sent = t.mailed(("guest_link", "marta.gil@example.com"))
    token = _token(sent)
    t.expect(bool(token), "the mail holds a link with the token")
    order, other = gid(seed.orders["guest"]), gid(seed.orders["guest_other"])
    seen = t.ask(cast.nobody, ask.GUEST_ORDER, order=order, accessToken=token)
    t.expect("errors" not in seen and seen["order"]["supportTickets"] == [], "the token opens Marta's order")
    seen = t.ask(cast.nobody, ask.GUEST_ORDER, order=other, accessToken=token)
    t.expect("errors" in seen, "not even her other order")
    seen = t.ask(cast.nobody, ask.GUEST_ORDER, order=order, accessToken=token[:-4] + "AAAA")
    t.expect("errors" in seen, "a forged token opens nothing")
    t.later("It is evening", hours=9)
    t.mailed()
    message = {"orderId": order, "subject": "Talla", "message": "¿El delantal encoge al lavarlo?"}
    answer = t.ask(cast.nobody, ask.TICKET_CREATE, input=message, accessToken=token)["supportTicketCreate"]
    t.expect(answer["errors"] == [], "Marta can write, too, and hears when the shop opens again")
    t.mailed(("ticket_acknowledged_out_of_hours", "marta.gil@example.com"), ("staff_new_ticket", STAFF))
    may = t.ask(cast.nobody, ask.ELIGIBILITY, order=order, accessToken=token)["supportReturnEligibility"]
    t.expect(may["eligible"], "and sees what she may return")
    return token


def strangers(t: Teller, cast: Cast, seed: Seed, token: str) -> None:
    """Step 6."""
    t.chapter(
        6,
        "Nobody else gets in",
        """Another customer, a guest of another order, staff without the permission or of another channel, an
        app without permission: to none of them Lucía's order is any different from one that does
        not exist.""",
    )
    order, nowhere = gid(seed.orders["story"]), "T3JkZXI6MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAw"
    ticket = t.send(cast.ana, ask.ORDER_TICKETS.replace("{ number }", "{ id }"), {"order": order})
    ticket_id = ticket["data"]["order"]["supportTickets"][0]["id"]
    missing = ticket_id[:-4] + "5OTk="
    for who, access in (
        (cast.tom, None),
        (Voice("Marta (guest of another order)"), token),
        (cast.pat, None),
        (cast.sam, None),
        (cast.newsletter, None),
        (cast.nobody, None),
    ):
        extra = {"accessToken": access} if access else {}
        theirs = t.ask(who, ask.TICKET_CREATE, input=_message(order), **extra)["supportTicketCreate"]
        nobodys = t.send(who, ask.TICKET_CREATE, {"input": _message(nowhere), **extra})["data"]
        t.expect(_same(theirs, nobodys["supportTicketCreate"]), "not yours looks like not there")
        mine = t.send(who, ask.TICKET, {"id": ticket_id, **extra})
        none = t.send(who, ask.TICKET, {"id": missing, **extra})
        t.expect(mine == none, "and so does the ticket")
        seen = t.send(who, ask.GUEST_ORDER, {"order": order, **extra})
        t.expect("errors" in seen, "and what is on the order stays closed")
    answer = t.ask(cast.tom, ask.RETURN_APPROVE, id=ticket_id)
    t.expect("errors" in answer, "customers cannot approve returns")
    t.mailed()


def _wish(order: str, line: str, quantity: int, reason: str = "damaged") -> dict[str, Any]:
    return {"orderId": order, "lines": [{"orderLineId": line, "quantity": quantity, "reason": reason}]}


def _message(order: str) -> dict[str, str]:
    return {"orderId": order, "subject": "Hello", "message": "What is in this order?"}


def _same(one: Any, other: Any) -> bool:
    return bool(one["errors"]) and one == other


def _token(sent: list[mails.Mail]) -> str:
    if not sent:
        return ""
    found = re.search(r"token=([^\s&\"]+)", sent[0].text)
    return urllib.parse.unquote(found[1]) if found else ""
