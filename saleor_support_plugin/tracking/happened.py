"""What milestones, changes and promises ask of an event of the shop."""

from typing import Protocol

from saleor_support_plugin.settings import SupportSettings
from saleor_support_plugin.shop.data import Order, OrderEventKey


class Happened(Protocol):
    """What is asked of an event; see ``events.Event``."""

    @property
    def key(self) -> OrderEventKey: ...
    @property
    def reference(self) -> str: ...
    @property
    def order(self) -> Order: ...
    @property
    def settings(self) -> SupportSettings: ...
    @property
    def shop_mails(self) -> frozenset[str]: ...
