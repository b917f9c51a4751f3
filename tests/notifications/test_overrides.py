"""Keeping own words: what is refused and why, versions, history, who may, and two admins at once."""

import pytest

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import kinds, overrides
from saleor_support_plugin.notifications.models import Override
from saleor_support_plugin.notifications.writing import mail, wording
from saleor_support_plugin.notifications.writing.wording import Wording
from sandbox import makers
from tests.notifications.own_words import row
from tests.notifications.samples import SETTINGS

ORDERS = frozenset({Permission.MANAGE_ORDERS})
ADMIN = Actor(ActorKind.STAFF, id="VXNlcjo5", email="sam@shop.example", name="Sam", permissions=ORDERS)


@pytest.fixture(autouse=True)
def _nothing_compiled():
    wording._compiled.cache_clear()


@pytest.fixture
def save(shop, now):
    """``save()`` keeps a subject for ticket_reply in English everywhere; keywords override."""

    def keep(**changes):
        values = {
            "actor": ADMIN, "kind": "ticket_reply", "language": "en", "now": now,
            "blocks": [("subject", "About {{ ticket_number }}")],
        }  # fmt: skip
        return overrides.save(**{**values, **changes})

    return keep


def errors(caught):
    return [(error.field, error.code, error.message) for error in caught.value.errors]


def test_what_is_kept_is_said(save, now):
    kept = save()
    assert (kept.kind, kept.channel_id, kept.language, kept.version) == ("ticket_reply", "", "en", 1)
    assert (kept.blocks, kept.updated_by, kept.updated_at) == (
        {"subject": "About {{ ticket_number }}"}, ADMIN.id, now,
    )  # fmt: skip
    assert mail.write(row(), SETTINGS, now=now, wording=Wording()).subject == "About T-1042"
    save(blocks=[("heading", "Hello")])  # all blocks at once: the subject is ours again
    assert mail.write(row(), SETTINGS, now=now, wording=Wording()).subject.startswith("Re: ")


def test_every_change_is_one_row_of_history(save, now):
    kept = save()
    save(blocks=[("heading", "Hello")])
    overrides.reset(actor=ADMIN, kind="ticket_reply", language="en", now=now)
    where = {"kind": "ticket_reply", "channel": "", "language": "en"}
    subject = {"subject": "About {{ ticket_number }}"}
    heading = {"heading": "Hello"}
    assert [(one.verb, one.subject, one.before, one.after) for one in HistoryEntry.objects.order_by("pk")] == [
        ("template_updated", f"notification_template:{kept.pk}", {}, {**where, "blocks": subject, "version": 1}),
        ("template_updated", f"notification_template:{kept.pk}", {"blocks": subject, "version": 1},
         {**where, "blocks": heading, "version": 2}),
        ("template_reset", f"notification_template:{kept.pk}", {"blocks": heading, "version": 2},
         {**where, "blocks": {}, "version": 3}),
    ]  # fmt: skip


def test_after_a_reset_our_words_hold_and_versions_go_on(save, now):
    save()
    overrides.reset(actor=ADMIN, kind="ticket_reply", language="en", now=now)
    assert list(overrides.visible(ADMIN)) == []
    assert mail.write(row(), SETTINGS, now=now, wording=Wording()).subject.startswith("Re: ")
    with pytest.raises(NotThere, match="There is no such template"):
        overrides.reset(actor=ADMIN, kind="ticket_reply", language="en", now=now)
    assert save(expected_version=0).version == 3


@pytest.mark.parametrize(
    ("changes", "field", "code", "message"),
    [
        ({"kind": "newsletter"}, "kind", Code.INVALID, "There is no kind 'newsletter'; there are "),
        ({"language": "xx"}, "language", Code.INVALID, "Mails can't be written in 'xx'"),
        ({"language": ""}, "language", Code.REQUIRED, "This can't be empty."),
        ({"language": "e" * 36}, "language", Code.TOO_LONG, "Use at most 35 characters."),
        ({"channel_id": "Q2hhbm5lbDo5OTk="}, "channelId", Code.NOT_FOUND, "There is no such channel."),
        ({"channel_id": "\x00"}, "channelId", Code.NOT_FOUND, "There is no such channel."),
        ({"blocks": []}, "blocks", Code.REQUIRED, "Give at least one block."),
    ],
)
def test_what_is_not_there_is_refused(save, changes, field, code, message):
    with pytest.raises(SupportError) as caught:
        save(**changes)
    assert (caught.value.field, caught.value.code) == (field, code)
    assert caught.value.message.startswith(message)
    assert Override.objects.count() == HistoryEntry.objects.count() == 0


def test_all_blocks_are_told_at_once_each_with_its_line(save):
    with pytest.raises(Errors) as caught:
        save(
            blocks=[
                ("subject", "{{ nothing }}"),
                ("preheader", ""),
                ("heading", "Fine"),
                ("heading", "Twice"),
                ("intro", "\n\nHello\n{% if name %}"),
                ("next", "x" * 5001),
                ("content", "<b>ours</b>"),
            ]
        )
    assert sorted(errors(caught), key=str) == sorted(
        [
            ("preheader", Code.REQUIRED, "This can't be empty."),
            ("heading", Code.INVALID, "This block is there twice."),
            ("next", Code.TOO_LONG, "Use at most 5000 characters."),
            ("blocks", Code.INVALID,
             "There is no block 'content'; there are subject, preheader, heading, intro, next."),
            ("subject", Code.INVALID,
             "Line 1: There is no nothing in this mail; there are can_reply, message, name, order_number, "
             "shop_name, staff_name, ticket_number, ticket_subject."),
            ("intro", Code.INVALID, "Line 4: {% if name %} has no end."),
        ],
        key=str,
    )  # fmt: skip
    assert Override.objects.count() == HistoryEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("kind", "blocks", "field", "code", "message"),
    [
        ("order_shipped", [("subject", "{% if more_to_come %}Part of it{% endif %}")], "subject", Code.INVALID,
         "Nothing would be shown here."),
        ("return_approved", [("heading", "{{ refund }}")], "heading", Code.INVALID,
         "Nothing would be shown here."),
        ("ticket_reply", [("subject", "word " * 50)], "subject", Code.TOO_LONG,
         "With sample data this is longer than 200 characters."),
        ("order_shipped", [("intro", "{% for one in parcels %}" + "x" * 4900 + "{% endfor %}" * 1),
                           ("next", "{% for one in parcels %}{{ one.colour }}{% endfor %}")], "next", Code.INVALID,
         "Line 1: one.colour is not possible; there are one.carrier, one.tracking_number, one.tracking_url."),
    ],
)  # fmt: skip
def test_words_that_fail_on_sample_data_are_refused(save, kind, blocks, field, code, message):
    with pytest.raises(Errors) as caught:
        save(kind=kind, blocks=blocks)
    assert errors(caught) == [(field, code, message)]
    assert Override.objects.count() == 0


def test_a_mail_keeps_what_it_is_for(save, monkeypatch):
    """Of a kind that shows its address in a block that can be replaced, the address can't be left out."""
    kind = kinds.get("ticket_survey")
    real = mail.compose

    def in_next(one, values, said, **more):
        made = real(one, values, said, **more)
        text = made.text.replace(values["survey_url"], "") + (said["next"].text if "next" in said else "")
        shown = text if said else made.text
        return mail.Written(made.subject, shown, made.html, made.language)

    monkeypatch.setattr(mail, "compose", in_next)
    with pytest.raises(Errors) as caught:
        save(kind=kind.name, blocks=[("next", "Tell us.")])
    assert errors(caught) == [
        ("blocks", Code.INVALID, "The mail needs {{ survey_url }}; put it into the text.")
    ]
    assert save(kind=kind.name, blocks=[("next", "Tell us: {{ survey_url }}")]).version == 1


def test_control_characters_are_not_kept(save):
    kept = save(blocks=[("intro", "a\x00b\x07c\r\nd\ud800")])
    assert kept.blocks == {"intro": "abc\nd"}


def test_languages_are_kept_in_one_spelling(save):
    assert save(language=" es_MX ").language == "es-mx"
    assert save(language="ES-mx").version == 2
    assert Override.objects.count() == 1


def test_of_two_admins_only_the_one_who_read_the_latest_version_wins(save, now):
    save(expected_version=0)
    first = save(expected_version=1, blocks=[("heading", "First")])
    for stale in (0, 1, 3):
        with pytest.raises(WrongState) as caught:
            save(expected_version=stale, blocks=[("heading", "Second")])
        assert (caught.value.code, caught.value.field) == (Code.CONFLICT, "expectedVersion")
        assert caught.value.message == "Somebody else has changed these words (version 2): load them again."
    with pytest.raises(WrongState):
        overrides.reset(actor=ADMIN, kind="ticket_reply", language="en", now=now, expected_version=1)
    first.refresh_from_db()
    assert (first.blocks, first.version) == ({"heading": "First"}, 2)
    assert save(blocks=[("heading", "Last")]).version == 3  # without a version the last one wins
    with pytest.raises(WrongState):
        save(language="es", expected_version=1)  # where there is none yet
    assert Override.objects.count() == 1
    assert HistoryEntry.objects.count() == 3


def test_who_may_change_words(save, shop, now):
    here, elsewhere = (makers.gid(makers.make_channel(slug)) for slug in ("here", "elsewhere"))
    of_here = Actor(ActorKind.STAFF, id="x", permissions=ORDERS, channels=frozenset({here}))
    customer = Actor(ActorKind.CUSTOMER, id="x")
    for actor in (customer, Actor(ActorKind.STAFF, id="x")):
        for channel in ("", here):
            with pytest.raises(NotThere, match="no such channel"):
                save(actor=actor, channel_id=channel)
        assert list(overrides.visible(actor)) == []
    with pytest.raises(NotThere, match="no such channel"):
        save(actor=of_here, channel_id=elsewhere)
    with pytest.raises(Invalid, match="You look after some channels only") as caught:
        save(actor=of_here)
    assert caught.value.field == "channelId"
    everywhere, there, mine = save(), save(channel_id=elsewhere), save(actor=of_here, channel_id=here)
    assert set(overrides.visible(of_here)) == {everywhere, mine}
    assert set(overrides.visible(ADMIN)) == {everywhere, there, mine}
    with pytest.raises(NotThere, match="no such channel"):
        overrides.reset(actor=of_here, kind="ticket_reply", language="en", channel_id=elsewhere, now=now)
