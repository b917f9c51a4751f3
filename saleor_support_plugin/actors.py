"""Who asks: a customer, a guest with a link, staff, an app, the system, or nobody."""

import dataclasses
import enum


class ActorKind(str, enum.Enum):
    """The six kinds of caller; the value is what history rows store."""

    ANONYMOUS = "anonymous"  # no credentials at all
    CUSTOMER = "customer"  # a logged-in customer: sees and changes only what is theirs
    GUEST = "guest"  # a valid mailed link: exactly one order
    STAFF = "staff"  # a staff user of the shop, with permissions and channels
    APP = "app"  # an app of the shop, with permissions, in every channel
    SYSTEM = "system"  # our own jobs and sweeps


class Permission(str, enum.Enum):
    """What staff and apps may need; homes translate it to the shop's own permissions."""

    MANAGE_ORDERS = "MANAGE_ORDERS"


@dataclasses.dataclass(frozen=True)
class Actor:
    """One caller, as the home identified it.

    Attributes:
        kind: see :class:`ActorKind`.
        id: the shop's global id of the user or app; None for anonymous, guest and system.
        email: lower-case address, "" when unknown.
        name: what history and timelines show.
        permissions: the permissions held (staff and apps).
        channels: global ids of the channels this actor is confined to; None means all.
        order_id: a guest's one order (global id); None for everybody else.
        grant_id: the key of the link that let a guest in; None for everybody else.
    """

    kind: ActorKind
    id: str | None = None
    email: str = ""
    name: str = ""
    permissions: frozenset[Permission] = frozenset()
    channels: frozenset[str] | None = None
    order_id: str | None = None
    grant_id: int | None = dataclasses.field(default=None, compare=False)

    @property
    def is_staff(self) -> bool:
        """Whether this is a member of staff or an app (somebody acting for the shop)."""
        return self.kind in (ActorKind.STAFF, ActorKind.APP)

    def may(self, permission: Permission, channel_id: str | None = None) -> bool:
        """Whether the actor acts for the shop with this permission, in this channel if one is named."""
        if self.kind is ActorKind.SYSTEM:
            return True
        if not self.is_staff or permission not in self.permissions:
            return False
        return channel_id is None or self.channels is None or channel_id in self.channels

    def owns(self, *, order_id: str | None, customer_id: str | None) -> bool:
        """Whether something tied to this order and customer is the actor's own."""
        if self.kind is ActorKind.GUEST:
            return order_id is not None and order_id == self.order_id
        return (
            self.kind in (ActorKind.CUSTOMER, ActorKind.STAFF)
            and self.id is not None
            and customer_id == self.id
        )


ANONYMOUS = Actor(ActorKind.ANONYMOUS)
SYSTEM = Actor(ActorKind.SYSTEM, name="system")
