"""Conversations with customers: tickets and their messages."""

from django.db import models
from django.utils import timezone

FIRST_NUMBER = 10_000


class TicketState(models.TextChoices):
    """How far a conversation has come."""

    NEW = "new"  # nobody has answered yet
    OPEN = "open"  # it is the shop's turn
    WAITING_CUSTOMER = "waiting_customer"  # the shop asked and needs the customer's answer
    WAITING_THIRD_PARTY = "waiting_third_party"  # a carrier, warehouse or supplier must do something
    RESOLVED = "resolved"  # a solution was proposed and the customer asked whether it is one
    CLOSED = "closed"  # over; the customer can take it up again for a while


class Medium(models.TextChoices):
    """How the customer wrote first."""

    EMAIL = "email"  # a mail to the shop
    WEB = "web"  # the shop's own pages
    CHAT = "chat"  # live chat
    WHATSAPP = "whatsapp"  # WhatsApp
    PHONE = "phone"  # a call that somebody wrote down
    SOCIAL = "social"  # a social network
    API = "api"  # an app of the shop


class AuthorKind(models.TextChoices):
    """Which side wrote."""

    CUSTOMER = "customer"  # the customer, as a member or as a guest with a link
    STAFF = "staff"  # somebody of the shop, or an app for it
    SYSTEM = "system"  # the program itself


class LinkType(models.TextChoices):
    """What else a ticket can be about, beside its order."""

    ORDER = "order"  # another order; the target is its global id
    PARCEL = "parcel"  # one of our parcels
    RETURN = "return"  # one of our returns


class Ticket(models.Model):
    """One conversation about one order."""

    TRANSITIONS = {
        TicketState.NEW: {TicketState.OPEN, TicketState.CLOSED},
        TicketState.OPEN: {
            TicketState.WAITING_CUSTOMER,
            TicketState.WAITING_THIRD_PARTY,
            TicketState.RESOLVED,
            TicketState.CLOSED,
        },
        TicketState.WAITING_CUSTOMER: {TicketState.OPEN, TicketState.CLOSED},
        TicketState.WAITING_THIRD_PARTY: {TicketState.OPEN, TicketState.CLOSED},
        TicketState.RESOLVED: {TicketState.OPEN, TicketState.CLOSED},
        TicketState.CLOSED: {TicketState.OPEN},
    }

    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=TicketState.choices, default=TicketState.NEW)
    medium = models.CharField(max_length=20, choices=Medium.choices, default=Medium.WEB)
    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=64)
    channel_id = models.CharField(max_length=128)
    customer_id = models.CharField(max_length=128, blank=True, default="")  # "" for a guest's order
    customer_name = models.CharField(max_length=255, blank=True, default="")
    email = models.CharField(max_length=254)  # where answers are mailed: the order's address
    language = models.CharField(max_length=35, blank=True, default="")
    answer_by = models.DateTimeField(null=True, blank=True)  # promised when it was opened
    first_replied_at = models.DateTimeField(null=True, blank=True)  # first public message of staff
    last_message_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)  # when it was last closed
    assignee_id = models.CharField(max_length=128, blank=True, default="")  # the shop's user id
    author_kind = models.CharField(max_length=20, choices=AuthorKind.choices)  # who opened it
    author_id = models.CharField(max_length=128, blank=True, default="")  # "" for a guest
    key = models.CharField(max_length=64, null=True, blank=True)  # the author's idempotency key
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "ticket"
        constraints = [
            models.UniqueConstraint(
                fields=["order_id", "author_kind", "author_id", "key"], name="support_ticket_key_once"
            )
        ]
        indexes = [
            models.Index(fields=["order_id", "-id"], name="support_ticket_order"),
            models.Index(fields=["customer_id", "-id"], name="support_ticket_customer"),
            models.Index(fields=["channel_id", "state", "-id"], name="support_ticket_channel"),
            models.Index(fields=["state", "-id"], name="support_ticket_state"),
            models.Index(fields=["last_message_at", "id"], name="support_ticket_recent"),
        ]

    @property
    def number(self) -> str:
        """The number people quote, like ``T10042``."""
        return f"T{FIRST_NUMBER + self.pk}"


class Message(models.Model):
    """One message of a ticket, as plain text; never changed."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()  # 1, 2, 3 … within the ticket
    author_kind = models.CharField(max_length=20, choices=AuthorKind.choices)
    author_id = models.CharField(max_length=128, blank=True, default="")  # "" for a guest
    author_name = models.CharField(max_length=255, blank=True, default="")
    body = models.TextField()
    internal = models.BooleanField(default=False)  # a note that only staff ever sees
    key = models.CharField(max_length=64, null=True, blank=True)  # the author's idempotency key
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "seq"], name="support_message_seq"),
            models.UniqueConstraint(
                fields=["ticket", "author_kind", "author_id", "key"], name="support_message_key_once"
            ),
        ]


class TicketLink(models.Model):
    """Something else that a ticket is about, named by type and id."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="links")
    type = models.CharField(max_length=20, choices=LinkType.choices)
    target_id = models.CharField(max_length=128)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["ticket", "type", "target_id"], name="support_ticket_link_once")
        ]
        indexes = [models.Index(fields=["type", "target_id"], name="support_ticket_link_target")]
