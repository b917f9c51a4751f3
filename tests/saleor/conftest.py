"""What every test inside Saleor shares: a database of its own for each module, and a shop in it."""

import os
import re
import uuid

import pytest
from django.db import connections

from tests.saleor import databases, queue

SERVER = re.sub(r"/[^/]*$", "", os.environ["DATABASE_URL"])
TEMPLATE = os.environ["SUPPORT_TEST_TEMPLATE"]
VERSION = os.environ["SALEOR_VERSION"]


@pytest.fixture(scope="session")
def django_db_setup():
    """Databases are made by :func:`database`, never by Django."""


@pytest.fixture(scope="module")
def database(request, django_db_blocker):
    """A copy of the template that this module has to itself; what it commits stays until its end."""
    name = f"support_test_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    with databases.copy_of(SERVER, TEMPLATE, name), django_db_blocker.unblock():
        before = connections["default"].settings_dict["NAME"]
        _use(name)
        try:
            yield name
        finally:
            _use(before)


def _use(name):
    for connection in (connections["default"], connections["replica"]):
        connection.close()
        connection.settings_dict["NAME"] = name


@pytest.fixture
def world(database):
    """A new channel, customer and warehouse in the module's database."""
    from saleor_support_plugin.shop.acts import ShopAct
    from tests.saleor.world import SaleorWorld

    ShopAct.objects.all().delete()
    queue.JOBS.clear()
    with SaleorWorld() as made:
        yield made


@pytest.fixture
def shop(database):
    """The shop as the plugin sees it."""
    from saleor_support_plugin.shop.current import get_shop

    return get_shop()


@pytest.fixture
def jobs():
    """What was queued during the test: (task name, arguments)."""
    return queue.JOBS
