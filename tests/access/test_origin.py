"""Where a request comes from: only what our own proxies say of it counts."""

import json

import pytest
from django.test import Client

from saleor_support_plugin.access.models import GuestAccessRequest
from saleor_support_plugin.access.origin import origin_of

PEER = "10.0.0.1"
ASK = """
mutation {
  it: supportGuestAccessRequest(channel: "pl", orderNumber: "77", email: "ana@example.com") {
    errors { field code }
  }
}
"""


@pytest.mark.parametrize(
    ("proxies", "forwarded", "origin"),
    [
        (None, None, PEER),
        (None, "", PEER),
        (None, " , ", PEER),
        (None, "203.0.113.9", "203.0.113.9"),
        (None, "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the first was invented
        (1, "1.1.1.1,2.2.2.2,203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (2, "1.1.1.1, 203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (3, "1.1.1.1, 203.0.113.9, 10.0.0.8, 10.0.0.7", "203.0.113.9"),
        (2, "203.0.113.9", "203.0.113.9"),  # too few: the leftmost
        (5, "203.0.113.9, 10.0.0.7", "203.0.113.9"),
        (0, "1.1.1.1", PEER),
        (-1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # no such number: as if it were not set
        ("2", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (1, "9" * 100, "9" * 64),
    ],
)
def test_the_outermost_of_our_proxies_tells(settings, proxies, forwarded, origin):
    if proxies is not None:
        settings.SUPPORT_TRUSTED_PROXIES = proxies
    meta = {"REMOTE_ADDR": PEER} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert origin_of(meta) == origin


def test_nothing_is_known_of_a_request_without_a_peer():
    assert origin_of({}) == ""


def test_a_guests_request_is_counted_by_it(settings, db):
    settings.SUPPORT_TRUSTED_PROXIES = 2
    answer = Client().post(
        "/graphql/",
        json.dumps({"query": ASK}),
        content_type="application/json",
        headers={"x-forwarded-for": "1.1.1.1, 203.0.113.9, 10.0.0.7"},
    )
    assert answer.json() == {"data": {"it": {"errors": []}}}
    assert list(GuestAccessRequest.objects.values_list("origin", flat=True)) == ["203.0.113.9"]
