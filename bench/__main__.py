"""``make bench``: every measurement in a process of its own, then one table; 1 when a bar is missed.

``ONLY`` names some of them ("deliver,render"), ``ROUNDS`` how often the sides take turns, ``SIZE`` the
share of the full number of rows.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

NAMES = ("fulfill", "render", "deliver", "reconcile", "backfill", "parcels", "ingest")


def main() -> int:
    """Run them one after the other."""
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    folder = pathlib.Path(__file__).resolve().parent
    failed = []
    with tempfile.NamedTemporaryFile("r") as results:
        env = {**os.environ, "BENCH_RESULTS": results.name}
        for name in NAMES:
            if not only or name in only:
                print(f"\n== {name}", flush=True)
                done = subprocess.run(
                    [sys.executable, "-W", "ignore", "-m", f"bench.{name}"],
                    env=env,
                    check=False,
                    cwd=folder.parent,
                )
                failed += [name] if done.returncode else []
        lines = [json.loads(line) for line in results]
    print("\n" + table(lines))
    if failed:
        print(f"\nMissed or failed: {', '.join(failed)}.")
    return int(bool(failed))


def table(lines: list[dict[str, str]]) -> str:
    """The lines in columns."""
    widths = [max((len(line[column]) for line in lines), default=0) for column in ("name", "value")]
    return "\n".join(
        f"{line['name']:<{widths[0]}}  {line['value']:>{widths[1]}}  {line['bar']:<8}"
        f"{'' if line['kept'] else '  MISSED'}".rstrip()
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main())
