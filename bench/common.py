"""What the measurements share: a Saleor in this process on a database that keeps what it commits,
a fast mail server beside it, rounds that take turns, and lines of the table at the end."""

import contextlib
import dataclasses
import json
import logging
import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SIZE = float(os.environ.get("SIZE", "1"))


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of the table: what was measured, what it must be, and whether it is."""

    name: str
    value: str
    bar: str
    kept: bool


def tell(name: str, value: str, bar: str = "", kept: bool = True) -> bool:
    """Print a line, hand it on to the table of the whole run, and answer ``kept``."""
    print(f"{name}: {value}" + (f"  (bar: {bar}{'' if kept else ', MISSED'})" if bar else ""), flush=True)
    if results := os.environ.get("BENCH_RESULTS"):
        with open(results, "a") as file:
            file.write(json.dumps(dataclasses.asdict(Line(name, value, bar, kept))) + "\n")
    return kept


@contextlib.contextmanager
def saleor(mail_port: int = 9) -> Iterator[str]:
    """Saleor in this process, on a copy of the prepared database on a server with PostgreSQL's own
    settings; its address."""
    from tests.saleor.faults import postgres

    with postgres.running(os.environ["DATABASE_URL"]) as server:
        os.environ.update(
            DJANGO_SETTINGS_MODULE="saleor.settings",
            DATABASE_URL=server.url,
            DEBUG="False",
            EMAIL_URL=f"smtp://127.0.0.1:{mail_port}",
            DEFAULT_FROM_EMAIL="help@shop.example",
            ALLOWED_HOSTS="*",
            ALLOWED_CLIENT_HOSTS="localhost,shop.example",
            PUBLIC_URL="http://127.0.0.1:8000",
            SEND_USAGE_TELEMETRY="False",
            OTEL_SDK_DISABLED="true",
            RSA_PRIVATE_KEY=key(),
        )
        for name in ("CELERY_BROKER_URL", "CACHE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        import django
        from django.db import connections

        django.setup()
        from django.conf import settings as django_settings

        logging.disable(logging.INFO)
        django_settings.SUPPORT_QUEUE = "tests.saleor.queue.queue"  # nothing runs by itself
        try:
            yield server.url
        finally:
            connections.close_all()


def key() -> str:
    """A key for Saleor's tokens."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@contextlib.contextmanager
def mail_server() -> Iterator[int]:
    """A mail server in a process of its own that takes everything; its port."""
    path = pathlib.Path(__file__).with_name("sink.py")
    process = subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def rates(sides: Mapping[str, Callable[[int], int]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """How many a second each side did in each round; a side gets the round's number and answers how many
    it did. They take turns, and nobody always comes after the same one. One more round warms up."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    names = list(sides)
    for number in range(rounds + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            started = time.perf_counter()
            done = sides[name](number)
            if number:
                found[name].append(done / (time.perf_counter() - started))
    return found


def spread(values: list[float]) -> str:
    """Like "270.1 (241.0 to 282.3)": the median, the lowest and the highest."""
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def ratio(ours: list[float], theirs: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def settings(**options: Any) -> Any:
    """Saleor's first channel with our plugin switched on; its global id."""
    from tests.saleor.faults import acts

    return acts.prepare(**{"timeline": "true", **options})
