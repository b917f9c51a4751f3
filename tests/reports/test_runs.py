"""Each run of a periodic job is noted: when it began, when and how it ended."""

import datetime

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.reports import runs
from saleor_support_plugin.reports.models import JobRun

MINUTE = datetime.timedelta(minutes=1)


def test_a_run_that_goes_well(shop, clock, now):
    with runs.noted("purge", shop.now):
        clock(now + MINUTE)
        assert JobRun.objects.get().ended_at is None
    run = JobRun.objects.get()
    assert (run.name, run.started_at, run.ended_at) == ("purge", now, now + MINUTE)
    assert (run.succeeded_at, run.error, run.failures) == (now + MINUTE, "", 0)


def test_runs_that_fail_and_one_that_goes_well_again(shop, clock, now):
    for number in range(2):
        clock(now + number * MINUTE)
        with pytest.raises(RuntimeError, match="no disk"), runs.noted("purge", shop.now):
            raise RuntimeError("no disk")
    run = JobRun.objects.get()
    assert (run.first_at, run.started_at, run.ended_at) == (now, now + MINUTE, now + MINUTE)
    assert (run.succeeded_at, run.error, run.failures) == (None, "RuntimeError: no disk", 2)

    clock(now + 2 * MINUTE)
    with runs.noted("purge", shop.now):
        pass
    run = JobRun.objects.get()
    assert (run.first_at, run.succeeded_at, run.error, run.failures) == (now, now + 2 * MINUTE, "", 0)


def test_every_periodic_job_notes_itself_and_runs_by_the_command(shop, capsys):
    for name in jobs.PERIODIC:
        call_command("support_run", name)
    assert {run.name for run in JobRun.objects.filter(error="", succeeded_at__isnull=False)} == set(
        jobs.PERIODIC
    )
    assert {entry["task"] for entry in tasks.schedule().values()} == {
        jobs.PREFIX + name for name in jobs.PERIODIC
    }
    assert capsys.readouterr().out.splitlines() == [f"{name}: done." for name in jobs.PERIODIC]


def test_jobs_about_one_object_note_nothing(shop):
    tasks.deliver(1)
    assert not JobRun.objects.exists()


def test_the_command_lists_the_jobs_and_knows_no_others(shop, capsys):
    call_command("support_run")
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == list(jobs.PERIODIC)
    assert told[0].split(maxsplit=1)[1] == "every 0:00:30"
    with pytest.raises(CommandError, match="There is no periodic job 'deliver'; there are deliver_due"):
        call_command("support_run", "deliver")


def test_a_job_that_fails_fails_the_command(shop, monkeypatch):
    def broken(**_given):
        raise ValueError("broken")

    monkeypatch.setattr("saleor_support_plugin.tasks.access.purge", broken)
    with pytest.raises(ValueError, match="broken"):
        call_command("support_run", "purge")
    assert JobRun.objects.get().error == "ValueError: broken"
