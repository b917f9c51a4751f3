"""The outbox: one row for each message to one person, written before anything is sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class NotificationState(models.TextChoices):
    """How far a message has come; every row ends accepted, failed or skipped."""

    PENDING = "pending"  # to be sent at next_attempt_at
    SENDING = "sending"  # a worker holds it until lease_until; after that anybody may take it
    ACCEPTED = "accepted"  # the mail server has taken it
    FAILED = "failed"  # it will never arrive; the reason says why
    SKIPPED = "skipped"  # it was decided not to send it; the reason says why


class Reason(models.TextChoices):
    """Why a message failed, was skipped, or is still waiting."""

    NO_ADDRESS = "no_address"  # failed: the order has no usable e-mail address
    NO_CHANNEL = "no_channel"  # failed: the order's channel does not exist any more
    REFUSED = "refused"  # failed: the mail server refuses this recipient or this message for good
    GAVE_UP = "gave_up"  # failed: tried for a day
    TEMPLATE = "template"  # failed: the mail could not be written
    SWITCHED_OFF = "switched_off"  # skipped: the admin has turned the feature off
    STAFF_CHOICE = "staff_choice"  # skipped: staff chose not to tell the customer
    SHOP_MAILS_ITSELF = "shop_mails_itself"  # skipped: the shop's own e-mail tells the same
    KIND_OFF = "kind_off"  # skipped: the admin has turned this kind off
    BEFORE_SWITCH = "before_switch"  # skipped: it happened before the admin turned it on
    MERGED = "merged"  # skipped: another message tells it, too; the detail says which
    STALE = "stale"  # skipped: an outage held it up until it was no news any more
    RETURNING = "returning"  # skipped: the parcel is on its way back
    REPLACEMENT = "replacement"  # skipped: our own replacement order is not the customer's order
    SUPPRESSED = "suppressed"  # skipped: mails to this address came back, or it complained
    OPTED_OUT = "opted_out"  # skipped: the customer wants only what is necessary
    CANCELLED = "cancelled"  # skipped: staff took it back before it was sent
    LINK_EXPIRED = "link_expired"  # skipped: the guest's link is expired or revoked by now
    NO_MAIL_SERVER = "no_mail_server"  # waiting: neither the channel nor the server says how to send
    QUIET_HOURS = "quiet_hours"  # waiting: it is night where the customer lives
    TOO_MANY = "too_many"  # waiting: this address, or this mail server, has had enough for the moment
    NO_GUEST_URL = "no_guest_url"  # waiting: the channel's guest page is not configured
    TRY_LATER = "try_later"  # waiting: the mail server asked to try again
    WAITS_FOR_MORE = "waits_for_more"  # waiting: more news of the order may follow within the hour
    UNREACHABLE = "unreachable"  # waiting: the mail server or the shop does not answer
    SERVER_TROUBLE = "server_trouble"  # waiting: the mail server refuses us (login, sender, greeting)


class Delivery(models.TextChoices):
    """What the mail provider reported afterwards; "" while it has said nothing."""

    SENT = "sent"  # the provider has passed it on
    DEFERRED = "deferred"  # the customer's server asked the provider to try later
    DELIVERED = "delivered"  # the customer's server has taken it
    OPENED = "opened"  # shown, if the admin wants to know
    BOUNCED = "bounced"  # the customer's server refused it for good
    COMPLAINED = "complained"  # the customer called it spam


TEST = "test:"  # how the subject of a test mail begins


class Notification(models.Model):
    """One message to one person; the natural key makes a second one impossible."""

    TRANSITIONS = {
        NotificationState.PENDING: {
            NotificationState.SENDING,
            NotificationState.SKIPPED,  # merged into another, or taken back by staff
        },
        NotificationState.SENDING: {
            NotificationState.SENDING,  # the lease ran out: the next worker takes over
            NotificationState.PENDING,
            NotificationState.ACCEPTED,
            NotificationState.FAILED,
            NotificationState.SKIPPED,
        },
    }

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)  # what it is about, like "ticket:12"
    recipient = models.CharField(max_length=254)  # an e-mail address; "" when the order has none
    occasion = models.CharField(max_length=200)  # which event of the subject, like "reply:7"

    channel_id = models.CharField(max_length=128)
    order_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=40)
    customer_id = models.CharField(max_length=128, default="", blank=True)  # "" for a guest
    customer_name = models.CharField(max_length=255, default="", blank=True)
    language = models.CharField(max_length=35, default="", blank=True)  # like "es-es"
    time_zone = models.CharField(max_length=64, default="", blank=True)  # "": the channel's
    redirect_url = models.TextField(default="", blank=True)  # the order's page, as the storefront gave it
    data = models.JSONField(default=dict)
    thread = models.CharField(max_length=200, default="", blank=True)  # messages with the same one thread

    state = models.CharField(
        max_length=20, choices=NotificationState.choices, default=NotificationState.PENDING
    )
    reason = models.CharField(max_length=40, default="", blank=True)  # a Reason, or a caller's own code
    detail = models.TextField(default="", blank=True)  # for people: the server's text, the error
    attempts = models.PositiveSmallIntegerField(default=0)
    happened_at = models.DateTimeField(default=timezone.now)  # the event it tells of
    due_at = models.DateTimeField(default=timezone.now)  # when it is to be sent; tries don't move it
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_id = models.CharField(max_length=32, default="", blank=True)
    message_id = models.CharField(max_length=255, default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(  # the message that tells this one's news, too
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged", db_index=False
    )
    resend_of = models.ForeignKey(  # what staff sent again by this row
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="resends", db_index=False
    )

    provider = models.CharField(max_length=40, default="", blank=True)  # which took it; "" for plain SMTP
    provider_id = models.CharField(max_length=255, default="", blank=True)  # the provider's own id of it
    delivery = models.CharField(max_length=20, choices=Delivery.choices, default="", blank=True)
    delivery_at = models.DateTimeField(null=True, blank=True)  # when that happened, by the provider's clock

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "recipient", "occasion"], name="support_notification_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state="pending"),
                name="support_notification_due",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="support_notification_lease"
            ),
            models.Index(
                fields=["thread", "recipient", "id"],
                condition=~Q(thread=""),
                name="support_notification_thread",
            ),
            models.Index(fields=["order_id", "-id"], name="support_notification_order"),
            models.Index(fields=["recipient", "-id"], name="support_notification_person"),
            models.Index(fields=["subject", "kind"], name="support_notification_subject"),
            models.Index(fields=["state", "reason", "-id"], name="support_notification_state"),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
                name="support_notification_ended",
            ),
            models.Index(  # what is old enough to be purged, channel by channel
                fields=["channel_id", "finished_at"],
                condition=Q(finished_at__isnull=False),
                name="support_notification_old",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["pending", "sending"]),
                name="support_notification_open",
            ),
            models.Index(  # what the health report counts, without reading the rows
                fields=["finished_at", "state", "reason", "channel_id"],
                condition=Q(state__in=["failed", "skipped"]),
                name="support_notification_unsent",
            ),
            models.Index(
                fields=["provider_id"], condition=~Q(provider_id=""), name="support_notification_provider"
            ),
            models.Index(fields=["channel_id", "-id"], name="support_notification_channel"),
            models.Index(fields=["created_at"], name="support_notification_born"),
            # For the database's own check of the two references whenever a row is purged.
            models.Index(
                fields=["merged_into"],
                condition=Q(merged_into__isnull=False),
                name="support_notification_merged",
            ),
            models.Index(
                fields=["resend_of"], condition=Q(resend_of__isnull=False), name="support_notification_resent"
            ),
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="support_notification_message"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject} ({self.state})"

    @property
    def is_test(self) -> bool:
        """Whether staff sent it to themselves, with sample data: no rule holds it up or drops it."""
        return self.subject.startswith(TEST)
