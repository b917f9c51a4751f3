"""Run a command inside a real Saleor with this checkout of the plugin: ``python run.py [--] COMMAND…``.

Needs ``SALEOR_DIR``, a Saleor checkout with its ``.venv``, and PostgreSQL's programs. Everything else
is made here: a virtual environment that sits on Saleor's own one and leaves it as it is, a throw-away
database server (or the one that ``DATABASE_URL`` names), a template database with Saleor's demo shop
and our migrations. Without a command it runs the tests in this folder.
"""

import hashlib
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
            command = ["python", "-m", "pytest", *options, str(ROOT), *(command[1:] or ["tests/saleor"])]
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
    stamp = venv / "prepared"
    base = saleor / ".venv" / "bin" / "python"
    wanted = hashlib.sha256(
        b"\0".join(
            [(ROOT / "pyproject.toml").read_bytes(), str(saleor).encode(), str(base.resolve()).encode()]
        )
    ).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    databases.say(f"Making {venv.relative_to(ROOT)} over Saleor's environment.")
    shutil.rmtree(venv, ignore_errors=True)
    CACHE.mkdir(exist_ok=True)
    databases.run([str(base), "-m", "venv", str(venv)])
    pip = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    databases.run([*pip, "--no-deps", "-e", str(ROOT)])  # built before Saleor's own build tools are in sight
    below = databases.run([str(base), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    own = databases.run([str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]).strip()
    pathlib.Path(own, "saleor.pth").write_text(f"import site; site.addsitedir({below!r})\n")
    limits = venv / "saleor-constraints.txt"
    limits.write_text(databases.run([str(base), "-c", FREEZE]))
    needs = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    databases.run([*pip, "-c", str(limits), *needs])
    stamp.write_text(wanted)
    return python


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
    """The name of a database with Saleor's migrations, its demo shop when we have it, and ours."""
    dump = DUMPS / f"saleor-{version}-demo.dump"
    if not dump.exists():
        dump = CACHE / f"saleor-{saleor_release(saleor)}.dump"
    ours = sorted((ROOT / "saleor_support_plugin").glob("migrations/0*.py"))
    seed = hashlib.sha256(
        b"\0".join(
            [
                dump.read_bytes() if dump.exists() else str(saleor).encode(),
                *(path.read_bytes() for path in ours),
            ]
        )
    )
    name = f"support_{version.replace('.', '_')}_{seed.hexdigest()[:12]}"
    if databases.sql(server, f"select 1 from pg_database where datname = '{name}'"):
        return name
    draft = f"{name}_draft"
    databases.sql(server, f"drop database if exists {draft}")
    databases.sql(server, f"create database {draft}")
    address = f"{server}/{draft}"
    if dump.exists():
        databases.say(f"Restoring {dump.name}.")
        databases.run(
            [
                databases.program("pg_restore"),
                "--no-owner",
                "--no-privileges",
                "--exit-on-error",
                "-d",
                address,
                str(dump),
            ]
        )
    else:
        databases.say(
            "No dump of a migrated Saleor here: migrating once (minutes); the result is kept in .cache."
        )
        databases.run(
            [str(saleor / ".venv" / "bin" / "python"), "manage.py", "migrate", "--verbosity", "0"],
            cwd=saleor,
            env={
                **env,
                "DATABASE_URL": address,
                "DJANGO_SETTINGS_MODULE": "saleor.settings",
                "PYTHONPATH": str(saleor),
            },
        )
        databases.run([databases.program("pg_dump"), "-Fc", "-f", str(dump), address])
    databases.run(
        [str(python), "-m", "django", "migrate", "--verbosity", "0"],
        env={**env, "DATABASE_URL": address},
        cwd=ROOT,
    )
    databases.sql(server, f"alter database {draft} rename to {name}")
    return name


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
