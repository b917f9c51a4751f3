"""What of a shop inside Saleor is about goods: products, and what staff do with what was shipped."""

import uuid
from typing import Any

from django.contrib.sites.models import Site
from saleor.account.models import User
from saleor.channel.models import Channel
from saleor.order.models import Fulfillment, Order, OrderGrantedRefund, OrderLine
from saleor.page.models import Page, PageType
from saleor.product.models import Category, Collection, Product, ProductChannelListing
from saleor.site.models import SiteSettings

from saleor_support_plugin.shop import data
from saleor_support_plugin.shop.saleor.ids import global_id as gid
from saleor_support_plugin.shop.saleor.ids import integer_key, uuid_key
from tests.saleor.documents import GRANT, REFUND_GOODS, RETURN_GOODS


class GoodsWorld:
    """Mixed into :class:`tests.saleor.world.SaleorWorld`."""

    keeps_reasons = hasattr(Fulfillment, "reason")
    keeps_pages = hasattr(OrderGrantedRefund, "reason_reference")

    def do(self, document: str, variables: Any = None, who: Any = None) -> Any:
        """See :meth:`SaleorWorld.do`."""
        raise TypeError("A world that can ask has this.")

    def move_goods(self, order_id, lines, how, *, shipping=False) -> None:
        goods = [{"fulfillmentLineId": line, "quantity": quantity} for line, quantity in lines.items()]
        if how == "refund":
            # The amount is either given or worked out; only then Saleor adds what the delivery cost.
            given = {"fulfillmentLines": goods, "includeShippingCosts": shipping}
            given |= {} if shipping else {"amountToRefund": "0.01"}
            self.do(REFUND_GOODS, {"order": order_id, "input": given})
        else:
            goods = [{**one, "replace": how == "replace"} for one in goods]
            self.do(RETURN_GOODS, {"order": order_id, "input": {"fulfillmentLines": goods, "refund": False}})

    def grant(self, order_id, lines, *, shipping=False) -> None:
        token = Order.objects.get(pk=uuid_key("Order", order_id, "order")).payment_transactions.get().token
        given = {
            "transactionId": gid("TransactionItem", token),
            "lines": [{"id": line, "quantity": quantity} for line, quantity in lines.items()],
            "grantRefundForShipping": shipping,
        }
        self.do(GRANT, {"id": order_id, "input": given})

    def why(self, fulfillment_id):
        if not self.keeps_reasons:
            return None
        row = Fulfillment.objects.get(pk=integer_key("Fulfillment", fulfillment_id, "fulfillment"))
        return row.reason, {gid("OrderLine", one.order_line_id): one.reason for one in row.lines.all()}

    def make_page(self, *, of_reasons) -> str:
        mark = uuid.uuid4().hex[:8]
        kind = PageType.objects.create(name=mark, slug=mark)
        page = Page.objects.create(title="Too small", slug=f"page-{mark}", page_type=kind)
        if of_reasons:
            for field in ("refund_reason_reference_type", "return_reason_reference_type"):
                if hasattr(SiteSettings, field):  # 3.22+ and 3.23+
                    SiteSettings.objects.update(**{field: kind})
            Site.objects.clear_cache()
        return gid("Page", page.pk)

    def pages_of(self, fulfillment_id):
        if not self.keeps_reasons:
            return None
        row = Fulfillment.objects.get(pk=integer_key("Fulfillment", fulfillment_id, "fulfillment"))
        return {
            gid("OrderLine", one.order_line_id): gid("Page", one.reason_reference_id)
            if one.reason_reference_id
            else ""
            for one in row.lines.all()
        }

    def page_of(self, granted_refund_id):
        if not self.keeps_pages:
            return None
        key = integer_key("OrderGrantedRefund", granted_refund_id, "grantedRefund")
        page = OrderGrantedRefund.objects.get(pk=key).reason_reference_id
        return gid("Page", page) if page else ""

    def describe_product(self, product_id) -> data.Goods:
        row = Product.objects.get(pk=integer_key("Product", product_id, "product"))
        mark = uuid.uuid4().hex[:8]
        path: list[Category] = []
        for level in range(3):
            above = path[-1] if path else None
            path.append(Category.objects.create(name=f"{level}", slug=f"level-{level}-{mark}", parent=above))
            Category.objects.create(name="beside", slug=f"beside-{level}-{mark}", parent=above)
        row.category, row.metadata = path[-1], {"returns": "final sale"}
        row.save()
        collections = [Collection.objects.create(name=f"{one}", slug=f"{mark}-{one}") for one in range(2)]
        for one in collections:
            one.products.add(row)
        channels = list(Channel.objects.filter(is_active=True))
        for channel in channels:
            ProductChannelListing.objects.update_or_create(
                product=row,
                channel=channel,
                defaults={"is_published": True, "currency": channel.currency_code},
            )
        return data.Goods(
            id=product_id,
            name=row.name,
            type_id=gid("ProductType", row.product_type_id),
            type=row.product_type.slug,
            category_ids=tuple(gid("Category", one.pk) for one in reversed(path)),
            collection_ids=frozenset(gid("Collection", one.pk) for one in collections),
            published_in=frozenset(gid("Channel", one.pk) for one in channels),
            metadata={"returns": "final sale"},
        )

    def hide(self, product_id, channel_id) -> None:
        ProductChannelListing.objects.filter(
            product=integer_key("Product", product_id, "product"),
            channel=integer_key("Channel", channel_id, "channel"),
        ).update(is_published=False)

    def discount(self, line_id, full_price) -> None:
        rows = OrderLine.objects.filter(pk=uuid_key("OrderLine", line_id, "line"))
        rows.update(undiscounted_unit_price_gross_amount=full_price)

    def write_beside(self, order_id, *, order, customer, line) -> None:
        row = Order.objects.get(pk=uuid_key("Order", order_id, "order"))
        Order.objects.filter(pk=row.pk).update(metadata=order)
        User.objects.filter(pk=row.user_id).update(private_metadata=customer)
        OrderLine.objects.filter(pk=row.lines.first().pk).update(metadata=line)
