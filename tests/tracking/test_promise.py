"""The promised window: who promises, which rule counts, and the destination's calendar."""

import datetime
import itertools
import zoneinfo

import hypothesis
import pytest
from hypothesis import strategies as st

from saleor_support_plugin.tracking import promise
from saleor_support_plugin.tracking.promise import Journey, Promise, Rule, Source

MADRID = zoneinfo.ZoneInfo("Europe/Madrid")
CHANNEL = "Q2hhbm5lbDox"


def day(text):
    return datetime.date.fromisoformat(text)


def left(text, **more):
    """A parcel that left at this moment, UTC, for Madrid."""
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)
    return Journey(**{"dispatched_at": moment, "zone": MADRID, "country": "ES", "region": "MD", **more})


def days(journey, *rules, **more):
    found = promise.window(journey, rules, **more)
    return found and (found.first.isoformat(), found.last.isoformat(), found.source)


def test_the_carriers_day_comes_before_staffs_and_that_before_a_rule():
    journey, rule = left("2024-04-17T12:00"), Rule(1, 2)
    staff = (day("2024-04-22"), day("2024-04-24"))
    assert days(journey) is None
    assert days(journey, rule) == ("2024-04-18", "2024-04-19", Source.RULE)
    assert days(journey, rule, staff=staff) == ("2024-04-22", "2024-04-24", Source.STAFF)
    expected = day("2024-04-30")
    assert days(journey, rule, staff=staff, expected_by=expected) == (
        "2024-04-30",
        "2024-04-30",
        Source.CARRIER,
    )


def test_a_promise_explains_itself():
    rule = Rule(1, 3, country="ES", id=12)
    found = promise.window(left("2024-04-30T12:00"), [rule, Rule(9, 9, id=13)])
    assert found == Promise(
        day("2024-05-03"),  # the first is a public holiday everywhere, the second in Madrid
        day("2024-05-07"),
        Source.RULE,
        rule,
        day("2024-04-30"),
        (day("2024-05-01"), day("2024-05-02"), day("2024-05-04"), day("2024-05-05")),
    )


def test_what_has_not_left_is_not_promised_by_a_rule():
    assert days(Journey(None, MADRID, country="ES"), Rule(1, 2)) is None
    assert days(Journey(None, MADRID), Rule(1, 2), expected_by=day("2024-05-01")) is not None


@pytest.mark.parametrize(
    ("moment", "first", "last"),
    [
        ("2024-04-17T12:00", "2024-04-18", "2024-04-19"),  # a Wednesday
        ("2024-04-17T21:59", "2024-04-18", "2024-04-19"),  # one minute to midnight in Madrid
        ("2024-04-17T22:00", "2024-04-19", "2024-04-22"),  # Thursday has begun there
        ("2024-04-19T12:00", "2024-04-22", "2024-04-23"),  # a Friday
        ("2024-04-20T12:00", "2024-04-22", "2024-04-23"),  # a Saturday
        ("2024-04-21T12:00", "2024-04-22", "2024-04-23"),
        ("2024-12-24T12:00", "2024-12-26", "2024-12-27"),
        ("2024-12-31T12:00", "2025-01-02", "2025-01-03"),  # over the turn of the year
    ],
)
def test_days_are_working_days_of_the_destination(moment, first, last):
    assert days(left(moment), Rule(1, 2)) == (first, last, Source.RULE)


def test_each_country_has_its_weekend_and_holidays():
    friday = "2024-04-19T06:00"
    assert days(left(friday, country="SA", zone=zoneinfo.ZoneInfo("Asia/Riyadh")), Rule(0, 1))[:2] == (
        "2024-04-21", "2024-04-21",  # it rests on Friday and Saturday
    )  # fmt: skip
    assert promise.is_working(day("2024-08-03"), "HU")  # a Saturday, for a free Monday after it
    assert days(left("2024-04-30T12:00", country="GB", region=""), Rule(1, 1))[0] == "2024-05-01"
    assert days(left("2024-04-30T12:00", country="es", region="B"), Rule(1, 1))[0] == "2024-05-02"
    assert days(left("2024-04-30T12:00", country="DE", region="nowhere"), Rule(1, 1))[0] == "2024-05-02"
    for unknown in ("", "AQ", "XX"):  # Monday to Friday
        assert days(left("2024-04-30T12:00", country=unknown), Rule(1, 4))[:2] == ("2024-05-01", "2024-05-06")


def test_none_days_are_the_day_of_dispatch_if_people_work_on_it():
    assert days(left("2024-04-17T12:00"), Rule(0, 0))[:2] == ("2024-04-17", "2024-04-17")
    assert days(left("2024-04-20T12:00"), Rule(0, 0))[:2] == ("2024-04-22", "2024-04-22")


def test_the_most_specific_rule_counts():
    names = {"channel_id": CHANNEL, "carrier": "mrw", "country": "ES", "service": "Express 24"}
    rules = {
        chosen: Rule(number, number, id=number, **{name: names[name] for name in chosen})
        for number, chosen in enumerate(
            chosen for size in range(5) for chosen in itertools.combinations(names, size)
        )
    }
    journey = left("2024-04-17T12:00", channel_id=CHANNEL, carrier="mrw", service="express  24")
    order = []
    while rules:
        best = promise.window(journey, rules.values()).rule
        order.append(next(chosen for chosen, rule in rules.items() if rule == best))
        del rules[order[-1]]
    assert [len(chosen) for chosen in order] == [4, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 0]
    assert order[-5:-1] == [("service",), ("carrier",), ("country",), ("channel_id",)]
    assert order[1:5] == [
        ("carrier", "country", "service"),
        ("channel_id", "carrier", "service"),
        ("channel_id", "country", "service"),
        ("channel_id", "carrier", "country"),
    ]


@pytest.mark.parametrize(
    "other",
    [
        Rule(1, 2, channel_id="Q2hhbm5lbDoy"),
        Rule(1, 2, carrier="seur"),
        Rule(1, 2, country="PT"),
        Rule(1, 2, service="Express"),
    ],
)
def test_a_rule_for_others_does_not_count(other):
    journey = left("2024-04-17T12:00", channel_id=CHANNEL, carrier="mrw", service="Express 24")
    assert promise.window(journey, [other]) is None
    assert promise.window(left("2024-04-17T12:00"), [other]) is None  # nor where it is not known


def test_of_two_like_rules_the_newer_counts():
    assert days(left("2024-04-17T12:00"), Rule(1, 1, id=1), Rule(2, 2, id=2), Rule(3, 3))[0] == "2024-04-19"


@pytest.mark.parametrize(
    ("until", "moment", "late"),
    [
        (None, "2024-04-17T12:00", None),
        ("2024-04-17", None, None),
        ("2024-04-17", "2024-04-17T21:59", False),
        ("2024-04-17", "2024-04-17T22:00", True),  # midnight in Madrid
        ("2024-04-17", "2024-04-10T12:00", False),
    ],
)
def test_late_is_after_the_last_day_by_the_destinations_clock(until, moment, late):
    delivered = moment and datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC)
    assert promise.is_late(until and day(until), delivered, MADRID) is late


@hypothesis.given(
    st.dates(day("2020-01-01"), day("2035-12-31")),
    st.integers(0, 40),
    st.sampled_from(["ES", "DE", "US", "SA", "IL", "JP", "", "QQ"]),
)
@hypothesis.settings(max_examples=200, deadline=None)
def test_working_days_add_up(start, count, country):
    found = promise.working_day(start, count, country)
    assert promise.is_working(found, country)
    between = [start + datetime.timedelta(days=ahead) for ahead in range(1, (found - start).days + 1)]
    working = sum(promise.is_working(one, country) for one in between)
    assert working == (count or (0 if promise.is_working(start, country) else 1))
