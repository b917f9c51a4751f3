"""What supportHealth shows, field by field."""

import datetime

from saleor_support_plugin import jobs
from saleor_support_plugin.notifications.models import Notification, NotificationState, Suppression
from saleor_support_plugin.reports.models import JobRun
from sandbox import makers, models

HEALTH = """
query { supportHealth {
  level checkedAt
  problems { level code message channel }
  outbox {
    oldestUndecidedAt lateSince countedUpTo sending accepted waiting { reason count }
    failed { reason count } failedInWeek { reason count } skipped { reason count }
    skippedInWeek { reason count } reportsWaiting oldestReportAt suppressed
  }
  jobs { name everySeconds startedAt endedAt succeededAt error failures late }
  sweeps { name behind }
  channels { channelId channel mode overlap rehearsalAddress features shopMails doubles }
} }"""
HOUR = datetime.timedelta(hours=1)


def test_every_field(stage, now):
    Notification.objects.all().delete()
    Suppression.objects.all().delete()
    here = models.Channel.objects.get(slug="here")
    makers.switch_on(here, guest_url="https://shop.example/g?t={token}", rehearsal_address="me@example.com")
    common = {"recipient": "a@example.com", "channel_id": makers.gid(here), "order_id": "x", "occasion": "x"}
    for number, (state, reason, finished) in enumerate(
        [
            (NotificationState.PENDING, "try_later", None),
            (NotificationState.ACCEPTED, "", now - HOUR),
            (NotificationState.FAILED, "refused", now - HOUR),
            (NotificationState.SKIPPED, "stale", now - 48 * HOUR),
        ]
    ):
        Notification.objects.create(
            kind="delivered", subject=f"parcel:{number}", state=state, reason=reason, finished_at=finished,
            due_at=now - HOUR, order_number="1", **common,
        )  # fmt: skip
    for name in jobs.PERIODIC:
        JobRun.objects.create(name=name, first_at=now, started_at=now, ended_at=now, succeeded_at=now)
    JobRun.objects.filter(name="purge").update(error="KeyError: 7", failures=2)

    told = stage.send("staff", HEALTH)["data"]["supportHealth"]

    assert (told["level"], told["checkedAt"]) == ("CRITICAL", now.isoformat())
    found = [(one["level"], one["code"], one["channel"]) for one in told["problems"]]
    assert found[0] == ("CRITICAL", "OUTBOX_LATE", None)
    assert set(found[1:]) == {
        ("WARNING", "MAILS_FAILED", None),
        ("WARNING", "MAILS_STALE", None),
        ("WARNING", "JOB_FAILED", None),
        ("WARNING", "REHEARSAL", "here"),
        ("WARNING", "NO_GUEST_PAGE", "elsewhere"),
        *(
            ("WARNING", code, slug)
            for slug in ("here", "elsewhere")
            for code in ("NO_RETURN_ADDRESS", "NO_RETURN_PAGE")
        ),
    }
    assert told["outbox"] == {
        "oldestUndecidedAt": (now - HOUR).isoformat(),
        "lateSince": (now - HOUR).isoformat(),
        "countedUpTo": 10_000,
        "sending": 0,
        "accepted": 1,
        "waiting": [{"reason": "try_later", "count": 1}],
        "failed": [{"reason": "refused", "count": 1}],
        "failedInWeek": [{"reason": "refused", "count": 1}],
        "skipped": [],
        "skippedInWeek": [{"reason": "stale", "count": 1}],
        "reportsWaiting": 0,
        "oldestReportAt": None,
        "suppressed": 0,
    }
    by_name = {one["name"]: one for one in told["jobs"]}
    assert set(by_name) == set(jobs.PERIODIC)
    assert by_name["purge"] == {
        "name": "purge",
        "everySeconds": 3600,
        "startedAt": now.isoformat(),
        "endedAt": now.isoformat(),
        "succeededAt": now.isoformat(),
        "error": "KeyError: 7",
        "failures": 2,
        "late": False,
    }
    first = next(one for one in told["channels"] if one["channel"] == "here")
    assert first == {
        "channelId": makers.gid(here),
        "channel": "here",
        "mode": "REHEARSAL",
        "overlap": "SKIP_OURS",
        "rehearsalAddress": "me@example.com",
        "features": ["notifications", "tickets", "returns", "order_changes", "guest_access", "tracking"],
        "shopMails": [],
        "doubles": [],
    }


def test_staff_of_a_channel_sees_it_alone(stage):
    told = stage.send("staff_of_another_channel", HEALTH)["data"]["supportHealth"]
    assert [one["channel"] for one in told["channels"]] == ["elsewhere"]
    assert {one["channel"] for one in told["problems"]} <= {None, "elsewhere"}
