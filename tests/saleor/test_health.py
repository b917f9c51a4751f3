"""Health and the periodic jobs inside Saleor: its guard against unmarked writes is on, apps are real."""

import json

import pytest
from django.core.management import call_command

HEALTH = """
    { supportHealth { level problems { code channel } outbox { accepted waiting { reason count } }
        jobs { name succeededAt late error } sweeps { name behind }
        channels { channel mode overlap features shopMails doubles } } }"""


@pytest.fixture
def on(world):
    """A world where every feature is on."""
    features = ("notifications", "tickets", "returns", "order_changes", "guest_access")
    values = {**dict.fromkeys(features, True), "guest_url": "https://shop.example/guest?t={token}"}
    assert world.configure(world.channel_id, values) == set()
    return world


def test_every_periodic_job_runs_and_is_noted(on, capsys):
    from saleor_support_plugin import jobs
    from saleor_support_plugin.reports.models import JobRun

    for name in jobs.PERIODIC:
        call_command("support_run", name)
    assert capsys.readouterr().out.splitlines() == [f"{name}: done." for name in jobs.PERIODIC]
    ended = JobRun.objects.filter(error="", succeeded_at__isnull=False)
    assert set(ended.values_list("name", flat=True)) == set(jobs.PERIODIC)


def test_staff_and_monitoring_see_the_same(on, capsys):
    from saleor_support_plugin import jobs

    for name in jobs.PERIODIC:
        call_command("support_run", name)
    told = on.do(HEALTH, {}, on.boss)
    mine = next(one for one in told["channels"] if one["channel"] == on.channel)
    assert (mine["mode"], mine["overlap"], len(mine["features"])) == ("ON", "SKIP_OURS", 5)
    assert not any(job["late"] or job["error"] for job in told["jobs"])
    capsys.readouterr()
    try:
        call_command("support_health", "--format", "json")
        code = 0
    except SystemExit as left:
        code = left.code
    report = json.loads(capsys.readouterr().out)
    assert code == {"ok": 0, "warning": 1, "critical": 2}[report["level"]]
    assert on.channel in [one["slug"] for one in report["channels"]]
