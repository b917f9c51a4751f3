"""``make demo SERVE=0``: the whole story, in a process of its own."""

import fcntl
import os
import pathlib
import subprocess
import sys

from saleor_support_plugin.notifications.kinds import TABLE

ROOT = pathlib.Path(__file__).resolve().parents[2]


def test_the_story_ends_well(tmp_path):
    environment = {
        **os.environ,
        "SERVE": "0",
        "PORT": "0",
        "SANDBOX_DATA": str(tmp_path / "data"),
        "SANDBOX_MAILS": str(tmp_path / "mails"),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-m", "sandbox.demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stderr == ""
    assert "11 steps" in done.stdout
    assert "NOT SO" not in done.stdout
    names = sorted(path.name for path in (tmp_path / "mails").iterdir() if path.is_file())
    assert len(names) == 2 * 29
    assert len(list((tmp_path / "mails" / "gallery").glob("*.txt"))) == 2 * len(TABLE)
    assert names[:2] == ["001-order_shipped.eml", "001-order_shipped.html"]


def test_a_second_demo_leaves_the_first_ones_shop_alone(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "shop.sqlite3").write_text("the first one's")
    with (tmp_path / "data.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "-m", "sandbox.demo"],
            cwd=ROOT,
            env={**os.environ, "SERVE": "0", "PORT": "0", "SANDBOX_DATA": str(data)},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert done.returncode == 1
    assert "Another demo of this checkout is running" in done.stdout
    assert (data / "shop.sqlite3").read_text() == "the first one's"
