"""Run a command inside a real Saleor with this checkout of the plugin: ``python run.py [--] COMMAND…``.

Needs ``SALEOR_DIR``, a Saleor checkout with its ``.venv``, and PostgreSQL's programs. Everything else
is made here: a virtual environment that sits on Saleor's own one and leaves it as it is, a throw-away
database server (or the one that ``DATABASE_URL`` names), a template database with Saleor's demo shop
and our migrations. Without a command it runs the tests in this folder.
"""

import fcntl
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tomllib

import databases

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
DUMPS = pathlib.Path(os.environ.get("SUPPORT_DUMPS", ROOT.parent / "shared" / "saleor"))

TOOLS = ("pytest>=8.3,<9", "pytest-django>=4.11,<5", "pytest-xdist>=3.6,<4")  # where Saleor's has none
# The live story mostly waits: it goes on beside the rest.
EVERYTHING = ("-n", "2", "--dist", "loadgroup", "tests/saleor")


def main(command: list[str]) -> int:
    """Prepare everything, run ``command`` (default: the tests), and answer its exit status."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(143))  # so that the server ends with us
    saleor = saleor_directory()
    version = saleor_version(saleor)
    python = environment(saleor, version)
    with databases.server() as server:
        env = surroundings(saleor, version, server)
        env["PATH"] = os.pathsep.join([str(python.parent), env.get("PATH", "")])
        template = template_database(server, saleor, version, python, env)
        env["SUPPORT_TEST_TEMPLATE"] = template
        tests = not command
        if tests or command[0] == "pytest":
            options = ["-c", "tests/saleor/pytest.ini", "--confcutdir", "tests/saleor", "--rootdir"]
            command = ["python", "-m", "pytest", *options, str(ROOT), *(command[1:] or EVERYTHING)]
        databases.say(f"Saleor {saleor_release(saleor)}: {' '.join(command)}")
        with databases.copy_of(server, template, f"support_run_{os.getpid()}") as address:
            env["DATABASE_URL"] = address
            status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if tests and status == 0:
        remember(version)
    return status


def saleor_directory() -> pathlib.Path:
    """The Saleor checkout that ``SALEOR_DIR`` names."""
    given = os.environ.get("SALEOR_DIR", "")
    if not given:
        raise databases.Stop(
            "Set SALEOR_DIR to a Saleor checkout with its .venv, for example SALEOR_DIR=~/saleor/3.23."
        )
    path = pathlib.Path(given).expanduser().resolve()
    for needed in ("manage.py", "pyproject.toml", ".venv/bin/python"):
        if not (path / needed).exists():
            raise databases.Stop(
                f"SALEOR_DIR={path} has no {needed}: it must be a Saleor checkout with its environment."
            )
    return path


def saleor_release(saleor: pathlib.Path) -> str:
    """Like "3.23.28"; 3.21 keeps it where poetry wants it."""
    content = tomllib.loads((saleor / "pyproject.toml").read_text())
    release = content.get("project", {}).get("version") or content["tool"]["poetry"]["version"]
    return str(release)


def saleor_version(saleor: pathlib.Path) -> str:
    """Like "3.23"."""
    return ".".join(saleor_release(saleor).split(".")[:2])


def environment(saleor: pathlib.Path, version: str) -> pathlib.Path:
    """A virtual environment over Saleor's, with this checkout installed; its Python.

    Saleor's own versions are constraints: where we can't be installed beside them, this fails.
    """
    venv = CACHE / f"venv-{version}"
    python = venv / "bin" / "python"
    base = saleor / ".venv" / "bin" / "python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needs: list[str] = project["dependencies"]
    told = json.dumps([needs, TOOLS, project["entry-points"], str(ROOT), str(base), str(base.resolve())])
    CACHE.mkdir(exist_ok=True)
    with open(CACHE / f"venv-{version}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one maker at a time
        stamp = venv / "prepared"
        if not stamp.exists() or stamp.read_text() != told:
            make_environment(venv, base, needs)
            stamp.write_text(told)
    return python


def make_environment(venv: pathlib.Path, base: pathlib.Path, needs: list[str]) -> None:
    """Create the virtual environment, look through to Saleor's, and install this checkout."""
    python = venv / "bin" / "python"
    databases.say(f"Making {venv.relative_to(ROOT)} over Saleor's environment.")
    shutil.rmtree(venv, ignore_errors=True)
    databases.run([str(base), "-m", "venv", str(venv)])
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    databases.run([*pip, "--no-deps", "-e", str(ROOT)])  # built before Saleor's own build tools are in sight
    below = databases.run([str(base), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    own = databases.run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    pathlib.Path(own, "saleor.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    limits = venv / "saleor-constraints.txt"
    limits.write_text(databases.run([str(base), "-c", FREEZE]))
    databases.run([*pip, "-c", str(limits), *needs, *TOOLS])


FREEZE = """
import importlib.metadata
for one in importlib.metadata.distributions():
    name = one.metadata["Name"]
    if name and name not in ("pip", "setuptools", "wheel", "saleor"):
        print(f"{name}=={one.version}")
"""


def surroundings(saleor: pathlib.Path, version: str, server: str) -> dict[str, str]:
    """The environment variables in which Saleor and the tests run."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "PYTEST_"))}
    for name in ("REDIS_URL", "CELERY_BROKER_URL", "CACHE_URL"):
        env.pop(name, None)
    env.update(
        PYTHONPATH=os.pathsep.join([str(ROOT), str(saleor), *filter(None, [os.environ.get("PYTHONPATH")])]),
        DJANGO_SETTINGS_MODULE=os.environ.get("DJANGO_SETTINGS_MODULE", "tests.saleor.settings"),
        SALEOR_VERSION=version,
        DATABASE_URL=f"{server}/postgres",
        EMAIL_URL="memorymail://",
        SECRET_KEY="only for tests",
        ALLOWED_CLIENT_HOSTS="localhost,127.0.0.1",
    )
    return env


def template_database(
    server: str, saleor: pathlib.Path, version: str, python: pathlib.Path, env: dict[str, str]
) -> str:
    """The name of a database with Saleor's migrations, its demo shop, and our migrations."""
    dump = DUMPS / f"saleor-{version}-demo.dump"
    if not dump.exists():
        dump = CACHE / f"saleor-{saleor_release(saleor)}.dump"
    seed = hashlib.sha256(dump.read_bytes() if dump.exists() else str(saleor).encode())
    for path in sorted((ROOT / "saleor_support_plugin" / "migrations").glob("0*.py")):
        seed.update(path.read_bytes())
    name = f"support_{version.replace('.', '_')}_{seed.hexdigest()[:12]}"
    if databases.sql(server, f"select 1 from pg_database where datname = '{name}'"):
        return name
    draft = f"{name}_draft"
    databases.sql(server, f"drop database if exists {draft}")
    databases.sql(server, f"create database {draft}")
    env = {**env, "DATABASE_URL": f"{server}/{draft}"}
    if dump.exists():
        databases.say(f"Restoring {dump.name}.")
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "-d", env["DATABASE_URL"]]
        databases.run([databases.program("pg_restore"), *options, str(dump)])
    else:
        make_demo_shop(saleor, dump, env)
    databases.run([str(python), "-m", "django", "migrate", "--verbosity", "0"], ROOT, env)
    databases.sql(server, f"alter database {draft} rename to {name}")
    return name


def make_demo_shop(saleor: pathlib.Path, dump: pathlib.Path, env: dict[str, str]) -> None:
    """Migrate Saleor without us, let it make its demo shop, and keep the result as ``dump``."""
    databases.say("No dump of Saleor's demo shop here: making it once (minutes); it is kept in .cache.")
    alone = {**env, "DJANGO_SETTINGS_MODULE": "saleor.settings", "PYTHONPATH": str(saleor)}
    manage = [str(saleor / ".venv" / "bin" / "python"), "manage.py"]
    databases.run([*manage, "migrate", "--verbosity", "0"], saleor, alone)
    databases.run([*manage, "populatedb", "--createsuperuser", "--withoutimages"], saleor, alone)
    databases.run([databases.program("pg_dump"), "-Fc", "-f", str(dump), env["DATABASE_URL"]])


def remember(version: str) -> None:
    """Note that this very tree passed inside this Saleor, unless something is not committed."""
    if databases.run(["git", "status", "--porcelain"], cwd=ROOT).strip():
        databases.say("Passed; the tree is not clean, so .cache/tested-saleor is not written.")
        return
    listing = databases.run(
        ["git", "ls-files", "-s", "--", ".", ":(exclude)docs", ":(exclude)*.md"], cwd=ROOT
    )
    tree = subprocess.run(
        ["git", "hash-object", "--stdin"], input=listing, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    (CACHE / f"tested-saleor-{version}").write_text(tree)


if __name__ == "__main__":
    words = sys.argv[1:]
    raise SystemExit(main(words[1:] if words[:1] == ["--"] else words))
