"""The mails we take over from Saleor: each event told once, by us, and parcels of a minute together."""

from collections import Counter

import pytest

from tests.saleor.live import documents as doc
from tests.saleor.live.beginnings import BY_HAND, BY_ITSELF, CANCELLED, CONFIRMED, RECEIVED, REFUNDED
from tests.saleor.live.mails import await_subjects, html_and_text, quiet, to

pytestmark = pytest.mark.xdist_group("live")

SHIPPED = "Your order #{} is on its way"
TRACKED = "New tracking details for your order #{}"


def test_7_every_event_of_an_order_is_told_once_and_by_us(cast, taken_over):
    manual, tracked, both = taken_over.manual, taken_over.tracked, taken_over.both
    refunded = taken_over.refunded
    people = BY_HAND, BY_ITSELF
    await_subjects(cast, [SHIPPED.format(one["number"]) for one in (tracked, both)], *people)
    given = {"id": taken_over.fulfillment["id"], "number": "NEW-0002"}
    for _again in range(2):  # the second time nothing changes
        cast.world.do(doc.UPDATE_TRACKING, given, cast.admin)
    await_subjects(cast, [TRACKED.format(tracked["number"])], *people)
    quiet(cast)
    mails = [mail for one in people for mail in to(cast, one)]
    assert Counter(mail["Subject"] for mail in mails) == Counter(
        [
            *(RECEIVED.format(one["number"]) for one in (tracked, manual, refunded, both)),
            SHIPPED.format(tracked["number"]),
            TRACKED.format(tracked["number"]),
            CONFIRMED.format(manual["number"]),
            CANCELLED.format(manual["number"]),
            REFUNDED.format(refunded["number"]),
            SHIPPED.format(both["number"]),
        ]
    )
    numbers = {one["number"] for one in (tracked, manual, refunded, both)}
    rows = [row.split() for row in cast.world.shell(doc.OUTBOX).splitlines()]
    ends = Counter((state, reason) for _kind, number, state, reason in rows if number in numbers)
    assert ends == {("accepted", "-"): 10, ("skipped", "merged"): 1}  # none because its kind was off again

    by_subject = {mail["Subject"]: mail for mail in mails}
    assert {mail["From"].addresses[0].addr_spec for mail in mails} == {"help@shop.example"}
    for part in html_and_text(by_subject[SHIPPED.format(both["number"])]):
        assert "BOTH-0001" in part
        assert "BOTH-0002" in part
    for part in html_and_text(by_subject[TRACKED.format(tracked["number"])]):
        assert "NEW-0002" in part
