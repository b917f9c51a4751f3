"""What we add to ``orderFulfill``, beside what Saleor's own user e-mail plugin adds, in one run.

Run it with ``make bench`` (it needs a Saleor checkout and redis-server). Three shops take turns on
the same database: no mail plugin, only Saleor's, only ours. Printed are the queries and the median
milliseconds of the whole request, what each plugin adds, and the ratio of the two additions.
"""

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from typing import Any

from bench.common import tell

ROUNDS = int(os.environ.get("ROUNDS", "25"))
LINES = int(os.environ.get("LINES", "4"))
MODES = ("neither", "saleor", "ours")


def main() -> int:
    """Measure and print; 1 when a bar is missed."""
    port = free_port()
    broker = subprocess.Popen(
        [shutil.which("redis-server") or "redis-server", "--port", str(port), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    try:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="saleor.settings",
            CELERY_BROKER_URL=f"redis://127.0.0.1:{port}/1",
            CACHE_URL=f"redis://127.0.0.1:{port}/0",
            REDIS_URL=f"redis://127.0.0.1:{port}/0",
            DEBUG="True",
            EMAIL_URL="smtp://127.0.0.1:9",
            ALLOWED_HOSTS="*",
            SEND_USAGE_TELEMETRY="False",
            OTEL_SDK_DISABLED="true",
        )
        time.sleep(0.5)
        import django

        django.setup()
        return report(measure())
    finally:
        broker.terminate()


def measure() -> dict[str, list[tuple[int, float]]]:
    """For each shop the (queries, milliseconds) of every round; the first two rounds warm up."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    shop = Shop()
    found: dict[str, list[tuple[int, float]]] = {mode: [] for mode in MODES}
    for number in range(ROUNDS + 2):
        for mode in MODES[number % 3 :] + MODES[: number % 3]:  # nobody always comes after the same one
            shop.switch(mode)
            order = shop.order()
            with CaptureQueriesContext(connections["default"]) as writer:
                with CaptureQueriesContext(connections["replica"]) as reader:
                    started = time.perf_counter()
                    shop.fulfill(order)
                    spent = (time.perf_counter() - started) * 1000
            if number >= 2:
                found[mode].append((len(writer) + len(reader), spent))
    return found


class Shop:
    """Saleor in this process, through its own endpoint, with the demo shop's data."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.test import Client

        self.client = Client()
        settings.CELERY_TASK_ALWAYS_EAGER = False
        self.token = self.ask(LOGIN)["tokenCreate"]["token"]
        self.channel = next(
            one
            for one in self.ask("{ channels { id slug } }")["channels"]
            if one["slug"] == "default-channel"
        )
        self.variants = [
            edge["node"] for edge in self.ask(VARIANTS)["productVariants"]["edges"] if edge["node"]["stocks"]
        ][:LINES]
        from saleor.warehouse.models import Stock

        Stock.objects.update(quantity=10_000_000)

    def ask(self, document: str, variables: dict[str, Any] | None = None) -> Any:
        """POST to /graphql/; the data."""
        token = getattr(self, "token", None)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        answer = self.client.post(
            "/graphql/",
            json.dumps({"query": document, "variables": variables or {}}),
            content_type="application/json",
            headers=headers,
        ).json()
        if "errors" in answer:
            raise RuntimeError(answer)
        for root in answer["data"].values():
            if isinstance(root, dict) and root.get("errors"):
                raise RuntimeError(answer)
        return answer["data"]

    def switch(self, mode: str) -> None:
        """Turn the two mail plugins on and off; Saleor's without its page, which wants a live mail server."""
        from saleor.plugins.models import PluginConfiguration

        channel = self.channel["id"]
        ours = [{"name": "notifications", "value": "true" if mode == "ours" else "false"}]
        ours.append({"name": "overlap", "value": "take over"})
        self.ask(
            PLUGIN, {"id": "saleor.support", "channel": channel, "active": mode == "ours", "options": ours}
        )
        PluginConfiguration.objects.filter(
            identifier="mirumee.notifications.user_email", channel__slug=self.channel["slug"]
        ).update(active=mode == "saleor")

    def order(self) -> Any:
        """A paid order with a few lines, nothing shipped."""
        address = {
            "firstName": "Ana",
            "lastName": "Prieto",
            "streetAddress1": "1600 Pennsylvania Avenue NW",
            "city": "WASHINGTON",
            "postalCode": "20500",
            "country": "US",
            "countryArea": "DC",
        }
        draft = self.ask(
            DRAFT,
            {
                "input": {
                    "userEmail": "bench@shop.example",
                    "channelId": self.channel["id"],
                    "shippingAddress": address,
                    "billingAddress": address,
                    "lines": [{"variantId": one["id"], "quantity": 1} for one in self.variants],
                }
            },
        )
        key = draft["draftOrderCreate"]["order"]["id"]
        from saleor.order.models import Order, OrderLine

        OrderLine.objects.filter(order__number=Order.objects.latest("number").number).update(
            is_shipping_required=False
        )
        order = self.ask(COMPLETE, {"id": key})["draftOrderComplete"]["order"]
        self.ask(
            "mutation ($id: ID!) { orderMarkAsPaid(id: $id) { errors { message } } }", {"id": order["id"]}
        )
        return order

    def fulfill(self, order: Any) -> None:
        """The request that is measured."""
        warehouses = {one["id"]: one["stocks"][0]["warehouse"]["id"] for one in self.variants}
        lines = [
            {
                "orderLineId": line["id"],
                "stocks": [{"quantity": 1, "warehouse": warehouses[line["variant"]["id"]]}],
            }
            for line in order["lines"]
        ]
        self.ask(
            FULFILL,
            {
                "order": order["id"],
                "input": {
                    "lines": lines,
                    "notifyCustomer": True,
                    "allowStockToBeExceeded": True,
                    "trackingNumber": "1Z999AA10123456784",
                },
            },
        )


LOGIN = 'mutation { tokenCreate(email: "admin@example.com", password: "admin") { token } }'
VARIANTS = """{ productVariants(first: 20, channel: "default-channel", filter: {isPreorder: false}) {
  edges { node { id stocks { warehouse { id } } } } } }"""
PLUGIN = """mutation ($id: ID!, $channel: ID!, $active: Boolean!, $options: [ConfigurationItemInput!]) {
  pluginUpdate(id: $id, channelId: $channel, input: {active: $active, configuration: $options}) {
    errors { message } } }"""
DRAFT = """mutation ($input: DraftOrderCreateInput!) { draftOrderCreate(input: $input) {
  errors { field message } order { id } } }"""
COMPLETE = """mutation ($id: ID!) { draftOrderComplete(id: $id) { errors { field message }
  order { id lines { id variant { id } } } } }"""
FULFILL = """mutation ($order: ID!, $input: OrderFulfillInput!) { orderFulfill(order: $order, input: $input) {
  errors { field message code } fulfillments { id } } }"""


def report(found: dict[str, list[tuple[int, float]]]) -> int:
    """Print the table; 1 when a bar is missed. What is added is the median of each round's difference."""
    print(f"orderFulfill, {LINES} lines, {ROUNDS} rounds each, taking turns; medians")
    added: dict[str, tuple[float, float]] = {}
    for mode in MODES:
        pairs = list(zip(found[mode], found["neither"], strict=True))
        added[mode] = (
            statistics.median(one[0] - bare[0] for one, bare in pairs),
            statistics.median(one[1] - bare[1] for one, bare in pairs),
        )
        queries, spent = (statistics.median(one[part] for one in found[mode]) for part in (0, 1))
        low, high = min(one[1] for one in found[mode]), max(one[1] for one in found[mode])
        print(
            f"{mode:>8}: {queries:5.0f} queries  {spent:7.1f} ms  ({low:.1f} to {high:.1f})"
            f"  adds {added[mode][0]:+.0f} queries, {added[mode][1]:+.1f} ms"
        )
    ratio = added["ours"][1] / added["saleor"][1]
    print(
        f"   ratio: ours adds {ratio:.3f} of the time that Saleor's plugin adds (bar: 0.1)"
        f" and {added['ours'][0]:.0f} queries (bar: 3)"
    )
    for mode, title in (("ours", "ours"), ("saleor", "Saleor's plugin")):
        queries, spent = added[mode]
        tell(f"(a) added to orderFulfill, {title}", f"{queries:.0f} queries, {spent:.1f} ms")
    kept = tell("(a) queries added", f"{added['ours'][0]:.0f}", "≤ 3", added["ours"][0] <= 3)
    kept &= tell("(a) time added, ours / Saleor's", f"{ratio:.3f}", "≤ 0.1", ratio <= 0.1)
    return int(not kept)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
