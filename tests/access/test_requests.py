"""Asking for a link: stored alike for hit and miss, answered once, and within limits."""

import datetime
import random
import secrets

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.access import service
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.errors import ShopUnavailable
from sandbox import makers, models, worker
from tests.access.asking import MINUTE, answered, ask, outcomes, refused


def test_request_stores_what_was_given_and_queues_its_answer(shop, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        request_id = ask(now, number=" #01042 ", email=" ANA@example.com", origin="10.0.0.1")

    row = GuestAccessRequest.objects.get()
    assert (row.channel, row.order_number) == ("pl", "1042")
    assert (row.email, row.origin) == ("ana@example.com", "10.0.0.1")
    assert (row.created_at, row.answered_at, row.outcome) == (now, None, "")
    assert list(worker.PENDING) == [("saleor_support_plugin.tasks.answer_guest_request", (request_id,))]


@pytest.mark.parametrize("hit", [True, False])
def test_request_does_the_same_work_for_hit_and_miss(order, now, hit, django_assert_num_queries):
    with django_assert_num_queries(3):  # savepoint, insert, release
        service.request(
            channel="pl", order_number="1042" if hit else "77", email="ana@example.com", origin="", now=now
        )


@pytest.mark.parametrize(
    ("given", "code", "field", "message"),
    [
        ({"channel": ""}, "required", "channel", "This can't be empty."),
        ({"channel": "c" * 256}, "too_long", "channel", "Use at most 255 characters."),
        ({"number": " "}, "required", "orderNumber", "This can't be empty."),
        ({"number": "#"}, "required", "orderNumber", "Give the order's number."),
        ({"number": "1" * 65}, "too_long", "orderNumber", "Use at most 64 characters."),
        ({"email": "\x00"}, "required", "email", "This can't be empty."),
        ({"email": "a" * 255}, "too_long", "email", "Use at most 254 characters."),
        ({"email": "a@b.c\r\nBcc: d@e.f"}, "invalid", "email", "Use one line without line breaks."),
    ],
)
def test_request_refuses(shop, now, given, code, field, message):
    assert refused(ask, now, **given) == (code, field, message)
    assert GuestAccessRequest.objects.count() == 0


def test_answer_grants_a_link_to_the_orders_own_address(order, now):
    grant = answered(now)

    assert grant == GuestGrant.objects.get()
    assert (grant.order_id, grant.channel_id) == (makers.gid(order), makers.gid(order.channel))
    assert (grant.order_number, grant.email) == ("1042", "Ana@Example.com")
    assert (grant.created_at, grant.expires_at) == (now, now + datetime.timedelta(hours=48))
    assert grant.revoked_at is None
    row = GuestAccessRequest.objects.get()
    assert (row.answered_at, row.outcome) == (now, "matched")
    entry = HistoryEntry.objects.get()
    assert (entry.verb, entry.actor_kind, entry.subject, entry.order_id) == (
        "guest_link_granted",
        "system",
        f"order:{grant.order_id}",
        grant.order_id,
    )


def test_a_members_order_gets_a_link_too(channel, now):
    member = makers.make_customer("eva@example.com")
    order = makers.make_order(channel, member, number=7)

    grant = answered(now, number="7", email="eva@example.com")

    assert (grant.order_id, grant.email) == (makers.gid(order), "eva@example.com")


@pytest.mark.parametrize("number", ["1042", "#1042", " # 1042 ", "01042", "１０４２", "١٠٤٢"])
def test_numbers_are_read_as_people_write_them(order, now, number):
    assert answered(now, number=number).order_number == "1042"


def test_answer_happens_once(order, now):
    request_id = ask(now)
    first = service.answer(request_id=request_id, now=now)

    again = service.answer(request_id=request_id, now=now + MINUTE)

    assert (first.order_number, again) == ("1042", None)
    assert GuestGrant.objects.count() == 1
    assert GuestAccessRequest.objects.get().answered_at == now


def test_answer_to_nothing(shop, now):
    assert service.answer(request_id=12345, now=now) is None


@pytest.mark.parametrize(
    "given",
    [
        {"number": "1043"},
        {"number": "1042 OR 1=1"},
        {"number": "9" * 60},
        {"email": "eva@example.com"},
        {"email": "%"},
        {"channel": "us"},
        {"channel": "PL"},
    ],
)
def test_no_match(order, now, given):
    makers.make_channel("us")

    assert answered(now, **given) is None
    assert (outcomes(), GuestGrant.objects.count()) == (["no_match"], 0)


def test_a_draft_is_not_an_order(order, now):
    models.Order.objects.update(status="draft")

    assert (answered(now), outcomes()) == (None, ["no_match"])


def test_a_channel_that_gives_no_links(channel, order, now):
    makers.save_config(channel, {Feature.GUEST_ACCESS.value: False}, now)

    assert (answered(now), outcomes()) == (None, ["switched_off"])


def test_a_shop_that_does_not_answer_leaves_the_request_for_later(order, now, monkeypatch):
    request_id = ask(now)
    monkeypatch.setattr(type(service.get_shop()), "find_order", lambda *_: _down())

    with pytest.raises(ShopUnavailable):
        service.answer(request_id=request_id, now=now)

    monkeypatch.undo()
    assert service.answer(request_id=request_id, now=now).order_number == "1042"


def _down():
    raise ShopUnavailable("down")


def test_unanswered_requests_wait_for_the_sweep(order, now):
    early, late = ask(now - 2 * MINUTE), ask(now - MINUTE)
    ask(now)
    done = ask(now - MINUTE)
    service.answer(request_id=done, now=now)

    assert service.unanswered(now=now, limit=10) == [early, late]
    assert service.unanswered(now=now, limit=1) == [early]


@pytest.mark.parametrize(
    ("_case", "tries"),
    [
        ("one e-mail", [{"number": str(n), "origin": f"10.0.0.{n}"} for n in range(1, 6)]),
        ("one order", [{"email": f"{n}@example.com", "origin": f"10.0.0.{n}"} for n in range(1, 6)]),
        (
            "one order, spelled differently",
            [
                {"number": number, "email": f"{number}@example.com", "origin": number}
                for number in ("#1042", "01042", " 1042", "１０４２", "٠١٠٤٢")
            ],
        ),
        ("one origin", [{"number": str(n), "email": f"{n}@example.com"} for n in range(1, 31)]),
    ],
)
def test_one_try_too_many_in_a_quarter_of_an_hour_is_not_looked_up(order, now, _case, tries):
    for given in tries:
        answered(now, **given)
    hits = outcomes().count("matched")

    assert answered(now + 14 * MINUTE) is None
    assert answered(now + 16 * MINUTE).order_number == "1042"
    assert outcomes()[len(tries) :] == ["limited", "matched"]
    assert GuestGrant.objects.count() == hits + 1


def test_limits_know_nothing_of_unknown_origins_and_other_channels(order, now):
    makers.make_channel("us")
    for number in range(1, 8):
        answered(now, number=str(number), email=f"{number}@example.com", origin="")
    for number in range(1, 8):
        answered(now, channel="us", number=str(number), email=f"us{number}@example.com", origin="")

    assert outcomes() == ["no_match"] * 14
    assert answered(now, origin="").order_number == "1042"


def test_whoever_keeps_asking_does_not_lock_the_owner_out(order, now):
    for step in range(60):
        answered(now + step * MINUTE, email="thief@example.com", origin="10.9.9.9")
    # The thief was looked up five times in each quarter of an hour and refused in between.
    assert outcomes().count("no_match") == 20
    assert answered(now + 76 * MINUTE).order_number == "1042"


def test_requests_not_answered_yet_count(order, now):
    waiting = [ask(now) for _ in range(6)]

    assert service.answer(request_id=waiting[5], now=now) is None
    assert service.answer(request_id=waiting[0], now=now).order_number == "1042"
    assert outcomes() == ["matched", "", "", "", "", "limited"]


def test_ten_thousand_guesses_find_nothing(order, now):
    """Fifty origins guess number and e-mail for an hour: five tries a quarter per order is all they get."""
    guess = random.Random(5)
    rows = [
        GuestAccessRequest(
            channel="pl",
            order_number="1042",
            email=f"{guess.randrange(10**9)}@example.com",
            origin=f"10.1.0.{n % 50}",
            created_at=now + n * datetime.timedelta(seconds=3.6),
        )
        for n in range(1000)
    ]
    GuestAccessRequest.objects.bulk_create(rows)
    for pk, at in GuestAccessRequest.objects.order_by("pk").values_list("pk", "created_at"):
        service.answer(request_id=pk, now=at)

    assert (outcomes().count("no_match"), outcomes().count("limited")) == (20, 980)


def test_answering_costs_the_same_however_many_have_asked(order, now):
    def cost() -> int:
        request_id = ask(now, number="77", email=f"{secrets.token_hex(4)}@example.com", origin="")
        with CaptureQueriesContext(connection) as captured:
            service.answer(request_id=request_id, now=now)
        return len(captured)

    few = cost()
    GuestAccessRequest.objects.bulk_create(
        GuestAccessRequest(channel="x", order_number="1", email="e", created_at=now) for _ in range(100)
    )

    assert cost() == few == 8


@pytest.mark.parametrize(
    "given", [{"email": "İ" * 200 + "@example.com"}, {"number": "\u2473" * 64}, {"number": "\ufdfa" * 64}]
)
def test_text_that_grows_when_it_is_normalised_still_fits(shop, now, given):
    """PostgreSQL refuses what is longer than its column; SQLite doesn't."""
    row = GuestAccessRequest.objects.get(pk=ask(now, **given))
    assert len(row.email) <= 254
    assert len(row.order_number) <= 64


def test_a_mailbox_is_not_filled_with_links(order, now):
    """Whoever knows number and address can make us mail; ten working links are enough for anybody."""
    for step in range(200):
        answered(now + step * 5 * MINUTE, origin=f"10.0.{step}.1")

    assert GuestGrant.objects.count() == 10
    assert outcomes().count("matched") == 10
    GuestGrant.objects.update(revoked_at=now)
    assert answered(now + 2000 * MINUTE).order_number == "1042"
