"""``support_uninstall`` takes back what we left in Saleor's tables, once it is told to."""

import io

import pytest
from django.core.management import call_command
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from saleor.app.models import App
from saleor.plugins.models import EmailTemplate, PluginConfiguration

from saleor_support_plugin.shop import commands
from saleor_support_plugin.shop.saleor.takeover import TEMPLATES
from saleor_support_plugin.shop.switches import Switch, TemplateBackup

TAKEN = sorted(set(TEMPLATES.values()))


def uninstall(*options):
    output = io.StringIO()
    call_command("support_uninstall", *options, stdout=output)
    return output.getvalue().splitlines()


@pytest.fixture
def installed(world, shop):
    """A shop in which the plugin has been at work."""
    Switch.objects.all().delete()
    world.mails_too(world.channel_id)
    world.configure(world.channel_id, {"notifications": True, "overlap": "take over"})
    shop.act(commands.AddNote(world.make_order(), "x"), "note")
    every, _created = IntervalSchedule.objects.get_or_create(every=1, period="minutes")
    PeriodicTask.objects.create(
        name="support-deliver-due", task="saleor_support_plugin.tasks.deliver_due", interval=every
    )
    PeriodicTask.objects.create(name="support-of-others", task="others.tasks.support", interval=every)
    return world


def left():
    return (
        PeriodicTask.objects.filter(name="support-deliver-due").count(),
        App.objects.filter(identifier="saleor.support").count(),
        EmailTemplate.objects.filter(value="").count(),
        PluginConfiguration.objects.filter(identifier="saleor.support").count(),
        Switch.objects.count(),
        TemplateBackup.objects.count(),
    )


def test_a_dry_run_says_it_all_and_the_real_one_does_it(installed):
    told = [
        "periodic job support-deliver-due",
        "app Customer support",
        *(f"emptied mail template {name}" for name in TAKEN),
        f"configuration of channel {installed.channel}",
    ]
    assert left() == (1, 1, len(TAKEN), 1, 1, len(TAKEN))
    assert uninstall() == [
        *(f"would take back: {line}" for line in told),
        "Nothing was changed. Run again with --yes.",
    ]
    assert left() == (1, 1, len(TAKEN), 1, 1, len(TAKEN))
    assert uninstall("--yes") == [f"taken back: {line}" for line in told]
    assert left() == (0, 0, 0, 0, 0, 0)
    assert uninstall("--yes") == ["There is nothing to take back."]
    assert PeriodicTask.objects.filter(name="support-of-others").exists()
