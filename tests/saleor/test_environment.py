"""What installing the plugin does to Saleor's own environment: four packages more, no version changed."""

import json
import os
import pathlib
import re
import subprocess
import sys

LISTING = (
    "import importlib.metadata, json; "
    "print(json.dumps({one.metadata['Name']: one.version for one in importlib.metadata.distributions()"
    " if one.metadata['Name']}))"
)
TOOLS = {"pip", "setuptools", "wheel", "saleor"}
# What the tests themselves bring along where Saleor's environment has no test tools.
TESTS = {"pytest", "pytest-django", "pytest-xdist", "execnet", "iniconfig", "pluggy", "packaging", "pygments"}


def plain(name: str) -> str:
    """A distribution's name as the packaging standards compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def listed(python) -> dict[str, str]:
    """What a Python finds installed. In a process of its own: setuptools shows its vendored packages."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    printed = subprocess.run(
        [python, "-c", LISTING], capture_output=True, text=True, check=True, env=environment, cwd=sys.prefix
    ).stdout
    return {plain(name): version for name, version in json.loads(printed).items()}


def test_no_version_of_saleors_changes_and_four_packages_come_along():
    saleors = listed(pathlib.Path(os.environ["SALEOR_DIR"]) / ".venv" / "bin" / "python")
    ours = listed(sys.executable)
    kept = {name: version for name, version in saleors.items() if name not in TOOLS}
    assert {name: ours.get(name) for name in kept} == kept
    added = {"django-anymail", "holidays", "reportlab", "segno"}
    assert set(ours) - set(saleors) - TOOLS - TESTS == {"saleor-support-plugin", *added}
