"""17TRACK: its webhooks, and its API for parcels that they missed (version 2.2).

Statuses, sub-statuses and signatures: https://api.17track.net/en/doc?version=v2.2 . 17TRACK signs the body,
and no time: a repeated body is known by its digest.
"""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from saleor_support_plugin.tracking.adapters import http
from saleor_support_plugin.tracking.adapters.base import (
    UNKNOWN,
    Adapter,
    Asked,
    Call,
    Meaning,
    Unavailable,
    Unverified,
)
from saleor_support_plugin.tracking.adapters.parsing import (
    completed,
    day,
    load,
    mapping,
    moment,
    named,
    newest,
    place,
    rows,
    same,
    text,
    window,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

STATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        "NotFound": UNKNOWN,  # no news
        "InfoReceived": Meaning(Status.INFO_RECEIVED),
        "InTransit": Meaning(Status.IN_TRANSIT),
        "Expired": Meaning(Status.EXPIRED),
        "AvailableForPickup": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
        "DeliveryFailure": Meaning(Status.ATTEMPT_FAILED),
        "Delivered": Meaning(Status.DELIVERED),
        "Exception": Meaning(Status.EXCEPTION, SubStatus.OTHER),
    }
)

SUB_STATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        "NotFound_Other": UNKNOWN,  # the carrier says nothing
        "NotFound_InvalidCode": UNKNOWN,  # no carrier has such numbers
        "InfoReceived": Meaning(Status.INFO_RECEIVED),
        "InTransit_PickedUp": Meaning(Status.IN_TRANSIT),
        "InTransit_Other": Meaning(Status.IN_TRANSIT),
        "InTransit_Departure": Meaning(Status.IN_TRANSIT),
        "InTransit_Arrival": Meaning(Status.IN_TRANSIT),
        "InTransit_CustomsProcessing": Meaning(Status.IN_TRANSIT),
        "InTransit_CustomsReleased": Meaning(Status.IN_TRANSIT),
        "InTransit_CustomsRequiringInformation": Meaning(Status.EXCEPTION, SubStatus.DOCUMENTS_MISSING),
        "Expired_Other": Meaning(Status.EXPIRED),
        "AvailableForPickup_Other": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "OutForDelivery_Other": Meaning(Status.OUT_FOR_DELIVERY),
        "DeliveryFailure_Other": Meaning(Status.ATTEMPT_FAILED),
        "DeliveryFailure_NoBody": Meaning(Status.ATTEMPT_FAILED, SubStatus.ABSENT),
        "DeliveryFailure_Security": Meaning(Status.EXCEPTION, SubStatus.CUSTOMS),  # security, customs, fees
        "DeliveryFailure_Rejected": Meaning(Status.EXCEPTION, SubStatus.REFUSED),
        "DeliveryFailure_InvalidAddress": Meaning(Status.EXCEPTION, SubStatus.INCORRECT_ADDRESS),
        "Delivered_Other": Meaning(Status.DELIVERED),
        "Exception_Other": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "Exception_Returning": Meaning(Status.RETURNING),
        "Exception_Returned": Meaning(Status.RETURNED),
        "Exception_NoBody": Meaning(Status.EXCEPTION, SubStatus.INCORRECT_ADDRESS),  # nobody of that name
        "Exception_Security": Meaning(Status.EXCEPTION, SubStatus.CUSTOMS),  # security, customs, fees
        "Exception_Damage": Meaning(Status.EXCEPTION, SubStatus.DAMAGED),
        "Exception_Rejected": Meaning(Status.EXCEPTION, SubStatus.REFUSED),
        "Exception_Delayed": Meaning(Status.EXCEPTION, SubStatus.PROCESSING_DELAY),
        "Exception_Lost": Meaning(Status.EXCEPTION, SubStatus.LOST),
        "Exception_Destroyed": Meaning(Status.EXCEPTION, SubStatus.DISPOSED),
        "Exception_Cancel": Meaning(Status.CANCELLED),
    }
)

# Milestones, for scans that have no sub-status.
STAGES: Mapping[str, Meaning] = MappingProxyType(
    {
        "InfoReceived": Meaning(Status.INFO_RECEIVED),
        "PickedUp": Meaning(Status.IN_TRANSIT),
        "Departure": Meaning(Status.IN_TRANSIT),
        "Arrival": Meaning(Status.IN_TRANSIT),
        "AvailableForPickup": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
        "Delivered": Meaning(Status.DELIVERED),
        "Returning": Meaning(Status.RETURNING),
        "Returned": Meaning(Status.RETURNED),
    }
)

# 17TRACK's names of carriers, in small letters, that the table does not know, or knows otherwise.
CARRIERS: Mapping[str, str] = MappingProxyType(
    {
        "dhl": "dhl-express",
        "dhl ecommerce asia": "dhl-ecommerce",
        "gls (es)": "gls",
        "postnl international mail": "postnl",
        "inpost (pl)": "inpost",
    }
)

URL = "https://api.17track.net/track/v2.2/"
_REFUSED = (-18010001, -18010002, -18010004)  # address not allowed, wrong key, account closed


class SeventeenTrack(Adapter):
    """See the module."""

    name, title = "seventeentrack", "17TRACK"
    words, details = STATUSES, SUB_STATUSES
    polls, batch, per_minute = True, 40, 3 * 40 * 30  # three requests a second; half of that is enough

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """The header holds the SHA-256, in hex, of the body, a slash and the account's key."""
        made = hashlib.sha256(call.body)
        made.update(b"/" + secret.encode())
        if not same(call.header("sign").lower(), made.hexdigest()):
            raise Unverified("The signature is not right.")

    def read(self, body: bytes) -> list[Scan]:
        """See the base class."""
        said = load(body)
        if said.get("event") != "TRACKING_UPDATED":
            return []
        return self._track(mapping(said.get("data"), "data"))

    def poll(self, asked: Sequence[Asked], *, api_key: str) -> list[Scan]:
        """See the base class. Parcels that are not registered are, which counts for the account's quota."""
        data = self._ask("gettrackinfo", [{"number": one.number} for one in asked], api_key)
        found = rows(data.get("accepted"), "accepted")
        there = {text(one.get("number"), 255).upper() for one in found}
        new = [{"number": one.number} for one in asked if one.is_new and one.number not in there]
        if new:
            with http.adding(self.title, is_heard=bool(found)):
                self._ask("register", new, api_key)
        return [scan for one in found for scan in self._track(one)]

    def _ask(self, what: str, body: list[dict[str, str]], api_key: str) -> dict[str, Any]:
        answer = http.ask("POST", URL + what, body=body, headers={"17token": api_key})
        code = answer.get("code")
        if code != 0:
            raise Unavailable(f"The answer was {text(code, 20)}.", refused=code in _REFUSED)
        return mapping(answer.get("data"), "data")

    def _track(self, said: dict[str, Any]) -> list[Scan]:
        number = text(said.get("number"), 255)
        info = mapping(said.get("track_info"), "track_info")
        service = text(mapping(info.get("misc_info"), "misc_info").get("service_type"), 120)
        tracking = mapping(info.get("tracking"), "tracking")
        scans: list[Scan] = []
        for part in rows(tracking.get("providers"), "providers"):
            carrier = named(CARRIERS, mapping(part.get("provider"), "provider").get("name"))
            events = rows(part.get("events"), "events")
            scans += [scan for one in events if (scan := self._event(one, number, carrier, service))]
        latest = mapping(info.get("latest_status"), "latest_status")
        status, detail = text(latest.get("status"), 60), text(latest.get("sub_status"), 60)
        meaning, last, summary = self.means(status, detail), newest(scans), None
        if last is not None:  # 17TRACK does not say since when
            summary = Scan(
                number, last.happened_at, detail or status or "none", meaning.status, meaning.sub_status,
                last.carrier, service=service,
            )  # fmt: skip
        metrics = mapping(info.get("time_metrics"), "time_metrics")
        span = mapping(metrics.get("estimated_delivery_date"), "estimated_delivery_date")
        begin, end = span.get("from"), span.get("to") or span.get("from")
        return completed(scans, summary, expected_by=day(end), window=window(begin, end))

    def _event(self, said: dict[str, Any], number: str, carrier: str, service: str) -> Scan | None:
        when = moment(said.get("time_utc")) or moment(said.get("time_iso"))
        if when is None:
            return None
        detail, stage = text(said.get("sub_status"), 60), text(said.get("stage"), 60)
        meaning = self.means("", detail) if detail in self.details else STAGES.get(stage)
        if meaning is None:  # a new sub-status still begins with the status that it is one of
            meaning = self.means(detail.partition("_")[0])
        town = mapping(said.get("address"), "address")
        return Scan(
            number, when, detail or stage or "none", meaning.status, meaning.sub_status, carrier,
            text(said.get("description")),
            place(said.get("location")) or place(town.get("city"), town.get("state"), town.get("country")),
            service=service,
        )  # fmt: skip
