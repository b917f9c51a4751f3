"""A channel that expects a provider's reports, a mail that this provider took, and the provider's hand."""

import types

import pytest

from saleor_support_plugin.notifications.models import DeliveryEvent, Notification, OptOut, Suppression
from saleor_support_plugin.notifications.sending.transport import note
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from tests.webhooks import payloads


@pytest.fixture
def channel(shop, clock):
    """A channel with every feature on."""
    made = makers.make_channel()
    makers.switch_on(made, shop_name="Casa Olivo", sender_address="hola@casaolivo.example")
    return made


@pytest.fixture
def mail(channel, now):
    """``mail(provider)`` makes an order's mail that this provider took."""

    def make(provider="postmark", number=0, *, where=channel, kind="order_shipped", **changes):
        order = makers.make_order(where, email="lucia@example.com")
        values = {
            "kind": kind, "subject": f"order:{order.pk}", "recipient": "lucia@example.com",
            "occasion": f"shipped:{number}", "channel_id": makers.gid(where), "order_id": makers.gid(order),
            "order_number": str(order.number), "state": "accepted", "provider": provider, "language": "en",
            "provider_id": payloads.id_of(provider, number) if provider else "", "finished_at": now,
        }  # fmt: skip
        row = Notification.objects.create(**{**values, **changes})
        row.message_id = f"<support.{row.pk}.0123456789abcdef0123@casaolivo.example>"
        row.save()
        return row

    return make


@pytest.fixture
def provider(channel, client, now):
    """``provider(name)`` sets the channel up for it; gives how it reports."""

    def connect(name="postmark", **more):
        options = payloads.OPTIONS.get(name)
        makers.switch_on(
            channel, mail_provider=name if options else "", mail_provider_options=options or "",
            webhook_secret=payloads.SECRETS[name], **more,
        )  # fmt: skip
        address = f"/plugins/channel/{channel.slug}/saleor.support/"
        payloads.ADDRESS[0] = f"http://127.0.0.1:8000{address}"

        def build(what, row=None, **changes):
            values = {
                "message_id": row.provider_id if row else payloads.id_of(name, 999),
                "recipient": row.recipient if row else "lucia@example.com", "when": now,
                "note": note(row.message_id) if row else "",
            }  # fmt: skip
            return payloads.build(name, what, **{**values, **changes})

        def post(body, content_type, headers):
            return client.post(
                f"{address}mail/events/{name}", body, content_type=content_type, headers=headers
            )

        def report(what, row=None, **changes):
            return post(*build(what, row, **changes))

        return types.SimpleNamespace(
            name=name,
            url=f"{address}mail/events/{name}",
            build=build,
            post=post,
            report=report,
            client=client,
        )

    return connect


@pytest.fixture
def effects():
    """``effects()``: how many rows there are of all that a report could bring about."""

    def count():
        delivered = Notification.objects.exclude(delivery="").count()
        return [delivered] + [one.objects.count() for one in (DeliveryEvent, Suppression, OptOut, StaffTask)]

    return count
