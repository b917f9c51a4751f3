"""A shop to tell stories in: two channels, people, and sixteen orders in many states."""

import dataclasses
import datetime
from typing import Any

from saleor_support_plugin.shop.data import Address
from sandbox import clock, makers, models

PASSWORD = "demo"
ROWS = dict[str, models.Order]


def spain(first: str, last: str, street: str, postal_code: str, city: str, area: str) -> Address:
    """An address in Spain, in the shop's normal form."""
    return Address(
        first_name=first,
        last_name=last,
        street_address_1=street,
        city=city,
        postal_code=postal_code,
        country="ES",
        country_area=area,
        phone="+34600111222",
    )


def britain(first: str, last: str, street: str, postal_code: str, city: str) -> Address:
    """An address in the United Kingdom, in the shop's normal form."""
    return Address(
        first_name=first,
        last_name=last,
        street_address_1=street,
        city=city,
        postal_code=postal_code,
        country="GB",
        phone="+442079460000",
    )


MADRID = spain("Lucía", "Fernández", "Calle de Alcalá 42, 3º B", "28014", "MADRID", "M")
VALENCIA = spain("Javier", "Moreno", "Carrer de Colón 18", "46004", "VALENCIA", "V")
SEVILLE = spain("Marta", "Gil", "Calle Sierpes 10", "41004", "SEVILLA", "SE")
LONDON = britain("Tom", "Baker", "17 Lamb's Conduit Street", "WC1N 3NB", "LONDON")
MANCHESTER = britain("Emma", "Clarke", "5 Oldham Street", "M1 1JN", "MANCHESTER")
BRISTOL = britain("Noah", "Smith", "88 Park Row", "BS1 5LJ", "BRISTOL")
DUBLIN = Address(
    first_name="Aoife",
    last_name="Byrne",
    street_address_1="12 Capel Street",
    city="DUBLIN",
    postal_code="D01 X2P4",
    country="IE",
    country_area="Co. Dublin",
    phone="+35312223344",
)

MUG = ("Stoneware mug", "18.50", "Ocean blue")
BOARD = ("Olive wood board", "34.90", "Large")
THROW = ("Merino throw", "89.00", "Mustard")
LAMP = ("Paper lamp", "59.00", "45 cm")
VASE = ("Terracotta vase", "27.40", "Tall")
APRON = ("Linen apron", "31.00", "Grey")
CANDLE = ("Beeswax candle", "12.00", "")
TO_THE_DOOR = "A domicilio"  # a shipping method


@dataclasses.dataclass(frozen=True)
class Seed:
    """What was made, by name."""

    channels: dict[str, models.Channel]
    people: dict[str, models.User]
    apps: dict[str, models.App]
    orders: ROWS


def seed() -> Seed:
    """Fill an empty database."""
    eu = makers.make_channel("europe", name="Europe", currency="EUR", country="ES")
    uk = makers.make_channel("united-kingdom", name="United Kingdom", currency="GBP", country="GB")
    for channel in (eu, uk):  # the shop's own "your order is on its way" mail
        models.ShopMail.objects.create(channel=channel, kind="order_shipped")
    people = {
        "lucia": _customer("Lucía", "Fernández", "es"),
        "javier": _customer("Javier", "Moreno", "es"),
        "tom": _customer("Tom", "Baker", "en"),
        "emma": _customer("Emma", "Clarke", "en"),
        "aoife": _customer("Aoife", "Byrne", "en"),
        "ana": _staff("Ana", "Ruiz", ["MANAGE_ORDERS", "MANAGE_PLUGINS"], None),
        "sam": _staff("Sam", "Ortiz", ["MANAGE_ORDERS"], [uk]),
        "pat": _staff("Pat", "Reed", [], None),
    }
    apps = {
        "robot": makers.make_app(name="Warehouse robot"),
        "newsletter": makers.make_app(name="Newsletter", permissions=[]),
    }
    return Seed({"eu": eu, "uk": uk}, people, apps, _orders(eu, uk, people))


@dataclasses.dataclass(frozen=True)
class Buyer:
    """Somebody who orders: a member or, by e-mail, a guest."""

    channel: models.Channel
    who: models.User | None
    address: Address
    language: str = "en"
    email: str = ""

    def buys(
        self, number: int, *wanted: tuple[tuple[str, str, str], int], days: int, **more: Any
    ) -> models.Order:
        """An order that was placed ``days`` ago; ``more`` is what else :func:`makers.make_order` takes."""
        return makers.make_order(
            self.channel,
            self.who,
            email=self.email,
            number=number,
            lines=[(name, quantity, price, variant) for (name, price, variant), quantity in wanted],
            address=self.address,
            language=self.language,
            created_at=_ago(days),
            **more,
        )


def _orders(eu: models.Channel, uk: models.Channel, people: dict[str, models.User]) -> ROWS:
    lucia = Buyer(eu, people["lucia"], MADRID, "es-es")
    javier = Buyer(eu, people["javier"], VALENCIA, "es")
    aoife = Buyer(eu, people["aoife"], DUBLIN)
    marta = Buyer(eu, None, SEVILLE, "es", email="marta.gil@example.com")
    tom = Buyer(uk, people["tom"], LONDON)
    emma = Buyer(uk, people["emma"], MANCHESTER)
    noah = Buyer(uk, None, BRISTOL, email="noah.smith@example.com")
    rows = {
        "story": lucia.buys(1041, (MUG, 3), (BOARD, 1), days=1),
        "address": lucia.buys(1042, (THROW, 1), days=0),
        "transaction": tom.buys(1043, (LAMP, 1), (CANDLE, 4), days=2, pay="transaction"),
        "old": aoife.buys(1044, (VASE, 2), days=9),
        "guest": marta.buys(1045, (APRON, 2), (CANDLE, 2), days=8),
        "guest_en": noah.buys(1046, (BOARD, 1), days=1),
        "cancelled": javier.buys(1047, (LAMP, 1), days=3, status="canceled"),
        "partly": emma.buys(1048, (MUG, 4), (APRON, 1), days=6, pay="transaction", settles="pending"),
        "waiting": javier.buys(1049, (THROW, 1), days=1),
        "returned": lucia.buys(1050, (VASE, 1), days=40),
        "late": emma.buys(1051, (THROW, 1), days=75),
        "guest_other": marta.buys(1052, (VASE, 1), days=0),
        "two": aoife.buys(1054, (LAMP, 1), (CANDLE, 4), days=1),
        "pair": marta.buys(1055, (LAMP, 1), (CANDLE, 4), days=1, shipping_method=TO_THE_DOOR),
        "lost_way": javier.buys(1056, (BOARD, 1), days=1, shipping_method=TO_THE_DOOR),
        "unconfirmed": aoife.buys(1053, (LAMP, 2), days=0, status="unconfirmed"),
    }
    _history(rows)
    return rows


def _history(rows: ROWS) -> None:
    """What happened before the plugin was switched on: none of it ever mails."""
    ship = makers.fulfill
    ship(rows["old"], None, "1Z999AA10123456784", hook=False, created_at=_ago(7))
    ship(rows["guest"], None, "LX473124829ES", hook=False, created_at=_ago(5))
    mugs = rows["partly"].lines.get(product_name=MUG[0])
    ship(rows["partly"], {mugs: 3}, "RR473124829GB", hook=False, created_at=_ago(4))
    ship(rows["waiting"], None, "", approved=False, created_at=_ago(1))
    ship(rows["late"], None, "RR473124829GB", hook=False, created_at=_ago(70))
    vase = ship(rows["returned"], None, "1Z999AA10123456784", hook=False, created_at=_ago(38))
    vase.status = "returned"
    vase.save(update_fields=["status"])
    models.Order.objects.filter(pk=rows["returned"].pk).update(status="returned")


def _customer(first: str, last: str, language: str) -> models.User:
    return makers.make_customer(
        _address(first), first_name=first, last_name=last, language=language, password=PASSWORD
    )


def _staff(
    first: str, last: str, permissions: list[str], channels: list[models.Channel] | None
) -> models.User:
    return makers.make_staff(
        _address(first, "shop.example.com"),
        first_name=first,
        last_name=last,
        permissions=permissions,
        channels=channels,
        password=PASSWORD,
    )


def _address(first: str, domain: str = "example.com") -> str:
    return f"{first.lower().replace('í', 'i')}@{domain}"


def _ago(days: int) -> datetime.datetime:
    return clock.now() - datetime.timedelta(days=days, hours=2)
