"""Which own words hold, what looking for them costs, and what happens when they can't be said."""

import smtplib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.notifications import drain, kinds, samples
from saleor_support_plugin.notifications.models import Notification, Override
from saleor_support_plugin.notifications.writing import mail, sandbox, wording
from saleor_support_plugin.notifications.writing.wording import Wording
from saleor_support_plugin.worklist.models import StaffTask, TaskKind
from tests.notifications.own_words import row
from tests.notifications.samples import NOW, SETTINGS


@pytest.fixture(autouse=True)
def _nothing_compiled():
    wording._compiled.cache_clear()


def keep(language="en", channel="", kind="ticket_reply", subject="Own subject"):
    return Override.objects.create(
        kind=kind, channel_id=channel, language=language, blocks={"subject": subject}, updated_at=NOW
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "subject"),
    [
        ("es-mx", "here es-mx"),
        ("es-MX", "here es-mx"),
        ("es_mx", "here es-mx"),
        ("es-ar", "here es"),
        ("es", "here es"),
        ("en-gb", "all en-gb"),
        ("en", "all en"),
        ("eo-001", "all en"),
    ],
)
def test_the_nearest_language_wins_and_within_it_the_channel(wanted, subject):
    for channel, language in (("here", "es-mx"), ("", "es-mx"), ("here", "es"), ("", "es"), ("", "en")):
        keep(language, channel, subject=f"{channel or 'all'} {language}")
    keep("en-gb", "", subject="all en-gb")
    keep("es-ar", "elsewhere", subject="never")
    keep("en", "", kind="ticket_closed", subject="never")
    one = row(language=wanted, channel_id="here")
    assert mail.write(one, SETTINGS, now=NOW, wording=Wording()).subject == subject


@pytest.mark.django_db
def test_without_own_words_ours_hold():
    keep("es")
    Override.objects.create(kind="ticket_reply", channel_id="", language="en", blocks={})
    one = row(channel_id="here")
    ours = mail.write(one, SETTINGS, now=NOW)
    assert mail.write(one, SETTINGS, now=NOW, wording=Wording()) == ours


@pytest.mark.django_db
def test_words_are_compiled_once_for_each_version(monkeypatch):
    compiled = []
    real = sandbox.compile
    monkeypatch.setattr(
        sandbox, "compile", lambda source, scope: compiled.append(source) or real(source, scope)
    )
    kept = keep()
    for _call in range(3):
        wording_ = Wording()
        for _mail in range(5):
            assert mail.write(row(), SETTINGS, now=NOW, wording=wording_).subject == "Own subject"
    assert compiled == ["Own subject"]
    Override.objects.filter(pk=kept.pk).update(version=2, blocks={"subject": "Newer"})
    assert mail.write(row(), SETTINGS, now=NOW, wording=Wording()).subject == "Newer"
    assert compiled == ["Own subject", "Newer"]


@pytest.mark.django_db
def test_a_batch_looks_for_words_twice_at_most(django_assert_num_queries):
    for kind in kinds.TABLE:
        for language in ("en", "es"):
            keep(language, kind=kind.name)
    with django_assert_num_queries(2 + len(kinds.TABLE)):  # two looks, and each override once per process
        wording_ = Wording()
        for _time in range(3):
            for kind in kinds.TABLE:
                mail.write(row(kind.name), SETTINGS, now=NOW, wording=wording_)
    with django_assert_num_queries(2):
        wording_ = Wording()
        for kind in kinds.TABLE:
            mail.write(row(kind.name), SETTINGS, now=NOW, wording=wording_)


def test_words_that_vanish_between_two_looks_are_ours(db):
    kept = keep()
    wording_ = Wording()
    kind = kinds.get("ticket_reply")
    wording_._look(kind.name)
    Override.objects.filter(pk=kept.pk).update(version=2)
    assert wording_.of(kind, "", ["en"]) is None


def test_a_drain_of_many_asks_as_often_as_one_of_few(notify, order, now, server):
    costs = []
    for count in (10, 100):
        Override.objects.all().delete()
        keep(kind="return_requested", subject=f"Own {count}")
        for number in range(count):
            notify(subject=f"return:{count}{number:03}", recipient=f"c{count}{number}@example.com")
        with CaptureQueriesContext(connection) as spent:
            drain.deliver_due(now=now, limit=1000)
        assert [one.subject for one in server.TAKEN[-count:]] == [f"Own {count}"] * count
        costs.append(len([one for one in spent if "_override" in one["sql"]]))
    assert costs == [2, 2]  # which there are, and the one that is new to the process


def test_words_that_cant_be_said_never_lose_a_mail(notify, order, now, server, caplog):
    kept = keep(kind="return_requested", subject="{{ reason }}")
    for number in range(3):
        data = {**samples.sample("return_requested", "en")[1], "reason": ""}
        notify(subject=f"return:{number}", recipient=f"c{number}@example.com", data=data)
    drain.deliver_due(now=now, limit=10)
    assert len(server.TAKEN) == 3
    assert all(one.subject.startswith("We have received your return request") for one in server.TAKEN)
    task = StaffTask.objects.get(kind=TaskKind.WORDS_BROKEN)  # one for all three
    assert task.key == f"words:{kept.pk}:1"
    assert "return_requested" in task.summary
    assert "subject: Nothing would be shown here." in task.summary
    assert "Own words for the mail return_requested" in caplog.text
    Override.objects.filter(pk=kept.pk).update(version=2)
    notify(subject="return:9", recipient="c9@example.com", data=data)
    drain.deliver_due(now=now, limit=10)
    assert StaffTask.objects.filter(kind=TaskKind.WORDS_BROKEN).count() == 2


def test_words_of_an_older_release_never_lose_a_mail(notify, order, now, server):
    keep(kind="return_requested", subject="{{ a_name_that_went_away }}")
    notify()
    drain.deliver_due(now=now, limit=10)
    assert len(server.TAKEN) == 1
    assert "There is no a_name_that_went_away in this mail" in StaffTask.objects.get().summary


def test_the_outbox_keeps_no_words(notify, order, now, server):
    """A row keeps data, not words: what is sent later is said in the words of then."""
    notify()
    keep(kind="return_requested", subject="Said later")
    drain.deliver_due(now=now, limit=10)
    assert server.TAKEN[0].subject == "Said later"
    assert "Said later" not in str(Notification.objects.values().get())


def test_a_correction_reaches_a_mail_that_waits_for_another_try(notify, server, now):
    """Looked up at every try, with the same Message-ID: see decision 20."""
    kept = keep(kind="return_requested", subject="Wrong")
    one = notify()
    server.SCRIPT.append(smtplib.SMTPDataError(451, b"later"))
    drain.deliver(notification_id=one.pk, now=now)
    one.refresh_from_db()
    assert (one.state, one.attempts) == ("pending", 1)
    Override.objects.filter(pk=kept.pk).update(version=2, blocks={"subject": "Right"})
    drain.deliver(notification_id=one.pk, now=one.next_attempt_at)
    (sent,) = server.TAKEN
    assert (sent.subject, sent.extra_headers["Message-ID"]) == ("Right", one.message_id)
