"""What the shop's process can be asked to do: make orders, ship them, write notifications."""

import dataclasses
import datetime
import functools
import json
import random
import time
from typing import Any

import graphene
from django.test import Client
from django.utils import timezone
from saleor.account.models import User
from saleor.core.jwt import create_access_token
from saleor.order.models import Order
from saleor.warehouse.models import Stock

from saleor_support_plugin import tasks
from saleor_support_plugin.notifications import kinds, samples, service
from saleor_support_plugin.notifications.feedback import service as feedback
from saleor_support_plugin.notifications.feedback.reports import Report
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.notifications.variables import Audience, Kind, Variable
from saleor_support_plugin.notifications.writing import mail
from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.current import get_shop
from tests.saleor.faults import races
from tests.saleor.world import FULFILL, SaleorWorld, gid

OPTIONS = {
    "notifications": "true",
    "tickets": "true",
    "returns": "true",
    "order_changes": "true",
    "overlap": "take over",
    "shop_name": "Harbour & Vine",
    "sender_address": "help@shop.example",
    "order_url": "https://shop.example/orders/{number}",
    "mails_per_minute": "100000",
    "quiet_hours": "none",
    "timeline": "false",
}


@functools.cache
def world() -> SaleorWorld:
    """The shop of this run, made at the first call."""
    made = SaleorWorld()
    made.configure(made.channel_id, OPTIONS, active=True)
    return made


def prepare(**options: str) -> str:
    """Make the shop and set options; the channel's id."""
    problems = world().configure(world().channel_id, {**OPTIONS, **options}, active=True)
    if problems:
        raise ValueError(f"These options are refused: {problems}.")
    return str(world().channel_id)


def warm() -> None:
    """Render every kind once, so that a worker need not compile the templates anew in each of its lives."""
    for kind in plain_kinds():
        order, data = samples.sample(kind.name, "en")
        row = Notification(
            kind=kind.name, data=data, order_id=order.id, order_number=order.number, language="en"
        )
        mail.write(row, SupportSettings(), now=timezone.now())


def plain_kinds() -> list[Kind]:
    """Kinds that are sent at once and alone, whatever the hour."""
    return [
        kind
        for kind in kinds.kinds().values()
        if kind.audience is Audience.CUSTOMER
        and kind.urgent
        and kind.at_first
        and not kind.merges
        and not kind.silenced_by
        and kind.essential
        and Variable.GRANT not in kind.variables.values()
    ]


def write(events: int, mark: str, seed: int) -> list[list[str]]:
    """Write one notification for each event, many events twice; each event's (kind, recipient)."""
    dice = random.Random(seed)
    order = get_shop().order(world().make_order())
    choice = plain_kinds()
    told = [(choice[number % len(choice)], f"{mark}-{number}@faults.example") for number in range(events)]
    calls = [*range(events), *(number for number in range(events) if dice.random() < 0.3)]
    dice.shuffle(calls)
    for number in calls:
        kind, recipient = told[number]
        service.notify(
            kind=kind.name,
            subject=f"{mark}:{number}",
            occasion="told",
            order=dataclasses.replace(order, email=recipient),
            data=samples.sample(kind.name, "en")[1],
            now=timezone.now(),
        )
    return [[kind.name, recipient] for kind, recipient in told]


def orders(count: int, mark: str) -> list[str]:
    """Orders with something to ship, each by a guest of its own: their global ids."""
    made = [
        world().make_order(lines=((2, "4.00"),), member=False, email=f"{mark}-{number}@faults.example")
        for number in range(count)
    ]
    Stock.objects.update(quantity=1_000_000)
    return made


def fulfill(order: str, tracking: str = "1Z999AA10123456784") -> dict[str, Any]:
    """Ship the whole order by Saleor's mutation: what it took, in milliseconds, and what went wrong."""
    row = Order.objects.get(pk=graphene.Node.from_global_id(order)[1])
    boss = User.objects.filter(email__startswith="boss-").latest("pk")
    lines = []
    for line in row.lines.all():
        warehouse = gid(
            "Warehouse", Stock.objects.filter(product_variant=line.variant_id).latest("pk").warehouse_id
        )
        stocks = [{"quantity": line.quantity, "warehouse": warehouse}]
        lines.append({"orderLineId": gid("OrderLine", line.pk), "stocks": stocks})
    given = {
        "lines": lines,
        "notifyCustomer": True,
        "allowStockToBeExceeded": True,
        "trackingNumber": tracking,
    }
    body = json.dumps({"query": FULFILL, "variables": {"order": order, "input": given}})
    headers = {"HTTP_AUTHORIZATION": f"Bearer {create_access_token(boss)}"}
    started = time.perf_counter()
    answer = Client().post("/graphql/", body, content_type="application/json", **headers).json()
    spent = (time.perf_counter() - started) * 1000
    root = (answer.get("data") or {}).get("orderFulfill") or {}
    return {"ms": spent, "problem": answer.get("errors") or root.get("errors") or ""}


def accepted(count: int, mark: str, provider: str) -> list[str]:
    """Mails that ``provider`` has taken: its ids of them."""
    order = dataclasses.replace(get_shop().order(world().make_order()), email=f"{mark}@faults.example")
    ids = [f"<{mark}-{number}@provider.example>" for number in range(count)]
    kind = plain_kinds()[0]
    for number, provider_id in enumerate(ids):
        row = service.notify(
            kind=kind.name,
            subject=f"{mark}:{number}",
            occasion="told",
            order=dataclasses.replace(order, email=f"{mark}-{number}@faults.example"),
            data=samples.sample(kind.name, "en")[1],
            now=timezone.now(),
        )
        Notification.objects.filter(pk=row.pk).update(
            state="accepted", provider=provider, provider_id=provider_id, finished_at=timezone.now()
        )
    return ids


def report(events: list[list[str]], provider: str) -> None:
    """Store what a provider reports: event id, type, the provider's id of the mail, moment."""
    feedback.store(
        [
            Report(
                event_id=event_id,
                type=said,
                message_id=message_id,
                note="",
                recipient="",
                detail="",
                happened_at=datetime.datetime.fromisoformat(moment),
                payload={},
            )
            for event_id, said, message_id, moment in events
        ],
        provider=provider,
        channel_id=world().channel_id,
        track_opens=True,
        now=timezone.now(),
    )


def run_task(name: str) -> None:
    """Run one of the plugin's periodic tasks here."""
    getattr(tasks, name)()


def race_returns(first: int, rounds: int, threads: int) -> dict[str, int]:
    """Race through the stages of returns: see ``races``."""
    return races.run(world(), first, rounds, threads)
