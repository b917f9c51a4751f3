"""What every test shares: the sandbox as a shop, its clock and jobs, and no way out to the network."""

import datetime
import os
import random
import socket

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")

import django
import hypothesis
import pytest
from django.conf import settings

hypothesis.settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
hypothesis.settings.load_profile("untimed")

SEED = 20240417
HOME = getattr(settings, "SUPPORT_SHOP", "") == "sandbox.home"  # not so inside a real Saleor


def pytest_report_header():
    """Say what this run leaves out."""
    return "left out: tests/saleor, which needs a real Saleor (make test-saleor)" if HOME else None


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """Tests may talk to themselves (loopback, local sockets) and to nobody else."""
    real = socket.socket.connect, socket.socket.connect_ex

    def allowed(family, address):
        local = ("127.", "::1", "localhost")
        return family == getattr(socket, "AF_UNIX", None) or str(address[0]).startswith(local)

    def connect(self, address):
        if not allowed(self.family, address):
            raise RuntimeError(f"A test tried to reach {address!r}.")
        return real[0](self, address)

    def connect_ex(self, address):
        if not allowed(self.family, address):
            raise RuntimeError(f"A test tried to reach {address!r}.")
        return real[1](self, address)

    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex
    yield
    socket.socket.connect, socket.socket.connect_ex = real


@pytest.fixture(autouse=True)
def _seeded():
    """The same random data in every run."""
    random.seed(SEED)


if HOME:
    django.setup()

    from django.core.cache import cache

    from sandbox import worker
    from sandbox.home.shop import SHOP

    @pytest.fixture
    def now():
        """A Wednesday noon, UTC; stop the shop at it with ``clock``."""
        return datetime.datetime(2024, 4, 17, 12, 0, tzinfo=datetime.UTC)

    @pytest.fixture
    def shop(db):
        """The sandbox, with an empty database and no trouble."""
        SHOP.reset()
        yield SHOP
        SHOP.reset()

    @pytest.fixture
    def clock(monkeypatch, now):
        """Stop the shop's clock at ``now``; ``clock(moment)`` moves it."""
        moment = [now]
        monkeypatch.setattr(SHOP, "now", lambda: moment[0])

        def move(to):
            moment[0] = to

        return move

    @pytest.fixture
    def files_root(tmp_path, settings):
        """The folder where files that people hand in lie."""
        settings.SUPPORT_FILES_ROOT = str(tmp_path / "files")
        return tmp_path / "files"

    @pytest.fixture(autouse=True)
    def _empty_queue():
        worker.PENDING.clear()
        cache.clear()
        yield
        worker.PENDING.clear()

    @pytest.fixture
    def run_jobs(db):
        """``run_jobs()`` runs what a commit and the queue would run, until nothing is left."""
        return worker.drain
