"""The sandbox's tables: what Saleor would know of a shop, as far as support needs it."""

import uuid

from django.db import models

from sandbox import clock


class Channel(models.Model):
    """A sales channel."""

    slug = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=250)
    currency = models.CharField(max_length=3, default="EUR")
    country = models.CharField(max_length=2, default="ES")
    confirms_by_itself = models.BooleanField(default=True)  # orders need nobody to confirm them


class User(models.Model):
    """A customer, or a member of staff with permissions and channels."""

    email = models.CharField(max_length=254, unique=True)
    first_name = models.CharField(max_length=256, default="", blank=True)
    last_name = models.CharField(max_length=256, default="", blank=True)
    language_code = models.CharField(max_length=35, default="en")
    password = models.CharField(max_length=128, default="", blank=True)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    permissions = models.JSONField(default=list, blank=True)  # like ["MANAGE_ORDERS"]
    channel_pks = models.JSONField(default=None, null=True, blank=True)  # None: every channel
    private_metadata = models.JSONField(default=dict, blank=True)


class App(models.Model):
    """A program that acts for the shop, in every channel."""

    name = models.CharField(max_length=60)
    identifier = models.CharField(max_length=256, default="", blank=True)
    permissions = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)
    hears = models.JSONField(default=list, blank=True)  # webhook events, like ["notify_user"]


class Product(models.Model):
    """What is sold. Categories and collections are the keys of rows that the sandbox does without."""

    name = models.CharField(max_length=250)
    type = models.CharField(max_length=255, default="goods")  # slug of its product type
    categories = models.JSONField(default=list, blank=True)  # its own first, then those above it
    collections = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    hidden_in = models.JSONField(default=list, blank=True)  # keys of channels where customers don't see it


class Variant(models.Model):
    """One form of a product."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    name = models.CharField(max_length=255, default="", blank=True)


class Page(models.Model):
    """A page. Those of the type ``PAGE_OF_REASONS`` can be reasons of returned goods and of refunds."""

    PAGE_OF_REASONS = "reasons"

    title = models.CharField(max_length=250)
    type = models.CharField(max_length=255, default=PAGE_OF_REASONS)  # slug of its page type


class Order(models.Model):
    """An order. Addresses are JSON with the field names of ``shop.data.Address``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.BigIntegerField(unique=True)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="orders")
    user_email = models.CharField(max_length=254, default="", blank=True)
    status = models.CharField(max_length=32, default="unfulfilled")  # Saleor's values
    language_code = models.CharField(max_length=35, default="en")
    redirect_url = models.CharField(max_length=2000, default="", blank=True)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=20, decimal_places=3)
    shipping_address = models.JSONField(null=True, blank=True)
    billing_address = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    origin = models.CharField(max_length=32, default="checkout")  # Saleor's values
    external_reference = models.CharField(max_length=250, default="", blank=True)
    shipping_method_name = models.CharField(max_length=255, default="", blank=True)
    shipping_price = models.DecimalField(max_digits=20, decimal_places=3, default=0)  # gross, in the total
    metadata = models.JSONField(default=dict, blank=True)


class Line(models.Model):
    """An order line; prices are gross, after discounts. ``total_price`` None is all units' price,
    ``undiscounted_price`` None the unit's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(default=0)
    product_name = models.CharField(max_length=386)
    variant_name = models.CharField(max_length=255, default="", blank=True)
    product_sku = models.CharField(max_length=255, default="", blank=True)
    quantity = models.IntegerField()
    quantity_fulfilled = models.IntegerField(default=0)
    unit_price = models.DecimalField(max_digits=20, decimal_places=3)
    total_price = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    is_shipping_required = models.BooleanField(default=True)
    is_gift_card = models.BooleanField(default=False)
    variant = models.ForeignKey(Variant, null=True, blank=True, on_delete=models.SET_NULL)
    undiscounted_price = models.DecimalField(max_digits=20, decimal_places=3, null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position", "id"]


class Fulfillment(models.Model):
    """A shipment, or the place where returned goods lie. The key is the shop's sequence."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="fulfillments")
    fulfillment_order = models.PositiveIntegerField()  # 1, 2, … within the order
    status = models.CharField(max_length=32, default="fulfilled")
    tracking_number = models.CharField(max_length=255, default="", blank=True)
    reason = models.TextField(default="", blank=True)  # why goods came back
    shipping_refunded = models.BooleanField(default=False)  # what the delivery cost went back with it
    created_at = models.DateTimeField(default=clock.now)


class FulfillmentLine(models.Model):
    """How much of an order line one fulfilment holds now."""

    fulfillment = models.ForeignKey(Fulfillment, on_delete=models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="fulfillment_lines")
    quantity = models.PositiveIntegerField()
    warehouse = models.CharField(max_length=250, default="", blank=True)  # name of where it lay
    reason = models.TextField(default="", blank=True)
    reason_reference = models.ForeignKey(Page, null=True, blank=True, on_delete=models.SET_NULL)


class Payment(models.Model):
    """A legacy payment."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="payments")
    gateway = models.CharField(max_length=255, default="sandbox.card")
    is_active = models.BooleanField(default=True)
    total = models.DecimalField(max_digits=20, decimal_places=3)
    captured_amount = models.DecimalField(max_digits=20, decimal_places=3)
    charge_status = models.CharField(max_length=20, default="fully-charged")
    currency = models.CharField(max_length=3)


class Transaction(models.Model):
    """A payment of the newer world. ``settles`` says how its provider answers a refund."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="transactions")
    currency = models.CharField(max_length=3)
    charged_value = models.DecimalField(max_digits=20, decimal_places=3)
    refunded_value = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    refund_pending_value = models.DecimalField(max_digits=20, decimal_places=3, default=0)
    settles = models.CharField(max_length=10, default="success")  # success | pending | failure


class GrantedRefund(models.Model):
    """A refund somebody granted on a transaction."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="granted_refunds")
    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="granted_refunds")
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    currency = models.CharField(max_length=3)
    reason = models.TextField(default="", blank=True)
    reason_reference = models.ForeignKey(Page, null=True, blank=True, on_delete=models.SET_NULL)
    lines = models.JSONField(default=list, blank=True)  # [key of the order line, quantity] of its goods
    with_shipping = models.BooleanField(default=False)  # what the delivery cost is in it
    status = models.CharField(max_length=20, default="none")
    app = models.CharField(max_length=256, default="", blank=True)  # identifier of the app that granted it
    created_at = models.DateTimeField(default=clock.now)


class Note(models.Model):
    """One event of an order's timeline."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="notes")
    type = models.CharField(max_length=40, default="note_added")
    message = models.TextField(default="", blank=True)
    author = models.CharField(max_length=255, default="", blank=True)
    parameters = models.JSONField(default=dict, blank=True)  # Saleor's, like {"amount": "4.00"}
    app = models.CharField(max_length=256, default="", blank=True)  # identifier of the app that did it
    created_at = models.DateTimeField(default=clock.now)


class TransactionEvent(models.Model):
    """What the provider of a transaction reported; refunds leave no other trace."""

    transaction = models.ForeignKey(Transaction, on_delete=models.CASCADE, related_name="events")
    granted_refund = models.ForeignKey(GrantedRefund, null=True, blank=True, on_delete=models.SET_NULL)
    type = models.CharField(max_length=40)  # Saleor's values, like "refund_success"
    amount = models.DecimalField(max_digits=20, decimal_places=3)
    app = models.CharField(max_length=256, default="", blank=True)
    created_at = models.DateTimeField(default=clock.now)


class Config(models.Model):
    """The raw support options of one channel, as an admin typed them."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="support_config")
    values = models.JSONField(default=dict)
    is_active = models.BooleanField(default=True)


class ShopMail(models.Model):
    """A mail that the shop itself would send for one of our kinds, until its template is blanked."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="shop_mails")
    kind = models.CharField(max_length=60)
    is_blank = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "kind"], name="sandbox_mail_once")]
