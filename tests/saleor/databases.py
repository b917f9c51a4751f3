"""PostgreSQL for the tests: a server, and databases on it. Needs nothing but Python and PostgreSQL."""

import contextlib
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence

SETTINGS = (  # for data that may be lost at any moment
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=256MB",
    "max_locks_per_transaction=512",
)
OPTIONS = [word for setting in SETTINGS for word in ("-c", setting)]


class Stop(SystemExit):
    """End the run with a sentence for a person."""

    def __init__(self, text: str):
        super().__init__(f"make test-saleor: {text}")


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address (without a database name) of a PostgreSQL server we may make databases on."""
    given = os.environ.get("DATABASE_URL", "")
    if given:
        parts = urllib.parse.urlsplit(given)
        yield f"{parts.scheme}://{parts.netloc}"
        return
    initdb, postgres = program("initdb"), program("postgres")
    user = unprivileged()
    home = pathlib.Path(tempfile.mkdtemp(prefix="support-postgres-"))
    port = free_port()
    process = None
    try:
        if user:
            shutil.chown(home, user)
        data = str(home / "data")
        run(
            [
                *as_user(user),
                initdb,
                "-D",
                data,
                *["-U", "saleor", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            ],
            home,
        )
        with open(home / "log", "w") as log:
            process = subprocess.Popen(
                [*as_user(user), postgres, "-D", data, "-p", str(port), "-k", str(home), *OPTIONS],
                stdout=log,
                stderr=log,
                cwd=home,
            )
        address = f"postgres://saleor@127.0.0.1:{port}"
        _await(address, process, home / "log")
        yield address
    finally:
        if process is not None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        shutil.rmtree(home, ignore_errors=True)


def program(name: str) -> str:
    """Where one of PostgreSQL's programs lies; Debian keeps the server's out of PATH."""
    found = shutil.which(name)
    if found and pathlib.Path(found).resolve().parent.joinpath("initdb").exists():
        return str(pathlib.Path(found).resolve())
    newest = sorted(
        pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4])
    )
    if newest:
        return str(newest[-1])
    if found:
        return found
    raise Stop(
        f"PostgreSQL's {name} is not installed here, and Saleor runs on nothing else. Install PostgreSQL "
        "13 or newer (server and client programs), or set DATABASE_URL to a server where databases may be "
        "made and install the client programs."
    )


def unprivileged() -> str | None:
    """Whom the server runs as: PostgreSQL refuses root; None means ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise Stop("PostgreSQL refuses to run as root, and there is no user postgres or nobody.")


def as_user(user: str | None) -> list[str]:
    """The words before a command that make it run as ``user``."""
    return ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _await(address: str, process: subprocess.Popen[bytes], log: pathlib.Path) -> None:
    """Wait until the server answers; stop with its log when it ends instead."""
    for _attempt in range(300):
        if process.poll() is not None:
            raise Stop(f"PostgreSQL did not start:\n{log.read_text()}")
        answer = subprocess.run(
            [program("psql"), "-qtc", "select 1", f"{address}/postgres"], capture_output=True, check=False
        )
        if answer.returncode == 0:
            return
        time.sleep(0.1)
    raise Stop(f"PostgreSQL did not answer within 30 seconds:\n{log.read_text()}")


@contextlib.contextmanager
def copy_of(server: str, template: str, name: str) -> Iterator[str]:
    """A database like ``template``, dropped at the end of the block; its address."""
    sql(server, f"drop database if exists {name} with (force)")
    sql(server, f"create database {name} template {template}")
    try:
        yield f"{server}/{name}"
    finally:
        sql(server, f"drop database if exists {name} with (force)")


def sql(server: str, statement: str) -> str:
    """Run one statement on the server's own database and answer what it printed."""
    return run(
        [program("psql"), "-qtA", "-v", "ON_ERROR_STOP=1", "-c", statement, f"{server}/postgres"]
    ).strip()


def run(command: Sequence[str], cwd: pathlib.Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and answer its output; stop with what it said when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env)
    if done.returncode:
        said = done.stdout[-4000:] + done.stderr[-4000:]
        raise Stop(f"{' '.join(command)} failed ({done.returncode}):\n{said}")
    return done.stdout


def say(text: str) -> None:
    """Tell what goes on."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201
