"""Parcels on their way, step 9: scans by webhook, one page for the customer, a problem, and the carriers."""

import datetime
import json
import logging
import re
import urllib.parse
from typing import Any

from sandbox import clock, mails, models
from sandbox.demo import documents as ask
from sandbox.demo import documents_parcels as parcels
from sandbox.demo.scans import KEY, scan, send
from sandbox.demo.seed import Seed
from sandbox.demo.story import STAFF, Cast, items, line
from sandbox.demo.teller import Teller
from sandbox.makers import gid

PAIR = ("1Z12345E0205271686", "1Z12345E6605272234")
LOST_WAY = "1Z12345E1505270457"
MARTA, JAVIER = "marta.gil@example.com", "javier@example.com"
SEVILLE, VALENCIA = "Sevilla", "Valencia"


def follow(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 9."""
    t.chapter(
        9,
        "A parcel has a life",
        """Ana switches on that parcels are followed, and promises one to three working days in Spain.
        Marta's order leaves in two parcels. What the carrier scans comes by signed webhooks: from a
        provider, or from the shop's own systems.""",
    )
    channel, order = seed.channels["eu"], seed.orders["pair"]
    options = items({"tracking": "true", "tracking_own_secret": KEY})
    answer = t.ask(cast.ana, ask.CONFIGURE, channel=gid(channel), options=options)["pluginUpdate"]
    t.expect(answer["errors"] == [], "parcels are followed in Europe")
    rule = {"channelId": gid(channel), "country": "ES", "daysFrom": 1, "daysUntil": 3}
    answer = t.ask(cast.ana, parcels.TRANSIT_RULE, rule=rule)["supportTransitRuleCreate"]
    t.expect(answer["errors"] == [], "and promised")
    for one, number in zip(order.lines.order_by("position"), PAIR, strict=True):
        _ship(t, cast, order, [line(gid(one), one.quantity)], number)
    t.later("A minute passes", seconds=61)
    t.mailed(("order_shipped", MARTA))
    t.later("The parcels travel", minutes=40)
    url = f"{t.base}/plugins/channel/{channel.slug}/saleor.support/tracking/signed"
    _scanned(t, url)
    _page(t, cast, order)
    _delivered(t, cast, order, url)
    _problem(t, cast, seed.orders["lost_way"], url)
    _carriers(t, cast)


def _ship(t: Teller, cast: Cast, order: models.Order, lines: list[dict[str, Any]], number: str) -> None:
    t.ask(cast.ana, parcels.FULFILLED, order=gid(order), lines=lines, tracking=number)


def _scanned(t: Teller, url: str) -> None:
    today = [scan(number, "out_for_delivery", window="16:00-18:00", place=SEVILLE) for number in PAIR]
    logging.disable(logging.WARNING)  # the forged events would be logged between the lines of the story
    status = send(url, *today, key="somebody-elses-key-0123456789")
    logging.disable(logging.NOTSET)
    t.expect(status == 403, "events with a wrong signature are refused")
    t.mailed()
    early = [scan(number, "in_transit", minutes_ago=30, place="Madrid") for number in PAIR]
    t.show(f"POST {url}, signed", json.dumps({"events": [*today, *early]}, indent=2, ensure_ascii=False))
    t.expect(send(url, *today, *early) == 200, "the warehouse's own are taken, in whatever order")
    t.later("A minute passes", seconds=61)
    sent = t.mailed(("out_for_delivery", MARTA))
    told = bool(sent) and all(number in sent[0].text for number in PAIR)
    t.expect(told, "both parcels are told of in one mail")
    t.expect(send(url, *today, *early) == 200, "the same once more changes nothing")
    t.later("A minute passes", seconds=61)
    t.mailed()


def _page(t: Teller, cast: Cast, order: models.Order) -> None:
    t.say("Marta has no account. Her link opens the whole tracking page of the storefront: one query.")
    given = {"channel": order.channel.slug, "orderNumber": str(order.number), "email": MARTA}
    t.ask(cast.nobody, ask.GUEST_ACCESS, **given)
    token = _token(t.mailed(("guest_link", MARTA)))
    seen = _seen(
        t.ask(cast.nobody, parcels.TRACKING_PAGE, order=gid(order), accessToken=token, language="es")
    )
    t.expect([one["status"] for one in seen] == ["OUT_FOR_DELIVERY"] * 2, "both come today")
    first = seen[0] if seen else {}
    t.expect(first.get("carrier") == "UPS" and PAIR[0] in first["trackingUrl"], "UPS brings them")
    t.expect(first.get("promisedHours") == "16:00-18:00", "at the hours that the carrier names")
    t.expect(bool(first.get("promisedFrom")) and bool(first.get("promisedUntil")), "within Ana's promise")
    places = [event["place"] for event in first.get("events", ())]
    t.expect(places == [SEVILLE, "Madrid"], "and what happened is listed, by the carrier's clock")
    answer = t.ask(cast.nobody, parcels.TRACKING_PAGE, order=gid(order), accessToken=token[:-4] + "AAAA")
    t.expect("errors" in answer, "a forged link opens nothing")


def _delivered(t: Teller, cast: Cast, order: models.Order, url: str) -> None:
    t.later("Two hours pass", hours=2)
    neighbour = scan(PAIR[0], "delivered", subStatus="neighbour", place=SEVILLE)
    signed = scan(PAIR[1], "delivered", subStatus="signed", place=SEVILLE)
    late = scan(PAIR[1], "in_transit", minutes_ago=90, place=SEVILLE)
    t.expect(send(url, neighbour, signed) == 200, "both are delivered")
    t.expect(send(url, late) == 200, "an older scan that comes later is only noted")
    t.later("A while passes", minutes=61)
    t.mailed(("delivered", MARTA))
    answer = t.ask(cast.ana, parcels.PARCELS, number=str(order.number))["supportParcels"]
    found = [(one["node"]["status"], one["node"]["subStatus"]) for one in answer["edges"]]
    t.expect(sorted(found) == [("DELIVERED", "NEIGHBOUR"), ("DELIVERED", "SIGNED")], "staff sees how")


def _problem(t: Teller, cast: Cast, order: models.Order, url: str) -> None:
    t.say("Javier's parcel meets a problem. He is told at once, and by when he hears more; so is staff.")
    _ship(t, cast, order, [line(gid(one), one.quantity) for one in order.lines.all()], LOST_WAY)
    t.later("A minute passes", seconds=61)
    t.mailed(("order_shipped", JAVIER))
    wrong = scan(LOST_WAY, "exception", minutes_ago=0, subStatus="incorrect_address", place=VALENCIA)
    t.expect(send(url, wrong) == 200, "the carrier can't find the address")
    sent = t.mailed(("incident_wrong_address", JAVIER), ("staff_incident", STAFF))
    if sent:
        t.show("its text part", sent[0].text)
    tasks = t.ask(cast.ana, ask.TASKS)["supportStaffTasks"]["edges"]
    problems = [one["node"] for one in tasks if one["node"]["kind"] == "PARCEL_PROBLEM"]
    t.expect(len(problems) == 1 and LOST_WAY in problems[0]["summary"], "Ana has one task about it")
    (parcel,) = _seen(t.ask(cast.javier, parcels.TRACKING_PAGE, order=gid(order), language="es")) or [{}]
    address = {
        "firstName": "Javier", "lastName": "Moreno", "streetAddress1": "Carrer de Colón 18, pta. 4",
        "city": "VALENCIA", "postalCode": "46004", "country": "ES", "countryArea": "V",
        "phone": "+34600111222",
    }  # fmt: skip
    answer = t.ask(cast.javier, parcels.NEW_ADDRESS, parcel=parcel.get("id", ""), address=address)
    asked = answer["supportCarrierInstructionRequest"]
    t.expect(asked["errors"] == [], "Javier completes his address; the carrier shall go there")
    t.later("Five minutes pass", minutes=5)
    tasks = t.ask(cast.ana, ask.TASKS)["supportStaffTasks"]["edges"]
    kinds = sorted(one["node"]["kind"] for one in tasks)
    t.expect("CARRIER_INSTRUCTION" in kinds, "UPS has no interface here: a person tells the carrier")
    done = {"id": (asked["instruction"] or {"id": ""})["id"], "note": "UPS delivers tomorrow."}
    answer = t.ask(cast.ana, parcels.DECIDE, **done)["supportCarrierInstructionUpdate"]
    t.expect(answer["errors"] == [] and answer["instruction"]["state"] == "ACCEPTED", "UPS will")
    for one in problems:
        t.ask(cast.ana, ask.TASK_COMPLETE, id=one["id"], note="Javier completed the address.")
    t.mailed()


def _carriers(t: Teller, cast: Cast) -> None:
    t.say("And which carrier does how well? Over all channels that Ana may see:")
    today = clock.now().date()
    span = {"from": str(today - datetime.timedelta(days=30)), "until": str(today)}
    rows = t.ask(cast.ana, parcels.SCORECARD, **span)["supportCarrierScorecard"]
    ups = next((row for row in rows if row["carrier"] == "UPS"), {})
    t.expect(ups.get("delivered") == 2 and ups.get("onTimeRate") == 1.0, "UPS delivered both in time")
    problems = [(one["kind"], one["parcels"]) for one in ups.get("exceptions", ())]
    t.expect(problems == [("INCORRECT_ADDRESS", 1)], "one parcel met a wrong address")


def _seen(answer: dict[str, Any]) -> list[Any]:
    found: list[Any] = (answer.get("order") or {}).get("supportParcels") or []
    return found


def _token(sent: list[mails.Mail]) -> str:
    found = re.search(r"token=([^\s&\"]+)", sent[0].text) if sent else None
    return urllib.parse.unquote(found[1]) if found else ""
