"""Requests of guests for a link, and the links that were granted."""

from django.db import models
from django.utils import timezone


class Outcome(models.TextChoices):
    """How a request was answered; the guest never learns it."""

    MATCHED = "matched"  # a link was granted and goes to the order's address
    NO_MATCH = "no_match"  # no order has this channel, number and e-mail
    LIMITED = "limited"  # too many requests in a short time, or too many working links
    SWITCHED_OFF = "switched_off"  # the order is there, but its channel gives no links


class GuestAccessRequest(models.Model):
    """Somebody asked for a link; kept as given for a while, to answer and to count."""

    channel = models.CharField(max_length=255)  # slug, as given
    order_number = models.CharField(max_length=64)
    email = models.CharField(max_length=254)
    origin = models.CharField(max_length=64, blank=True, default="")  # the client's address
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, default="")

    class Meta:
        app_label = "saleor_support_plugin"
        indexes = [
            models.Index(fields=["email", "created_at"], name="support_access_email"),
            models.Index(fields=["order_number", "channel", "created_at"], name="support_access_order"),
            models.Index(fields=["origin", "created_at"], name="support_access_origin"),
            models.Index(fields=["created_at"], name="support_access_age"),
            models.Index(
                fields=["id"], condition=models.Q(answered_at=None), name="support_access_unanswered"
            ),
        ]


class GuestGrant(models.Model):
    """A link to one order. The link's token is signed when it is needed and never stored."""

    order_id = models.CharField(max_length=128)
    channel_id = models.CharField(max_length=128)
    order_number = models.CharField(max_length=64)
    email = models.CharField(max_length=254)  # the order's address, where the link is mailed
    nonce = models.CharField(max_length=32)  # part of the token, so that a key alone can't forge one
    # What its mail asks the guest to confirm, like "return:12", and when that was done; "": nothing.
    purpose = models.CharField(max_length=64, default="", blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        indexes = [
            models.Index(fields=["order_id"], name="support_grant_order"),
            models.Index(fields=["expires_at"], name="support_grant_age"),
        ]
