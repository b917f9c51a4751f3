"""The mails themselves, steps 7, 8 and 10: the shop's own words, a mail that comes back, and health."""

import io
import logging

from django.core.management import call_command

from sandbox import gallery
from sandbox.demo import documents as ask
from sandbox.demo import reports
from sandbox.demo.seed import Seed
from sandbox.demo.story import STAFF, Cast, items, line
from sandbox.demo.teller import Teller
from sandbox.mails import Mail
from sandbox.makers import gid

WORDS = [
    {"name": "subject", "text": "Hurray, {{ shop_name }} has sent order {{ order_number }}!"},
    {
        "name": "intro",
        "text": "We packed it by hand this morning.\n\nKeep the box: it is made to be sent back.",
    },
]
WRONG = "We packed it by hand.\nYours is {{ order.user.password }}."
NOAH, ELSEWHERE = "noah.smith@example.com", "noah@smith.example"


def own_words(t: Teller, cast: Cast, seed: Seed) -> list[Mail]:
    """Step 7; returns the mail in the shop's own words."""
    t.chapter(
        7,
        "The shop says it in its own words",
        """Ana rewrites the shipped mail for the United Kingdom. She looks at it before she keeps it, with
        sample data or with a real order. A mistake is refused with its line; nothing but the mail's own
        values can be reached.""",
    )
    channel, order = gid(seed.channels["uk"]), seed.orders["guest_en"]
    seen = t.ask(cast.ana, ask.PREVIEW, order=gid(order), blocks=WORDS)["supportNotificationPreview"]
    t.expect(seen["subject"] == "Hurray, Barro & Vela has sent order 1046!", "the preview shows Noah's order")
    t.expect("Olive wood board" in seen["text"] and seen["problems"] == [], "with its goods")
    given = {"kind": "order_shipped", "language": "en", "channelId": channel}
    wrong = {**given, "blocks": [{"name": "intro", "text": WRONG}]}
    answer = t.ask(cast.ana, ask.TEMPLATE, input=wrong)["supportNotificationTemplateUpdate"]
    t.refused(answer, "INVALID", "what no mail may reach is refused, with the line", "intro")
    t.expect("ine 2" in answer["errors"][0]["message"], "the error names line 2")
    answer = t.ask(cast.ana, ask.TEMPLATE, input={**given, "blocks": WORDS})
    kept = answer["supportNotificationTemplateUpdate"]
    t.expect(kept["errors"] == [] and kept["template"]["version"] == 1, "her words are kept")
    lines = [line(gid(one), one.quantity) for one in order.lines.order_by("position")]
    t.ask(cast.ana, ask.FULFILL, order=gid(order), lines=lines, tracking="RR473124829GB", notify=True)
    t.later("A minute passes", seconds=61)
    sent = t.mailed(("order_shipped", NOAH))
    if sent:
        t.show("its text part", sent[0].text)
        t.expect(sent[0].subject == seen["subject"], "Noah gets it in Ana's words")
    return sent


def comes_back(t: Teller, cast: Cast, seed: Seed, sent: list[Mail]) -> None:
    """Step 8."""
    t.chapter(
        8,
        "A mail comes back, and a person takes care",
        """Noah's mailbox does not exist. The mail provider reports that to the channel's address; only
        with the right signature is it believed, and once. Staff gets a task with the other ways to reach
        Noah, the address gets no more mail, and the mail can be sent again to another.""",
    )
    channel = seed.channels["uk"]
    t.ask(cast.ana, ask.CONFIGURE, channel=gid(channel), options=items({"webhook_secret": reports.KEY}))
    url = f"{t.base}/plugins/channel/{channel.slug}/saleor.support/mail/events/mailgun"
    event = reports.bounced(sent[0])
    logging.disable(logging.WARNING)  # the forged report would be logged between the lines of the story
    status = reports.send(url, event, key="somebody-elses-key-0123456789")
    logging.disable(logging.NOTSET)
    t.expect(status == 403, "a report with a wrong signature is refused")
    t.mailed()
    first, again = reports.send(url, event), reports.send(url, event)
    t.expect((first, again) == (200, 200), "the provider's own is taken; the second time changes nothing")
    t.mailed(("staff_customer_unreachable", STAFF))
    tasks = t.ask(cast.sam, ask.TASKS)["supportStaffTasks"]["edges"]
    found = [one["node"] for one in tasks if one["node"]["kind"] == "CUSTOMER_UNREACHABLE"]
    told = len(found) == 1 and "+442079460000" in found[0]["summary"].replace(" ", "")
    t.expect(told, "Sam has one task, with Noah's telephone number")
    rows = t.ask(cast.sam, ask.NOTIFICATIONS, filter={"recipient": NOAH})["supportNotifications"]
    node = rows["edges"][0]["node"]
    t.expect((rows["totalCount"], node["delivery"]) == (1, "BOUNCED"), "the outbox says: it bounced")
    t.say("Sam calls Noah, who mistyped his address. The mail goes again, to the right one:")
    answer = t.ask(cast.sam, ask.RESEND, id=node["id"], recipient=ELSEWHERE)["supportNotificationResend"]
    t.expect(answer["errors"] == [], "it is sent again")
    t.mailed(("order_shipped", ELSEWHERE))
    done = {"id": found[0]["id"], "note": "Called him."} if found else {"id": "", "note": ""}
    answer = t.ask(cast.sam, ask.TASK_COMPLETE, **done)["supportStaffTaskComplete"]
    t.expect(answer["errors"] == [], "and Sam's task is done")


def health(t: Teller, cast: Cast, seed: Seed) -> None:
    """Step 10."""
    t.chapter(
        10,
        "Is everything all right?",
        """Ana asks; the same report is printed for cron and monitoring by a command, whose exit code is
        0 when nothing is to do. And for the curious: every kind of mail there is.""",
    )
    told = t.ask(cast.ana, ask.HEALTH)["supportHealth"]
    t.expect((told["level"], told["problems"]) == ("OK", []), "all is well")
    t.expect(told["outbox"]["lateSince"] is None, "no message is undecided for more than 15 minutes")
    skipped = {one["reason"]: one["count"] for one in told["outbox"]["skipped"]}
    t.expect(skipped == {"merged": 4, "staff_choice": 1}, "what was not sent has its reason")
    t.expect([one["mode"] for one in told["channels"]] == ["ON", "ON"], "both channels are on")
    sam = t.send(cast.sam, ask.HEALTH, {})["data"]["supportHealth"]["channels"]
    t.expect([one["channel"] for one in sam] == ["united-kingdom"], "Sam sees his own channel alone")
    text = io.StringIO()
    call_command("support_health", stdout=text)
    t.show("python manage.py support_health", text.getvalue())
    t.mailed()
    count = gallery.save()
    whole = len(gallery.LANGUAGES) * len(gallery.all_kinds())
    t.expect(count == whole, f"{count} mails are in the gallery: {' and '.join(gallery.LANGUAGES.values())}")
