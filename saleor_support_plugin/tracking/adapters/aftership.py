"""AfterShip: its tracking webhooks, and its API for parcels that they missed.

Statuses and sub-statuses: https://www.aftership.com/docs/tracking/enum/delivery-sub-statuses ;
webhooks: https://www.aftership.com/docs/tracking/webhook/webhook-overview . AfterShip signs the body, and
no time: a repeated body is known by its digest.
"""

import base64
import datetime
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
    Unverified,
)
from saleor_support_plugin.tracking.adapters.parsing import (
    completed,
    country,
    day,
    hmac_sha256,
    lines,
    load,
    mapping,
    moment,
    named,
    place,
    rows,
    same,
    text,
    window,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

TAGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "Pending": UNKNOWN,  # AfterShip has heard nothing: that is no news
        "InfoReceived": Meaning(Status.INFO_RECEIVED),
        "InTransit": Meaning(Status.IN_TRANSIT),
        "OutForDelivery": Meaning(Status.OUT_FOR_DELIVERY),
        "AttemptFail": Meaning(Status.ATTEMPT_FAILED),
        "Delivered": Meaning(Status.DELIVERED),
        "AvailableForPickup": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "Exception": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "Expired": Meaning(Status.EXPIRED),
    }
)

SUBTAGS: Mapping[str, Meaning] = MappingProxyType(
    {
        "Pending_001": UNKNOWN,  # no news yet
        "Pending_002": UNKNOWN,  # no news for a time; the carrier or the number may be wrong
        "Pending_003": UNKNOWN,  # the carrier can't be asked
        "Pending_004": UNKNOWN,  # the carrier is not recognised
        "Pending_005": UNKNOWN,  # the carrier's interface has a problem
        "Pending_006": UNKNOWN,  # the parcel is not tracked any more
        "InfoReceived_001": Meaning(Status.INFO_RECEIVED),
        "InTransit_001": Meaning(Status.IN_TRANSIT),
        "InTransit_002": Meaning(Status.IN_TRANSIT),  # accepted by the carrier
        "InTransit_003": Meaning(Status.IN_TRANSIT),  # arrived at a depot
        "InTransit_004": Meaning(Status.IN_TRANSIT),  # arrived in the destination's country
        "InTransit_005": Meaning(Status.IN_TRANSIT),  # customs are done
        "InTransit_006": Meaning(Status.IN_TRANSIT),  # customs have begun
        "InTransit_007": Meaning(Status.IN_TRANSIT),  # left a depot
        "InTransit_008": Meaning(Status.IN_TRANSIT),  # a problem is solved
        "InTransit_009": Meaning(Status.IN_TRANSIT),  # sent on to another address
        # since version 2026-07
        "InTransit_011": Meaning(Status.IN_TRANSIT),
        "InTransit_012": Meaning(Status.IN_TRANSIT),
        "InTransit_013": Meaning(Status.IN_TRANSIT),
        "OutForDelivery_001": Meaning(Status.OUT_FOR_DELIVERY),
        "OutForDelivery_003": Meaning(Status.OUT_FOR_DELIVERY),  # the customer was called
        "OutForDelivery_004": Meaning(Status.OUT_FOR_DELIVERY),  # an appointment was made
        "AttemptFail_001": Meaning(Status.ATTEMPT_FAILED),
        "AttemptFail_002": Meaning(Status.ATTEMPT_FAILED, SubStatus.ABSENT),
        "AttemptFail_003": Meaning(Status.ATTEMPT_FAILED, SubStatus.CLOSED),
        "AvailableForPickup_001": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "Delivered_001": Meaning(Status.DELIVERED),
        "Delivered_002": Meaning(Status.DELIVERED, SubStatus.COLLECTED),
        "Delivered_003": Meaning(Status.DELIVERED, SubStatus.SIGNED),
        "Delivered_004": Meaning(Status.DELIVERED, SubStatus.PAID_ON_DELIVERY),
        "Delivered_005": Meaning(Status.DELIVERED, SubStatus.NEIGHBOUR),
        "Exception_001": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "Exception_002": Meaning(Status.EXCEPTION, SubStatus.MOVED),
        "Exception_003": Meaning(Status.EXCEPTION, SubStatus.REFUSED),
        "Exception_004": Meaning(Status.EXCEPTION, SubStatus.CUSTOMS),
        "Exception_005": Meaning(Status.EXCEPTION, SubStatus.EXTERNAL_DELAY),
        "Exception_006": Meaning(Status.EXCEPTION, SubStatus.PAYMENT_DUE),
        "Exception_007": Meaning(Status.EXCEPTION, SubStatus.INCORRECT_ADDRESS),
        "Exception_008": Meaning(Status.EXCEPTION, SubStatus.PICKUP_MISSED),
        "Exception_009": Meaning(Status.EXCEPTION, SubStatus.REJECTED),
        "Exception_010": Meaning(Status.RETURNING),
        "Exception_011": Meaning(Status.RETURNED),
        "Exception_012": Meaning(Status.EXCEPTION, SubStatus.DAMAGED),
        "Exception_013": Meaning(Status.EXCEPTION, SubStatus.LOST),
        "Exception_016": Meaning(Status.EXCEPTION, SubStatus.PROCESSING_DELAY),
        "Exception_017": Meaning(Status.EXCEPTION, SubStatus.WEATHER),
        "Exception_018": Meaning(Status.EXCEPTION, SubStatus.DOCUMENTS_MISSING),
        "Exception_019": Meaning(Status.EXCEPTION, SubStatus.MISSED_CONNECTION),
        "Exception_020": Meaning(Status.CANCELLED),
        "Exception_021": Meaning(Status.EXCEPTION, SubStatus.DISPOSED),
        "Expired_001": Meaning(Status.EXPIRED),
    }
)

# AfterShip's slugs of carriers that the table of carriers does not know, or knows otherwise.
CARRIERS: Mapping[str, str] = MappingProxyType({"dhl": "dhl-express", "dhl-ecommerce-uk": "dhl-ecommerce"})

URL = "https://api.aftership.com/tracking/2026-07/trackings"
ADDED = 10  # parcels added in one call of ``poll``; the rest follows


class AfterShip(Adapter):
    """See the module."""

    name, title = "aftership", "AfterShip"
    words, details = TAGS, SUBTAGS
    polls, batch, per_minute = True, 50, 3000

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """The header holds base64 of the HMAC-SHA256 of the body with the webhook's secret."""
        right = base64.b64encode(hmac_sha256(secret, call.body)).decode()
        if not same(call.header("aftership-hmac-sha256"), right):
            raise Unverified("The signature is not right.")

    def read(self, body: bytes) -> list[Scan]:
        """See the base class."""
        said = load(body)
        if said.get("event") not in ("tracking_update", "edd_revise"):
            return []
        return self._tracking(mapping(said.get("msg"), "msg"), said.get("ts"))

    def poll(self, asked: Sequence[Asked], *, api_key: str) -> list[Scan]:
        """See the base class. Only parcels that were added to AfterShip are known there."""
        numbers, headers = ",".join(one.number for one in asked), {"as-api-key": api_key}
        answer = http.get(URL, params={"tracking_numbers": numbers, "limit": "200"}, headers=headers)
        found = rows(mapping(answer.get("data"), "data").get("trackings"), "trackings")
        there = {text(one.get("tracking_number"), 255).upper() for one in found}
        with http.adding(self.title, is_heard=bool(found)):
            for one in [one for one in asked if one.is_new and one.number not in there][:ADDED]:
                wanted = {"tracking_number": one.number}
                # 400: it is there already, or AfterShip can't tell its carrier.
                http.ask("POST", URL, headers=headers, body=wanted, missing=(400, 422))
        return [scan for one in found for scan in self._tracking(one, None)]

    def _tracking(self, tracking: dict[str, Any], ts: Any) -> list[Scan]:
        number, slug = text(tracking.get("tracking_number"), 255), tracking.get("slug")
        service = text(tracking.get("shipment_type"), 120)
        points = rows(tracking.get("checkpoints"), "checkpoints")
        scans = [scan for one in points if (scan := self._checkpoint(one, number, slug, service, tracking))]
        when = moment(tracking.get("updated_at")) or moment(ts)
        word = text(tracking.get("subtag") or tracking.get("tag"), 120)
        meaning = self.means(text(tracking.get("tag")), text(tracking.get("subtag")))
        summary = None
        if when is not None and word:
            summary = Scan(
                number, when, word, meaning.status, meaning.sub_status, named(CARRIERS, slug),
                description=text(tracking.get("subtag_message")), service=service,
            )  # fmt: skip
        return completed(scans, summary, **_expectation(tracking))

    def _checkpoint(
        self, said: dict[str, Any], number: str, slug: Any, service: str, tracking: dict[str, Any]
    ) -> Scan | None:
        land = said.get("country_region") or said.get("country_iso3")
        when = moment(said.get("checkpoint_time"), country(land))
        heard = moment(said.get("created_at"))
        if when is None or (heard is not None and when > heard):
            when = heard  # it can't have been told before it happened: the zone was not said
        if when is None:
            return None
        subtag = text(said.get("subtag"), 120)
        tag = text(said.get("tag"), 120) or subtag.partition("_")[0]
        meaning = self.means(tag, subtag)
        waits = meaning.status is Status.AVAILABLE_FOR_PICKUP
        return Scan(
            number=number,
            happened_at=when,
            code=subtag or tag or text(said.get("raw_tag"), 120) or "none",
            status=meaning.status,
            sub_status=meaning.sub_status,
            carrier=named(CARRIERS, said.get("slug") or slug),
            description=text(said.get("message") or said.get("subtag_message")),
            place=place(said.get("city"), said.get("state"), _land(said)) or place(said.get("location")),
            point=lines(tracking.get("pickup_location")) if waits else (),
            service=service,
        )


def _land(said: dict[str, Any]) -> Any:
    return said.get("country_region_name") or said.get("country_name") or said.get("country_region")


def _expectation(tracking: dict[str, Any]) -> dict[str, Any]:
    """When AfterShip now expects it to be delivered, in the recipient's zone."""
    latest = mapping(tracking.get("latest_estimated_delivery"), "latest_estimated_delivery")
    first = mapping(tracking.get("first_estimated_delivery"), "first_estimated_delivery")
    begin = latest.get("datetime_min")
    end = latest.get("datetime_max") or latest.get("datetime") or tracking.get("expected_delivery")
    if isinstance(courier := tracking.get("courier_estimated_delivery_date"), dict) and not end:
        begin = courier.get("estimated_delivery_date_min")
        end = courier.get("estimated_delivery_date_max") or courier.get("estimated_delivery_date")
    planned = first.get("datetime_max") or first.get("datetime")
    return {
        "expected_by": day(end),
        "window": window(begin, end),
        "revised": bool(planned) and day(planned) != day(end),
    }
