"""Starting loads no more than hooks need: libraries with large data wait for their first use."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
START = """
import sys, django
django.setup()
from saleor_support_plugin.returns.labels.registry import MAKERS
from saleor_support_plugin.tracking.adapters.registry import ADAPTERS
late = ("anymail", "holidays", "nh3", "reportlab", "segno")
print(*[name for name in late if name in sys.modules])
print(ADAPTERS.is_read, MAKERS.is_read)
import saleor_support_plugin.webhooks.router, saleor_support_plugin.reports.options
print(*[name for name in late if name in sys.modules])
"""


def test_libraries_and_packages_of_others_wait_for_their_first_use():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "sandbox.settings", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", START], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    # No package's adapter or label maker; the readers of delivery reports come with the webhooks.
    assert done.stdout.split("\n") == ["", "False False", "anymail", ""]
