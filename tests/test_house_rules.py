"""Rules of the house that no other tool checks."""

import ast
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "saleor_support_plugin"
SOURCES = sorted(
    path
    for folder in ("saleor_support_plugin", "sandbox", "tests", "bench")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_longer_than_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_migrations_depend_on_nothing_of_the_shops():
    """So they exist on every supported Saleor, and ``migrate saleor_support_plugin zero`` is clean."""
    from django.db.migrations.loader import MigrationLoader

    ours = [
        one
        for one in MigrationLoader(None).disk_migrations.values()
        if one.app_label == "saleor_support_plugin"
    ]
    assert ours
    for migration in ours:
        assert {app for app, _name in migration.dependencies} <= {"saleor_support_plugin"}


def test_no_foreign_key_leaves_our_own_tables():
    from django.apps import apps

    for model in apps.get_app_config("saleor_support_plugin").get_models():
        for field in model._meta.get_fields():
            if field.is_relation:
                assert field.related_model._meta.app_label == "saleor_support_plugin", field


def test_every_state_table_names_only_its_own_states():
    from django.apps import apps

    tables = 0
    for model in apps.get_app_config("saleor_support_plugin").get_models():
        for name in (name for name in vars(model) if name.endswith("TRANSITIONS")):
            field = model._meta.get_field(
                name.removesuffix("_TRANSITIONS").removesuffix("TRANSITIONS").lower() or "state"
            )
            known = {value for value, _label in field.choices}
            table = getattr(model, name)
            assert {str(one) for one in table} | {str(to) for ends in table.values() for to in ends} <= known
            tables += 1
    assert tables >= 7


def test_every_public_name_of_the_package_says_what_it_does():
    missing = []
    for path in PACKAGE.rglob("*.py"):
        if "migrations" in path.parts:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if tree.body and not ast.get_docstring(tree):
            missing.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if public and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert missing == []


def test_jobs_and_their_timetable_fit_together():
    from celery import current_app

    from saleor_support_plugin import tasks

    registered = {name for name in current_app.tasks if name.startswith("saleor_support_plugin.tasks.")}
    assert {entry["task"] for entry in tasks.schedule().values()} <= registered
    queued = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("jobs.later", "later"):
                queued |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}
    assert queued
    assert {f"saleor_support_plugin.tasks.{name}" for name in queued} <= registered


def test_the_port_to_the_shop_stays_small():
    from saleor_support_plugin.shop.port import Shop

    assert len(Shop.__abstractmethods__ - {"act", "writing"}) <= 14


def test_the_wheel_carries_templates_translations_migrations_and_the_entry_point(tmp_path):
    source = tmp_path / "source"  # a copy: what an earlier build left behind must not count
    shutil.copytree(PACKAGE, source / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("saleor_support_plugin-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = next(
            archive.read(name).decode() for name in names if name.endswith("entry_points.txt")
        )
    assert (
        "[saleor.plugins]\nsaleor_support_plugin = saleor_support_plugin.plugin:SupportPlugin" in entry_points
    )
    shipped = {
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob("*")
        if path.is_file() and path.suffix in (".py", ".html", ".txt", ".mo", ".po", ".graphql", ".typed")
    }
    assert shipped - names == set()
    assert not [name for name in names if name.startswith(("sandbox/", "tests/", "bench/"))]
