"""What installing the plugin does to Saleor's own environment: two packages more, no version changed."""

import importlib.metadata
import json
import os
import pathlib
import re
import subprocess

LISTING = (
    "import importlib.metadata, json; "
    "print(json.dumps({one.metadata['Name']: one.version for one in importlib.metadata.distributions()"
    " if one.metadata['Name']}))"
)
TOOLS = {"pip", "setuptools", "wheel", "saleor"}


def plain(name: str) -> str:
    """A distribution's name as the packaging standards compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_no_version_of_saleors_changes_and_two_packages_come_along():
    python = pathlib.Path(os.environ["SALEOR_DIR"]) / ".venv" / "bin" / "python"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    printed = subprocess.run(
        [python, "-c", LISTING], capture_output=True, text=True, check=True, env=environment
    ).stdout
    saleors = {plain(name): version for name, version in json.loads(printed).items()}
    ours = {
        plain(one.metadata["Name"]): one.version
        for one in importlib.metadata.distributions()
        if one.metadata["Name"]
    }
    seen = {name: importlib.metadata.version(name) for name in saleors if name not in TOOLS}
    assert seen == {name: version for name, version in saleors.items() if name not in TOOLS}
    assert set(ours) - set(saleors) - TOOLS == {"saleor-support-plugin", "django-anymail", "holidays"}
