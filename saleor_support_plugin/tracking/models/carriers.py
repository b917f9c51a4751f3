"""The admin's own carriers, and rules for what customers are promised."""

from django.db import models


class OwnCarrier(models.Model):
    """A carrier that the built-in table lacks, or knows otherwise; it comes before the table."""

    code = models.CharField(max_length=60, unique=True)  # like "bike-couriers"; may be one of the table's
    name = models.CharField(max_length=60)  # as customers know it
    pattern = models.CharField(max_length=200, default="", blank=True)  # of whole numbers; "" never detected
    url = models.CharField(max_length=500, default="", blank=True)  # with {number}, {postal_code}, {country}
    countries = models.JSONField(default=list, blank=True)  # ISO 3166-1 destinations; empty: all
    is_active = models.BooleanField(default=True)

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "carrier"


class TransitRule(models.Model):
    """How many working days after dispatch a parcel arrives; the most specific rule counts."""

    channel_id = models.CharField(max_length=128, default="", blank=True)  # "": every channel
    carrier = models.CharField(max_length=60, default="", blank=True)  # a carrier's code; "": any
    country = models.CharField(max_length=2, default="", blank=True)  # of the destination; "": any
    service = models.CharField(max_length=120, default="", blank=True)  # shipping method; "": any
    days_from = (
        models.PositiveSmallIntegerField()
    )  # working days of the destination, public holidays left out
    days_until = models.PositiveSmallIntegerField()

    class Meta:
        app_label = "saleor_support_plugin"
        verbose_name = "transit rule"
        constraints = [
            models.UniqueConstraint(
                fields=["channel_id", "carrier", "country", "service"], name="support_transit_rule_once"
            )
        ]
