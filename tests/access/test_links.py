"""Links: what they open, until when, and how they are taken back."""

import datetime
import random
import string

import pytest
from django.core import signing
from django.db import transaction
from django.test import override_settings

from saleor_support_plugin.access import service
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant
from saleor_support_plugin.actors import ANONYMOUS, SYSTEM, Actor, ActorKind
from saleor_support_plugin.errors import Code, Denied, NotThere
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.settings import Feature
from sandbox import makers
from sandbox.home import identity
from tests.access.asking import EXPIRED, NOT_VALID, answered, ask, refused


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
        "invalid",
        "accessToken",
        EXPIRED,
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
    [
        "",
        " ",
        ".",
        "1.a.b",
        "null",
        "-1.a.b",
        "9" * 40 + ".a.b",
        "١.a.b",
        "x" * 1_000_000,
        "1.\x00.b",
        "1.\ud800.b",
        "1.a.b\n",
        "<script>",
        "' OR 1=1 --",
        "1.😀.b",
    ],
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
        staff.id,
        f"order:{order_id}",
        order_id,
        {"links": 2},
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
            Code.NOT_FOUND,
            "orderId",
            "There is no such order.",
        )
    assert service.open(token=service.token(grant), now=now).order_id == order_id


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


def test_a_link_dies_when_the_order_gets_another_address(order, grant, now):
    """Else the stranger to whom a mistyped address belonged could still open the order."""
    token = service.token(grant)
    order.user_email = "ANA@example.com"
    order.save()
    assert service.open(token=token, now=now).order_id == grant.order_id
    order.user_email = "right@example.com"
    order.save()

    assert refused(service.open, token=token, now=now) == ("invalid", "accessToken", NOT_VALID)


def test_a_link_to_a_deleted_order_opens_nothing(order, grant, now):
    token = service.token(grant)
    order.delete()

    assert refused(service.open, token=token, now=now) == ("invalid", "accessToken", NOT_VALID)
