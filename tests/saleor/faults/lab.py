"""The processes of one run: PostgreSQL, Redis, the mail server, workers and shops that live and die."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import celery
import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.saleor import databases
from tests.saleor.faults import postgres
from tests.saleor.faults.sink import Sink

SALEOR = pathlib.Path(os.environ["SALEOR_DIR"])
TASKS = "saleor_support_plugin.tasks."
OUTBOX = "saleor_support_plugin_notification"


class Child:
    """A process group that the zygote forked."""

    def __init__(self, pid: int, name: str, log: pathlib.Path):
        self.pid, self.name, self.log = pid, name, log

    def kill(self, sign: int = signal.SIGKILL) -> None:
        """Send a signal to the whole group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, sign)

    def lives(self) -> bool:
        """Whether any process of the group is left."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


class Shop:
    """A shop's process; see ``acts`` for what it can be asked."""

    def __init__(self, child: Child, line: socket.socket):
        self.child = child
        self._stream = line.makefile("rw")

    def do(self, call: str, **arguments: Any) -> Any:
        """Have it do something, and answer the result.

        Raises:
            EOFError: the process died meanwhile.
        """
        try:
            self._stream.write(json.dumps({"call": call, "arguments": arguments}) + "\n")
            self._stream.flush()
            line = self._stream.readline()
        except OSError as error:
            raise EOFError from error
        if not line:
            raise EOFError
        answer = json.loads(line)
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["result"]


class Lab:
    """Everything that runs; made by :func:`running`."""

    def __init__(self, home: pathlib.Path, server: postgres.Postgres, email_timeout: float):
        self.home, self.postgres, self.sink = home, server, Sink()
        self.patience = email_timeout  # seconds that the mail server may take for a step
        self.broker_port, self.cache_port = databases.free_port(), databases.free_port()
        self.children: list[Child] = []
        self.born = 0
        self.redis: dict[str, subprocess.Popen[bytes]] = {}
        self.env = self._surroundings(email_timeout)
        self._tasks = celery.Celery(broker=self.env["CELERY_BROKER_URL"])
        self._connection: psycopg.Connection[Any] | None = None
        self.start_redis("broker")
        self.start_redis("cache")
        self.zygote = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.saleor.faults.zygote"],
            env=self.env,
            cwd=SALEOR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=os.open(home / "zygote.log", os.O_WRONLY | os.O_CREAT),
            text=True,
        )
        self._answer()
        self.shop = self.start_shop()

    def _surroundings(self, email_timeout: float) -> dict[str, str]:
        gone = ("SUPPORT_QUEUE", "CACHE_URL", "CELERY_BROKER_URL", "REDIS_URL", "PYTEST_")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return {name: value for name, value in os.environ.items() if not name.startswith(gone)} | {
            "DJANGO_SETTINGS_MODULE": "tests.saleor.faults.settings",
            "DATABASE_URL": self.postgres.url,
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.broker_port}/0",
            "REDIS_URL": f"redis://127.0.0.1:{self.cache_port}/0",
            "CACHE_URL": f"redis://127.0.0.1:{self.cache_port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "FAULTS_EMAIL_TIMEOUT": str(email_timeout),
            "DEFAULT_FROM_EMAIL": "noreply@shop.example",
            "SECRET_KEY": "only for this test",
            "RSA_PRIVATE_KEY": key.decode(),
            "DEBUG": "False",
            "ALLOWED_HOSTS": "*",
            "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1,shop.example",
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "HTTP_IP_FILTER_ENABLED": "False",
            "SEND_USAGE_TELEMETRY": "False",
            "OTEL_SDK_DISABLED": "true",
            "CELERY_SKIP_CHECKS": "true",  # of all models, anew in each life of a worker
        }

    # -- processes -------------------------------------------------------------------------

    def start_redis(self, name: str) -> None:
        """Start "broker" or "cache"; empty, as after a crash without persistence."""
        port = {"broker": self.broker_port, "cache": self.cache_port}[name]
        program = shutil.which("redis-server")
        if program is None:
            raise databases.Stop("redis-server is not installed: these tests need a real broker.")
        command = [program, "--port", str(port), "--save", "", "--dir", str(self.home)]
        self.redis[name] = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: answers(port), 20, lambda: f"Redis does not listen on {port}.")

    def stop_redis(self, name: str) -> None:
        """Kill it."""
        process = self.redis.pop(name)
        process.kill()
        process.wait()

    def start_worker(self, **plan: Any) -> Child:
        """Fork a worker; see ``children.worker`` for what may be planned."""
        return self._fork("worker", name=f"worker{self._number()}", **plan)

    def start_shop(self, **plan: Any) -> Shop:
        """Fork a shop; see ``children.shop`` for what may be planned."""
        name = f"shop{self._number()}"
        path = str(self.home / f"{name}.sock")
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(path)
            door.listen(1)
            door.settimeout(60)
            child = self._fork("shop", name=name, path=path, **plan)
            line, _address = door.accept()
        return Shop(child, line)

    def _number(self) -> int:
        self.born += 1
        return self.born

    def _fork(self, run: str, name: str, **arguments: Any) -> Child:
        log = self.home / f"{name}.log"
        assert self.zygote.stdin is not None
        wanted = {"run": run, "log": str(log), "arguments": {"name": name, **arguments}}
        self.zygote.stdin.write(json.dumps(wanted) + "\n")
        self.zygote.stdin.flush()
        child = Child(self._answer()["pid"], name, log)
        self.children.append(child)
        return child

    def _answer(self) -> Any:
        assert self.zygote.stdout is not None
        line = self.zygote.stdout.readline()
        if not line:
            raise AssertionError((self.home / "zygote.log").read_text()[-4000:])
        return json.loads(line)

    def bury(self, child: Child) -> None:
        """Kill a child, and wait until nothing of it is left: no process, database or mail session."""
        child.kill()
        wait_for(lambda: not child.lives(), 20, lambda: f"{child.name} can't be killed.")
        gone = "select count(*) from pg_stat_activity where application_name = %s"
        wait_for(lambda: self.value(gone, child.name) == 0, 20, lambda: f"{child.name} left a session.")
        wait_for(lambda: self.sink.open == 0, 20, lambda: "The mail server still has a connection.")
        self.children.remove(child)

    def close(self) -> None:
        """End everything."""
        if self._connection is not None:
            self._connection.close()
        for child in self.children:
            child.kill()
        self.zygote.kill()
        self.zygote.wait()
        for name in list(self.redis):
            self.stop_redis(name)

    # -- what beat and time do -------------------------------------------------------------

    def nudge(self, *names: str) -> None:
        """Queue tasks, as beat does."""
        for name in names:
            self._tasks.send_task(TASKS + name, ignore_result=True, retry=False)

    def forget_queue(self) -> None:
        """Lose every queued message."""
        self._tasks.control.purge()

    def pass_time(self, minutes: float, *, leases: bool = True) -> None:
        """Let time pass for the open rows of the outbox; ``leases``: for workers' leases, too, which only
        may be when no worker lives."""
        shift = f"- {minutes} * interval '1 minute'"
        self.run(f"update {OUTBOX} set next_attempt_at = next_attempt_at {shift} where state = 'pending'")
        if leases:
            self.run(f"update {OUTBOX} set lease_until = lease_until {shift} where state = 'sending'")

    # -- the database ----------------------------------------------------------------------

    def run(self, statement: str, *values: Any) -> list[Any]:
        """Run SQL and answer the rows; once more if the database has been restarted since."""
        try:
            return self._run(statement, values)
        except psycopg.OperationalError:
            self._connection = None
            return self._run(statement, values)

    def _run(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        if self._connection is None:
            self._connection = psycopg.connect(self.postgres.url, autocommit=True)
        cursor = self._connection.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *values: Any) -> Any:
        """The one value of the one row."""
        return self.run(statement, *values)[0][0]

    def states(self, like: str) -> dict[str, int]:
        """How many rows of the outbox are in which state, by recipient."""
        rows = self.run(
            f"select state, count(*) from {OUTBOX} where recipient like %s group by state",
            like,
        )
        return {str(state): int(count) for state, count in rows}

    def open_rows(self, like: str = "%") -> int:
        """How many rows are neither accepted, failed nor skipped."""
        states = self.states(like)
        return states.get("pending", 0) + states.get("sending", 0)


def wait_for(true: Callable[[], bool], within: float, otherwise: Callable[[], str]) -> None:
    """Wait until something holds, at most ``within`` seconds."""
    until = time.monotonic() + within
    while not true():
        if time.monotonic() > until:
            raise AssertionError(otherwise())
        time.sleep(0.02)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running(template: str, email_timeout: float = 2) -> Iterator[Lab]:
    """The processes, on a copy of the database at the address ``template``, until the end of the block."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="support-faults-"))
    with postgres.running(template) as server:
        lab = None
        try:
            lab = Lab(home, server, email_timeout)
            yield lab
        finally:
            if lab is not None:
                lab.close()
            shutil.rmtree(home, ignore_errors=True)
