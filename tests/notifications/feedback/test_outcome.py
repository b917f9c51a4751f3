"""What became of a mail, told from what was reported of it, in whatever order."""

import datetime
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from saleor_support_plugin.notifications.feedback.outcome import Said, outcome
from saleor_support_plugin.notifications.models import Delivery

START = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.UTC)


def at(minute):
    return START + datetime.timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("said", "delivery", "minute"),
    [
        ("", "", None),
        ("sent:0", "sent", 0),
        ("delivered:3 sent:0", "delivered", 3),  # a late "sent" overrides nothing
        ("deferred:1 sent:5", "deferred", 1),
        ("deferred:9 delivered:3", "delivered", 3),
        ("delivered:3 opened:8 opened:5", "opened", 5),
        ("clicked:7 delivered:3", "opened", 7),
        ("opened:5 delivered:9", "opened", 5),
        ("bounced:2 sent:9", "bounced", 2),
        ("bounced:2 delivered:9", "bounced", 2),  # no mailbox is no mailbox
        ("delivered:3 bounced:60", "bounced", 60),  # taken, and sent back an hour later
        ("soft_bounced:3 delivered:9", "delivered", 9),  # the mailbox was full, then it was not
        ("delivered:3 soft_bounced:60", "bounced", 60),
        ("delivered:3 soft_bounced:3", "delivered", 3),
        ("soft_bounced:3 soft_bounced:6 deferred:1", "bounced", 6),
        ("soft_bounced:3 opened:9", "opened", 9),
        ("delivered:3 opened:4 complained:90", "complained", 90),
        ("complained:5 bounced:2 delivered:1", "complained", 5),
        ("unsubscribed:1 queued:0 unknown:3", "", None),
    ],
)
def test_what_holds(said, delivery, minute):
    reports = [(name, at(int(when))) for name, _colon, when in (one.partition(":") for one in said.split())]
    for order in itertools.permutations(reports):
        assert outcome(order) == (delivery, None if minute is None else at(minute))


reports = st.lists(st.tuples(st.sampled_from([*Said, "queued"]), st.integers(0, 5).map(at)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(reports=reports, data=st.data())
def test_it_depends_on_the_set_alone(reports, data):
    again = data.draw(st.lists(st.sampled_from(reports), max_size=8)) if reports else []
    mixed = data.draw(st.permutations([*reports, *again]))
    assert outcome(mixed) == outcome(sorted(set(reports)))


@settings(max_examples=300, deadline=None)
@given(reports=reports, when=st.integers(0, 5))
def test_a_late_sent_or_deferred_takes_nothing_back(reports, when):
    before = outcome(reports)
    for late in (Said.SENT, Said.DEFERRED):
        after = outcome([*reports, (late, at(when))])
        assert after == before or before[0] in ("", Delivery.SENT, Delivery.DEFERRED)
