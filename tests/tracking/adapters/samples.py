"""Webhooks of tracking providers, in the shape that their documentation gives, and signed as they sign."""

import base64
import datetime
import email.utils
import hashlib
import hmac
import json

from saleor_support_plugin.tracking.adapters import Call

SECRET = "2f6a9c0e4b1d8f7a3c5e9b0d1f2a4c6e"


def dumped(value):
    return json.dumps(value, separators=(",", ":")).encode()


def hexed(secret, message):
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


# --- AfterShip, webhook version 2026-07 ---


def aftership_point(time, tag, subtag, message, **more):
    return {
        "created_at": more.pop("created_at", "2026-05-04T12:00:00+00:00"), "slug": "spain-correos-es",
        "checkpoint_time": time, "location": None, "city": "Madrid", "state": None, "postal_code": "28001",
        "coordinate": {"latitude": 40.4, "longitude": -3.7}, "country_region": "ESP",
        "country_region_name": "Spain", "message": message, "tag": tag, "subtag": subtag,
        "subtag_message": message, "raw_tag": "P010000V", "events": [], "source": "carrier", **more,
    }  # fmt: skip


def aftership_tracking(points, *, tag, subtag, **more):
    return {
        "id": "5b7658cec7c33c0e007de3c5", "created_at": "2026-05-01T08:00:00+00:00",
        "updated_at": "2026-05-04T12:00:05+00:00", "tracking_number": "PQ4F6P0704104480181750T",
        "slug": "spain-correos-es", "active": True, "custom_fields": None, "transit_time": 2,
        "destination_country_region": "ESP", "note": None, "shipment_type": "Paq Premium", "tag": tag,
        "subtag": subtag, "subtag_message": "…", "title": "1042", "checkpoints": points,
        "return_to_sender": False, "pickup_location": None, "signed_by": None,
        "first_estimated_delivery": None, "latest_estimated_delivery": None,
        "courier_estimated_delivery_date": None, **more,
    }  # fmt: skip


def aftership(points, *, tag, subtag, event="tracking_update", **more):
    return dumped(
        {
            "event": event, "event_id": "b0a1c2d3-0000-4000-8000-000000000001", "is_tracking_first_tag": True,
            "msg": aftership_tracking(points, tag=tag, subtag=subtag, **more), "ts": 1777896005,
        }
    )  # fmt: skip


def sign_aftership(body, secret, now):
    right = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return Call(body, {"aftership-hmac-sha256": right})


# --- EasyPost, API version 2 ---


def easypost_detail(time, status, detail, message, city="CHARLOTTE"):
    return {
        "object": "TrackingDetail", "message": message, "description": None, "status": status,
        "status_detail": detail, "datetime": time, "source": "USPS", "carrier_code": "",
        "tracking_location": {
            "object": "TrackingLocation", "city": city, "state": "NC", "country": "US", "zip": "28201",
        },
    }  # fmt: skip


def easypost_tracker(details, *, status, detail, **more):
    return {
        "id": "trk_7c3a1b2d4e5f60718293a4b5c6d7e8f9", "object": "Tracker", "mode": "production",
        "tracking_code": "9400110898825022579493", "status": status, "status_detail": detail,
        "created_at": "2026-05-01T08:00:00Z", "updated_at": "2026-05-04T12:00:05Z", "signed_by": None,
        "weight": 17.6, "est_delivery_date": "2026-05-06T00:00:00Z", "shipment_id": None, "carrier": "USPS",
        "tracking_details": details, "fees": [], "public_url": "https://track.easypost.com/abc",
        "carrier_detail": {
            "object": "CarrierDetail", "service": "First-Class Package Service", "container_type": None,
            "est_delivery_date_local": None, "est_delivery_time_local": None,
        },
        "finalized": True, "is_return": False, **more,
    }  # fmt: skip


def easypost(details, *, status, detail, previous=None, **more):
    return dumped(
        {
            "id": "evt_e7a92b37f3b04b1a9ac0c02ef4d3f8b6", "object": "Event", "mode": "production",
            "description": "tracker.updated", "previous_attributes": previous or {"status": "unknown"},
            "status": "pending", "pending_urls": [], "completed_urls": [],
            "created_at": "2026-05-04T12:00:06Z", "updated_at": "2026-05-04T12:00:06Z",
            "result": easypost_tracker(details, status=status, detail=detail, **more),
        }
    )  # fmt: skip


def sign_easypost(body, secret, now):
    """With both signatures, as EasyPost sends them: its times end in "-0000"."""
    sent = email.utils.format_datetime(now.astimezone(datetime.UTC).replace(tzinfo=None))
    path = "/plugins/channel/eu/saleor.support/tracking/easypost"
    newer = hexed(secret, f"{sent}POST{path}".encode() + body)
    headers = {
        "x-hmac-signature": f"hmac-sha256-hex={hexed(secret, body)}", "x-timestamp": sent, "x-path": path,
        "x-hmac-signature-v2": f"hmac-sha256-hex={newer}",
    }  # fmt: skip
    return Call(body, headers, "POST", path)


def sign_easypost_newer(body, secret, now):
    """With the newer signature alone, which covers the time."""
    call = sign_easypost(body, secret, now)
    return Call(body, {name: call.headers[name] for name in list(call.headers)[1:]}, call.method, call.path)


def sign_easypost_older(body, secret, now):
    """With the older signature alone, which covers the body."""
    return Call(body, {"x-hmac-signature": f"hmac-sha256-hex={hexed(secret, body)}"})


# --- 17TRACK, version 2.2 ---


def seventeentrack_event(time, sub_status, stage, description):
    return {
        "time_iso": time, "time_utc": None, "time_raw": {"date": None, "time": None, "timezone": None},
        "description": description, "description_translation": {"lang": "en", "description": description},
        "location": "BARCELONA", "stage": stage, "sub_status": sub_status,
        "address": {"country": "ES", "state": None, "city": "Barcelona", "street": None, "postal_code": "08001"},
    }  # fmt: skip


def seventeentrack_data(events, *, status, sub_status, expected=(None, None)):
    return {
        "number": "RR123456789CN", "carrier": 3011, "param": None, "tag": "1042",
        "track_info": {
            "shipping_info": {"shipper_address": {"country": "CN"}, "recipient_address": {"country": "ES"}},
            "latest_status": {"status": status, "sub_status": sub_status, "sub_status_descr": None},
            "latest_event": events[0] if events else None,
            "time_metrics": {
                "days_after_order": 12, "days_of_transit": 10,
                "estimated_delivery_date": {"source": "Official", "from": expected[0], "to": expected[1]},
            },
            "milestone": [{"key_stage": "InfoReceived", "time_iso": None, "time_utc": None}],
            "misc_info": {"risk_factor": 0, "service_type": "Registered Mail", "weight_kg": "0.3"},
            "tracking": {
                "providers_hash": 123,
                "providers": [
                    {
                        "provider": {"key": 9051, "name": "Correos Spain", "country": "ES"},
                        "service_type": None, "latest_sync_status": "Success",
                        "latest_sync_time": "2026-05-04T12:00:00Z", "events_hash": 456, "events": events,
                    }
                ],
            },
        },
    }  # fmt: skip


def seventeentrack(events, *, status, sub_status, event="TRACKING_UPDATED", **more):
    data = seventeentrack_data(events, status=status, sub_status=sub_status, **more)
    return dumped({"event": event, "data": data})


def sign_seventeentrack(body, secret, now):
    return Call(body, {"sign": hashlib.sha256(body + b"/" + secret.encode()).hexdigest()})


# --- Shippo, API version 2018-02-08 ---


def shippo_status(time, status, code, details):
    substatus = {"code": code, "text": details, "action_required": False} if code else None
    return {
        "object_created": time, "object_updated": None, "object_id": "a4b5c6d7e8f90123456789abcdef0123",
        "status": status, "status_details": details, "status_date": time, "substatus": substatus,
        "location": {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"},
    }  # fmt: skip


def shippo_track(history, *, latest, **more):
    return {
        "carrier": "ups", "tracking_number": "1Z999AA10123456784", "messages": [], "metadata": "1042",
        "address_from": {"city": "Reno", "state": "NV", "zip": "89501", "country": "US"},
        "address_to": {"city": "Austin", "state": "TX", "zip": "78701", "country": "US"},
        "eta": "2026-05-06T00:00:00Z", "original_eta": "2026-05-06T00:00:00Z",
        "servicelevel": {"token": "ups_ground", "name": "Ground"}, "tracking_status": latest,
        "tracking_history": history, "transaction": None, "test": False, **more,
    }  # fmt: skip


def shippo(history, *, latest=None, event="track_updated", **more):
    latest = latest or history[-1]
    return dumped(
        {
            "event": event, "test": False, "carrier": "ups", "tracking_number": "1Z999AA10123456784",
            "data": shippo_track(history, latest=latest, **more),
        }
    )  # fmt: skip


def sign_shippo(body, secret, now):
    sent = str(int(now.timestamp()))
    return Call(body, {"shippo-auth-signature": f"t={sent},v1={hexed(secret, sent.encode() + b'.' + body)}"})


def token_shippo(body, secret, now):
    return Call(body, query={"token": secret})


# --- the shop's own form ---


def own(*events):
    return dumped({"events": list(events)})


def sign_own(body, secret, now):
    sent = str(int(now.timestamp()))
    right = hexed(secret, sent.encode() + b"." + body)
    return Call(body, {"x-support-timestamp": sent, "x-support-signature": right})


def at(day, hour, minute=0):
    return datetime.datetime(2026, 5, day, hour, minute, tzinfo=datetime.UTC)


# One webhook of each, with a whole life.
AFTERSHIP = aftership(
    [
        aftership_point("2026-05-02T09:00:00", "InfoReceived", "InfoReceived_001", "Announced"),
        aftership_point("2026-05-03T22:10:00+02:00", "InTransit", "InTransit_003", "In the depot"),
        aftership_point(
            "2026-05-04T13:55:00", "Delivered", "Delivered_003", "Delivered, signed",
            created_at="2026-05-04T12:00:00+00:00",
        ),
    ],
    tag="Delivered",
    subtag="Delivered_003",
)  # fmt: skip
EASYPOST = easypost(
    [
        easypost_detail("2026-05-02T09:00:00Z", "pre_transit", "label_created", "Label created", None),
        easypost_detail("2026-05-03T20:10:00Z", "in_transit", "arrived_at_facility", "Arrived"),
        easypost_detail("2026-05-04T08:00:00Z", "out_for_delivery", "out_for_delivery", "Out for delivery"),
    ],
    status="out_for_delivery",
    detail="out_for_delivery",
)
SEVENTEENTRACK = seventeentrack(
    [
        seventeentrack_event(
            "2026-05-04T10:00:00+02:00", "OutForDelivery_Other", "OutForDelivery", "En reparto"
        ),
        seventeentrack_event("2026-05-03T10:00:00+02:00", "InTransit_Arrival", "Arrival", "Arrived in Spain"),
        seventeentrack_event("2026-05-01T10:00:00+08:00", "InTransit_PickedUp", "PickedUp", "Posting"),
    ],
    status="OutForDelivery",
    sub_status="OutForDelivery_Other",
    expected=("2026-05-04T00:00:00+02:00", "2026-05-05T00:00:00+02:00"),
)
SHIPPO = shippo(
    [
        shippo_status("2026-05-02T09:00:00Z", "PRE_TRANSIT", "information_received", "Label created"),
        shippo_status("2026-05-03T20:10:00Z", "TRANSIT", "package_arrived", "Arrived"),
        shippo_status("2026-05-04T10:00:00Z", "TRANSIT", "delivery_attempted", "Nobody answered"),
    ]
)
OWN = own(
    {
        "number": "BIKE-0042", "status": "in_transit", "happenedAt": "2026-05-04T09:30:00+02:00",
        "carrier": "bike-couriers", "place": "Madrid", "description": "On its way", "expectedBy": "2026-05-05",
        "window": "14:00-16:00",
    },
    {
        "number": "BIKE-0043", "status": "EXCEPTION", "subStatus": "DAMAGED", "code": "D7",
        "happenedAt": "2026-05-04T10:00:00Z",
    },
)  # fmt: skip
WEBHOOKS = {
    "aftership": AFTERSHIP,
    "easypost": EASYPOST,
    "seventeentrack": SEVENTEENTRACK,
    "shippo": SHIPPO,
    "signed": OWN,
}
