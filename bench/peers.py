"""Saleor's own mail of a shipment, as its user e-mail plugin makes it."""

import json
import pathlib
from typing import Any
from unittest import mock


class Theirs:
    """One shipment of the demo shop, ready for Saleor's own ``send_email``."""

    def __init__(self, port: int = 9) -> None:
        from django.core.serializers.json import DjangoJSONEncoder
        from saleor.order.models import Fulfillment
        from saleor.order.notifications import get_default_fulfillment_payload
        from saleor.plugins.email_common import EmailConfig
        from saleor.plugins.user_email import constants

        row = Fulfillment.objects.exclude(lines=None).order_by("pk").first()
        payload = get_default_fulfillment_payload(row.order, row)
        folder = pathlib.Path(constants.DEFAULT_EMAIL_TEMPLATES_PATH)
        self.payload = json.loads(json.dumps(payload, cls=DjangoJSONEncoder))
        self.template = (folder / constants.ORDER_FULFILLMENT_CONFIRMATION_DEFAULT_TEMPLATE).read_text()
        self.subject = constants.ORDER_FULFILLMENT_CONFIRMATION_DEFAULT_SUBJECT
        self.config = EmailConfig(
            host="127.0.0.1", port=port, sender_name="Shop", sender_address="shop@shop.example", use_tls=False
        )

    def send(self) -> None:
        """Compile, render, and send over a connection of its own: what its task does for each mail."""
        from saleor.plugins.email_common import send_email

        send_email(self.config, ["ana@shop.example"], self.payload, self.subject, self.template)

    def render(self) -> Any:
        """The same without the sending; what would have been sent."""
        with mock.patch("saleor.plugins.email_common.send_mail") as sent:
            self.send()
        return sent.call_args
