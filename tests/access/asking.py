"""Ask for links as guests do, and see what came of it."""

import datetime

import pytest

from saleor_support_plugin.access import service
from saleor_support_plugin.access.models import GuestAccessRequest, GuestGrant
from saleor_support_plugin.errors import Invalid

MINUTE = datetime.timedelta(minutes=1)


NOT_VALID = "This link is not valid; ask for a new one."


EXPIRED = "This link has expired; ask for a new one."


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
