"""An order of Ana's, the people around it, and a place for files."""

import dataclasses
from typing import Any

import pytest

from saleor_support_plugin.access import service as access
from saleor_support_plugin.access.models import GuestGrant
from saleor_support_plugin.actors import Actor
from saleor_support_plugin.files import service
from sandbox import makers
from tests.files import samples
from tests.graphql.conftest import link_to


@dataclasses.dataclass
class Scene:
    """Who may have a file, and who may not."""

    order: Any
    order_id: str
    channel: Any
    users: dict[str, Any]
    actors: dict[str, Actor]

    def grant(self) -> GuestGrant:
        """The link by which the guest came in."""
        return GuestGrant.objects.get(pk=self.actors["guest"].grant_id)


@pytest.fixture
def scene(shop, clock, now, files_root):
    """Ana with an order in a channel where returns are on; Ben, a guest of Ana's order, staff and apps."""
    channel, elsewhere = makers.make_channel("here"), makers.make_channel("elsewhere")
    makers.switch_on(channel)
    makers.switch_on(elsewhere)
    ana, ben = makers.make_customer("ana@example.com"), makers.make_customer("ben@example.com")
    order = makers.make_order(channel, ana, created_at=now)
    strange = makers.make_order(channel, ben, created_at=now)
    users = {
        "owner": ana,
        "other_customer": ben,
        "staff": makers.make_staff("all@example.com"),
        "staff_without_permission": makers.make_staff("none@example.com", permissions=()),
        "staff_of_another_channel": makers.make_staff("else@example.com", channels=[elsewhere]),
        "app": makers.make_app(),
        "app_without_permission": makers.make_app(permissions=("MANAGE_PRODUCTS",)),
    }
    actors = {name: shop.identify(makers.request_for(user)) for name, user in users.items()}
    for name, about in (("guest", order), ("guest_of_another_order", strange)):
        token = link_to(makers.gid(about), makers.gid(channel), now)
        actors[name] = access.open(token=token, now=now)
    return Scene(order, makers.gid(order), channel, users, actors)


@pytest.fixture
def keep(scene, now):
    """``keep(who)`` has somebody hand in a file about Ana's order: its row."""

    def store(who="owner", content=None, name="broken.png", at=None):
        return service.store(
            actor=scene.actors[who],
            file=samples.upload(content, name),
            order_id=scene.order_id,
            now=at or now,
        )

    return store


@pytest.fixture
def stored(files_root):
    """``stored()`` is every content that lies in the storage, by its name there."""

    def read():
        return {
            str(path.relative_to(files_root)): path.read_bytes()
            for path in files_root.rglob("*")
            if path.is_file()
        }

    return read
