"""A whole Saleor of processes: API server, Celery worker, beat, Redis, an SMTP sink, a payment app."""

import asyncio
import contextlib
import email
import email.message
import email.policy
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

SALEOR = pathlib.Path(os.environ["SALEOR_DIR"])


SHELL = """
import contextlib, io, json, sys, traceback
import django
answers, sys.stdout = sys.stdout, sys.stderr
django.setup()
from django.db import close_old_connections
for line in sys.stdin:
    printed, error = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed):
            exec(json.loads(line), {})
    except Exception:  # the test that asked raises it, with these words
        error = traceback.format_exc()
    close_old_connections()
    answers.write(json.dumps({"printed": printed.getvalue(), "error": error}) + chr(10))
    answers.flush()
"""


class Sink:
    """An SMTP server that keeps what it is given; ``fault`` may answer a recipient with a refusal."""

    def __init__(self) -> None:
        self.mails: list[email.message.EmailMessage] = []
        self.fault: Callable[[str], str | None] = lambda _recipient: None
        self.port = 0
        self._server: asyncio.AbstractServer | None = None
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait(10)

    def _run(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        ready.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        say("220 sink")
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                word = line.decode("ascii", "replace").strip()
                verb = word.upper()
                if verb.startswith("DATA"):
                    say("354 go on")
                    body = await reader.readuntil(b"\r\n.\r\n")
                    content = body[:-5].replace(b"\r\n..", b"\r\n.")
                    self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
                    say("250 kept")
                elif verb.startswith("RCPT"):
                    say(self.fault(word.partition(":")[2].strip(" <>")) or "250 ok")
                elif verb.startswith("QUIT"):
                    say("221 bye")
                    break
                else:
                    say("250 ok")
                await writer.drain()
        writer.close()


class PaymentApp:
    """The webhook of a payment app that refunds whatever it is asked to, at once."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        app = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                app.asked.append(payload)
                body = json.dumps(
                    {
                        "pspReference": f"refund-{len(app.asked)}",
                        "result": "REFUND_SUCCESS",
                        "amount": payload["action"]["amount"],
                    }
                ).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                """Say nothing."""

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_port}/"


class World:
    """The running shop."""

    def __init__(self, home: pathlib.Path, database: str) -> None:
        self.home = home
        self.processes: dict[str, subprocess.Popen[Any]] = {}
        self.sink, self.payments = Sink(), PaymentApp()
        self.port, self.broker_port, self.cache_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}/graphql/"
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        gone = ("SUPPORT_QUEUE", "CACHE_URL", "CELERY_BROKER_URL", "REDIS_URL", "PYTEST_")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(gone)} | {
            "DJANGO_SETTINGS_MODULE": "tests.saleor.live.settings",
            "DATABASE_URL": database,
            "CELERY_BROKER_URL": f"redis://127.0.0.1:{self.broker_port}/0",
            "REDIS_URL": f"redis://127.0.0.1:{self.cache_port}/0",
            "CACHE_URL": f"redis://127.0.0.1:{self.cache_port}/0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "DEFAULT_FROM_EMAIL": "noreply@shop.example",
            "SECRET_KEY": "only for this test",
            "RSA_PRIVATE_KEY": key.decode(),
            "JWT_TTL_ACCESS": "1 hour",
            "DEBUG": "False",
            "ALLOWED_HOSTS": "*",
            "ALLOWED_CLIENT_HOSTS": "localhost,127.0.0.1,shop.example",
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "HTTP_IP_FILTER_ENABLED": "False",
            "SEND_USAGE_TELEMETRY": "False",
            "OTEL_SDK_DISABLED": "true",
        }

    def start(self, name: str) -> None:
        """Start one of the processes: broker, cache, api, worker, beat."""
        python = sys.executable
        celery = [python, "-m", "celery", "--app", "saleor.celeryconf:app"]
        redis = shutil.which("redis-server") or ""
        command = {
            "broker": [redis, "--port", str(self.broker_port), "--save", "", "--dir", str(self.home)],
            "cache": [redis, "--port", str(self.cache_port), "--save", "", "--dir", str(self.home)],
            "api": [
                python,
                "-m",
                "uvicorn",
                "saleor.asgi:application",
                "--port",
                str(self.port),
                "--lifespan",
                "auto",
                "--no-access-log",
            ],
            "worker": [*celery, "worker", "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"],
            "beat": [
                *celery,
                "beat",
                "--scheduler",
                "saleor.schedulers.schedulers.DatabaseScheduler",
                "--pidfile",
                "",
                "-s",
                str(self.home / "beat"),
            ],
        }[name]
        with open(self.home / f"{name}.log", "a") as log:
            self.processes[name] = subprocess.Popen(
                command, env=self.env, cwd=SALEOR, stdout=log, stderr=log, start_new_session=True
            )
        if name in ("broker", "cache"):
            self.await_port(name)

    def await_port(self, name: str) -> None:
        """Wait until one of those processes listens: broker, cache, api."""
        port = {"broker": self.broker_port, "cache": self.cache_port, "api": self.port}[name]
        await_port(port, self.processes[name])

    def stop(self, name: str, signal: int = 15) -> None:
        """End one of the processes with all its children."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)

    def log(self, name: str) -> str:
        """What a process has printed so far."""
        return (self.home / f"{name}.log").read_text(errors="replace")

    def shell(self, code: str) -> str:
        """Run Python inside this Saleor, for what no mutation can prepare; answers what it printed."""
        if "shell" not in self.processes:  # one process for all: to start one takes Saleor many seconds
            self.processes["shell"] = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", SHELL],
                env=self.env,
                cwd=SALEOR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        process = self.processes["shell"]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(code) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        assert answer["error"] is None, answer["error"]
        return str(answer["printed"]).strip()

    def ask(self, document: str, variables: Mapping[str, Any] | None = None, token: str = "") -> Any:
        """POST to Saleor's /graphql/ and answer the whole JSON."""
        body = json.dumps({"query": document, "variables": dict(variables or {})}).encode()
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        request = urllib.request.Request(self.url, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def do(self, document: str, variables: Mapping[str, Any] | None = None, token: str = "") -> Any:
        """As :meth:`ask`, for what must succeed: the one root field, without errors."""
        answer = self.ask(document, variables, token)
        assert "errors" not in answer, answer
        (root,) = answer["data"].values()
        if isinstance(root, dict):
            assert not root.get("errors"), root
        return root


def wait_for(true: Callable[[], bool], within: float, otherwise: Callable[[], str]) -> None:
    """Wait until something holds, at most ``within`` seconds."""
    until = time.monotonic() + within
    while not true():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.2)


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def await_port(port: int, process: subprocess.Popen[bytes], within: float = 300) -> None:
    """Wait until somebody listens."""

    def listening() -> bool:
        assert process.poll() is None, f"{process.args} ended with {process.returncode}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listening, within, lambda: f"Nobody listens on {port}.")


@contextlib.contextmanager
def running(database: str) -> Iterator[World]:
    """The whole shop on this database, until the end of the block."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="support-live-"))
    world = World(home, database)
    try:
        for name in ("broker", "cache", "api", "worker", "beat"):
            world.start(name)
        world.await_port("api")
        yield world
    finally:
        for name in list(world.processes):
            world.stop(name)
        shutil.rmtree(home, ignore_errors=True)
