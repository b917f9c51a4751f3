"""Each documented word of each source, in the tables and in the webhooks that bring it."""

import pytest

from saleor_support_plugin.tracking import adapters
from saleor_support_plugin.tracking.adapters import seventeentrack
from tests.tracking.adapters import documented, samples

TIME = "2026-05-04T10:00:00Z"


def said(meaning):
    """A meaning, or a scan's, as ``documented`` writes it."""
    return ".".join(one.value for one in (meaning.status, meaning.sub_status) if one is not None)


def aftership(word, detail=""):
    point = samples.aftership_point(TIME, word, detail or None, "…")
    return samples.aftership([point], tag=word, subtag=detail or None)


def easypost(word, detail=""):
    details = [samples.easypost_detail(TIME, word, detail or None, "…")]
    return samples.easypost(details, status="unknown", detail="unknown", est_delivery_date=None)


def seventeen(word, detail=""):
    event = samples.seventeentrack_event(TIME, detail or word, None, "…")
    return samples.seventeentrack([event], status=word, sub_status=detail or None)


def shippo(word, detail=""):
    status = samples.shippo_status(TIME, word, detail or None, "…")
    return samples.shippo([status], eta=None, original_eta=None)


BODIES = {"aftership": aftership, "easypost": easypost, "seventeentrack": seventeen, "shippo": shippo}


@pytest.mark.parametrize("source", documented.SOURCES)
def test_the_tables_say_what_is_documented(source):
    adapter, words = adapters.known()[source], documented.SOURCES[source]
    assert {word: said(one) for word, one in adapter.words.items()} == {
        word: own for word, (own, *_) in words.words.items()
    }
    assert {word: said(one) for word, one in adapter.details.items()} == {
        word: own for word, (own, *_) in words.details.items()
    }


@pytest.mark.parametrize(
    ("source", "word"), [(source, word) for source, one in documented.SOURCES.items() for word in one.words]
)
def test_a_word_in_a_webhook(source, word):
    (scan,) = adapters.known()[source].read(BODIES[source](word))
    assert (said(scan), scan.code) == (documented.SOURCES[source].words[word][0], word)


@pytest.mark.parametrize(
    ("source", "detail"),
    [(source, detail) for source, one in documented.SOURCES.items() for detail in one.details],
)
def test_a_finer_word_in_a_webhook(source, detail):
    words = documented.SOURCES[source]
    (scan,) = adapters.known()[source].read(BODIES[source](words.statuses[detail], detail))
    assert said(scan) == words.together(detail)
    assert scan.code.endswith(detail)


def test_milestones_of_17track():
    found = {stage: said(one) for stage, one in seventeentrack.STAGES.items()}
    assert found == {stage: own for stage, (own,) in documented.SEVENTEENTRACK.stages.items()}


@pytest.mark.parametrize("stage", documented.SEVENTEENTRACK.stages)
def test_a_milestone_in_a_webhook(stage):
    event = samples.seventeentrack_event(TIME, None, stage, "…")
    (scan,) = adapters.known()["seventeentrack"].read(
        samples.seventeentrack([event], status="InTransit", sub_status="InTransit_Other")
    )
    assert (said(scan), scan.code) == (documented.SEVENTEENTRACK.stages[stage][0], stage)


@pytest.mark.parametrize(
    ("detail", "stage", "ours"),
    [
        ("InTransit_TransportArrived", None, "in_transit"),
        ("Exception_Held", None, "exception.other"),
        ("InTransit_Held", "OutForDelivery", "out_for_delivery"),
        ("Beamed_Up", None, ""),
    ],
)
def test_a_new_sub_status_of_17track_says_what_its_status_says(detail, stage, ours):
    event = samples.seventeentrack_event(TIME, detail, stage, "…")
    (scan,) = adapters.known()["seventeentrack"].read(
        samples.seventeentrack([event], status="NotFound", sub_status="NotFound_Other")
    )
    assert (said(scan), scan.code) == (ours, detail)
