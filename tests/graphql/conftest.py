"""One shop with everything in it, and every kind of caller."""

import base64
import copy
import dataclasses
import datetime
import json
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from graphql_relay import to_global_id

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.notifications import suppression
from saleor_support_plugin.notifications.models import (
    Notification,
    NotificationState,
    Override,
    SuppressionReason,
)
from saleor_support_plugin.returns import service as returns
from saleor_support_plugin.shop.current import get_shop
from saleor_support_plugin.tickets import service as tickets
from saleor_support_plugin.tracking import instructions
from saleor_support_plugin.tracking.models import InstructionKind, OwnCarrier, Parcel, TransitRule
from saleor_support_plugin.tracking.wishes import Wish
from saleor_support_plugin.worklist import service as worklist
from saleor_support_plugin.worklist.models import TaskKind
from sandbox import makers
from tests.graphql import return_stage

PICTURE = base64.b64decode(  # one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGM4wcAAAAJcAMlDyBJGAAAAAElFTkSuQmCC"
)
CALLERS = (
    "anonymous",
    "owner",
    "other_customer",
    "guest",
    "guest_of_another_order",
    "guest_with_forged_link",
    "staff",
    "staff_without_permission",
    "staff_of_another_channel",
    "app",
    "app_without_permission",
)


@dataclasses.dataclass
class Stage:
    """What the documents of the matrix are about, and who sends them."""

    ids: dict[str, str]
    tokens: dict[str, str | None]
    links: dict[str, str]

    def send(self, caller: str, document: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST as this caller; guests bring their link as ``$accessToken``, and ``$file`` is sent as one."""
        token = self.tokens.get(caller)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        given = {**(variables or {}), **({"accessToken": self.links[caller]} if caller in self.links else {})}
        operations = json.dumps({"query": document, "variables": given})
        if "file" in given:
            operations = json.dumps({"query": document, "variables": {**given, "file": None}})
            sent = SimpleUploadedFile("broken.png", PICTURE)
            form = {"operations": operations, "map": '{"0": ["variables.file"]}', "0": sent}
            return Client().post("/graphql/", form, headers=headers).json()
        return Client().post("/graphql/", operations, content_type="application/json", headers=headers).json()


_SET: dict[str, Any] = {}  # the stage as this process built it first, and the rows that it is made of


@pytest.fixture
def stage(shop, clock, now, files_root) -> Stage:
    """An order of Ana's, half shipped, with a ticket, a return and a task; Ben and a guest beside her.

    A thousand tests ask for it: it is built once, and its rows are put back for the others.
    """
    if not _SET:
        _SET["stage"] = _build(shop, now)
        _SET["rows"] = _rows()
        return copy.deepcopy(_SET["stage"])
    with connection.cursor() as cursor:
        for statement in _SET["rows"]:
            cursor.execute(statement)
    return copy.deepcopy(_SET["stage"])


def _rows() -> list[str]:
    """A statement for each table that has rows, which puts all of them back, value for value."""
    found = []
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        for app in ("saleor_support_plugin", "sandbox"):
            for model in apps.get_app_config(app).get_models(include_auto_created=True):
                table = quote(model._meta.db_table)
                columns = [quote(field.column) for field in model._meta.local_concrete_fields]
                cursor.execute(f"SELECT {', '.join(f'quote({one})' for one in columns)} FROM {table}")
                if rows := [f"({', '.join(row)})" for row in cursor.fetchall()]:
                    found.append(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(rows)}")
    return found


def _build(shop, now) -> Stage:
    channel, elsewhere = makers.make_channel("here"), makers.make_channel("elsewhere")
    for one in (channel, elsewhere):
        makers.switch_on(one)
    ana, ben = makers.make_customer("ana@example.com"), makers.make_customer("ben@example.com")
    order = makers.make_order(channel, ana, lines=[("Juice", 12, "5.00")], created_at=now)
    makers.fulfill(order, {order.lines.get(): 6}, hook=False, created_at=now)
    fresh = makers.make_order(channel, ana, created_at=now)
    strange = makers.make_order(channel, ben, created_at=now)
    actor = shop.identify(makers.request_for(ana))
    ticket = tickets.create(
        actor=actor, order_id=makers.gid(order), subject="Hello", message="There?", now=now
    )
    asked = returns.request(
        actor=actor, order_id=makers.gid(order), lines=[(makers.gid(order.lines.get()), 1)], now=now
    )
    task = worklist.open_task(
        kind=TaskKind.REFUND_FAILED,
        key="test",
        subject=asked.subject,
        channel_id=asked.channel_id,
        order_id=asked.order_id,
        summary="Look at this.",
        at=now,
    )
    parcel = parcel_of(order, now)
    instruction = instructions.request(
        actor=actor,
        parcel_id=parcel.pk,
        wish=Wish(InstructionKind.SAFE_PLACE, place="Behind the bin"),
        now=now,
    )
    bikes = OwnCarrier.objects.create(code="bikes", name="Bikes")
    rule = TransitRule.objects.create(channel_id=makers.gid(channel), days_from=1, days_until=2)
    waiting = Notification.objects.get(kind="ticket_acknowledged")
    ended = Notification.objects.get(kind="return_requested")
    Notification.objects.filter(pk=ended.pk).update(state=NotificationState.FAILED, reason="refused")
    came_back = suppression.add(
        email="ana@example.com", reason=SuppressionReason.BOUNCED, detail="550", notification=ended, now=now
    )
    Override.objects.create(
        kind="delivered", channel_id=makers.gid(channel), language="en", blocks={"heading": "Here it is"}
    )
    staff = {
        "staff": makers.make_staff("all@example.com"),
        "staff_without_permission": makers.make_staff("none@example.com", permissions=()),
        "staff_of_another_channel": makers.make_staff("else@example.com", channels=[elsewhere]),
        "app": makers.make_app(),
        "app_without_permission": makers.make_app(permissions=("MANAGE_PRODUCTS",)),
    }
    link = link_to(makers.gid(order), makers.gid(channel), now)
    return Stage(
        ids={
            "channel": makers.gid(channel),
            "order": makers.gid(order),
            "line": makers.gid(order.lines.get()),
            "fresh": makers.gid(fresh),
            "ana": makers.gid(ana),
            "number": str(order.number),
            "ticket": to_global_id("SupportTicket", ticket.pk),
            "return": to_global_id("SupportReturn", asked.pk),
            "task": to_global_id("SupportStaffTask", task.pk),
            "waiting": to_global_id("SupportNotification", waiting.pk),
            "ended": to_global_id("SupportNotification", ended.pk),
            "parcel": to_global_id("SupportParcel", parcel.pk),
            "instruction": to_global_id("SupportCarrierInstruction", instruction.pk),
            "carrier": to_global_id("SupportCarrier", bikes.pk),
            "rule": to_global_id("SupportTransitRule", rule.pk),
            "suppression": to_global_id("SupportSuppression", came_back.pk),
            **return_stage.stand(order, now),
        },
        tokens={
            "owner": makers.token_for(ana),
            "other_customer": makers.token_for(ben),
            **{name: makers.token_for(one) for name, one in staff.items()},
        },
        links={
            "guest": link,
            "guest_of_another_order": link_to(makers.gid(strange), makers.gid(channel), now),
            "guest_with_forged_link": link[:-3] + ("aaa" if not link.endswith("aaa") else "bbb"),
        },
    )


def parcel_of(order, now: datetime.datetime, **values: Any) -> Parcel:
    """The parcel of an order's only fulfilment, as it is kept once it has left."""
    fulfillment = order.fulfillments.get()
    found = {
        "order_id": makers.gid(order),
        "order_number": str(order.number),
        "customer_id": makers.gid(order.user) if order.user_id else "",
        "channel_id": makers.gid(order.channel),
        "number": f"{order.number}-1",
        "items": [{"name": "Juice", "variant": "", "sku": "J1", "quantity": 2}],
        "country": "ES",
        "shipped_at": now,
        "carrier": "UPS",
        "carrier_code": "ups",
        "tracking_number": "1Z999AA10123456784",
        "tracking_url": "https://www.ups.com/track?tracknum=1Z999AA10123456784",
        "tracking_key": "1Z999AA10123456784",
        **values,
    }
    parcel, _ = Parcel.objects.update_or_create(
        fulfillment_id=makers.gid(fulfillment), defaults={**found, "state": "announced"}
    )
    return parcel


def link_to(order_id: str, channel_id: str, now: datetime.datetime) -> str:
    """The token of a guest's link to this order."""
    grant = GuestGrant.objects.create(
        order_id=order_id,
        channel_id=channel_id,
        order_number="1",
        email=get_shop().order(order_id).email,
        nonce="n" * 22,
        created_at=now,
        expires_at=now + datetime.timedelta(hours=72),
    )
    return access.token(grant)


@pytest.fixture
def everything():
    """``everything()`` is all rows of all tables as text: equal means that nothing was changed."""

    def snapshot() -> dict[str, list[Any]]:
        return {
            model._meta.label: sorted(map(str, model.objects.values_list()))
            for app in ("saleor_support_plugin", "sandbox")
            for model in apps.get_app_config(app).get_models()
        }

    return snapshot
