"""Scans from a file, and payloads read once more: nothing lost, nothing twice, bad lines named."""

import io

import pytest
from django.core.management import CommandError, call_command

from saleor_support_plugin.actors import SYSTEM
from saleor_support_plugin.notifications.models import Notification
from saleor_support_plugin.reports import parcels as parcel_reports
from saleor_support_plugin.tracking.models import PayloadState, TrackingEvent, TrackingPayload
from sandbox import makers
from tests.tracking.scans.reports import parcels

HEAD = "tracking_number,happened_at,status,sub_status,place,code,point,expected_by,correction\n"
GOOD = '1Z999AA10123456784,2024-04-16T09:00:00Z,IN_TRANSIT,,"Madrid, ES",,,2024-04-19,\n'


@pytest.fixture
def channel(shop, clock):
    made = makers.make_channel("here")
    makers.switch_on(made)
    return made


@pytest.fixture
def load(channel, tmp_path):
    """``load(text)`` imports a file; what was said on stdout and stderr, and whether it failed."""

    def run(text, *more, slug="here"):
        path = tmp_path / "scans.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        out, err, failed = io.StringIO(), io.StringIO(), ""
        try:
            call_command(
                "support_tracking_import", str(path), "--channel", slug, *more, stdout=out, stderr=err
            )
        except CommandError as error:
            failed = str(error)
        return out.getvalue().splitlines(), err.getvalue(), failed

    return run


def kept():
    return [
        (one.key, one.happened_at.isoformat(), one.status, one.sub_status, one.place, one.code, one.details)
        for one in TrackingEvent.objects.order_by("-code")
    ]


def test_good_lines_are_kept_once(load):
    text = (
        HEAD
        + GOOD
        + (
            "1z 999aa1 0123456784,2024-04-16 11:00:00+02:00,available_for_pickup,,,ABC,Kiosk|Calle Sol 2,,0\n\n"
        )
    )
    out, err, failed = load(text)
    assert (out, failed) == (["2 scans kept, 0 known before, 0 parcels moved, 0 bad lines."], "")
    assert "100%" in err
    assert kept() == [
        ("1Z999AA10123456784", "2024-04-16T09:00:00+00:00", "in_transit", "", "Madrid, ES", "in_transit",
         {"expected_by": "2024-04-19"}),
        ("1Z999AA10123456784", "2024-04-16T09:00:00+00:00", "available_for_pickup", "", "", "ABC",
         {"point": ["Kiosk", "Calle Sol 2"]}),
    ]  # fmt: skip
    assert load(text)[0] == ["0 scans kept, 2 known before, 0 parcels moved, 0 bad lines."]
    assert {one.source for one in TrackingEvent.objects.all()} == {"file"}
    assert len(kept()) == 2


def test_bad_lines_are_named_and_the_others_kept(load):
    out, _err, failed = load(
        HEAD
        + ",2024-04-16T09:00:00Z,IN_TRANSIT,,,,,,\n"
        + '1Z999AA10123456784,yesterday,IN_TRANSIT,,"two\nlines",,,,\n'
        + "1Z999AA10123456784,2024-04-16T09:00:00Z,GONE,,,,,,\n"
        + GOOD
        + "1Z999AA10123456784,2024-04-16T09:00:00Z\n"
        + "1Z999AA10123456784,2024-04-16T09:00:00Z,,,,,,,\n"
        + "1Z999AA10123456784,2999-04-16T09:00:00Z,IN_TRANSIT,,,,,,\n"
        + "1Z999AA10123456784,2024-04-16T09:00:00Z,DELIVERED,LOST,,,,,\n"
        + "??,2024-04-16T09:00:00Z,DELIVERED,,,,,,maybe\n"
    )
    assert out == [
        "Line 2, tracking_number: This can't be empty.",
        "Line 3, happened_at: 'yesterday' can't be read.",
        "Line 5, status: 'GONE' can't be read.",
        "Line 7: There are 2 values for 9 columns.",
        "Line 8, status: Give a status, or the carrier's code.",
        "Line 9, happened_at: Give a time of this century that is not ahead.",
        "Line 10, sub_status: A parcel that is delivered can't be lost.",
        "Line 11, correction: 'maybe' can't be read.",
        "1 scans kept, 0 known before, 0 parcels moved, 8 bad lines.",
    ]
    assert failed == "Some lines were not kept; mend them and run it again."
    assert len(kept()) == 1


def test_many_lines_are_reported_as_they_are_kept(load, monkeypatch):
    lines = [
        f"1Z999AA10123456784,2024-04-16T09:{number // 60:02}:{number % 60:02}Z,IN_TRANSIT,,,,,,\n"
        for number in range(1200)
    ]
    out, err, failed = load(HEAD + "".join(lines))
    assert (out, failed) == (["1200 scans kept, 0 known before, 0 parcels moved, 0 bad lines."], "")
    assert err.count("lines, 0 bad") == 3
    assert "100%  1200 scans kept" in err


def test_a_history_that_is_over_is_told_to_nobody_wherever_its_lines_stand(load, channel, now):
    numbers = [f"N{number:04}" for number in range(300)]
    order = makers.make_order(channel, email="lucia@example.com")
    parcels(order, [*numbers, "N9999"])
    lines = [
        f"{number},2024-04-17T{hour}:00:00Z,{status},,,,,,\n"
        for hour, status in ((9, "OUT_FOR_DELIVERY"), (10, "DELIVERED"))
        for number in numbers
    ]
    out, _err, failed = load(HEAD + "".join(lines).replace("T9", "T09"))
    assert (out, failed) == (["600 scans kept, 0 known before, 300 parcels moved, 0 bad lines."], "")
    assert not Notification.objects.exists()
    load(HEAD + "N9999,2024-04-17T09:00:00Z,OUT_FOR_DELIVERY,,,,,,\n")
    assert Notification.objects.get().kind == "out_for_delivery"


def test_quotes_that_never_end(load):
    out, _err, failed = load(HEAD + GOOD + 'A1,"' + 200_000 * "x" + "\n" + GOOD.replace("1Z", "2Z"))
    assert out[0].startswith("Line 3: The line can't be read:")
    assert (out[-1], bool(failed)) == ("2 scans kept, 0 known before, 0 parcels moved, 1 bad lines.", True)
    assert "The first line can't be read" in load('"' + 200_000 * "x")[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Missing: tracking_number, happened_at."),
        ("tracking_number,status\n", "Missing: happened_at."),
        (HEAD.strip() + ",colour\n" + GOOD, "Not known: 'colour'."),
        ("tracking_number,happened_at,happened_at\n", "each once"),
    ],
)
def test_a_file_without_its_columns_is_refused(load, text, said):
    out, _err, failed = load(text)
    assert out == []
    assert said in failed
    assert kept() == []


def test_no_such_channel_or_file(load):
    assert "There is no channel 'nowhere'; there are here." in load(HEAD + GOOD, slug="nowhere")[2]
    with pytest.raises(CommandError, match="No such file"):
        call_command("support_tracking_import", "/nowhere.csv", "--channel", "here")


def test_strange_bytes_do_no_harm(load):
    out, _err, failed = load(
        b"\xef\xbb\xbf" + HEAD.encode() + GOOD.encode().replace(b"Madrid", b"M\xe1lag\x00a")
    )
    assert (out[-1], failed) == ("1 scans kept, 0 known before, 0 parcels moved, 0 bad lines.", "")
    assert kept()[0][4] == "Mlaga, ES"


SIGNED = (
    '{"events": [{"number": "1Z999AA10123456784", "code": "5", "status": "in_transit", '
    '"happenedAt": "2024-04-16T09:00:00Z"}]}'
)


def test_payloads_are_read_again(channel, now):
    """What an adapter could not read when it came, it can read now."""
    for number, state in enumerate([PayloadState.UNREADABLE, PayloadState.READ]):
        TrackingPayload.objects.create(
            channel_id=makers.gid(channel),
            adapter="signed",
            digest=str(number),
            body=SIGNED.replace("16T09", f"16T1{number}"),
            state=state,
            received_at=now,
        )
    broken = TrackingPayload.objects.create(
        channel_id=makers.gid(channel), adapter="signed", digest="x", body="[", state="unreadable"
    )
    out, err = io.StringIO(), io.StringIO()
    call_command("support_tracking_reprocess", "--channel", "here", stdout=out, stderr=err)
    assert out.getvalue().strip() == (
        "2 payloads read again, 1 of them still unreadable; 1 scans new, 0 known before, 0 removed, "
        "0 parcels moved."
    )
    assert "100%" in err.getvalue()
    assert TrackingEvent.objects.count() == 1
    broken.refresh_from_db()
    assert broken.state == PayloadState.UNREADABLE
    call_command(
        "support_tracking_reprocess", "--state", "all", "--adapter", "signed", stdout=out, stderr=err
    )
    assert "3 payloads read again, 1 of them still unreadable; 1 scans new, 1 known" in out.getvalue()
    call_command("support_tracking_reprocess", "--since", "2999-01-01", stdout=out, stderr=err)
    assert "0 payloads read again" in out.getvalue()


def test_what_can_not_be_read_is_given_up(channel, now):
    """Then nobody is warned of it; it is kept, and can be read when there is a better adapter."""
    rows = [
        TrackingPayload.objects.create(
            channel_id=makers.gid(channel),
            adapter="signed",
            digest=body,
            body=body,
            state=state,
            received_at=now,
        )
        for body, state in (("[", PayloadState.UNREADABLE), (SIGNED, PayloadState.UNREADABLE), ("{", "read"))
    ]

    def run(*given):
        out = io.StringIO()
        call_command("support_tracking_reprocess", *given, stdout=out, stderr=io.StringIO())
        return out.getvalue().strip()

    assert [one.code for one in warnings(now)] == ["payloads_unreadable"]
    assert run("--give-up", "--channel", "here") == (
        "2 payloads given up; they can still be read with --state given-up."
    )
    assert list(warnings(now)) == []
    assert TrackingEvent.objects.count() == 0
    assert run("--state", "given-up", "--id", str(rows[1].pk)).startswith("1 payloads read again, 0 of them")
    states = TrackingPayload.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["given_up", "read", "read"]


def warnings(now):
    return parcel_reports.problems(SYSTEM, now)
