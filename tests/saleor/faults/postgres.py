"""A PostgreSQL server as a shop has one: what it has committed survives its own death."""

import contextlib
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from tests.saleor import databases

SETTINGS = ("listen_addresses=127.0.0.1", "shared_buffers=256MB", "max_connections=200")


class Postgres:
    """The server and the one database on it."""

    def __init__(self, home: pathlib.Path, port: int, user: str | None):
        self.home, self.port, self.user = home, port, user
        self.url = f"postgres://saleor@127.0.0.1:{port}/shop"

    def control(self, *words: str) -> None:
        """Run ``pg_ctl`` on it and wait until that is done."""
        options = " ".join(f"-c {one}" for one in (*SETTINGS, f"port={self.port}"))
        started = ["-o", f"{options} -k {self.home}"] if words[0] in ("start", "restart") else []
        command = [databases.program("pg_ctl"), "-D", str(self.home / "data"), "-w", *started]
        with open(self.home / "log", "a") as log:
            subprocess.run(
                [*databases.as_user(self.user), *command, "-l", str(self.home / "server.log"), *words],
                check=True,
                stdout=log,
                stderr=log,
                cwd=self.home,
            )

    def restart_at_once(self) -> None:
        """As after a power cut: connections break, nothing is written out, the log is replayed."""
        self.control("restart", "-m", "immediate")


@contextlib.contextmanager
def running(template: str) -> Iterator[Postgres]:
    """A server with a copy of the database at the address ``template``, until the end of the block."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="support-faults-postgres-"))
    user = databases.unprivileged()
    server = Postgres(home, databases.free_port(), user)
    try:
        if user:
            shutil.chown(home, user)
        login = ["-U", "saleor", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        initdb = [databases.program("initdb"), "-D", str(home / "data"), *login]
        databases.run([*databases.as_user(user), *initdb], home)
        server.control("start")
        base = server.url.rpartition("/")[0]
        databases.sql(base, "create database shop")
        dump = home / "dump"
        databases.run([databases.program("pg_dump"), "-Fc", "-f", str(dump), template])
        databases.run([databases.program("pg_restore"), "--no-owner", "-d", server.url, str(dump)])
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.control("stop", "-m", "immediate")
        shutil.rmtree(home, ignore_errors=True)
