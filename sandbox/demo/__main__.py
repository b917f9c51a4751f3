"""``python -m sandbox.demo``: a new shop, its server, the whole story, then pages to look at.

Environment: ``SERVE=0`` ends after the story; ``PORT`` (8000; a free one when it is taken).
"""

import fcntl
import os
import pathlib
import shutil
import socket
import sys
import threading
from typing import IO, Any

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = pathlib.Path(os.environ.get("SANDBOX_DATA") or ROOT / ".cache" / "demo")


def main() -> int:
    """Run the demo; 0 when everything was as expected."""
    lock = _lock()
    if lock is None:
        print("Another demo of this checkout is running, and would lose its shop: end it first (Ctrl+C).")
        return 1
    wanted = int(os.environ.get("PORT", "8000"))
    port = _port(wanted)
    if wanted not in (0, port):
        print(f"Port {wanted} is taken; this is port {port}.")
    base = f"http://127.0.0.1:{port}"
    _prepare(base)

    from sandbox import gallery, mails, worker
    from sandbox.demo import story, story_mails, story_parcels, story_returns
    from sandbox.demo.seed import seed
    from sandbox.demo.teller import Teller

    mails.clear()
    gallery.clear()
    teller = Teller(base, worker.start())
    story.begin_day(teller)
    seeded = seed()
    server = _serve(port)
    print(f"The sandbox shop is running at {base}/ with {len(seeded.orders)} orders.")
    cast = story.Cast.of(seeded)
    try:
        story.configure(teller, cast, seeded)
        story.ship(teller, cast, seeded)
        story.write(teller, cast, seeded)
        story.correct(teller, cast, seeded)
        story_returns.send_back(teller, cast, seeded)
        token = story_returns.open_by_link(teller, cast, seeded)
        story_returns.strangers(teller, cast, seeded, token)
        sent = story_mails.own_words(teller, cast, seeded)
        story_mails.comes_back(teller, cast, seeded, sent)
        story_parcels.follow(teller, cast, seeded)
        story_mails.health(teller, cast, seeded)
    finally:
        status = teller.close()
    if os.environ.get("SERVE", "1") != "0":
        _stay(base)
    server.shutdown()
    lock.close()
    return status


def _lock() -> IO[str] | None:
    """What keeps others from this shop as long as it is open; None: somebody has it."""
    DATA.parent.mkdir(parents=True, exist_ok=True)
    lock = DATA.with_name(f"{DATA.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def _prepare(base: str) -> None:
    """A new, empty database, and Django on it."""
    shutil.rmtree(DATA, ignore_errors=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sandbox.settings")
    os.environ["SANDBOX_DATA"] = str(DATA)
    os.environ["SANDBOX_URL"] = base
    os.environ["SANDBOX_EMAIL_BACKEND"] = "sandbox.mails.Backend"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)


def _port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No port is free on 127.0.0.1.")


def _serve(port: int) -> Any:
    """Django's own threaded WSGI server, in a thread."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    from sandbox.wsgi import application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """The story tells each request; the pages need no log."""

    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.set_app(application)
    threading.Thread(target=server.serve_forever, name="sandbox-server", daemon=True).start()
    return server


def _stay(base: str) -> None:
    print(f"\n  Orders and people  {base}/")
    print(f"  Playground         {base}/graphql/")
    print(f"  Mails              {base}/mails/")
    print(f"  Gallery of mails   {base}/gallery/")
    print("\nCtrl+C ends the demo.", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())
