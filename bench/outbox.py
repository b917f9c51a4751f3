"""Our side of the measurements: rows of the outbox about one order, to many people."""

import dataclasses
import uuid
from typing import Any

KIND = "order_shipped"


class Outbox:
    """The order that all mails are about, in the channel that ``common.settings`` made."""

    def __init__(self) -> None:
        from saleor_support_plugin.notifications import samples
        from saleor_support_plugin.notifications.writing.wording import Wording
        from saleor_support_plugin.shop.current import get_shop
        from tests.saleor.faults import acts

        self.order = get_shop().order(acts.world().make_order())
        self.settings = get_shop().settings(self.order.channel_id)
        self.data = samples.sample(KIND, "en")[1]
        self.wording = Wording()

    def store(self, count: int, mark: str) -> list[Any]:
        """Write ``count`` messages down, 100 in a transaction, due at once; the rows."""
        from django.utils import timezone

        from saleor_support_plugin.notifications import service
        from saleor_support_plugin.notifications.models import Notification

        for first in range(0, count, 100):
            now = timezone.now()
            messages = [
                service.Message(
                    kind=KIND,
                    subject=f"{mark}:{number}",
                    occasion="shipped",
                    order=self.of(f"{mark}-{number}@bench.example"),
                    data=self.data,
                    due=now,
                )
                for number in range(first, min(count, first + 100))
            ]
            service.notify_many(messages, now=now)
        return list(Notification.objects.filter(recipient__startswith=f"{mark}-").order_by("pk"))

    def of(self, email: str) -> Any:
        """An order of its own for somebody: what goes together is looked for by order."""
        from saleor_support_plugin.shop.saleor.ids import global_id

        return dataclasses.replace(self.order, id=global_id("Order", uuid.uuid4()), email=email)

    def write(self, row: Any) -> Any:
        """The words of one row's mail."""
        from django.utils import timezone

        from saleor_support_plugin.notifications.writing import mail

        return mail.write(row, self.settings, now=timezone.now(), wording=self.wording)

    def build(self, row: Any, written: Any) -> Any:
        """The mail of one row with all its headers, as the drain makes it."""
        from django.core.mail import get_connection

        from saleor_support_plugin.notifications.writing import mail

        row.message_id = mail.message_id(row, mail.sender(self.settings))
        nowhere = get_connection("django.core.mail.backends.dummy.EmailBackend")
        return mail.build(row, self.settings, written, references=(), connection=nowhere)
