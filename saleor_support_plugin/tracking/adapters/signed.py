"""The shop's own systems: one signed JSON form for warehouses, middleware and carriers without an adapter.

Described with an example in ``docs/connecting-tracking.md``.
"""

import datetime
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.tracking.adapters.base import Adapter, Call, Meaning, Unreadable, Unverified
from saleor_support_plugin.tracking.adapters.parsing import (
    check_age,
    day,
    hmac_sha256,
    lines,
    load,
    moment,
    place,
    rows,
    same,
    text,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

STATUSES: Mapping[str, Meaning] = MappingProxyType({one.value: Meaning(one) for one in Status})
SUB_STATUSES: Mapping[str, Meaning] = MappingProxyType({one.value: Meaning(None, one) for one in SubStatus})
FIELDS = frozenset(
    {
        "number", "happenedAt", "status", "subStatus", "code", "carrier", "description", "place",
        "expectedBy", "window", "nextAttempt", "point", "pickupCode", "pickupUntil", "service", "correction",
    }
)  # fmt: skip


class Signed(Adapter):
    """See the module."""

    name, title = "signed", "Your own systems"
    words, details = STATUSES, SUB_STATUSES
    secret_option = "tracking_own_secret"

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """``X-Support-Signature`` holds the HMAC-SHA256, in hex, of ``X-Support-Timestamp``, dot and body."""
        sent = call.header("x-support-timestamp")
        right = hmac_sha256(secret, f"{sent}.".encode("utf-8", "replace"), call.body).hex()
        if not same(call.header("x-support-signature").lower(), right):
            raise Unverified("The signature is not right.")
        check_age(sent, now)

    def read(self, body: bytes) -> list[Scan]:
        """See the base class. Words in capitals, as GraphQL has them, are as good."""
        said = load(body)
        if "events" not in said:
            raise Unreadable('There is no list "events".')
        return [self._scan(one, place) for place, one in enumerate(rows(said["events"], "events"))]

    def _scan(self, said: Mapping[str, Any], index: int) -> Scan:
        number, when = text(said.get("number"), 255), moment(said.get("happenedAt"))
        status, detail = text(said.get("status"), 60), text(said.get("subStatus"), 60)
        if unknown := sorted(set(said) - FIELDS):
            raise Unreadable(f"events[{index}]: there is no field {unknown[0][:60]!r}.")
        if not number or not (status or text(said.get("code"))):
            raise Unreadable(f"events[{index}]: number and status (or code) are needed.")
        if when is None or not _has_zone(said["happenedAt"]):
            example = "2026-05-04T09:30:00+02:00"
            raise Unreadable(f"events[{index}]: happenedAt must be a time with its zone, like {example}.")
        meaning = self.means(status.lower(), detail.lower())
        word = f"{status}.{detail}".lower() if detail else status.lower()
        return Scan(
            number=number,
            happened_at=when,
            code=text(said.get("code"), 120) or word[:120],
            status=meaning.status,
            sub_status=meaning.sub_status if meaning.status else None,
            carrier=text(said.get("carrier"), 60),
            description=text(said.get("description")),
            place=place(said.get("place")),
            expected_by=day(said.get("expectedBy")),
            window=text(said.get("window"), 20),
            next_attempt=day(said.get("nextAttempt")),
            point=_point(said.get("point")),
            pickup_code=text(said.get("pickupCode"), 40),
            pickup_until=day(said.get("pickupUntil")),
            service=text(said.get("service"), 120),
            correction=said.get("correction") is True,
        )


def _point(value: Any) -> tuple[str, ...]:
    return lines(*value) if isinstance(value, list) else lines(value)


def _has_zone(value: Any) -> bool:
    return isinstance(value, str) and datetime.datetime.fromisoformat(value.strip()).tzinfo is not None
