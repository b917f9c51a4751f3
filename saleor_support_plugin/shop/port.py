"""The whole of what we need of a shop. One implementation per home; all pass the same contract tests."""

import abc
import datetime
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from saleor_support_plugin.actors import Actor
from saleor_support_plugin.settings import Feature, SupportSettings
from saleor_support_plugin.shop.data import (
    Channel,
    FulfillmentKey,
    Goods,
    Order,
    OrderEventKey,
    OtherMails,
    Stream,
)
from saleor_support_plugin.shop.errors import NotFound


class Command(Protocol):
    """An act on the shop: one frozen class per Saleor mutation, see ``shop.commands``."""

    @property
    def gateway(self) -> bool:
        """Whether the act may call a payment gateway (and so can't be rolled back)."""


class Shop(abc.ABC):
    """A shop: at most fourteen reads, and one act. All ids are global ids; all times are UTC."""

    # -- who, and with which options -------------------------------------------------------

    @abc.abstractmethod
    def identify(self, who: Any) -> Actor:
        """The actor behind an HTTP request; or, given an actor (customer, staff, app), the same one as the
        shop knows them now, by kind and id. ANONYMOUS: no valid credentials, or nobody any more."""

    @abc.abstractmethod
    def settings(self, channel_id: str) -> SupportSettings:
        """The channel's options; everything is off in a channel that was never configured.

        Raises:
            NotFound: there is no such channel.
        """

    @abc.abstractmethod
    def is_on(self, channel_id: str, feature: Feature) -> bool:
        """What the channel's :meth:`settings` say of one feature, in one query; False: no such channel."""

    @abc.abstractmethod
    def channels(self) -> Mapping[str, Channel]:
        """Every sales channel by its global id."""

    # -- reads -----------------------------------------------------------------------------

    @abc.abstractmethod
    def order_email(self, order_id: str) -> str:
        """Where mails about an order go, in one query; "" when there is no address.

        Raises:
            NotFound: as :meth:`order`.
        """

    @abc.abstractmethod
    def orders(self, order_ids: Iterable[str]) -> Mapping[str, Order]:
        """Many orders in a constant number of queries; unknown ids are left out. Drafts and unfinished
        checkouts are not orders here."""

    @abc.abstractmethod
    def lock_order(self, order_id: str) -> Order:
        """One order, its row locked until the surrounding transaction ends (no lock on SQLite).

        Raises:
            NotFound: as :meth:`order`.
        """

    @abc.abstractmethod
    def find_order(self, channel: str, number: str, email: str) -> Order:
        """The order with this number in this channel (by slug) whose e-mail is this one.

        Raises:
            NotFound: no order matches all three.
        """

    @abc.abstractmethod
    def goods(self, ids: Iterable[str]) -> Mapping[str, Goods]:
        """The products with these ids, or of the variants with these ids, each under the id that was
        given, in a constant number of queries; unknown ids are left out. Also what customers don't see:
        compare ``Goods.published_in``."""

    @abc.abstractmethod
    def fulfillments_after(self, sequence: int, limit: int) -> list[FulfillmentKey]:
        """Fulfilments of any status with a greater sequence, lowest first (an indexed read)."""

    @abc.abstractmethod
    def fulfillments(self, fulfillment_ids: Iterable[str]) -> list[FulfillmentKey]:
        """These fulfilments as they stand now; deleted ones are left out."""

    @abc.abstractmethod
    def order_events_after(
        self, sequence: int, limit: int, stream: Stream = Stream.ORDER_EVENTS
    ) -> list[OrderEventKey]:
        """What happened to orders, of any type, with a greater sequence in ``stream`` (ORDER_EVENTS or
        REFUNDS), lowest first: an indexed read, in a constant number of queries."""

    @abc.abstractmethod
    def last_sequence(self, stream: Stream) -> int:
        """The greatest sequence there is in ``stream``; 0 when there is none."""

    @abc.abstractmethod
    def other_mails(self, channel_id: str) -> OtherMails:
        """Who else tells the channel's customers what we tell them, in at most three queries.

        Ask at the moment of deciding: staff may change the shop's templates at any time.
        """

    # -- acts ------------------------------------------------------------------------------

    @abc.abstractmethod
    def act(self, command: Command, reference: str) -> Any:
        """Carry out ``command`` at most once for this ``reference``, and return its result.

        A second call with the same reference returns the stored result and does nothing. An act
        without a gateway call commits together with its result (and with whatever transaction
        surrounds it). One with a gateway call must not be called inside a transaction: a "started"
        row is committed first.

        Raises:
            ShopRefused: the shop said no, nothing changed.
            ShopUnavailable: the shop did not answer. Nothing changed, unless the act calls a gateway:
                whether that was reached is not known, and the next call raises OutcomeUnknown.
            OutcomeUnknown: an act with a gateway call was started and has no result.
        """

    @abc.abstractmethod
    def writing(self) -> AbstractContextManager[None]:
        """Wrap every write to our own tables that does not run inside a GraphQL mutation."""

    # -- the same for every home ------------------------------------------------------------

    def order(self, order_id: str) -> Order:
        """One of :meth:`orders`.

        Raises:
            NotFound: there is no such order, or the id is not an order's.
        """
        for found in self.orders([order_id]).values():
            return found
        raise NotFound("There is no such order.")

    def now(self) -> datetime.datetime:
        """The present moment, UTC. The one clock of the program."""
        return datetime.datetime.now(datetime.UTC)
