"""The documentation says what is: links lead somewhere, options and GraphQL are the real ones."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from graphql import parse, validate

import saleor_support_plugin
from saleor_support_plugin.notifications import kinds
from saleor_support_plugin.settings import FIELDS, Field, FieldKind
from sandbox.home.schema import schema

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPTIONS = (ROOT / "docs" / "options.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
HOW_TO = (ROOT / "docs" / "adding-a-notification-kind.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "saleor_support_plugin" / "graphql" / "schema.graphql"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
GRAPHQL = re.compile(r"^```graphql\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SNIPPETS = GRAPHQL.findall(README)
ALL_SNIPPETS = [one for page in PAGES for one in GRAPHQL.findall(page.read_text(encoding="utf-8"))]


def _links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in _links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if re.match(r"[a-z]+:", link):
            continue
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: str(field.name))
def test_the_options_are_all_there_with_their_labels(field: Field) -> None:
    rows = [line for line in OPTIONS.splitlines() if f"| `{field.name}` |" in line]
    assert len(rows) == 1
    label, _name, _help, default = (cell.strip() for cell in rows[0].strip("|").split(" | "))
    assert label == field.label
    if field.kind is FieldKind.SWITCH:
        assert default.rstrip(" |") == ("on" if field.default else "off")
    elif field.default:
        assert str(field.default) in default


def test_version_is_the_packages() -> None:
    version = re.escape(saleor_support_plugin.__version__)
    assert re.search(rf"^Version {version}, ", README, re.MULTILINE)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    heading = re.findall(r"^## (.+)$", changelog, re.MULTILINE)[0]
    assert re.search(rf"\b{version}\b", heading)


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md"])
def test_kinds_of_mail_are_counted(page: str) -> None:
    told = re.findall(r"(\d+) kinds", (ROOT / page).read_text(encoding="utf-8"))
    assert told == [str(len(kinds.TABLE))]


def test_changelog_has_the_three_sections() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    for release in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        assert re.findall(r"^### (.+)$", release, re.MULTILINE) == ["Breaking", "Features", "Fixes"]


@pytest.mark.parametrize("snippet", ALL_SNIPPETS, ids=range(len(ALL_SNIPPETS)))
def test_graphql_in_the_pages_is_valid(snippet: str) -> None:
    document = parse(snippet)
    assert [error.message for error in validate(schema(), document)] == []
    known = set(re.findall(r"^  (support\w+)[(:]", SCHEMA.read_text(encoding="utf-8"), re.MULTILINE))
    used = set(re.findall(r"\bsupport[A-Z]\w+", snippet))
    assert used
    assert used <= known


def test_readme_has_graphql_for_every_feature() -> None:
    used = set(re.findall(r"\bsupport[A-Z]\w+", "".join(SNIPPETS)))
    assert used >= {
        "supportTicketCreate",
        "supportTicketReply",
        "supportTickets",
        "supportReturnEligibility",
        "supportReturnRequest",
        "supportReturnApprove",
        "supportAddressChangeRequest",
        "supportGuestAccessRequest",
        "supportStaffTasks",
        "supportNotifications",
        "supportNotificationResend",
    }


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_decisions_have_title_tags_and_sections(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# {int(page.name[:4])}\. \S", text)
    assert re.search(r"^\*\*Tags:\*\* \w", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert f"(adr/{page.name})" in ARCHITECTURE


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_architecture_names_every_table() -> None:
    missing = []
    for model in apps.get_app_config("saleor_support_plugin").get_models():
        module = model.__module__.removeprefix("saleor_support_plugin.").partition(".models")[0]
        if f"`{module}.{model.__name__}`" not in ARCHITECTURE:
            missing.append(f"{module}.{model.__name__}")
    assert missing == []


def test_the_how_to_knows_every_type_of_variable() -> None:
    for variable in kinds.Variable:
        assert f"`Variable.{variable.name}`" in HOW_TO


@pytest.mark.parametrize(
    "picture", sorted((ROOT / "docs" / "images").glob("*.svg")), ids=lambda one: one.stem
)
def test_pictures_have_title_and_description(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    for name in ("title", "desc"):
        identifier = re.search(rf'<{name} id="([\w-]+)">\s*\S', text)
        assert identifier is not None
        assert re.search(rf'aria-labelledby="[^"]*\b{identifier[1]}\b', text)
