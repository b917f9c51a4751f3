"""Files belong to one object: attached once, by whoever handed them in, and seen by whoever may."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.errors import Code, Invalid, NotThere, WrongState
from saleor_support_plugin.files import limits, service
from saleor_support_plugin.files.models import Attachment
from tests.files import samples

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def attach(scene, now):
    """``attach(rows, …)`` as Ana, to her return."""

    def do(*rows, who="owner", subject="return:1", part="", at=now, **more):
        keys = [row if isinstance(row, int) else row.pk for row in rows]
        return service.attach(actor=scene.actors[who], ids=keys, subject=subject, part=part, now=at, **more)

    return do


def test_in_the_order_of_the_ids_and_only_once(keep, attach, now):
    first, second = keep(), keep()
    found = attach(second, first, second, part="line")
    assert [row.pk for row in found] == [second.pk, first.pk]
    assert {(row.subject, row.part, row.attached_at) for row in found} == {("return:1", "line", now)}
    assert attach(first, part="line", at=now + 100 * HOUR)[0].attached_at == now  # the verb ran again


@pytest.mark.parametrize("elsewhere", [{"subject": "return:2"}, {"part": "other"}, {"subject": "ticket:1"}])
def test_never_to_two(keep, attach, elsewhere):
    row = keep()
    attach(row, part="line")
    with pytest.raises(Invalid, match="attached to something else") as refused:
        attach(row, **{"part": "line", **elsewhere})
    assert refused.value.field == "fileIds"
    assert Attachment.objects.get().subject == "return:1"


@pytest.mark.parametrize(
    "who", ["guest", "other_customer", "guest_of_another_order", "staff", "staff_of_another_channel", "app"]
)
def test_only_by_whoever_handed_it_in(keep, attach, who):
    row = keep()
    for rows in ([row], [row.pk + 1]):
        with pytest.raises(NotThere) as refused:
            attach(*rows, who=who)
        assert (refused.value.code, refused.value.field) == (Code.NOT_FOUND, "fileIds")
    assert Attachment.objects.get().subject == ""


def test_guests_share_the_files_of_their_order(keep, attach):
    assert attach(keep("guest"), who="guest")[0].subject == "return:1"


def test_not_to_something_about_another_order(scene, keep, attach):
    row = keep()
    with pytest.raises(NotThere):
        attach(row, order_id="another")
    assert attach(row, order_id=scene.order_id)[0].subject == "return:1"


def test_not_after_a_day(keep, attach, now):
    row = keep()
    with pytest.raises(NotThere):
        attach(row, at=now + 24 * HOUR)


def test_only_clean_ones(keep, attach):
    row = keep()
    for state, said in (("scanning", "still being scanned"), ("refused", "refused")):
        Attachment.objects.update(state=state)
        with pytest.raises(WrongState, match=said):
            attach(row)


def test_all_or_none(keep, attach):
    row = keep()
    with pytest.raises(NotThere):
        attach(row, 10**9)
    assert Attachment.objects.get().subject == ""


def test_not_too_many_of_one_object(keep, attach, monkeypatch):
    monkeypatch.setattr(limits, "OF_SUBJECT", 2)
    attach(keep(), part="a")
    with pytest.raises(Invalid, match="at most 2") as refused:
        attach(keep(), keep(), part="b")
    assert refused.value.code is Code.TOO_MANY
    attach(keep(), part="b")
    for number in range(2):  # the customer's leave room for labels
        attach(keep("staff"), part=f"label{number}", who="staff")
    with pytest.raises(Invalid, match="at most 2"):
        attach(keep("staff"), part="label", who="staff")


def test_nothing_to_attach(attach):
    assert attach() == []


def test_the_files_of_many_objects_in_one_query(keep, attach):
    for number in (1, 2):
        attach(keep(), keep(), subject=f"return:{number}")
    with CaptureQueriesContext(connection) as spent:
        found = service.of(["return:2", "return:1", "return:3", ""])
    assert {subject: len(rows) for subject, rows in found.items()} == {"return:1": 2, "return:2": 2}
    assert len(spent) == 1


SEEN = {
    "loose": {"owner", "staff", "app"},
    "attached": {"owner", "guest", "staff", "app"},
    "internal": {"staff", "app"},
}


@pytest.mark.parametrize("how", SEEN)
def test_who_sees_what(scene, keep, attach, how):
    row = keep("staff" if how == "internal" else "owner")
    if how != "loose":
        attach(row, who="staff" if how == "internal" else "owner", internal=how == "internal")
    seen = set()
    for who, actor in scene.actors.items():
        try:
            found, content = service.open(actor=actor, file_id=row.pk)
        except NotThere:
            continue
        with content:
            assert (found.pk, content.read()) == (row.pk, samples.picture())
        seen.add(who)
    assert seen == SEEN[how]


def test_an_order_that_changes_hands(scene, keep, attach, shop):
    row = keep()
    attach(row)
    scene.order.user = scene.users["other_customer"]
    scene.order.save()
    with pytest.raises(NotThere):
        service.open(actor=scene.actors["owner"], file_id=row.pk)
    service.open(actor=scene.actors["other_customer"], file_id=row.pk)[1].close()


def test_a_lost_content(scene, keep, files_root, caplog):
    row = keep()
    (files_root / row.storage_name).unlink()
    with pytest.raises(NotThere):
        service.open(actor=scene.actors["owner"], file_id=row.pk)
    assert "is not in its storage" in caplog.text
