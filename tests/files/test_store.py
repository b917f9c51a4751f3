"""Files come in: by whom, which, how many, and what happens to their contents."""

import datetime
import hashlib

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from saleor_support_plugin import tasks
from saleor_support_plugin.errors import Code, Invalid, NotThere, SupportError
from saleor_support_plugin.files import limits, service, storage
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.history.models import HistoryEntry
from sandbox import makers
from tests.files import samples

MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
UPLOADERS = {
    "owner": "customer",
    "guest": "guest",
    "staff": "staff",
    "app": "app",
}


@pytest.mark.parametrize("who", UPLOADERS)
def test_whose_order_it_is_and_the_shops_people(scene, keep, stored, now, who):
    row = keep(who, name="my box.png")
    assert (row.state, row.name, row.content_type) == ("clean", "my box.png", "image/png")
    assert (row.order_id, row.channel_id) == (scene.order_id, makers.gid(scene.channel))
    assert (row.uploader_kind, row.uploader_id) == (UPLOADERS[who], scene.actors[who].id or "")
    assert (row.created_at, row.subject) == (now, "")
    assert stored() == {row.storage_name: samples.picture()}
    assert (row.size, row.digest) == (len(samples.picture()), hashlib.sha256(samples.picture()).hexdigest())
    entry = HistoryEntry.objects.get(subject=f"file:{row.pk}")
    assert (entry.verb, entry.order_id, entry.actor_kind) == ("file_stored", scene.order_id, UPLOADERS[who])


@pytest.mark.parametrize(
    "who",
    ["other_customer", "guest_of_another_order", "staff_without_permission", "staff_of_another_channel",
     "app_without_permission"],
)  # fmt: skip
def test_nobody_else(scene, keep, stored, who):
    with pytest.raises(NotThere) as refused:
        keep(who)
    assert refused.value.field == "orderId"
    assert (Attachment.objects.count(), stored()) == (0, {})


def test_names_in_the_storage_say_nothing_and_are_not_public(scene, keep, files_root):
    first, second = keep(name="secret.png"), keep(name="secret.png")
    assert first.storage_name != second.storage_name
    assert all(len(one.storage_name) == 43 and "secret" not in one.storage_name for one in (first, second))
    (path,) = files_root.glob(first.storage_name)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (None, "", Code.REQUIRED),
        (b"", "a.png", Code.REQUIRED),
        (b"<script>alert(1)</script>", "a.png", Code.INVALID),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", Code.INVALID),
        (samples.picture(), "a.jpg", Code.INVALID),
        (samples.PDF, "a.html", Code.INVALID),
        (samples.picture()[:30], "a.png", Code.INVALID),
        (samples.picture() + b"x" * 1_000_000, "a.png", Code.OUT_OF_RANGE),
        (samples.film() + b"x" * 2_000_000, "a.mp4", Code.OUT_OF_RANGE),
    ],
)
def test_what_is_not_taken(scene, stored, now, content, name, code):
    makers.switch_on(scene.channel, file_megabytes="1", film_megabytes="2")
    file = None if content is None else SimpleUploadedFile(name, content)
    with pytest.raises(Invalid) as refused:
        service.store(actor=scene.actors["owner"], file=file, order_id=scene.order_id, now=now)
    assert (refused.value.field, refused.value.code) == ("file", code)
    assert (Attachment.objects.count(), HistoryEntry.objects.count(), stored()) == (0, 0, {})


def test_films_have_a_limit_of_their_own_or_are_not_taken(scene, keep):
    makers.switch_on(scene.channel, file_megabytes="1", film_megabytes="2")
    assert keep(content=samples.film() + b"x" * 1_500_000, name="a.mp4").content_type == "video/mp4"
    makers.switch_on(scene.channel, film_megabytes="0")
    with pytest.raises(Invalid, match="takes no films"):
        keep(content=samples.film(), name="a.mp4")


def test_a_large_film_passes_in_pieces(scene, stored, now, monkeypatch):
    film = TemporaryUploadedFile("film.mov", "video/quicktime", 0, None)
    film.write(samples.film(b"qt  ") + bytes(3_000_000))
    film.size = film.tell()
    read, asked = film.file.read, []

    def counted(size=-1):
        asked.append(size)
        return read(size)

    monkeypatch.setattr(film.file, "read", counted)
    row = service.store(actor=scene.actors["owner"], file=film, order_id=scene.order_id, now=now)
    monkeypatch.undo()
    film.close()
    assert len(stored()[row.storage_name]) == row.size == film.size
    assert {size for size in asked if size < 0 or size > 100_000} == set()


def test_the_place_is_gone_before_anything_is_stored(scene, keep, stored):
    row = keep(content=samples.picture("JPEG", exif=samples.exif()), name="a.jpg")
    (content,) = stored().values()
    assert content != samples.picture("JPEG", exif=samples.exif())
    assert row.digest == hashlib.sha256(content).hexdigest()


def test_switched_off(scene, keep, now):
    makers.save_config(scene.channel, {"returns": False, "tickets": False}, now)
    for who in ("owner", "guest"):
        with pytest.raises(SupportError) as refused:
            keep(who)
        assert refused.value.code is Code.SWITCHED_OFF
    assert keep("staff").state == "clean"


class TestLimits:
    def test_in_a_minute_and_in_a_day(self, scene, keep, now, monkeypatch):
        monkeypatch.setattr(limits, "A_MINUTE", 2)
        monkeypatch.setattr(limits, "A_DAY", 3)
        keep(), keep("guest")
        with pytest.raises(Invalid, match="in a minute") as refused:
            keep()
        assert (refused.value.code, refused.value.field) == (Code.LIMIT_REACHED, "file")
        keep("staff")  # whose work has no rhythm
        with pytest.raises(Invalid, match="tomorrow"):
            keep(at=now + 2 * MINUTE)
        assert keep(at=now + 25 * HOUR).state == "clean"

    def test_of_a_member_of_staff_who_bought_something(self, scene, now, monkeypatch):
        monkeypatch.setattr(limits, "A_MINUTE", 1)
        about = makers.make_order(scene.channel, scene.users["staff_without_permission"], created_at=now)
        given = {"actor": scene.actors["staff_without_permission"], "order_id": makers.gid(about), "now": now}
        service.store(file=samples.upload(), **given)
        with pytest.raises(Invalid, match="in a minute"):
            service.store(file=samples.upload(), **given)

    def test_about_one_order(self, scene, keep, now, monkeypatch):
        monkeypatch.setattr(limits, "IN_ALL", 1)
        monkeypatch.setattr(limits, "OF_STAFF", 2)
        keep()
        with pytest.raises(Invalid, match="very many"):
            keep(at=now + 100 * HOUR)
        keep("staff")
        with pytest.raises(Invalid, match="very many"):
            keep("app")


class TestStorage:
    def test_trouble_is_told_and_leaves_nothing_for_long(self, scene, keep, now, clock, monkeypatch):
        def broken(_name, _content):
            raise OSError("disk full")

        monkeypatch.setattr(storage.storage(), "save", broken)
        with pytest.raises(SupportError, match="try again later") as refused:
            keep()
        assert refused.value.code is Code.SHOP_UNAVAILABLE
        assert [str(row.state) for row in Attachment.objects.all()] == ["storing"]
        clock(now + 26 * HOUR)
        tasks.purge()
        assert Attachment.objects.count() == 0

    def test_a_storage_of_the_projects_own(self, scene, keep, settings, tmp_path):
        bucket = {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "bucket"},
        }
        settings.STORAGES = {**settings.STORAGES, "support_files": bucket}
        row = keep()
        assert (tmp_path / "bucket" / row.storage_name).read_bytes() == samples.picture()

    def test_without_a_setting_beside_the_public_pictures(self, settings, tmp_path):
        settings.SUPPORT_FILES_ROOT, settings.MEDIA_ROOT = None, tmp_path / "media"
        assert storage.storage().location == str(tmp_path / "support-files")

    @pytest.mark.parametrize("inside", ["", "support"])
    @pytest.mark.parametrize("public", ["MEDIA_ROOT", "STATIC_ROOT"])
    def test_never_where_the_web_looks(self, settings, tmp_path, public, inside):
        setattr(settings, public, tmp_path / "public")
        settings.SUPPORT_FILES_ROOT = tmp_path / "public" / inside
        with pytest.raises(ImproperlyConfigured, match="which the web can see"):
            storage.storage()

    def test_nowhere(self, settings):
        settings.SUPPORT_FILES_ROOT = settings.MEDIA_ROOT = ""
        with pytest.raises(ImproperlyConfigured, match="Set SUPPORT_FILES_ROOT"):
            storage.storage()


ANSWERS = []


def scanner(file):
    """The tests' own scanner."""
    answer = ANSWERS.pop(0)
    if isinstance(answer, Exception):
        raise answer
    assert file.read() == samples.picture()
    return answer


class TestScanner:
    @pytest.fixture(autouse=True)
    def _scanner(self, settings):
        settings.SUPPORT_FILE_SCANNER = "tests.files.test_store.scanner"
        ANSWERS.clear()

    def test_clean(self, keep):
        ANSWERS.append(True)
        assert keep().state == "clean"

    def test_refused(self, scene, keep, stored):
        ANSWERS.append(False)
        with pytest.raises(Invalid, match="scanner refused") as refused:
            keep()
        assert refused.value.field == "file"
        row = Attachment.objects.get()
        assert (row.state, stored()) == ("refused", {})
        assert HistoryEntry.objects.filter(verb="file_refused", subject=f"file:{row.pk}").count() == 1
        with pytest.raises(NotThere):
            service.open(actor=scene.actors["owner"], file_id=row.pk)

    def test_asked_again_until_it_answers(self, scene, keep, clock, now):
        ANSWERS.extend([OSError("down"), OSError("still down"), True])
        row = keep()
        assert row.state == "scanning"
        with pytest.raises(NotThere):
            service.open(actor=scene.actors["owner"], file_id=row.pk)
        for minutes, state in ((1, "scanning"), (3, "scanning"), (4, "scanning"), (6, "clean")):
            clock(now + minutes * MINUTE)
            tasks.sweep_files()
            row.refresh_from_db()
            assert row.state == state
        assert ANSWERS == []

    def test_one_that_is_not_there_lets_nothing_pass(self, keep, settings):
        settings.SUPPORT_FILE_SCANNER = "tests.files.nowhere.scanner"
        assert keep().state == "scanning"


class TestPurge:
    def test_what_nobody_attached_goes_with_its_content(self, scene, keep, stored, now, clock):
        loose, kept = keep(), keep()
        service.attach(actor=scene.actors["owner"], ids=[kept.pk], subject="return:1", now=now)
        clock(now + 24 * HOUR)
        tasks.purge()
        assert len(stored()) == 2
        clock(now + 26 * HOUR)
        tasks.purge()
        assert set(stored()) == {kept.storage_name}
        assert Attachment.objects.get().pk == kept.pk
        assert not HistoryEntry.objects.filter(subject=f"file:{loose.pk}").exists()

    def test_a_bounded_number_oldest_first(self, keep, now):
        rows = [keep(at=now + number * HOUR) for number in (2, 0, 1)]
        assert service.purge(now=now + 100 * HOUR, limit=2) == 2
        assert Attachment.objects.get().pk == rows[0].pk

    def test_a_storage_in_trouble_keeps_the_row_for_the_next_time(self, keep, now, monkeypatch):
        keep()

        def broken(_name):
            raise OSError("gone")

        with monkeypatch.context() as patched:
            patched.setattr(storage.storage(), "delete", broken)
            assert service.purge(now=now + 100 * HOUR, limit=10) == 0
        assert Attachment.objects.count() == 1
        assert service.purge(now=now + 100 * HOUR, limit=10) == 1
