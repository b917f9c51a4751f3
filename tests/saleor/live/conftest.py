"""One running shop for all the stories: real processes on a copy of the prepared database."""

import os
import shutil
import subprocess
import urllib.parse
from typing import Any

import pytest

from tests.saleor.live import beginnings
from tests.saleor.live import shipments as parcels
from tests.saleor.live.cast import prepare
from tests.saleor.live.world import running

busy = pytest.fixture(scope="session")(beginnings.busy)
lost = pytest.fixture(scope="session")(beginnings.lost)
shipments = pytest.fixture(scope="session")(parcels.shipments)
spanish = pytest.fixture(scope="session")(beginnings.spanish)
taken_over = pytest.fixture(scope="session")(beginnings.taken_over)
unheard = pytest.fixture(scope="session")(beginnings.unheard)


@pytest.fixture(scope="session")
def cast() -> Any:
    """The running shop with its cast, the plugin switched on in the default channel."""
    if shutil.which("redis-server") is None:
        pytest.fail("redis-server is not installed: the story needs a real broker.")
    template = os.environ["SUPPORT_TEST_TEMPLATE"]
    parts = urllib.parse.urlsplit(os.environ["DATABASE_URL"])
    server, name = f"{parts.scheme}://{parts.netloc}", f"{template}_live"
    for statement in (f"drop database if exists {name}", f"create database {name} template {template}"):
        subprocess.run(["psql", "-qc", statement, f"{server}/postgres"], check=True)
    with running(f"{server}/{name}") as world:
        yield prepare(world)


@pytest.fixture(scope="session", autouse=True)
def begun(request: pytest.FixtureRequest) -> None:
    """The beginnings of all stories that will be told, so that all wait for the same minute."""
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    for name in beginnings.NAMES:
        if name in asked:
            request.getfixturevalue(name)
