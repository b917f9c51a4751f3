"""When each periodic job last ran, and how it ended: one row for each job."""

from django.db import models
from django.utils import timezone


class JobRun(models.Model):
    """The latest run of one periodic job. ``started_at`` after ``ended_at``: it runs, or was stopped."""

    name = models.CharField(max_length=60, unique=True)  # a name of jobs.PERIODIC
    first_at = models.DateTimeField(default=timezone.now)  # when it ran for the first time
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    succeeded_at = models.DateTimeField(null=True, blank=True)  # when it last ended without an error
    error = models.TextField(default="", blank=True)  # of the latest run that ended; "" when it went well
    failures = models.PositiveIntegerField(default=0)  # how many failed in a row

    class Meta:
        app_label = "saleor_support_plugin"

    def __str__(self) -> str:
        return f"{self.name} ({self.error or 'ok'})"
