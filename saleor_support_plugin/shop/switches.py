"""What the admin switched on and since when: what happened before never mails."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from saleor_support_plugin.settings import Feature

KIND = "kind:"  # how the switches of single kinds of mail begin


class Switch(models.Model):
    """One feature, or one kind of mail, of one channel; the row exists while it is on."""

    channel_id = models.CharField(max_length=128)
    feature = models.CharField(max_length=80)  # a Feature, or "kind:" and a kind's name
    since = models.DateTimeField()

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [models.UniqueConstraint(fields=["channel_id", "feature"], name="support_switch_once")]


class TemplateBackup(models.Model):
    """What one mail template of the shop said in one channel before we emptied it.

    The row exists while the template is empty by our doing (see ``Overlap.TAKE_OVER``).
    """

    channel_id = models.CharField(max_length=128)
    template = models.CharField(max_length=255)
    existed = models.BooleanField()  # False: the shop had no text of its own and used its default
    value = models.TextField(default="", blank=True)

    class Meta:
        app_label = "saleor_support_plugin"
        constraints = [
            models.UniqueConstraint(fields=["channel_id", "template"], name="support_template_once")
        ]


def record(
    channel_id: str, on: Iterable[Feature], now: datetime.datetime, *, kinds: Iterable[str] = ()
) -> None:
    """Remember ``now`` for features, and for ``kinds`` of mail that the admin turned on besides the
    usual ones, that were off until now; forget those that are off."""
    wanted = {*map(str, on), *(KIND + kind for kind in kinds)}
    rows = Switch.objects.filter(channel_id=channel_id)
    rows.exclude(feature__in=wanted).delete()
    Switch.objects.bulk_create(
        [Switch(channel_id=channel_id, feature=feature, since=now) for feature in sorted(wanted)],
        ignore_conflicts=True,
    )


class _ByFeature(models.Aggregate):
    """The moments of all rows, by feature, as one JSON object."""

    function = "JSONB_OBJECT_AGG"
    output_field = models.JSONField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite's name for it."""
        return self.as_sql(compiler, connection, function="JSON_GROUP_OBJECT", **context)


def moments(channel_id: str) -> models.Subquery:
    """What :func:`both` reads, as an annotation inside the query of whoever reads the configuration."""
    rows = Switch.objects.filter(channel_id=channel_id).values("channel_id")
    return models.Subquery(rows.annotate(moments=_ByFeature("feature", "since")).values("moments"))


def both(
    found: Mapping[str, str] | None,
) -> tuple[Mapping[Feature, datetime.datetime], Mapping[str, datetime.datetime]]:
    """:func:`since` and :func:`kinds_since` from what :func:`moments` found."""
    read = {name: _moment(text) for name, text in (found or {}).items()}
    return _features(read), _kinds(read)


def is_switched(channel_id: str, feature: Feature) -> models.Exists:
    """Whether a feature is on, as a condition inside the query of whoever knows the configuration."""
    return models.Exists(Switch.objects.filter(channel_id=channel_id, feature=feature))


def since(channel_id: str) -> Mapping[Feature, datetime.datetime]:
    """When each feature that is on was turned on."""
    return _features(_moments(channel_id))


def kinds_since(channel_id: str) -> Mapping[str, datetime.datetime]:
    """When each kind that is on besides the usual ones was turned on."""
    return _kinds(_moments(channel_id))


def _features(moments: Mapping[str, datetime.datetime]) -> dict[Feature, datetime.datetime]:
    known = set(Feature)
    return {Feature(name): moment for name, moment in moments.items() if name in known}


def _kinds(moments: Mapping[str, datetime.datetime]) -> dict[str, datetime.datetime]:
    return {name.removeprefix(KIND): moment for name, moment in moments.items() if name.startswith(KIND)}


def _moment(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)  # SQLite keeps UTC, and does not say so
    return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


def _moments(channel_id: str) -> dict[str, datetime.datetime]:
    return dict(Switch.objects.filter(channel_id=channel_id).values_list("feature", "since"))
