"""A channel with tickets, an order of a customer, an order of a guest, and everybody who may ask."""

import dataclasses

import pytest

from saleor_support_plugin.actors import ANONYMOUS, Actor, ActorKind
from saleor_support_plugin.tickets import service
from saleor_support_plugin.tickets.models import Ticket
from sandbox import makers, models
from sandbox.home import identity


@dataclasses.dataclass(frozen=True)
class World:
    """One channel and its people; ``order`` is the customer's, ``guest_order`` nobody's."""

    channel: models.Channel
    order: models.Order
    guest_order: models.Order
    customer: Actor
    guest: Actor
    staff: Actor

    @property
    def order_id(self) -> str:
        return makers.gid(self.order)

    @property
    def guest_order_id(self) -> str:
        return makers.gid(self.guest_order)

    def outsiders(self) -> dict[str, Actor]:
        """Everybody who has no business with the customer's order."""
        return {
            "anonymous": ANONYMOUS,
            "another customer": identity.actor(makers.make_customer()),
            "a guest of another order": self.guest,
            "staff without permission": identity.actor(makers.make_staff(permissions=[])),
            "staff of another channel": identity.actor(makers.make_staff(channels=[makers.make_channel()])),
            "an app without permission": identity.actor(makers.make_app(permissions=[])),
        }


@pytest.fixture
def world(shop) -> World:
    channel = makers.make_channel("pl")
    makers.switch_on(
        channel, time_zone="Europe/Madrid", business_hours="mon-fri 09:00-17:00", first_response_hours="8"
    )
    user = makers.make_customer("lucia@example.com", language="es")
    order = makers.make_order(channel, user, number=1042)
    guest_order = makers.make_order(channel, email="ana@example.com", number=1043)
    return World(
        channel=channel,
        order=order,
        guest_order=guest_order,
        customer=identity.actor(user),
        guest=Actor(
            ActorKind.GUEST, email="ana@example.com", name="ana@example.com", order_id=makers.gid(guest_order)
        ),
        staff=identity.actor(makers.make_staff(channels=[channel])),
    )


@pytest.fixture
def ticket(world, now) -> Ticket:
    return service.create(
        actor=world.customer, order_id=world.order_id, subject="Where is it?", message="Hello?", now=now
    )
