"""Realistic sample data for every kind, for previews, galleries and tests. Nobody is mailed from here."""

import datetime
from decimal import Decimal
from typing import Any

from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.notifications.variables import SAMPLE_GRANT, Variable
from saleor_support_plugin.shop.data import Address, Money, Order, OrderLine, OrderStatus

NOW = datetime.datetime(2026, 11, 24, 15, 30, tzinfo=datetime.UTC)

_ADDRESS = {
    "first_name": "Lucía",
    "last_name": "Fernández",
    "company_name": "",
    "street_address_1": "Calle de Alcalá 42",
    "street_address_2": "",
    "city": "MADRID",
    "city_area": "",
    "postal_code": "28014",
    "country": "ES",
    "country_area": "",
    "phone": "+34600111222",
}
# name: English, Spanish
_ITEMS = (
    (("Olive oil", "Aceite de oliva"), ("500 ml", "500 ml"), "OIL-5", 2),
    (("Bread board", "Tabla de pan"), ("", ""), "BB", 1),
    (("Linen apron", "Delantal de lino"), ("Green, size M", "Verde, talla M"), "AP-G-M", 1),
)
_CARRIERS = (
    ("UPS", "1Z999AA10123456784", "https://www.ups.com/track?tracknum=1Z999AA10123456784"),
    ("DHL", "00340434161094042557", "https://www.dhl.com/track?id=00340434161094042557"),
)
_TEXTS: dict[str, tuple[str, str]] = {
    "action": (
        "Please answer this e-mail with your full name and a phone number for the carrier.",
        "Responde a este correo con tu nombre completo y un teléfono para la empresa de transporte.",
    ),
    "code": ("482 913", "482 913"),
    "customer": ("Lucía Fernández", "Lucía Fernández"),
    "email": ("lucia@example.com", "lucia@example.com"),
    "instructions": (
        "Pack the items in their box, put the note with your return number inside and bring the box to "
        "any post office.",
        "Guarda los artículos en su caja, mete dentro una nota con tu número de devolución y lleva la caja "
        "a cualquier oficina de correos.",
    ),
    "mail": ("Delivery attempt failed", "Intento de entrega fallido"),
    "message": (
        "Hello,\nmy parcel should have come yesterday. Where is it?",
        "Hola:\nmi paquete tenía que llegar ayer. ¿Dónde está?",
    ),
    "place": ("With a neighbour, 3rd floor left", "Con un vecino, 3.º izquierda"),
    "question": (
        "Could you send us a photo of the label on the bottle?",
        "¿Puedes enviarnos una foto de la etiqueta de la botella?",
    ),
    "reason": ("Nobody was at home.", "No había nadie en casa."),
    "return_number": ("R10007", "R10007"),
    "staff_name": ("Sam Ortiz", "Sam Ortiz"),
    "ticket_number": ("T-1042", "T-1042"),
    "ticket_subject": ("Where is my parcel?", "¿Dónde está mi paquete?"),
    "what": (
        "Bad weather has held up the carrier’s trucks since Monday.",
        "El mal tiempo retiene los camiones de la empresa de transporte desde el lunes.",
    ),
    "window": ("14:00–16:00", "14:00–16:00"),
}
# Where one kind needs other words than the rest.
_OF_KIND: dict[tuple[str, str], tuple[str, str]] = {
    ("incident_delay", "action"): ("", ""),
    ("incident_customs", "action"): (
        "Please answer this e-mail with the receipt of your order.",
        "Responde a este correo con el recibo de tu pedido.",
    ),
    ("incident_refused", "action"): ("", ""),
    ("incident_damaged", "action"): (
        "Please answer this e-mail with a photo of the box and of the broken bottle.",
        "Responde a este correo con una foto de la caja y de la botella rota.",
    ),
    ("incident_lost", "action"): ("", ""),
    ("incident_returning", "action"): ("", ""),
    ("incident_other", "action"): ("", ""),
    ("incident_other", "what"): (
        "The label of the parcel cannot be read any more, and the carrier prints a new one.",
        "La etiqueta del paquete ya no se puede leer y la empresa de transporte imprime otra.",
    ),
    ("incident_customs", "what"): (
        "Customs would like to see what was paid for the goods.",
        "La aduana quiere ver cuánto se pagó por los artículos.",
    ),
    ("incident_damaged", "what"): (
        "The box was crushed on the way and one bottle broke.",
        "La caja se aplastó por el camino y se rompió una botella.",
    ),
    ("incident_lost", "what"): (
        "The carrier has looked for your parcel and cannot find it.",
        "La empresa de transporte ha buscado tu paquete y no lo encuentra.",
    ),
    ("incident_wrong_address", "what"): (
        "The carrier cannot find the house number.",
        "La empresa de transporte no encuentra el número de la calle.",
    ),
    ("incident_refused", "what"): (
        "The carrier reports that the parcel was refused at the door.",
        "La empresa de transporte indica que el paquete se rechazó en la puerta.",
    ),
    ("incident_returning", "what"): (
        "Nobody collected the parcel, so the carrier brings it back to us.",
        "Nadie recogió el paquete, así que la empresa de transporte nos lo devuelve.",
    ),
    ("incident_solved", "what"): (
        "The carrier has found your parcel and it travels on.",
        "La empresa de transporte ha encontrado tu paquete y ya sigue su camino.",
    ),
    ("return_requested", "reason"): ("Too large", "Demasiado grande"),
    ("return_declined", "reason"): (
        "The bottle was opened, and opened food cannot be returned.",
        "La botella estaba abierta y los alimentos abiertos no se pueden devolver.",
    ),
    ("return_withdrawal", "reason"): ("Too large", "Demasiado grande"),
    ("return_approved", "message"): (
        "Please keep the box: the bottles travel safely in it.",
        "Guarda la caja: en ella las botellas viajan seguras.",
    ),
    ("return_completed", "message"): (
        "The code of your credit is OLIVO-4410. It is good for two years.",
        "El código de tu saldo es OLIVO-4410. Vale durante dos años.",
    ),
    ("return_comment", "message"): (
        "You can hand the box in at our shop in Madrid, too.",
        "También puedes entregar la caja en nuestra tienda de Madrid.",
    ),
    ("return_cancelled", "reason"): ("You asked us to cancel it.", "Nos pediste cancelarla."),
    ("address_change_refused", "reason"): (
        "The parcel has already left us.",
        "El paquete ya ha salido.",
    ),
    ("cancellation_refused", "reason"): ("The parcel has already left us.", "El paquete ya ha salido."),
    ("ticket_reply", "message"): (
        "The carrier has found your parcel. It comes tomorrow.",
        "La empresa de transporte ha encontrado tu paquete. Llega mañana.",
    ),
    ("ticket_progress", "message"): (
        "We have asked the carrier and expect its answer tomorrow.",
        "Hemos preguntado a la empresa de transporte y esperamos su respuesta mañana.",
    ),
    ("ticket_solved_question", "message"): (
        "The carrier has found your parcel and brought it to you.",
        "La empresa de transporte ha encontrado tu paquete y te lo ha llevado.",
    ),
    ("staff_refund_failed", "reason"): (
        "The payment provider answered: card expired.",
        "El proveedor de pagos respondió: tarjeta caducada.",
    ),
    ("staff_customer_unreachable", "reason"): (
        "The mail server answered: no such mailbox.",
        "El servidor de correo respondió: no existe ese buzón.",
    ),
}
_LINES: dict[str, tuple[list[str], list[str]]] = {
    "kept": (["1 × Beeswax candle"], ["1 × Vela de cera de abeja"]),
    "declined": (["1 × Olive oil (250 ml)"], ["1 × Aceite de oliva (250 ml)"]),
    "damaged": (["1 × Olive oil (500 ml)"], ["1 × Aceite de oliva (500 ml)"]),
    "missing": (["1 × Bread board"], ["1 × Tabla de pan"]),
    "not_ours": (["1 × Olive oil (500 ml)"], ["1 × Aceite de oliva (500 ml)"]),
    "point": (
        ["Corner Shop Sol", "Puerta del Sol 8", "28013 Madrid", "Mon–Sat 9:00–21:00"],
        ["Papelería Sol", "Puerta del Sol 8", "28013 Madrid", "Lun–sáb 9:00–21:00"],
    ),
    "contacts": (
        ["Telephone: +34 600 111 222", "Lucía Fernández, Calle de Alcalá 42, 28014 Madrid"],
        ["Teléfono: +34 600 111 222", "Lucía Fernández, Calle de Alcalá 42, 28014 Madrid"],
    ),
}
_NOT_USUAL = {"kept", "declined", "damaged", "missing", "not_ours"}
_OTHER_RETURNS = {"claim", "exchange", "withdrawal"}  # samples are about ordinary ones
# What does not go together with the rest of a sample.
_NOT_SO = {
    ("return_approved", "credit"),
    ("return_approved", "replacement"),
    ("return_approved", "on_scan"),
    ("return_approved", "label_ready"),
    ("return_approved", "label_follows"),
    ("return_completed", "other_goods"),
    ("return_completed", "replacement"),
    ("return_reminder", "label_ready"),
    ("return_cancelled", "by_shop"),
    ("return_cancelled", "sent"),
}
_EARLIER = ("previous", "current")  # addresses other than the one a mail is mostly about
_IN_DAYS: dict[str, float] = {
    "promised_by": -1,
    "delivered_at": 0,
    "open_from": 0.6875,
    "answer_by": 1,
    "confirm_by": 1,
    "received_at": -0.0625,
    "confirmed_at": 0,
    "update_by": 2,
}


def sample(
    kind_name: str, language: str, *, now: datetime.datetime = NOW, rich: bool = False
) -> tuple[Order, dict[str, Any]]:
    """An order and data that fit the kind, in words of ``language`` ("es…": Spanish, else English).

    ``now`` is the moment (UTC) that its dates lie around; ``rich`` asks for all that can happen: several
    parcels, more to come, a first order. Kinds registered from outside get data made of their variables.

    Raises:
        ValueError: there is no such kind.
    """
    kind = kinds.get(kind_name)
    spanish = int(language.lower().startswith("es"))
    data = {
        name: _value(kind_name, name, variable, spanish, now, rich)
        for name, variable in kind.variables.items()
    }
    return order(language, now=now), data


def order(language: str, *, now: datetime.datetime = NOW) -> Order:
    """The order that samples are about, placed three days before ``now``."""
    spanish = int(language.lower().startswith("es"))
    price = Money(Decimal("12.30"), "EUR")
    lines = tuple(
        OrderLine(
            id=f"T3JkZXJMaW5lOj{number}",
            product_name=names[spanish],
            variant_name=variants[spanish],
            sku=sku,
            quantity=quantity,
            quantity_fulfilled=0,
            unit_price=price,
            total_price=Money(price.amount * quantity, "EUR"),
        )
        for number, (names, variants, sku, quantity) in enumerate(_ITEMS)
    )
    return Order(
        id="T3JkZXI6MTA0Mg==",
        number="1042",
        channel_id="Q2hhbm5lbDox",
        channel="default-channel",
        status=OrderStatus.UNFULFILLED,
        created_at=now - datetime.timedelta(days=3),
        customer_id="VXNlcjox",
        email="lucia@example.com",
        customer_name="Lucía Fernández",
        language=language,
        total=Money(sum((line.total_price.amount for line in lines), Decimal()), "EUR"),
        shipping_address=Address(**_ADDRESS),
        lines=lines,
    )


def _value(kind: str, name: str, variable: Variable, spanish: int, now: datetime.datetime, rich: bool) -> Any:
    moment = now + datetime.timedelta(days=_IN_DAYS.get(name, 3))
    match variable:
        case Variable.TEXT:
            return (_OF_KIND.get((kind, name)) or _TEXTS.get(name) or (name, name))[spanish]
        case Variable.LINES:
            if name in _NOT_USUAL and not rich:
                return []
            return list((_LINES.get(name) or ([name], [name]))[spanish])
        case Variable.FLAG:
            return rich and name not in _OTHER_RETURNS and (kind, name) not in _NOT_SO
        case Variable.NUMBER:
            return 3
        case Variable.URL:
            return f"https://example.com/{name}"
        case Variable.MOMENT:
            return moment.isoformat()
        case Variable.DATE:
            return moment.date().isoformat()
        case Variable.MONEY:
            amount = {"total_paid": "36.90", "fees": "2.00"}.get(name, "12.30")
            return {"amount": amount, "currency": "EUR"}
        case Variable.ITEMS:
            return _items(spanish, 3 if rich else 2)
        case Variable.PARCELS:
            return _parcels(spanish, rich)
        case Variable.ADDRESS:
            return {**_ADDRESS, "street_address_1": "Gran Vía 1"} if name in _EARLIER else dict(_ADDRESS)
        case Variable.GRANT:
            return SAMPLE_GRANT


def _items(spanish: int, many: int) -> list[dict[str, Any]]:
    return [
        {"name": names[spanish], "variant": variants[spanish], "sku": sku, "quantity": quantity}
        for names, variants, sku, quantity in _ITEMS[:many]
    ]


def _parcels(spanish: int, rich: bool) -> list[dict[str, Any]]:
    """One parcel, or two, of which the second has but a number."""
    found = []
    shares = (_items(spanish, 2), _items(spanish, 3)[2:]) if rich else (_items(spanish, 2),)
    for (carrier, number, url), items in zip(_CARRIERS, shares, strict=False):
        found.append({"carrier": carrier, "tracking_number": number, "tracking_url": url, "items": items})
    if rich:
        found[1]["tracking_url"] = ""
    return found
