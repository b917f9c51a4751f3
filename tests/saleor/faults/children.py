"""What the children of the zygote run: Saleor's Celery worker, or a shop that answers on a socket."""

import json
import os
import random
import signal
import socket
import threading
import time
import traceback
from typing import Any

from tests.saleor.faults import windows


def worker(name: str, moment: str = "", count: int = 0, processes: int = 1) -> None:
    """Saleor's own worker with all its tasks; dies at the ``count``-th time at ``moment``."""
    named(name)
    if moment:
        windows.kill_at(moment, count)
    from saleor.celeryconf import app

    words = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING", "-n", name]
    app.worker_main(["worker", "-c", str(processes), *words])


def shop(name: str, path: str, broken: float = 0, seed: int = 0, fatal: bool = False) -> None:
    """An API server's process: does what it is asked on a Unix socket, a line of JSON for each request.

    ``broken``: the chance that a statement about the plugin's tables raises (``fatal``: ends the process).
    """
    named(name)
    from tests.saleor.faults import acts

    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        threading.Thread(target=follow, args=(os.getppid(),), daemon=True).start()
        stream = line.makefile("rw")
        for request in stream:
            wanted = json.loads(request)
            if wanted["call"] == "break_hooks":
                windows.break_hooks(broken, seed, fatal)
                answer: dict[str, Any] = {"result": None}
            else:
                answer = answered(getattr(acts, wanted["call"]), wanted["arguments"])
            stream.write(json.dumps(answer) + "\n")
            stream.flush()


def answered(act: Any, arguments: dict[str, Any]) -> dict[str, Any]:
    """What an act returns, or the trace of its error."""
    from django.db import close_old_connections

    close_old_connections()
    try:
        return {"result": act(**arguments)}
    except Exception:  # told to whoever asked
        return {"error": traceback.format_exc()}


def named(name: str) -> None:
    """Let the database's list of connections say who this is."""
    from django.db import connections

    for connection in connections.all():
        connection.close()
        connection.settings_dict.setdefault("OPTIONS", {})["application_name"] = name
    random.seed()


def follow(parent: int) -> None:
    """End with the zygote."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)
