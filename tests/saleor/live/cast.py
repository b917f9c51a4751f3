"""The people and things of the stories in a running shop."""

import dataclasses
from typing import Any

from tests.saleor.live import documents as doc
from tests.saleor.live.world import World

PASSWORD = "a long enough password"
QUIET = "order_received order_confirmed order_cancelled order_refunded"  # only one story is about these
PEOPLE = ("ana", "ben", "eva")
OPTIONS = {
    "kinds_off": QUIET,
    "notifications": "true",
    "tickets": "true",
    "returns": "true",
    "order_changes": "true",
    "guest_access": "true",
    "overlap": "take over",
    "shop_name": "Harbour & Vine",
    "sender_address": "help@shop.example",
    "time_zone": "Europe/Madrid",
    "business_hours": "mon-fri 09:00-14:00 15:00-18:00",
    "holidays": "ES",
    "order_url": "https://shop.example/orders/{number}",
    "guest_url": "https://shop.example/guest?token={token}",
}


ABROAD = {
    "ES": {
        "firstName": "Eva",
        "lastName": "Gil",
        "streetAddress1": "Calle Mayor 5",
        "city": "MADRID",
        "postalCode": "28013",
        "country": "ES",
        "countryArea": "MADRID",
    }
}


@dataclasses.dataclass
class Cast:
    """The people and things of the stories: tokens and global ids."""

    world: World
    admin: str
    channel: str
    slug: str
    variant: str
    warehouse: str
    method: str
    address: dict[str, str]
    customers: dict[str, dict[str, str]]
    methods: dict[str, str]  # one shipping method by country
    quiet: str = QUIET

    def order(
        self,
        who: str = "ana",
        *,
        language: str = "EN_US",
        guest: str = "",
        quantity: int = 3,
        paid: bool = True,
        country: str = "US",
    ) -> Any:
        """A fresh order, made by staff with Saleor's own mutations, paid by a Payment, nothing shipped."""
        address = self.address if country == "US" else ABROAD[country]
        person = {"userEmail": guest} if guest else {"user": self.customers[who]["id"]}
        draft = self.world.do(
            doc.DRAFT_CREATE,
            {
                "input": {
                    **person,
                    "channelId": self.channel,
                    "languageCode": language,
                    "shippingMethod": self.method if country == "US" else self.methods[country],
                    "shippingAddress": address,
                    "billingAddress": address,
                    "lines": [{"variantId": self.variant, "quantity": quantity}],
                }
            },
            self.admin,
        )["order"]
        order = self.world.do(doc.DRAFT_COMPLETE, {"id": draft["id"]}, self.admin)["order"]
        if paid:
            self.world.do(doc.MARK_PAID, {"id": order["id"]}, self.admin)
        return order

    def fulfill(self, order: Any, quantity: int, tracking: str = "", notify: bool = True) -> Any:
        """Ship some of the first line, as staff does in the dashboard."""
        return self.world.do(
            doc.FULFILL,
            {
                "order": order["id"],
                "input": {
                    "lines": [
                        {
                            "orderLineId": order["lines"][0]["id"],
                            "stocks": [{"quantity": quantity, "warehouse": self.warehouse}],
                        }
                    ],
                    "notifyCustomer": notify,
                    "allowStockToBeExceeded": True,
                    "trackingNumber": tracking,
                },
            },
            self.admin,
        )["fulfillments"][0]

    def configure(self, **options: str) -> Any:
        """Save options of the channel, as the dashboard does; the whole answer."""
        given = [{"name": name, "value": value} for name, value in options.items()]
        return self.world.ask(doc.CONFIGURE, {"channel": self.channel, "options": given}, self.admin)


def prepare(world: World) -> Cast:
    """Find what the demo shop has, and give its customers passwords."""
    admin = login(world, "admin@example.com", "admin")
    people = world.shell(doc.PEOPLE.format(password=PASSWORD)).split()
    customers = {}
    for name, line in zip(PEOPLE, people, strict=True):
        key, address = line.split("|")
        customers[name] = {"id": key, "email": address, "token": login(world, address, PASSWORD)}
    channel = next(one for one in world.do(doc.CHANNELS, token=admin) if one["slug"] == "default-channel")
    variant = next(
        edge["node"]
        for edge in world.do(doc.VARIANTS, {"channel": channel["slug"]}, admin)["edges"]
        if edge["node"]["product"]["productType"]["isShippingRequired"] and edge["node"]["stocks"]
    )
    cast = Cast(
        world=world,
        admin=admin,
        channel=channel["id"],
        slug=channel["slug"],
        variant=variant["id"],
        warehouse=variant["stocks"][0]["warehouse"]["id"],
        method=next(
            method["id"]
            for zone in world.do(doc.ZONES, {"channel": channel["slug"]}, admin)["edges"]
            for method in zone["node"]["shippingMethods"]
        ),
        address={
            "firstName": "Ana",
            "lastName": "Prieto",
            "streetAddress1": "1600 Pennsylvania Avenue NW",
            "city": "WASHINGTON",
            "postalCode": "20500",
            "country": "US",
            "countryArea": "DC",
        },
        customers=customers,
        methods={},
    )
    for zone in world.do(doc.ZONES, {"channel": channel["slug"]}, admin)["edges"]:
        for country in zone["node"]["countries"]:
            for one in zone["node"]["shippingMethods"]:
                cast.methods.setdefault(country["code"], one["id"])
    world.shell(doc.STOCK)
    world.do(doc.PAYMENT_FLOW, {"channel": channel["id"]}, admin)
    answer = cast.configure(**OPTIONS)
    assert answer["data"]["pluginUpdate"]["errors"] == [], answer
    return cast


def login(world: World, address: str, password: str) -> str:
    """Saleor's own access token."""
    return str(world.do(doc.LOGIN, {"email": address, "password": password})["token"])
