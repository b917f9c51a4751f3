"""``make faults``: every experiment on real processes, a table of its figures, 1 when a bar is missed.

``SIZE`` is the share of the full size (1; a tenth is 0.1), ``SEED`` repeats a run, ``ONLY`` names the
experiments to run, like "R1,R3".
"""

import os
import sys

from tests.saleor.faults import experiments
from tests.saleor.faults.figures import table
from tests.saleor.faults.lab import running


def main() -> int:
    """Run what the environment asks for and print the table."""
    size, seed = float(os.environ.get("SIZE", "1")), int(os.environ.get("SEED", "1"))
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    with running(os.environ["DATABASE_URL"]) as lab:
        found = experiments.run(lab, size=size, seed=seed, only=only)
    print(table(found))  # noqa: T201
    return int(not all(figure.kept for figure in found))


if __name__ == "__main__":
    sys.exit(main())
