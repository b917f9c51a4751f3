"""One order's whole story, steps 4 to 6: return, guests, and everybody who may not."""

import re
import urllib.parse
from typing import Any

from sandbox import clock, mails
from sandbox.demo import documents as ask
from sandbox.demo import documents_returns as docs
from sandbox.demo import uploads
from sandbox.demo.seed import Seed
from sandbox.demo.story import STAFF, Cast
from sandbox.demo.teller import Teller, Voice
from sandbox.makers import gid

LUCIA = "lucia@example.com"


def send_back(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 4."""
    t.chapter(
        4,
        "Goods come back, and so does the money",
        """Ana writes a rule and says where goods go. Lucía asks what she may return, and sends back one of
        three mugs. Ana approves, Lucía hands the parcel in, Ana counts what came: a job books the goods into
        a return fulfilment, another refunds the payment, everybody is told.""",
    )
    _policy(t, cast, seed)
    row = seed.orders["story"]
    order, (mugs, _board) = gid(row), [gid(line) for line in row.lines.order_by("position")]
    made = _request(t, cast, seed, order, mugs)
    answer = t.ask(cast.ana, docs.RETURN_APPROVE, id=made["id"])["supportReturnApprove"]
    t.expect(answer["errors"] == [], "Ana approves")
    t.expect(answer["return"]["quotedAmount"]["amount"] == 18.5, "18.50 EUR are told with it")
    t.expect("returns/slip/" in (answer["return"]["slipUrl"] or ""), "there is a slip to print")
    t.mailed(("return_approved", LUCIA))
    t.refused(
        t.ask(cast.ana, docs.RETURN_APPROVE, id=made["id"])["supportReturnApprove"],
        "WRONG_STATE",
        "only once",
    )
    number = {"trackingNumber": "1Z999AA10123456799", "key": "counter-7"}
    answer = t.ask(cast.lucia, docs.SHIPMENT_REPORT, id=made["id"], input=number)
    t.expect(answer["supportReturnShipmentReport"]["return"]["status"] == "ON_ITS_WAY", "it is on its way")
    counted = {"key": "scan-1", "lines": [{"orderLineId": mugs, "sellable": 1}]}
    answer = t.ask(cast.ana, docs.RECEIVE, id=made["id"], input=counted)["supportReturnReceive"]
    t.expect(answer["errors"] == [], "Ana counts one mug, as new")
    t.mailed(("return_received", LUCIA), ("return_refunded", LUCIA))
    again = t.send(cast.ana, docs.RECEIVE, {"id": made["id"], "input": counted})["data"]
    t.expect(
        again["supportReturnReceive"]["errors"] == [], "the scanner sends it twice, which changes nothing"
    )
    seen = t.ask(cast.lucia, docs.ONE_RETURN, id=made["id"])["supportReturn"]
    t.expect(seen["status"] == "COMPLETED", "the return is complete")
    t.expect(seen["refundAmount"] == {"amount": 18.5, "currency": "EUR"}, "18.50 EUR went back")
    after = t.ask(cast.ana, docs.AFTER_RETURN, order=order)["order"]
    shelf = {one["status"]: [line["quantity"] for line in one["lines"]] for one in after["fulfillments"]}
    t.expect(shelf == {"FULFILLED": [2, 1], "RETURNED": [1]}, "one mug lies in a return fulfilment")
    t.expect(after["payments"][0]["capturedAmount"]["amount"] == 71.9, "by the payment")
    t.expect(any(one["message"] for one in after["events"]), "the order's timeline tells it")
    t.mailed()
    _claim(t, cast, seed)
    _report(t, cast)


def _policy(t: Teller, cast: Cast, seed: Seed) -> None:
    channel = gid(seed.channels["eu"])
    options = {"address": "Support Shop\nCalle del Almacén 5\n28021 Madrid", "sendDays": 21}
    answer = t.ask(cast.ana, docs.RETURN_SETTINGS, channel=channel, input=options)
    t.expect(answer["supportReturnSettingsUpdate"]["errors"] == [], "the channel's options are kept")
    uk = {"address": "Support Shop\n1 Warehouse Road\nLondon E1 6AN"}
    answer = t.ask(cast.ana, docs.RETURN_SETTINGS, channel=gid(seed.channels["uk"]), input=uk)
    t.expect(answer["supportReturnSettingsUpdate"]["errors"] == [], "and those of the other channel")
    rule = {
        "name": "Spain: sixty days",
        "channelId": channel,
        "conditions": {"countries": ["ES"]},
        "outcome": {"days": 60, "anchor": "DISPATCH", "settleOn": "RECEIPT"},
    }
    answer = t.ask(cast.ana, docs.RULE, input=rule)["supportReturnRuleCreate"]
    t.expect(answer["errors"] == [], "and the first rule that matches decides")


def _request(t: Teller, cast: Cast, seed: Seed, order: str, mugs: str) -> dict[str, Any]:
    foreign = gid(seed.orders["transaction"].lines.order_by("position")[0])
    may = t.ask(cast.lucia, docs.ELIGIBILITY, order=order)["supportReturnEligibility"]
    t.expect(may["eligible"] and may["lines"][0]["returnable"] == 3, "all three mugs may come back")
    days = {one["kind"]: one["days"] for one in may["lines"][0]["kinds"]}
    t.expect(days["RETURN"] == 60, "for sixty days, as the rule says")
    reasons = t.ask(cast.lucia, docs.REASONS, language="es")["supportReturnReasons"]
    labels = {one["code"]: one["label"] for one in reasons}
    t.expect(labels["changed_mind"] == "He cambiado de opinión", "reasons come in Lucía's language")
    for line, quantity, code, sentence in (
        (mugs, 4, "TOO_MANY", "more than was delivered is refused"),
        (foreign, 1, "NOT_FOUND", "another order's line is not there"),
    ):
        wish = _wish(order, line, quantity)
        t.refused(t.ask(cast.lucia, docs.RETURN_REQUEST, input=wish)["supportReturnRequest"], code, sentence)
    answer = t.ask(cast.lucia, docs.RETURN_REQUEST, input=_wish(order, mugs, 1))
    made: dict[str, Any] = answer["supportReturnRequest"]["return"]
    t.expect(made["status"] == "REQUESTED", "the return is requested")
    t.mailed(("return_requested", LUCIA))
    return made


def _claim(t: Teller, cast: Cast, seed: Seed) -> None:
    t.say(
        """Tom's lamp is broken. He claims with a photo and keeps the pieces. He paid by a Transaction: there
        the shop grants a refund, and the payment app settles it."""
    )
    row = seed.orders["transaction"]
    order, lamp = gid(row), gid(row.lines.order_by("position")[0])
    wish = {"orderId": order, "kind": "CLAIM", "lines": [{**_line(lamp, 1), "reason": "damaged"}]}
    answer = t.ask(cast.tom, docs.RETURN_REQUEST, input=wish)["supportReturnRequest"]
    t.refused(answer, "REQUIRED", "a claim like this needs a photo", "lines.0.fileIds")
    photo = uploads.hand_in(t, cast.tom, docs.PHOTO, "lamp.png", uploads.photo(), order=order)
    t.expect(photo["supportFileUpload"]["errors"] == [], "the photo is taken in")
    wish["lines"][0]["fileIds"] = [photo["supportFileUpload"]["file"]["id"]]
    made = t.ask(cast.tom, docs.RETURN_REQUEST, input=wish)["supportReturnRequest"]["return"]
    t.expect(made["lines"][0]["files"] == [{"name": "lamp.png"}], "and belongs to the claim")
    t.mailed(("return_requested", "tom@example.com"))
    terms = {"keep": True, "message": "We are sorry. No need to send it."}
    t.ask(cast.sam, docs.RETURN_APPROVE, id=made["id"], input=terms)
    t.mailed(("return_approved", "tom@example.com"), ("return_refunded", "tom@example.com"))
    after = t.ask(cast.sam, docs.AFTER_RETURN, order=order)["order"]
    refunds = [(one["amount"]["amount"], one["status"]) for one in after["grantedRefunds"]]
    t.expect(refunds == [(59.0, "SUCCESS")], "59.00 GBP were granted and given back")
    t.expect(not any(one["status"] == "RETURNED" for one in after["fulfillments"]), "nothing was sent back")


def _report(t: Teller, cast: Cast) -> None:
    t.say("What comes back, why, and how long it takes:")
    today = clock.now().date().isoformat()
    found = t.ask(cast.ana, docs.RETURN_REPORT, **{"from": today, "until": today})["supportReturnReport"]
    t.expect(found["returns"] == 2, "two returns were asked for today")
    worth = {one["currency"]: one["amount"] for one in found["refunded"]}
    t.expect(worth == {"EUR": 18.5, "GBP": 59.0}, "18.50 EUR and 59.00 GBP went back for them")


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
    may = t.ask(cast.nobody, docs.ELIGIBILITY, order=order, accessToken=token)["supportReturnEligibility"]
    t.expect(may["eligible"], "and sees what she may return")
    _confirm(t, cast, order, may["lines"][0]["orderLineId"], token)
    return token


def _confirm(t: Teller, cast: Cast, order: str, line: str, token: str) -> None:
    """Whoever holds the link may ask; only who reads the order's mail can confirm."""
    wish = _wish(order, line, 1)
    answer = t.ask(cast.nobody, docs.RETURN_REQUEST, input=wish, accessToken=token)["supportReturnRequest"]
    made = answer["return"]
    t.expect(made["status"] == "UNCONFIRMED", "a guest's request waits for a confirmation")
    t.refused(
        t.ask(cast.nobody, docs.RETURN_CONFIRM, id=made["id"], accessToken=token)["supportReturnConfirm"],
        "INVALID",
        "which takes the link of one more mail",
        "accessToken",
    )
    fresh = _token(t.mailed(("return_confirm", "marta.gil@example.com")))
    answer = t.ask(cast.nobody, docs.RETURN_CONFIRM, id=made["id"], accessToken=fresh)
    confirmed = answer["supportReturnConfirm"]["return"]
    t.expect(confirmed is not None and confirmed["status"] == "REQUESTED", "with it the shop has to decide")
    t.mailed(("return_requested", "marta.gil@example.com"))


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
    answer = t.ask(cast.tom, docs.RETURN_APPROVE, id=ticket_id)
    t.expect("errors" in answer, "customers cannot approve returns")
    t.mailed()


def _wish(order: str, line: str, quantity: int) -> dict[str, Any]:
    return {"orderId": order, "lines": [_line(line, quantity)]}


def _line(line: str, quantity: int) -> dict[str, Any]:
    return {"orderLineId": line, "quantity": quantity, "reason": "changed_mind"}


def _message(order: str) -> dict[str, str]:
    return {"orderId": order, "subject": "Hello", "message": "What is in this order?"}


def _same(one: Any, other: Any) -> bool:
    return bool(one["errors"]) and one == other


def _token(sent: list[mails.Mail]) -> str:
    if not sent:
        return ""
    found = re.search(r"token=([^\s&\"]+)", sent[0].text)
    return urllib.parse.unquote(found[1]) if found else ""
