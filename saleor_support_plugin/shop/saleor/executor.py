"""Saleor's own mutations, run in this process as our own App, with what Saleor forgets to check."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from graphql.error import GraphQLError
from saleor.app.models import App
from saleor.app.types import AppType
from saleor.core.db.connection import allow_writer
from saleor.core.exceptions import PermissionDenied
from saleor.core.utils import get_domain
from saleor.graphql.core.context import SaleorContext
from saleor.order import FulfillmentStatus, OrderStatus
from saleor.order.models import Fulfillment, FulfillmentLine, Order
from saleor.permission.enums import OrderPermissions, PaymentPermissions, get_permissions

from saleor_support_plugin.settings import Feature
from saleor_support_plugin.shop import commands
from saleor_support_plugin.shop.errors import NotFound, ShopRefused, ShopUnavailable
from saleor_support_plugin.shop.saleor.ids import LARGEST, integer_key, uuid_key
from saleor_support_plugin.shop.switches import Switch

logger = logging.getLogger(__name__)

APP = {"identifier": "saleor.support", "type": AppType.LOCAL}
APP_NAME = "Customer support"
APP_LOCK = 0x5A1E0  # our key among PostgreSQL's advisory locks: one creator of the App at a time

LEFT = (FulfillmentStatus.FULFILLED, FulfillmentStatus.REFUNDED)  # goods that are with the customer
LIVE = (*LEFT, FulfillmentStatus.WAITING_FOR_APPROVAL)  # goods that are, or are about to be, on their way
CLOSED = (OrderStatus.DRAFT, OrderStatus.CANCELED, OrderStatus.EXPIRED)


def perform(command: Any) -> Any:
    """Check what Saleor does not, then run the command's document.

    Raises:
        ShopRefused: our check or Saleor said no.
        ShopUnavailable: the database or Saleor failed; nothing is known to have happened.
    """
    if isinstance(command, commands.ReturnGoods):
        check_return(command)
    elif isinstance(command, commands.ChangeShippingAddress):
        check_address_change(command)
    elif isinstance(command, commands.ChangeTrackingNumber):
        check_tracking_number(command)
    return commands.run(command, execute, knows)


def check_return(command: commands.ReturnGoods) -> None:
    """Refuse lines of other orders, goods that never left, and amounts that can't be.

    Saleor moves another order's goods when asked to, and mixes up the quantities of a line that is
    named twice. Locks the order until the transaction ends.
    """
    order = _locked(command.order_id)
    quantities = dict(command.lines)
    if not quantities or len(quantities) != len(command.lines):
        raise _refusal("Name each fulfilment line once.", "fulfillmentLines", "INVALID")
    rows = dict(
        FulfillmentLine.objects.filter(
            pk__in=[_line_key(line_id) for line_id in quantities], fulfillment__order_id=order.pk
        ).values_list("pk", "fulfillment__status")
    )
    for line_id, quantity in quantities.items():
        status = rows.get(_line_key(line_id))
        if status is None:
            raise _no_such_line()
        if status not in LEFT:
            raise _refusal("These goods are not with the customer.", "fulfillmentLineId", "INVALID")
        if not 1 <= quantity <= LARGEST:
            raise _refusal("That is not a quantity.", "quantity", "INVALID_QUANTITY")


def check_address_change(command: commands.ChangeShippingAddress) -> None:
    """Refuse an order that is over, or of which anything has left or is about to.

    Saleor changes the address of any order. Locks the order until the transaction ends.
    """
    order = _locked(command.order_id)
    if order.status in CLOSED:
        raise _refusal("The order can't change any more.", "id", "INVALID")
    if Fulfillment.objects.filter(order_id=order.pk, status__in=LIVE).exists():
        raise _refusal("The order has left, at least in part.", "id", "INVALID")


def check_tracking_number(command: commands.ChangeTrackingNumber) -> None:
    """Refuse a fulfilment that is not there, and a text its column can't hold."""
    try:
        key = integer_key("Fulfillment", command.fulfillment_id, "fulfillment")
    except NotFound as error:
        raise _refusal(error.message, "id", "NOT_FOUND") from error
    if not Fulfillment.objects.filter(pk=key).exists():
        raise _refusal("There is no such fulfillment.", "id", "NOT_FOUND")
    if len(command.tracking_number) > commands.LONGEST_NUMBER or "\0" in command.tracking_number:
        raise _refusal("That is not a tracking number.", "trackingNumber", "INVALID")


def execute(document: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Run one GraphQL document against Saleor's schema as our App and answer its data.

    Raises:
        ShopRefused: invalid variables or a missing permission.
        ShopUnavailable: the database or Saleor's own code failed.
    """
    from saleor.graphql.api import backend, schema  # importing these builds the schema: not before
    from saleor.graphql.context import clear_context  # every app has had its turn to add to it

    with allow_writer():
        context = make_context(support_app())
        try:
            answer = backend.document_from_string(schema, document).execute(
                root_value=None, variable_values=dict(variables), context_value=context
            )
        except GraphQLError as error:  # bad variables are raised, not answered
            raise ShopRefused(error.message, shop_code="GRAPHQL_ERROR") from error
        except (OperationalError, InterfaceError) as error:
            raise _unavailable(error) from error
        finally:
            clear_context(context)
    if answer.errors:
        raise _top_level(answer.errors)
    data: Mapping[str, Any] = answer.data or {}
    return data


def knows(kind: str, field: str) -> bool:
    """Whether the input type of this name has the field in the Saleor that runs."""
    from saleor.graphql.api import schema  # as in :func:`execute`

    found = schema.get_type(kind)
    return found is not None and field in found.fields


def make_context(app: App) -> SaleorContext:
    """The context of a request that nobody sent."""
    context = SaleorContext(dataloaders={})
    context.path = context.path_info = "/graphql/"
    context.method = "POST"
    context.META = {"SERVER_NAME": SimpleLazyObject(get_domain), "SERVER_PORT": "80"}
    context.app = app
    context.user = None
    context.requestor = app
    context.decoded_auth_token = None
    context.request_time = timezone.now()
    context.allow_replica = False
    return context


def support_app() -> App:
    """Our App, made at its first act, holding just what the switched-on features need.

    Raises:
        ShopRefused: staff deactivated the App.
    """
    app = our_apps().first()
    if app is None:
        app = _create_app()
    if not app.is_active:
        raise _refusal(f"The app {APP_NAME} is deactivated.", None, "PERMISSION_DENIED")
    grant(app)
    return app


def grant(app: App) -> None:
    """Give the App the permissions it needs at this moment, and take the others."""
    wanted = needed_permissions()
    if set(app.get_permissions()) != wanted:
        app.permissions.set(get_permissions(sorted(wanted)))
        vars(app).pop("_app_perm_cache", None)


def our_apps() -> Any:
    """Our App as a queryset of at most one."""
    return App.objects.filter(**APP, removed_at__isnull=True).order_by("pk")


def needed_permissions() -> set[str]:
    """Orders always; payments only while returns, which refund, are on in some channel, or a refund
    that was decided before they were switched off is still to be asked for."""
    needed = {OrderPermissions.MANAGE_ORDERS.value}
    refunds = apps.get_model("saleor_support_plugin", "Refund").objects
    if (
        Switch.objects.filter(feature=Feature.RETURNS).exists()
        or refunds.filter(state__in=("planned", "started")).exists()
    ):
        needed.add(PaymentPermissions.HANDLE_PAYMENTS.value)
    return needed


def _create_app() -> App:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [APP_LOCK])
        app = our_apps().first()
        return app or App.objects.create(**APP, name=APP_NAME, is_active=True)


def _locked(order_id: str) -> Order:
    order = Order.objects.select_for_update(of=("self",)).filter(pk=_refused_when_missing(order_id)).first()
    if order is None:
        raise _refusal("There is no such order.", "id", "NOT_FOUND")
    return order


def _refused_when_missing(order_id: str) -> Any:
    try:
        return uuid_key("Order", order_id, "order")
    except NotFound as error:
        raise _refusal(error.message, "id", "NOT_FOUND") from error


def _line_key(line_id: str) -> int:
    try:
        return integer_key("FulfillmentLine", line_id, "fulfilment line")
    except NotFound as error:
        raise _no_such_line() from error


def _no_such_line() -> ShopRefused:
    return _refusal("The order has no such fulfilment line.", "fulfillmentLineId", "NOT_FOUND")


def _refusal(message: str, field: str | None, shop_code: str) -> ShopRefused:
    return ShopRefused(message, field=field, shop_code=shop_code)


def _top_level(errors: Iterable[Exception]) -> Exception:
    """What a GraphQL error without a payload means: our mistake, a missing right, or trouble."""
    for error in errors:
        cause: Any = error
        while getattr(cause, "original_error", None) is not None:
            cause = cause.original_error
        if isinstance(cause, PermissionDenied):
            return ShopRefused(str(cause), shop_code="PERMISSION_DENIED")
        if isinstance(cause, GraphQLError):
            return ShopRefused(str(cause), shop_code="GRAPHQL_ERROR")
        return _unavailable(cause)
    return _unavailable(RuntimeError("an error without a cause"))


def _unavailable(cause: BaseException) -> ShopUnavailable:
    logger.error("Saleor failed while it carried out an act of ours.", exc_info=cause)
    return ShopUnavailable(f"The shop could not carry this out ({type(cause).__name__}); try again later.")
