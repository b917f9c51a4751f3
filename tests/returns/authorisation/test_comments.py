"""What customers and staff say about a return, and who reads it."""

import pytest

from saleor_support_plugin.actors import Actor, ActorKind
from saleor_support_plugin.errors import Code, Invalid, NotThere
from saleor_support_plugin.returns import queries, service
from saleor_support_plugin.returns.authorisation import comments
from saleor_support_plugin.returns.models import ReturnComment
from sandbox import makers
from tests.returns import told


def _say(world, row, text="Hello", actor=None, **more):
    return service.comment(actor=actor or world.buyer, return_id=row.pk, text=text, now=world.now, **more)


def test_a_customers(world):
    row = world.ask()
    made = _say(world, row, " I packed\r\nit. ")
    assert (made.text, made.author_kind, made.author_id, made.is_internal) == (
        "I packed\nit.",
        "customer",
        world.buyer.id,
        False,
    )
    assert told.verbs(row)[-1] == "return_commented"
    assert told.last(row).after == {"comment": made.pk, "is_internal": False}
    assert told.notes(row)[-1] == f"commented by {world.buyer.name}: I packed\nit."
    assert told.mails(row) == ["return_requested"]


def test_what_staff_says_is_mailed(world):
    row, staff = world.ask(), world.staff()
    _say(world, row, "Please use the box.", actor=staff)
    mail = told.mail(row, "return_comment")
    assert (mail.recipient, mail.data["message"], mail.data["staff_name"]) == (
        world.customer.email,
        "Please use the box.",
        staff.name,
    )
    _say(world, row, "Please use the box.", actor=staff)  # said twice is mailed twice
    assert told.mails(row) == ["return_requested", "return_comment", "return_comment"]


def test_mails_name_no_login_of_staff(world):
    row = world.ask()
    _say(world, row, actor=world.staff(email="clerk@shop.example", first_name="", last_name=""))
    assert told.mail(row, "return_comment").data["staff_name"] == ""


def test_staff_elsewhere_are_customers_of_their_own_returns(world, monkeypatch):
    monkeypatch.setattr(comments, "MOST", 1)
    row, person = world.ask(), world.staff(permissions=[])
    type(row).objects.filter(pk=row.pk).update(customer_id=person.id)
    assert _say(world, row, actor=person).author_kind == "customer"
    with pytest.raises(Invalid) as refused:
        _say(world, row, actor=person)
    assert refused.value.code is Code.LIMIT_REACHED


def test_what_staff_says_to_staff_is_not(world):
    row, staff = world.ask(), world.staff()
    made = _say(world, row, "He did this before.", actor=staff, is_internal=True)
    assert told.mails(row) == ["return_requested"]
    assert told.notes(row)[-1] == f"noted by {staff.name}: He did this before."
    assert queries.comments([row.pk], internal=False) == {}
    assert queries.comments([row.pk], internal=True) == {row.pk: [made]}


def test_who_reads_what_is_internal(world):
    row = world.ask()
    assert queries.sees_internal(world.staff(), row)
    for actor in (
        world.buyer,
        world.guest,
        world.staff(channels=[makers.make_channel()]),
        world.staff(permissions=[]),
    ):
        assert not queries.sees_internal(actor, row)


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"text": " \n"}, "text", Code.REQUIRED),
        ({"text": "x" * 2001}, "text", Code.TOO_LONG),
        ({"is_internal": True}, "isInternal", Code.INVALID),
        ({"key": "x" * 65}, "key", Code.TOO_LONG),
    ],
)
def test_what_can_not_be_said(world, more, field, code):
    row = world.ask()
    with pytest.raises(Invalid) as refused:
        _say(world, row, **more)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not ReturnComment.objects.exists()


def test_a_key_says_it_once(world):
    row, staff = world.ask(), world.staff()
    first = _say(world, row, actor=staff, key="k")
    assert _say(world, row, actor=staff, key="k") == first
    for more in ({"text": "Bye"}, {"is_internal": True}):
        with pytest.raises(Invalid) as refused:
            _say(world, row, actor=staff, key="k", **more)
        assert (refused.value.field, refused.value.code) == ("key", Code.CONFLICT)
    assert ReturnComment.objects.count() == 1
    assert told.mails(row) == ["return_requested", "return_comment"]


def test_customers_have_said_enough_at_some_point(world, monkeypatch):
    monkeypatch.setattr(comments, "MOST", 2)
    row, staff = world.ask(), world.staff()
    for actor in (world.buyer, world.guest, staff):
        _say(world, row, actor=actor)
    before = told.count()
    with pytest.raises(Invalid) as refused:
        _say(world, row)
    assert (refused.value.field, refused.value.code) == ("text", Code.LIMIT_REACHED)
    assert told.count() == before
    _say(world, row, actor=staff)


def test_not_yours_is_not_there(world):
    row = world.ask()
    for actor in (
        world.shop.identify(makers.request_for(makers.make_customer())),
        Actor(ActorKind.GUEST, order_id="T3JkZXI6MQ=="),
        world.staff(channels=[makers.make_channel()]),
    ):
        with pytest.raises(NotThere):
            _say(world, row, actor=actor)


def test_an_ended_return_can_be_talked_about(world):
    row = world.ask()
    service.cancel(actor=world.buyer, return_id=row.pk, now=world.now)
    assert _say(world, row, actor=world.guest).author_kind == "guest"
