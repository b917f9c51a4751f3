"""Every kind of the table is sent by the one public call, in every language, and reaches the mail server."""

import dataclasses
import datetime

import pytest

from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.notifications import drain, samples, service
from saleor_support_plugin.notifications.kinds import TABLE, kinds
from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.notifications.variables import Variable
from sandbox import makers

HOURS = datetime.timedelta(hours=2)
GUEST_URL = "https://casaolivo.example/guest?t={token}"


@pytest.fixture
def send(order, channel, now):
    """``send(kind, language)`` writes the kind's sample data about the order into the outbox."""
    makers.switch_on(
        channel,
        guest_url=GUEST_URL,
        quiet_hours="none",
        kinds_on="\n".join(kind.name for kind in TABLE if not kind.at_first),
    )
    grant = GuestGrant.objects.create(
        order_id=order.id, channel_id=order.channel_id, order_number="1042", email="lucia@example.com",
        nonce="n" * 32, created_at=now, expires_at=now + datetime.timedelta(hours=72),
    )  # fmt: skip

    def write(kind, language):
        _order, data = samples.sample(kind.name, language, now=now)
        data |= {name: grant.pk for name, variable in kind.variables.items() if variable is Variable.GRANT}
        return service.notify(
            kind=kind.name,
            subject=f"sample:{kind.name}",
            occasion="sample",
            order=dataclasses.replace(order, language=language),
            data=data,
            now=now,
            recipient=f"{kind.name}@example.com",
        )

    return write


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_kind_is_written_stored_sent_and_accepted(send, server, now, language):
    for kind in TABLE:
        assert send(kind, language).state == NotificationState.PENDING
    for _ in range(3):
        drain.deliver_due(now=now + HOURS, limit=1000)

    rows = Notification.objects.filter(subject__startswith="sample:")
    ended = {row.kind: (row.state, row.reason, row.detail) for row in rows}
    assert ended == {kind.name: (NotificationState.ACCEPTED, "", "") for kind in TABLE}
    assert len(TABLE) == len(kinds()) >= 52

    taken = {message.to[0].partition("@")[0]: message for message in server.TAKEN}
    assert set(taken) == {kind.name for kind in TABLE}
    assert len(server.TAKEN) == len(TABLE)
    for name, message in taken.items():
        (html, kind_of_part), *others = message.alternatives
        assert (kind_of_part, others) == ("text/html", [])
        assert message.extra_headers["Content-Language"] == language
        assert message.subject.strip() == message.subject != ""
        assert "\n" not in message.subject
        assert f'lang="{language}"' in html
        assert len(message.body.split()) > 15, name  # words of its own, not only a greeting
        assert "{{" not in message.body + html
        assert "{%" not in message.body + html
        assert "None" not in message.body, name


def test_languages_differ_in_every_kind(send, server, now):
    """A Spanish mail without a translation would be an English one."""
    for kind in TABLE:
        for language in ("en", "es"):
            Notification.objects.filter(kind=kind.name).update(
                subject=f"earlier:{kind.name}", state=NotificationState.SKIPPED
            )
            send(kind, language)
            drain.deliver_due(now=now + HOURS, limit=10)
    assert len(server.TAKEN) == 2 * len(TABLE)
    by_kind = {}
    for message in server.TAKEN:
        by_kind.setdefault(message.to[0], []).append((message.subject, message.body))
    for address, ((subject, body), (asunto, texto)) in by_kind.items():
        assert subject != asunto, address
        assert body != texto, address
