"""One process that has loaded Saleor, and forks workers and shops from it.

To start a worker takes Saleor many seconds; to fork one that is loaded takes none, so hundreds of
workers can live and be killed. Each child leads a process group of its own and runs what a worker
or an API server runs. Requests and answers are lines of JSON on stdin and stdout.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import traceback
from typing import Any

PR_SET_CHILD_SUBREAPER = 36  # of prctl(2)


def main() -> None:
    """Load Saleor, then fork a child for each line until stdin ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import django

    django.setup()
    import celery.apps.worker
    import celery.bin.celery
    import celery.concurrency.prefork
    import celery.worker.consumer  # noqa: F401
    import django.core.mail.backends.smtp
    import kombu.transport.redis  # noqa: F401
    from django.db import connections
    from saleor import celeryconf
    from saleor.graphql import api  # noqa: F401

    from tests.saleor.faults import acts, children  # noqa: F401

    celeryconf.app.loader.import_default_modules()
    celeryconf.app.finalize()
    acts.warm()
    connections.close_all()
    gc.collect()
    gc.freeze()  # children share this memory as long as nobody writes to it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once: nobody waits for them
    if sys.platform == "linux":  # nor for their children, whom init may bury only seconds later
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    answers.write(json.dumps({"ready": True}) + "\n")
    answers.flush()
    for line in sys.stdin:
        answers.write(json.dumps({"pid": fork(json.loads(line), answers.fileno())}) + "\n")
        answers.flush()


def fork(wanted: dict[str, Any], answers: int) -> int:
    """A child that runs ``children.<run>(**arguments)``; its process id, which is its group's, too."""
    pid = os.fork()
    with contextlib.suppress(ProcessLookupError, PermissionError):  # whoever comes first: parent or child
        os.setpgid(pid, pid)
    if pid:
        return pid
    status = 1
    try:
        os.close(answers)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDONLY)
        for given, standard in ((null, 0), (log, 1), (log, 2)):
            os.dup2(given, standard)
        getattr(importlib.import_module("tests.saleor.faults.children"), wanted["run"])(**wanted["arguments"])
        status = 0
    except BaseException:  # the child must never return into the loop of its parent
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
