"""The pages on tracking, followed to the letter."""

import datetime
import importlib
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from saleor_support_plugin.settings import BY_NAME
from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import Call, Unavailable, registry
from saleor_support_plugin.tracking.adapters.contract import AdapterContract
from saleor_support_plugin.tracking.adapters.signed import FIELDS
from saleor_support_plugin.tracking.status import Status, SubStatus

DOCS = Path(__file__).parents[3] / "docs"
CONNECTING = (DOCS / "connecting-tracking.md").read_text(encoding="utf-8")
ADDING = (DOCS / "adding-a-carrier.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The files of the page by name; the package made of them is importable."""
    folder, files = tmp_path_factory.mktemp("bike-tracking"), dict(FILE.findall(ADDING))
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield files
        for name in ("bike_tracking", "test_bike_tracking"):
            sys.modules.pop(name, None)


@pytest.mark.parametrize("name", sorted(name for name in dir(AdapterContract) if name.startswith("test_")))
def test_the_adapter_of_the_page_holds_to_the_contract(package, name):
    made = importlib.import_module("test_bike_tracking").TestBikes()
    getattr(made, name)()


def test_the_package_of_the_page_is_tried_with_pytest_and_nothing_else(package, tmp_path):
    """As its developer does, where no Django is set up."""
    for name in ("bike_tracking.py", "test_bike_tracking.py"):
        (tmp_path / name).write_text(package[name], encoding="utf-8")
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST"))}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**ours, "PYTHONPATH": str(DOCS.parent)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_package_of_the_page_is_found(package, monkeypatch):
    project = tomllib.loads(package["pyproject.toml"])["project"]
    ((name, value),) = project["entry-points"][adapters.GROUP].items()
    points = importlib.metadata.EntryPoints([importlib.metadata.EntryPoint(name, value, adapters.GROUP)])
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda *, group: points)
    with registry.ADAPTERS.only():
        assert adapters.known()["bikes"].title == "Bike couriers"


def test_the_adapter_of_the_page_asks(package, monkeypatch):
    module = importlib.import_module("bike_tracking")
    said = {"scans": [{"parcel": "B1", "word": "nobody in", "at": "2026-05-04T07:15:00Z", "town": "Madrid"}]}
    asked = []
    monkeypatch.setattr(module.http, "get", lambda url, **more: asked.append((url, more["params"])) or said)
    (scan,) = module.Bikes().poll([adapters.Asked("B1"), adapters.Asked("B2")], api_key="k")
    assert (scan.number, scan.status, scan.sub_status, scan.place) == (
        "B1",
        "attempt_failed",
        "absent",
        "Madrid",
    )
    assert asked == [("https://api.bikes.example/scans", {"numbers": "B1,B2"})]
    with pytest.raises(Unavailable):
        adapters.Adapter().poll([], api_key="k")


def test_the_example_of_the_signed_form_is_right():
    body = re.search(r"```json\n(.*)\n```", CONNECTING).group(1)
    signature = re.search(r"^    ([0-9a-f]{64})$", CONNECTING, re.MULTILINE).group(1)
    secret, sent = re.search(r"secret `([\w-]+)`, the timestamp `(\d+)`", CONNECTING).groups()
    call = Call(body.encode(), {"x-support-timestamp": sent, "x-support-signature": signature})
    now = datetime.datetime.fromtimestamp(int(sent), datetime.UTC)
    adapters.known()["signed"].verify(call, secret=secret, now=now)
    (scan,) = adapters.known()["signed"].read(body.encode())
    assert (scan.number, scan.status, scan.carrier) == ("BIKE-0042", "out_for_delivery", "bike-couriers")
    assert f"BODY='{body}'" in CONNECTING
    assert f"SECRET='{secret}'" in CONNECTING
    assert json.loads(body)


def test_the_page_names_every_word_and_every_field_of_the_signed_form():
    missing = [
        word.value for words in (Status, SubStatus) for word in words if f"`{word.value}`" not in CONNECTING
    ]
    assert missing == []
    assert [name for name in sorted(FIELDS) if f"`{name}`" not in CONNECTING] == []


@pytest.mark.parametrize("name", sorted(adapters.known()))
def test_the_page_connects_every_source(name):
    assert f"`tracking/{name}`" in CONNECTING
    if name != "signed":
        assert f"| Tracking provider | `{name}` |" in CONNECTING
        assert name in BY_NAME["tracking_provider"].help_text
