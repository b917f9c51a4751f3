"""Instructions to carriers: possible while they are, handed over once, decided once."""

import dataclasses
import datetime

import pytest

from saleor_support_plugin import jobs, tasks
from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, Errors, Invalid, NotThere, SupportError, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.shop.data import Address
from saleor_support_plugin.tracking import instructions
from saleor_support_plugin.tracking.adapters import registry
from saleor_support_plugin.tracking.adapters.base import Adapter, Answer, Reply, Unavailable
from saleor_support_plugin.tracking.models import CarrierInstruction, InstructionKind, InstructionState
from saleor_support_plugin.tracking.status import FINAL, Status
from saleor_support_plugin.tracking.wishes import POSSIBLE, Wish
from saleor_support_plugin.worklist.models import StaffTask
from sandbox import makers
from tests.graphql.conftest import parcel_of

ADDRESS = Address(
    first_name="Ana",
    last_name="Gil",
    street_address_1="Calle Sol 2",
    city="Vigo",
    postal_code="36201",
    country="ES",
)
HOLD = Wish(InstructionKind.HOLD)
STAFF = Actor(ActorKind.STAFF, id="s", name="Sara", permissions=frozenset({Permission.MANAGE_ORDERS}))


class Courier(Adapter):
    """Answers as it is told to."""

    name = title = "courier"

    def __init__(self):
        self.replies, self.asked = [], []

    def instruct(self, instruction, *, api_key):
        self.asked.append((instruction, api_key))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


@pytest.fixture
def courier(monkeypatch):
    made = Courier()
    monkeypatch.setattr(registry, "find", lambda name: made if name == "courier" else None)
    return made


@pytest.fixture
def parcel(shop, clock, now, monkeypatch):
    channel = makers.make_channel()
    makers.switch_on(channel)
    order = makers.make_order(channel, makers.make_customer("ana@example.com"), created_at=now)
    makers.fulfill(order, hook=False, created_at=now)
    return parcel_of(order, now, status="in_transit")


@pytest.fixture
def api(parcel, monkeypatch):
    """The channel has a provider that takes instructions."""
    real = instructions._settings
    given = {"tracking_provider": "courier", "tracking_api_key": "key"}

    def settings(row):
        return dataclasses.replace(real(row), **given)

    monkeypatch.setattr(instructions, "_settings", settings)


@pytest.fixture
def ana(parcel):
    return Actor(ActorKind.CUSTOMER, id=parcel.customer_id, name="Ana")


def states():
    return list(CarrierInstruction.objects.order_by("pk").values_list("kind", "state"))


def open_tasks():
    return [(one.kind, one.state, one.summary) for one in StaffTask.objects.order_by("pk")]


def test_without_an_adapter_a_person_does_it(parcel, ana, now, run_jobs):
    row = instructions.request(
        actor=ana, parcel_id=parcel.pk, wish=Wish(InstructionKind.NEW_ADDRESS, ADDRESS), now=now
    )
    assert (row.is_customers, row.requested_by) == (True, parcel.customer_id)
    assert row.details["address"]["city"] == "Vigo"
    run_jobs()
    assert states() == [("new_address", "handed_over")]
    (task,) = open_tasks()
    assert task == (
        "carrier_instruction",
        "open",
        "Tell the carrier: parcel 101-1 (UPS 1Z999AA10123456784): new address: Ana Gil, Calle Sol 2, Vigo, 36201, ES.",
    )
    decided = instructions.decide(
        actor=STAFF, instruction_id=row.pk, to=InstructionState.ACCEPTED, now=now, reference="R1"
    )
    assert (decided.state, decided.decided_at, decided.reference) == ("accepted", now, "R1")
    assert [one[1] for one in open_tasks()] == ["done"]
    verbs = list(
        HistoryEntry.objects.filter(subject=f"parcel:{parcel.pk}")
        .order_by("pk")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        "carrier_instruction_requested",
        "carrier_instruction_handed_over",
        "carrier_instruction_accepted",
    ]
    with pytest.raises(WrongState):
        instructions.decide(
            actor=STAFF, instruction_id=row.pk, to=InstructionState.REFUSED, now=now, note="No"
        )


@pytest.mark.parametrize(
    ("reply", "state", "note"),
    [
        (Reply(Answer.ACCEPTED, "R1"), "accepted", ""),
        (Reply(Answer.HANDED_OVER, "R1"), "handed_over", ""),
        (Reply(Answer.REFUSED, "R1", "Too\nlate"), "refused", "Too late"),
    ],
)
def test_an_adapter_hands_it_over(parcel, ana, now, run_jobs, api, courier, reply, state, note):
    courier.replies = [reply]
    row = instructions.request(
        actor=ana, parcel_id=parcel.pk, wish=Wish(InstructionKind.SAFE_PLACE, place="Shed"), now=now
    )
    run_jobs()
    row.refresh_from_db()
    assert (row.state, row.note, row.reference) == (state, note, "R1")
    ((asked, key),) = courier.asked
    assert (asked.kind, asked.number, asked.details, asked.reference, key) == (
        "safe_place",
        "1Z999AA10123456784",
        {"place": "Shed"},
        f"instruction:{row.pk}",
        "key",
    )
    assert open_tasks() == []
    run_jobs()
    instructions.hand_over(instruction_id=row.pk, now=now)
    assert len(courier.asked) == 1


def test_a_carrier_that_does_not_answer_is_asked_again_and_then_a_person(parcel, ana, now, api, courier):
    courier.replies = [Unavailable("busy"), RuntimeError("bug"), *[Unavailable("busy")] * 3]
    row = instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    at = now
    for asked in range(1, 6):
        instructions.sweep(now=at, limit=10)
        assert len(courier.asked) == asked
        instructions.sweep(now=at, limit=10)  # not at once
        assert len(courier.asked) == asked
        row.refresh_from_db()
        at = row.next_try_at or at
    assert row.state == "handed_over"
    assert [one[0] for one in open_tasks()] == ["carrier_instruction"]


def test_a_key_that_is_refused_is_not_tried_again(parcel, ana, now, api, courier):
    courier.replies = [Unavailable("no", refused=True)]
    instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    instructions.sweep(now=now, limit=10)
    assert states() == [("hold", "handed_over")]
    assert len(open_tasks()) == 1


def test_the_same_wish_is_one_instruction(parcel, ana, now):
    place = Wish(InstructionKind.SAFE_PLACE, place="Shed")
    first = instructions.request(actor=ana, parcel_id=parcel.pk, wish=place, now=now)
    assert instructions.request(actor=ana, parcel_id=parcel.pk, wish=place, now=now).pk == first.pk
    with pytest.raises(WrongState) as refused:
        instructions.request(
            actor=ana, parcel_id=parcel.pk, wish=Wish(InstructionKind.SAFE_PLACE, place="Garage"), now=now
        )
    assert (refused.value.field, refused.value.code) == ("kind", Code.CONFLICT)
    instructions.decide(actor=STAFF, instruction_id=first.pk, to=InstructionState.REFUSED, now=now, note="No")
    instructions.request(actor=ana, parcel_id=parcel.pk, wish=place, now=now)
    assert states() == [("safe_place", "refused"), ("safe_place", "requested")]


def test_a_parcel_takes_ten(parcel, ana, now):
    for _ in range(10):
        row = instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
        instructions.decide(actor=STAFF, instruction_id=row.pk, to=InstructionState.WITHDRAWN, now=now)
    with pytest.raises(Invalid) as refused:
        instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    assert refused.value.code is Code.LIMIT_REACHED


WISHES = {
    InstructionKind.NEW_ADDRESS: Wish(InstructionKind.NEW_ADDRESS, ADDRESS),
    InstructionKind.SAFE_PLACE: Wish(InstructionKind.SAFE_PLACE, place="Shed"),
    InstructionKind.REDELIVER: Wish(InstructionKind.REDELIVER, day=datetime.date(2024, 4, 20)),
    InstructionKind.HOLD: Wish(InstructionKind.HOLD, place="Depot", day=datetime.date(2024, 5, 17)),
    InstructionKind.RETURN_TO_SENDER: Wish(InstructionKind.RETURN_TO_SENDER),
}


@pytest.mark.parametrize("status", list(Status))
def test_only_while_the_carrier_can(parcel, ana, now, status):
    type(parcel).objects.filter(pk=parcel.pk).update(status=status)
    done = set()
    for kind, wish in WISHES.items():
        try:
            instructions.request(actor=ana, parcel_id=parcel.pk, wish=wish, now=now)
        except WrongState:
            continue
        done.add(kind)
    assert done == {kind for kind in WISHES if status in POSSIBLE[kind]}
    if status in (*FINAL, Status.RETURNING, Status.EXPIRED):
        assert not done


@pytest.mark.parametrize(
    ("wish", "field", "code"),
    [
        (Wish(InstructionKind.NEW_ADDRESS), "address", Code.REQUIRED),
        (Wish(InstructionKind.NEW_ADDRESS, Address(country="ES")), "address.firstName", Code.REQUIRED),
        (
            Wish(InstructionKind.NEW_ADDRESS, Address(first_name="A\nB", country="ES")),
            "address.firstName",
            Code.INVALID,
        ),
        (
            Wish(InstructionKind.NEW_ADDRESS, Address(first_name="A", country="PT")),
            "address.country",
            Code.INVALID,
        ),
        (Wish(InstructionKind.NEW_ADDRESS, ADDRESS, place="x"), "place", Code.INVALID),
        (Wish(InstructionKind.SAFE_PLACE), "place", Code.REQUIRED),
        (Wish(InstructionKind.SAFE_PLACE, place="x" * 201), "place", Code.TOO_LONG),
        (Wish(InstructionKind.SAFE_PLACE, place="a\nb"), "place", Code.INVALID),
        (Wish(InstructionKind.SAFE_PLACE, ADDRESS, place="x"), "address", Code.INVALID),
        (Wish(InstructionKind.HOLD, day=datetime.date(2024, 4, 16)), "day", Code.OUT_OF_RANGE),
        (Wish(InstructionKind.HOLD, day=datetime.date(2024, 5, 18)), "day", Code.OUT_OF_RANGE),
        (Wish(InstructionKind.RETURN_TO_SENDER, day=datetime.date(2024, 4, 18)), "day", Code.INVALID),
    ],
)
def test_what_it_needs(parcel, ana, now, wish, field, code):
    with pytest.raises(SupportError) as refused:
        instructions.request(actor=ana, parcel_id=parcel.pk, wish=wish, now=now)
    error = refused.value.errors[0] if isinstance(refused.value, Errors) else refused.value
    assert (error.field, error.code) == (field, code)
    assert states() == []


def test_not_to_where_it_goes_already(parcel, ana, now):
    type(parcel).objects.filter(pk=parcel.pk).update(address=dataclasses.asdict(ADDRESS))
    with pytest.raises(Invalid) as refused:
        instructions.request(
            actor=ana, parcel_id=parcel.pk, wish=WISHES[InstructionKind.NEW_ADDRESS], now=now
        )
    assert refused.value.field == "address"


def test_of_others_and_where_it_is_off(parcel, ana, now):
    stranger = Actor(ActorKind.CUSTOMER, id="x")
    with pytest.raises(NotThere) as refused:
        instructions.request(actor=stranger, parcel_id=parcel.pk, wish=HOLD, now=now)
    assert refused.value.field == "parcelId"
    makers.switch_on(makers.models.Channel.objects.get(), tracking=False)
    with pytest.raises(Invalid) as off:
        instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    assert off.value.code is Code.SWITCHED_OFF
    assert states() == []


def test_what_the_parcel_has_overtaken_is_withdrawn(parcel, ana, now, run_jobs):
    instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    run_jobs()
    type(parcel).objects.filter(pk=parcel.pk).update(status=Status.DELIVERED)
    tasks.sweep_instructions()
    row = CarrierInstruction.objects.get()
    assert (row.state, row.note) == ("withdrawn", "The parcel is delivered.")
    assert [one[1] for one in open_tasks()] == ["done"]
    assert instructions.sweep(now=now, limit=10) == 0


def test_the_sweep_finds_what_a_lost_job_left(parcel, ana, now):
    instructions.request(actor=ana, parcel_id=parcel.pk, wish=HOLD, now=now)
    assert "sweep_instructions" in jobs.PERIODIC
    tasks.sweep_instructions()
    assert states() == [("hold", "handed_over")]


def test_a_refusal_says_why_and_only_staff_of_the_channel_decides(parcel, ana, now):
    row = instructions.request(actor=STAFF, parcel_id=parcel.pk, wish=HOLD, now=now)
    assert row.is_customers is False
    with pytest.raises(Invalid) as refused:
        instructions.decide(
            actor=STAFF, instruction_id=row.pk, to=InstructionState.REFUSED, now=now, note=" "
        )
    assert (refused.value.field, refused.value.code) == ("note", Code.REQUIRED)
    local = Actor(ActorKind.STAFF, id="l", permissions=STAFF.permissions, channels=frozenset({"other"}))
    for actor in (ana, local):
        with pytest.raises(NotThere):
            instructions.decide(actor=actor, instruction_id=row.pk, to=InstructionState.ACCEPTED, now=now)
