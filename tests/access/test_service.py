"""Guests ask for links, links open one order, staff takes them back."""

import datetime
import random
import secrets
import string

import pytest
from django.core import signing
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.access import service
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant
from saleor_support_plugin.actors import ANONYMOUS, SYSTEM, Actor, ActorKind
from saleor_support_plugin.errors import Code, Denied, Invalid, NotThere
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop.errors import ShopUnavailable
from sandbox import makers, models, worker
from sandbox.home import identity

MINUTE = datetime.timedelta(minutes=1)
NOT_VALID = "This link is not valid; ask for a new one."
EXPIRED = "This link has expired; ask for a new one."


@pytest.fixture
def channel(shop):
    channel = makers.make_channel("pl")
    makers.switch_on(channel, guest_link_hours="48")
    return channel


@pytest.fixture
def order(channel):
    return makers.make_order(channel, email="Ana@Example.com", number=1042)


@pytest.fixture
def grant(order, now):
    return answered(now)


def ask(now, *, channel="pl", number="1042", email="ana@example.com", origin="10.0.0.1") -> int:
    """Ask for a link; the id of the stored request."""
    service.request(channel=channel, order_number=number, email=email, origin=origin, now=now)
    return GuestAccessRequest.objects.latest("pk").pk


def answered(now, **given) -> GuestGrant | None:
    return service.answer(request_id=ask(now, **given), now=now)


def outcomes() -> list[str]:
    return list(GuestAccessRequest.objects.order_by("pk").values_list("outcome", flat=True))


def refused(call, *args, **given) -> tuple[str, str | None, str]:
    with pytest.raises(Invalid) as error:
        call(*args, **given)
    return error.value.code.value, error.value.field, error.value.message


# -- asking --------------------------------------------------------------------------------


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


# -- answering -----------------------------------------------------------------------------


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
        "guest_link_granted", "system", f"order:{grant.order_id}", grant.order_id,
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


# -- limits --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("_case", "tries"),
    [
        ("one e-mail", [{"number": str(n), "origin": f"10.0.0.{n}"} for n in range(1, 6)]),
        ("one order", [{"email": f"{n}@example.com", "origin": f"10.0.0.{n}"} for n in range(1, 6)]),
        ("one order, spelled differently",
         [{"number": number, "email": f"{number}@example.com", "origin": number}
          for number in ("#1042", "01042", " 1042", "１０４２", "٠١٠٤٢")]),
        ("one origin", [{"number": str(n), "email": f"{n}@example.com"} for n in range(1, 31)]),
    ],
)
def test_one_try_too_many_in_a_quarter_of_an_hour_is_not_looked_up(order, now, _case, tries):
    for given in tries:
        answered(now, **given)
    hits = outcomes().count("matched")

    assert answered(now + 14 * MINUTE) is None
    assert answered(now + 16 * MINUTE).order_number == "1042"
    assert outcomes()[len(tries):] == ["limited", "matched"]
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
            channel="pl", order_number="1042", email=f"{guess.randrange(10**9)}@example.com",
            origin=f"10.1.0.{n % 50}", created_at=now + n * datetime.timedelta(seconds=3.6),
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


# -- opening -------------------------------------------------------------------------------


def test_a_link_opens_exactly_its_order(grant, now):
    token = service.token(grant)

    assert service.open(token=token, now=now + datetime.timedelta(hours=47)) == Actor(
        ActorKind.GUEST, email="Ana@Example.com", name="Ana@Example.com", order_id=grant.order_id
    )
    assert service._TOKEN.fullmatch(token)
    assert len(token) < 100


def test_tokens_are_safe_in_addresses_and_differ(order, now):
    first, second = answered(now), answered(now)

    assert service.token(first) != service.token(second)
    assert set(service.token(first)) <= set(string.ascii_letters + string.digits + "-_.")


def test_an_expired_link_says_so(grant, now):
    assert refused(service.open, token=service.token(grant), now=grant.expires_at) == (
        "invalid", "accessToken", EXPIRED,
    )


def test_a_thousand_altered_tokens_open_nothing(grant, now):
    token, change = service.token(grant), random.Random(7)
    letters = string.ascii_letters + string.digits + "-_."
    altered = set()
    while len(altered) < 1000:
        place = change.randrange(len(token))
        altered.add(token[:place] + change.choice(letters) + token[place + 1 :])
    altered.discard(token)

    found = {refused(service.open, token=one, now=now) for one in altered}

    assert found == {("invalid", "accessToken", NOT_VALID)}


@pytest.mark.parametrize(
    "token",
    ["", " ", ".", "1.a.b", "null", "-1.a.b", "9" * 40 + ".a.b", "١.a.b", "x" * 1_000_000, "1.\x00.b",
     "1.\ud800.b", "1.a.b\n", "<script>", "' OR 1=1 --", "1.😀.b"],
)
def test_garbage_opens_nothing(grant, now, token):
    assert refused(service.open, token=token, now=now) == ("invalid", "accessToken", NOT_VALID)


def test_tokens_signed_for_something_else_open_nothing(grant, now):
    body = f"{grant.pk}.{grant.nonce}"
    for signer in (
        signing.Signer(sep="."),
        signing.Signer(sep=".", salt="another purpose"),
        signing.Signer(sep=".", salt=service._SALT, key="another key"),
    ):
        assert refused(service.open, token=signer.sign(body), now=now)[2] == NOT_VALID


def test_a_right_signature_on_a_wrong_nonce_or_grant_opens_nothing(grant, now):
    for body in (f"{grant.pk}.other", f"{grant.pk + 1}.{grant.nonce}"):
        assert refused(service.open, token=service._signer().sign(body), now=now)[2] == NOT_VALID


def test_keys_can_be_rotated(grant, now):
    with override_settings(SECRET_KEY="old key"):
        token = service.token(grant)

    with override_settings(SECRET_KEY="new key", SECRET_KEY_FALLBACKS=["old key"]):
        assert service.open(token=token, now=now).order_id == grant.order_id
    with override_settings(SECRET_KEY="new key", SECRET_KEY_FALLBACKS=[]):
        assert refused(service.open, token=token, now=now)[2] == NOT_VALID


def test_links_rest_while_the_channel_gives_none(channel, grant, now):
    makers.save_config(channel, {Feature.GUEST_ACCESS.value: False}, now)

    assert refused(service.open, token=service.token(grant), now=now)[2] == NOT_VALID


# -- revoking ------------------------------------------------------------------------------


def test_staff_takes_all_links_of_an_order_back(channel, order, now):
    staff = identity.actor(makers.make_staff(channels=[channel]))
    makers.make_order(channel, email="eva@example.com", number=7)
    mine = [answered(now), answered(now)]
    other = answered(now, number="7", email="eva@example.com")
    order_id = makers.gid(order)

    assert service.revoke(actor=staff, order_id=order_id, now=now) == 2

    assert {refused(service.open, token=service.token(one), now=now)[2] for one in mine} == {NOT_VALID}
    assert service.open(token=service.token(other), now=now).order_id == other.order_id
    entry = HistoryEntry.objects.get(verb="guest_links_revoked")
    assert (entry.actor_id, entry.subject, entry.order_id, entry.after) == (
        staff.id, f"order:{order_id}", order_id, {"links": 2},
    )
    assert service.revoke(actor=staff, order_id=order_id, now=now) == 0
    assert answered(now).revoked_at is None  # a new one can be asked for


def test_who_can_not_revoke(channel, order, grant, now):
    elsewhere = makers.make_channel("us")
    order_id = makers.gid(order)
    app = makers.make_app(permissions=[])
    for who in (
        ANONYMOUS,
        identity.actor(makers.make_customer("ana@example.com")),
        Actor(ActorKind.GUEST, order_id=order_id),
        identity.actor(makers.make_staff(permissions=[])),
        identity.actor(app),
    ):
        with pytest.raises(Denied):
            service.revoke(actor=who, order_id=order_id, now=now)
    for who, wanted in (
        (identity.actor(makers.make_staff(channels=[elsewhere])), order_id),
        (identity.actor(makers.make_staff()), makers.gid(channel)),
        (identity.actor(makers.make_staff()), "\x00" * 500),
        (SYSTEM, ""),
    ):
        with pytest.raises(NotThere) as error:
            service.revoke(actor=who, order_id=wanted, now=now)
        assert (error.value.code, error.value.field, error.value.message) == (
            Code.NOT_FOUND, "orderId", "There is no such order.",
        )
    assert service.open(token=service.token(grant), now=now).order_id == order_id


# -- keeping -------------------------------------------------------------------------------


def test_purge_takes_old_rows_and_a_bounded_number(order, now):
    for days in (0, 31, 32, 33):
        answered(now - datetime.timedelta(days=days), origin="")
    assert [GuestAccessRequest.objects.count(), GuestGrant.objects.count()] == [4, 4]

    assert service.purge(now=now, limit=2) == 3  # two requests; one link expired more than 30 days ago
    assert service.purge(now=now, limit=2) == 1
    assert service.purge(now=now, limit=2) == 0

    assert [GuestAccessRequest.objects.count(), GuestGrant.objects.count()] == [1, 3]
    assert GuestAccessRequest.objects.get().created_at == now


def test_grant_and_mail_are_there_together_or_not_at_all(order, now):
    request_id = ask(now)

    def answer_and_fail() -> None:
        with transaction.atomic():
            service.answer(request_id=request_id, now=now)
            raise RuntimeError("the outbox could not be written")

    with pytest.raises(RuntimeError, match="outbox"):
        answer_and_fail()
    assert GuestGrant.objects.count() == 0
    assert service.answer(request_id=request_id, now=now).order_number == "1042"
