"""EasyPost: the events of its trackers, and its API for parcels that they missed.

Statuses: https://docs.easypost.com/docs/trackers ; signatures:
https://support.easypost.com/hc/en-us/articles/39826034964237-Webhook-HMAC-Validation and EasyPost's own
client libraries. The older signature covers the body, the newer one time, method and path, too.
"""

import datetime
import unicodedata
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
    brought_back,
    check_mail_date,
    completed,
    day,
    hmac_sha256,
    load,
    mapping,
    moment,
    named,
    place,
    rows,
    same,
    text,
)
from saleor_support_plugin.tracking.scan import Scan
from saleor_support_plugin.tracking.status import Status, SubStatus

STATUSES: Mapping[str, Meaning] = MappingProxyType(
    {
        "unknown": UNKNOWN,  # EasyPost has heard nothing
        "pre_transit": Meaning(Status.INFO_RECEIVED),
        "in_transit": Meaning(Status.IN_TRANSIT),
        "out_for_delivery": Meaning(Status.OUT_FOR_DELIVERY),
        "delivered": Meaning(Status.DELIVERED),
        "available_for_pickup": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "return_to_sender": Meaning(Status.RETURNING),
        "failure": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "cancelled": Meaning(Status.CANCELLED),
        "error": UNKNOWN,  # EasyPost could not ask the carrier: nothing happened to the parcel
    }
)

DETAILS: Mapping[str, Meaning] = MappingProxyType(
    {
        # These say no more than the status they come with.
        "arrived_at_destination": UNKNOWN,
        "arrived_at_facility": UNKNOWN,
        "address_correction": UNKNOWN,  # the carrier has put it right
        "departed_facility": UNKNOWN,
        "departed_origin_facility": UNKNOWN,
        "in_transit": UNKNOWN,
        "label_created": UNKNOWN,
        "out_for_delivery": UNKNOWN,
        "received_at_destination_facility": UNKNOWN,
        "received_at_origin_facility": UNKNOWN,
        "status_update": UNKNOWN,
        "transferred_to_destination_carrier": UNKNOWN,
        "unknown": UNKNOWN,
        # These say more.
        "arrived_at_pickup_location": Meaning(Status.AVAILABLE_FOR_PICKUP),
        "awaiting_information": Meaning(Status.EXCEPTION, SubStatus.DOCUMENTS_MISSING),
        "cancelled": Meaning(Status.CANCELLED),
        "damaged": Meaning(Status.EXCEPTION, SubStatus.DAMAGED),
        "delayed": Meaning(Status.EXCEPTION, SubStatus.PROCESSING_DELAY),
        "delivery_exception": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "expired": Meaning(Status.EXPIRED),
        "failure": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "held": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "lost": Meaning(Status.EXCEPTION, SubStatus.LOST),
        "missorted": Meaning(Status.EXCEPTION, SubStatus.PROCESSING_DELAY),
        "refused": Meaning(Status.EXCEPTION, SubStatus.REFUSED),
        "return": Meaning(Status.RETURNING),
        "transit_exception": Meaning(Status.EXCEPTION, SubStatus.OTHER),
        "weather_delay": Meaning(Status.EXCEPTION, SubStatus.WEATHER),
    }
)

# EasyPost's names of carriers, in small letters, that the table of carriers does not know; those of the
# accounts that EasyPost itself has there, too.
CARRIERS: Mapping[str, str] = MappingProxyType(
    {"dhlecommerceasia": "dhl-ecommerce", "fedexdefault": "fedex", "upsdap": "ups"}
)

URL = "https://api.easypost.com/v2/trackers"
ADDED = 10  # parcels added in one call of ``poll``; the rest follows
_PREFIX = "hmac-sha256-hex="


class EasyPost(Adapter):
    """See the module."""

    name, title = "easypost", "EasyPost"
    words, details = STATUSES, DETAILS
    polls, batch, per_minute = True, 25, 150

    def verify(self, call: Call, *, secret: str, now: datetime.datetime) -> None:
        """Either signature is believed; where a time comes with it, only within five minutes of it."""
        key, sent = unicodedata.normalize("NFKD", secret), call.header("x-timestamp")
        newer, older = call.header("x-hmac-signature-v2"), call.header("x-hmac-signature")
        first = f"{sent}{call.method}{call.header('x-path')}".encode("utf-8", "replace")
        by_newer = newer and sent and same(newer, _PREFIX + hmac_sha256(key, first, call.body).hex())
        if not by_newer and not (older and same(older, _PREFIX + hmac_sha256(key, call.body).hex())):
            raise Unverified("The signature is not right.")
        if sent:
            check_mail_date(sent, now)

    def read(self, body: bytes) -> list[Scan]:
        """See the base class."""
        said = load(body)
        tracker = mapping(said.get("result"), "result")
        if tracker.get("object") != "Tracker":
            return []
        before = mapping(said.get("previous_attributes"), "previous_attributes")
        return self._tracker(tracker, revised=bool(before.get("est_delivery_date")))

    def poll(self, asked: Sequence[Asked], *, api_key: str) -> list[Scan]:
        """See the base class. A parcel without a tracker gets one, which EasyPost may charge for."""
        query = [("tracking_codes[]", one.number) for one in asked] + [("page_size", "100")]
        auth = api_key, ""
        found = rows(http.get(URL, params=query, headers={}, auth=auth).get("trackers"), "trackers")
        there = {text(one.get("tracking_code"), 255).upper() for one in found}
        with http.adding(self.title, is_heard=bool(found)):
            for one in [one for one in asked if one.is_new and one.number not in there][:ADDED]:
                wanted = {"tracker": {"tracking_code": one.number}}
                # 422: EasyPost can't tell its carrier.
                made = http.ask("POST", URL, headers={}, body=wanted, auth=auth, missing=(400, 404, 422))
                found += [made] if made else []
        return [scan for tracker in found for scan in self._tracker(tracker, revised=False)]

    def _tracker(self, tracker: dict[str, Any], *, revised: bool) -> list[Scan]:
        number = text(tracker.get("tracking_code"), 255)
        carrier = named(CARRIERS, tracker.get("carrier"))
        more = mapping(tracker.get("carrier_detail"), "carrier_detail")
        service = text(more.get("service"), 120)

        def scan(said: dict[str, Any], when: datetime.datetime, description: str, where: str) -> Scan:
            status, detail = text(said.get("status"), 60), text(said.get("status_detail"), 60)
            meaning = self.means(status, detail)
            code = f"{status}.{detail}" if detail and detail != status else status
            return Scan(
                number, when, code or "none", meaning.status, meaning.sub_status, carrier, description, where,
                service=service,
            )  # fmt: skip

        scans = []
        for one in rows(tracker.get("tracking_details"), "tracking_details"):
            town = mapping(one.get("tracking_location"), "tracking_location")
            where = place(town.get("city"), town.get("state"), town.get("country"))
            if when := moment(one.get("datetime")):
                scans.append(scan(one, when, text(one.get("message")), where))
        changed = moment(tracker.get("updated_at"))
        summary = scan(tracker, changed, "", "") if changed else None
        expected = day(tracker.get("est_delivery_date")) or day(more.get("est_delivery_date_local"))
        return brought_back(completed(scans, summary, expected_by=expected, revised=revised))
