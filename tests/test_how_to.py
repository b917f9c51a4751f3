"""The how-to "add a notification kind", followed to the letter: its files are written and used."""

import importlib
import re
import sys
import tomllib
import types
from pathlib import Path

import pytest
from babel.messages import mofile, pofile
from django.core import mail

from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.models import Notification, NotificationState
from saleor_support_plugin.notifications.variables import check_data
from saleor_support_plugin.settings import Feature
from sandbox.makers import gid, make_channel, make_order, switch_on

PAGE = Path(__file__).parent.parent / "docs" / "adding-a-notification-kind.md"
FILE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Plugin:
    """Stands for Saleor's BasePlugin, which the package's plugin extends."""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The files of the page by name; the package made of them is importable and registered."""
    folder = tmp_path_factory.mktemp("workshop-mails")
    files = dict(FILE.findall(PAGE.read_text(encoding="utf-8")))
    for name, text in {**files, "workshop_mails/__init__.py": ""}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    catalog = folder / "workshop_mails/locale/es/LC_MESSAGES/django.po"
    with catalog.open("rb") as source, catalog.with_suffix(".mo").open("wb") as target:
        mofile.write_mo(target, pofile.read_po(source))
    base = types.ModuleType("saleor.plugins.base_plugin")
    base.BasePlugin = Plugin
    with pytest.MonkeyPatch.context() as patch:
        for name in ("saleor", "saleor.plugins"):
            patch.setitem(sys.modules, name, types.ModuleType(name))
        patch.setitem(sys.modules, "saleor.plugins.base_plugin", base)
        patch.setattr(kinds, "_KINDS", dict(kinds._KINDS))
        patch.syspath_prepend(str(folder))
        apps = importlib.import_module("workshop_mails.apps")
        apps.WorkshopMailsConfig("workshop_mails", importlib.import_module("workshop_mails")).ready()
        yield files
        for name in [name for name in sys.modules if name.split(".")[0] == "workshop_mails"]:
            patch.delitem(sys.modules, name)


@pytest.fixture
def order(shop, package):
    """An order in Spanish, in a channel where parcels are told of."""
    channel = make_channel()
    switch_on(channel, Feature.NOTIFICATIONS, shop_name="Taller", sender_address="taller@example.com")
    return make_order(channel, email="ada@example.com", language="es", lines=[("Silla", 2, "40.00")])


def test_the_kind_is_registered(package):
    kind = kinds.get("making_started")
    assert kind.feature is Feature.NOTIFICATIONS
    assert set(kind.variables) == {"items", "ready_by"}
    assert (kind.title, kind.once, kind.can_opt_out) == ("Work on the order has begun", True, True)


def test_the_kind_can_be_shown_before_anything_is_sent(package):
    shown, data = samples.sample("making_started", "es")
    check_data(kinds.get("making_started"), data)
    assert shown.language == "es"


def test_the_entry_point_names_the_package_and_its_plugin(package):
    project = tomllib.loads(package["pyproject.toml"])["project"]
    assert project["entry-points"]["saleor.plugins"] == {
        "workshop_mails": "workshop_mails.plugin:WorkshopMails"
    }
    assert hasattr(importlib.import_module("workshop_mails.plugin"), "WorkshopMails")


def test_the_job_mails_once_in_the_orders_language(order, run_jobs, mailoutbox):
    tasks = importlib.import_module("workshop_mails.tasks")
    tasks.tell_making_started(gid(order))
    tasks.tell_making_started(gid(order))
    run_jobs()
    row = Notification.objects.get()
    assert (row.kind, row.state, row.reason) == ("making_started", NotificationState.ACCEPTED, "")
    (message,) = mailoutbox
    assert message.subject == f"Hemos empezado a hacer tu pedido n.º {order.number}"
    html = message.alternatives[0][0]
    for part in (message.body, html):
        assert "Nuestro taller ha empezado a hacer tu pedido." in part
        assert "Lo que hacemos para ti" in part
        assert "Silla" in part
        assert "Saldrá a más tardar el " in part


def test_the_hook_queues_the_job_and_never_raises(order, monkeypatch, caplog):
    plugin = importlib.import_module("workshop_mails.plugin")
    queued = []
    monkeypatch.setattr(
        plugin.tell_making_started, "apply_async", lambda args, **options: queued.append((args, options))
    )
    assert plugin.WorkshopMails().order_confirmed(order, previous_value=None, webhooks=None) is None
    assert queued == [([gid(order)], {"retry": False})]

    def broken(args, **options):
        raise OSError("no broker")

    monkeypatch.setattr(plugin.tell_making_started, "apply_async", broken)
    plugin.WorkshopMails().order_confirmed(order)
    assert "could not be queued" in caplog.text
    assert mail.outbox == []
