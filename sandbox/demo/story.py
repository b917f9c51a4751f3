"""One order's whole story, steps 0 to 3: configure, ship, write, correct the address."""

import dataclasses
import datetime
import zoneinfo
from typing import Any

from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.sla.calendar import Calendar
from sandbox import clock, makers, models, worker
from sandbox.demo import documents as ask
from sandbox.demo.seed import BOARD, MUG, PASSWORD, Seed
from sandbox.demo.teller import Teller, Voice
from sandbox.home import hooks
from sandbox.home.ids import WAREHOUSE_ID
from sandbox.home.shop import SHOP
from sandbox.makers import gid

NOBODY = Voice("nobody")
SWEEP = "saleor_support_plugin.tasks.sweep_parcels"
TRACKING = "LX473124829ES"
PAIR = ("1Z999AA10123456784", "RR473124829GB")
MINUTES = 10
STAFF = "equipo@barroyvela.example"

OPTIONS = {
    "notifications": "true",
    "tickets": "true",
    "returns": "true",
    "order_changes": "true",
    "guest_access": "true",
    "overlap": "take over",
    "shop_name": "Barro & Vela",
    "sender_address": "hola@barroyvela.example",
    "reply_to": "ayuda@barroyvela.example",
    "staff_addresses": STAFF,
    "brand_colour": "#8a3b12",
    "legal_footer": "Barro y Vela S.L. · Calle del Pez 7, 28004 Madrid · CIF B00000000",
    "social_links": "Instagram https://instagram.com/barroyvela.example",
    "banner": "true",
    "banner_text": "Barro & Vela plants a tree for every order.",
    "business_hours": "mon-fri 09:00-14:00 16:00-18:30\nsat 10:00-13:00",
}
PLACES = {
    "eu": {"time_zone": "Europe/Madrid", "holidays": "ES"},
    "uk": {"time_zone": "Europe/London", "holidays": "GB-ENG"},
}


@dataclasses.dataclass(frozen=True)
class Cast:
    """Everybody who speaks."""

    lucia: Voice
    javier: Voice
    tom: Voice
    emma: Voice
    aoife: Voice
    ana: Voice
    sam: Voice
    pat: Voice
    robot: Voice
    newsletter: Voice
    nobody: Voice = NOBODY

    @classmethod
    def of(cls, seed: Seed) -> "Cast":
        """The seed's people and apps, logged in."""
        people = {
            name: Voice(f"{user.first_name} ({_role(user)})", makers.token_for(user))
            for name, user in seed.people.items()
        }
        apps = {name: Voice(f"{app.name} (app)", makers.token_for(app)) for name, app in seed.apps.items()}
        return cls(**people, **apps)


def begin_day(t: Teller) -> None:
    """Move the clock to the next working day, half past ten in Madrid, when both channels are open."""
    calendars = [
        Calendar.from_text(place["time_zone"], OPTIONS["business_hours"], place["holidays"])
        for place in PLACES.values()
    ]
    madrid = zoneinfo.ZoneInfo(PLACES["eu"]["time_zone"])
    day = clock.now().astimezone(madrid).date()
    while True:
        day += datetime.timedelta(days=1)
        moment = datetime.datetime.combine(day, datetime.time(10, 30), madrid)
        if day.weekday() < 5 and all(one.is_open(moment) for one in calendars):
            break
    clock.go_ahead(seconds=(moment - clock.now()).total_seconds())
    t.say(f"In the story it is {moment:%A}, half past ten in Madrid: the sandbox's clock runs ahead.")


def configure(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 0."""
    t.chapter(
        0,
        "The admin switches support on",
        """The plugin is listed, everything is off. Ana configures it per channel with pluginUpdate, as
        Saleor's dashboard does. A wrong value is refused with a sentence that says what is right;
        secrets never come back.""",
    )
    answer = t.ask(NOBODY, ask.LOGIN, email=seed.people["ana"].email, password=PASSWORD)["tokenCreate"]
    t.expect(bool(answer["token"]) and not answer["errors"], "Ana is logged in")
    eu = gid(seed.channels["eu"])
    wrong = {"return_window_days": "a month", "time_zone": "Spain", "overlap": "both"}
    answer = t.ask(cast.ana, ask.CONFIGURE, channel=eu, options=items({"returns": "true", **wrong}))
    fields = {error["field"] for error in answer["pluginUpdate"]["errors"]}
    t.expect(fields == {"returnWindowDays", "timeZone", "overlap"}, "three wrong values, three clear errors")
    t.expect(not SHOP.settings(eu).since, "nothing was stored: everything is still off")
    for key, channel in seed.channels.items():
        options = {**OPTIONS, **PLACES[key], **_links(t.base)}
        if key == "eu":
            options["email_url"] = "smtp+tls://shop:correct-horse@mail.example.com:587"
        answer = t.ask(cast.ana, ask.CONFIGURE, channel=gid(channel), options=items(options))
        t.expect(answer["pluginUpdate"]["errors"] == [], f"support is on in {channel.name}")
    shown = t.ask(cast.ana, ask.PLUGIN)["plugin"]["channelConfigurations"]
    values = {item["name"]: item["value"] for item in shown[0]["configuration"]}
    t.expect(
        "correct-horse" not in str(shown) and values["email_url"] == ":587", "the secret does not come back"
    )
    t.say("The demo has no mail server: Ana empties the field, and mails go where the settings say.")
    t.ask(cast.ana, ask.CONFIGURE, channel=eu, options=items({"email_url": ""}))
    t.expect(len(SHOP.settings(eu).since) == 5, "five features are on")


def ship(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 1."""
    t.chapter(
        1,
        "A parcel leaves, and the customer knows",
        """Ana fulfils Lucía's order with a tracking number. A job, not the request, mails Lucía: in Spanish,
        by name, with the goods, the carrier and the link to follow the parcel. Exactly once,
        whatever happens. The mail waits a minute, in case another parcel of the order leaves.""",
    )
    row = seed.orders["story"]
    order = t.ask(cast.ana, ask.ORDER_FOR_STAFF, id=gid(row))["order"]
    lines = [line(one["id"], one["quantity"]) for one in order["lines"]]
    answer = t.ask(cast.ana, ask.FULFILL, order=gid(row), lines=lines, tracking=TRACKING, notify=True)
    t.expect(answer["orderFulfill"]["order"]["status"] == "FULFILLED", "the order is fulfilled")
    t.mailed()
    t.later("A minute passes", seconds=61)
    sent = t.mailed(("order_shipped", "lucia@example.com"))
    if sent:
        mail = sent[0]
        t.show("its text part", mail.text)
        t.expect(mail.language.startswith("es"), "it is written in the order's language, Spanish")
        for part in (mail.text, mail.html):
            words = ("Lucía", MUG[0], BOARD[0], TRACKING, "Correos")
            t.expect(
                all(word in part for word in words), "name, goods, tracking number and carrier are in it"
            )
        t.expect(f"{t.base}/?order=1041" in mail.html, "it links to the order")
    t.say("The hook fires a second time, and the sweep passes as well:")
    fulfillment = row.fulfillments.get(tracking_number=TRACKING)
    hooks.after_shipping(fulfillment, True)
    worker.queue(SWEEP, ())
    t.later("Two minutes pass", minutes=2)
    t.mailed()
    _two_parcels(t, cast, seed)
    _lost_hook(t, seed)
    _staffs_choice(t, cast, seed)
    old = Notification.objects.filter(order_number__in=["1044", "1045", "1051"])
    t.expect(not old.exists(), "parcels from before the switch are never mailed")


def _two_parcels(t: Teller, cast: Cast, seed: Seed) -> None:
    t.say("Aoife's order leaves in two parcels, one right after the other: that is one mail, not two.")
    row = seed.orders["two"]
    for one, tracking in zip(row.lines.order_by("position"), PAIR, strict=True):
        lines = [line(gid(one), one.quantity)]
        t.ask(cast.ana, ask.FULFILL, order=gid(row), lines=lines, tracking=tracking, notify=True)
        t.worker.wait()  # or a slow machine sees both at once
    t.mailed()
    t.later("A minute passes", seconds=61)
    sent = t.mailed(("order_shipped", "aoife@example.com"))
    told = bool(sent) and all(number in sent[0].text and number in sent[0].html for number in PAIR)
    t.expect(told, "it tells of both parcels")
    rows = Notification.objects.filter(order_number=str(row.number)).order_by("pk")
    found = [(one.kind, one.state, one.reason) for one in rows]
    merged = ("order_partly_shipped", NotificationState.SKIPPED, "merged")
    whole = ("order_shipped", NotificationState.ACCEPTED, "")
    t.expect(found == [merged, whole], "the outbox says: the first was merged into the second")


def _lost_hook(t: Teller, seed: Seed) -> None:
    t.say("Now a hook is lost: Tom's parcel leaves and nobody tells the plugin. The sweep finds it:")
    makers.fulfill(seed.orders["transaction"], None, "RR473124829GB", hook=False)
    t.mailed()
    t.later("Ten minutes pass", minutes=MINUTES)
    t.later("A minute passes", seconds=61)
    t.later("And another one", seconds=61)
    sent = t.mailed(("order_shipped", "tom@example.com"))
    t.expect(bool(sent) and sent[0].language.startswith("en"), "Tom's mail is in English")


def _staffs_choice(t: Teller, cast: Cast, seed: Seed) -> None:
    t.say("Staff may choose not to tell the customer: the rest of Emma's order leaves so (notifyCustomer).")
    row = seed.orders["partly"]
    left = [(gid(one), one.quantity - one.quantity_fulfilled) for one in row.lines.order_by("position")]
    lines = [line(key, quantity) for key, quantity in left if quantity]
    t.ask(cast.sam, ask.FULFILL, order=gid(row), lines=lines, tracking="RR473124829GB", notify=False)
    t.mailed()
    rows = Notification.objects.filter(order_number="1048", kind="order_shipped")
    found = [(one.state, one.reason) for one in rows]
    t.expect(
        found == [(NotificationState.SKIPPED, "staff_choice")], "the outbox says: skipped, staff's choice"
    )


def write(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 2."""
    t.chapter(
        2,
        "The customer writes, and staff answers",
        """Lucía opens a ticket about her order. She gets its number and by when she can expect an answer, by
        the channel's business hours and holidays. Ana leaves a note for her colleagues, then
        answers.""",
    )
    order = gid(seed.orders["story"])
    message = "Hola, una de las tazas llegó con una grieta.\n¿Me la podéis cambiar?"
    answer = t.ask(
        cast.lucia,
        ask.TICKET_CREATE,
        input={"orderId": order, "subject": "Una taza rota", "message": message},
    )
    ticket = answer["supportTicketCreate"]["ticket"]
    t.expect(ticket["state"] == "NEW" and bool(ticket["answerBy"]), "the ticket has a number and a promise")
    first = t.mailed(("ticket_acknowledged", "lucia@example.com"), ("staff_new_ticket", STAFF))
    if first:
        t.show("its text part", first[0].text)
        t.expect(ticket["number"] in first[0].subject + first[0].text, "the mail names the ticket")
    note = {"message": "Photo looks like carrier damage. Offer a return.", "internal": True}
    t.ask(cast.ana, ask.TICKET_REPLY, id=ticket["id"], input=note)
    t.mailed()
    reply = {"message": "Hola Lucía, lo sentimos mucho. Devuélvela desde tu pedido y te la reembolsamos."}
    answer = t.ask(cast.ana, ask.TICKET_REPLY, id=ticket["id"], input=reply)
    t.expect(answer["supportTicketReply"]["errors"] == [], "Ana's answer is stored")
    second = t.mailed(("ticket_reply", "lucia@example.com"))
    if first and second:
        same = second[0].header("In-Reply-To") == first[0].header("Message-ID")
        t.expect(same, "mail programs show it in the same thread")
    seen = t.ask(cast.lucia, ask.TICKETS, order=order)
    bodies = [one["body"] for one in seen["order"]["supportTickets"][0]["messages"]]
    t.expect(bodies == [message, reply["message"]], "Lucía sees both messages, and not the note")
    t.expect(seen["me"]["supportTickets"]["totalCount"] == 1, "the ticket is on her account, too")


def correct(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 3."""
    t.chapter(
        3,
        "The customer corrects the address",
        """Nothing of order 1042 has left yet: Lucía changes its shipping address by herself. The shop's own
        orderUpdate does it and checks the address. Once something has left, or the order is
        cancelled, it is refused, with what to do instead.""",
    )
    order = gid(seed.orders["address"])
    good = _street("Gran Vía 28, 4º A", "28013", "Madrid")
    answer = t.ask(cast.lucia, ask.ADDRESS_CHANGE, order=order, address=good)["supportAddressChangeRequest"]
    t.expect(answer["errors"] == [], "the change is accepted")
    t.mailed(("address_changed", "lucia@example.com"))
    now = t.ask(cast.lucia, ask.ORDER_ADDRESS, id=order)["order"]["shippingAddress"]
    t.expect(
        now["streetAddress1"] == "Gran Vía 28, 4º A" and now["city"] == "MADRID", "the order has the address"
    )
    events = t.ask(cast.ana, ask.TIMELINE, id=order)["order"]["events"]
    said = [one["message"].partition(" ")[0] for one in events]
    t.expect(said == ["Shipping", "E-mail"], "staff sees it in the order's timeline")
    bad = _street("Gran Vía 28, 4º A", "2801", "Madrid")
    answer = t.ask(cast.lucia, ask.ADDRESS_CHANGE, order=order, address=bad)["supportAddressChangeRequest"]
    t.refused(answer, "INVALID", "Saleor's own check of the postal code is told", "address.postalCode")
    again = t.ask(cast.lucia, ask.ORDER_ADDRESS, id=order)["order"]["shippingAddress"]
    t.expect(again == now, "nothing changed")
    for who, name, code in (
        (cast.lucia, "story", "ALREADY_SHIPPED"),
        (cast.javier, "cancelled", "ORDER_CANCELED"),
    ):
        target = gid(seed.orders[name])
        answer = t.ask(who, ask.ADDRESS_CHANGE, order=target, address=good)["supportAddressChangeRequest"]
        t.refused(answer, code, "it is too late")
    t.mailed()


def _street(street: str, postal_code: str, city: str) -> dict[str, str]:
    return {
        "firstName": "Lucía",
        "lastName": "Fernández",
        "streetAddress1": street,
        "postalCode": postal_code,
        "city": city,
        "country": "ES",
        "countryArea": "Madrid",
        "phone": "+34600111222",
    }


def items(options: dict[str, str]) -> list[dict[str, str]]:
    """Options as pluginUpdate takes them."""
    return [{"name": name, "value": value} for name, value in options.items()]


def _links(base: str) -> dict[str, str]:
    return {
        "order_url": base + "/?order={number}",
        "guest_url": base + "/guest/?number={number}&token={token}",
        "return_url": base + "/?order={number}",
    }


def line(line_id: str, quantity: int) -> dict[str, Any]:
    """A line as orderFulfill takes it."""
    return {"orderLineId": line_id, "stocks": [{"quantity": quantity, "warehouse": WAREHOUSE_ID}]}


def _role(user: models.User) -> str:
    return "staff" if user.is_staff else "customer"
