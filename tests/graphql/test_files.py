"""Files over the endpoint: a multipart request in, an address for the reader out."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from saleor_support_plugin.files import links
from saleor_support_plugin.files.models import Attachment
from saleor_support_plugin.graphql import view
from saleor_support_plugin.returns.models import Return

UPLOAD = (
    "mutation ($file: Upload!, $order: ID!, $accessToken: String) { it: supportFileUpload(file: $file, "
    "orderId: $order, accessToken: $accessToken) { errors { field code message } "
    "file { id name contentType size state url createdAt } } }"
)


@pytest.fixture
def post(stage):
    """``post(form)`` is the answer to a form as Ana sends it: status, and what is in it."""

    def do(**form):
        answer = Client().post(
            "/graphql/", form, headers={"authorization": f"Bearer {stage.tokens['owner']}"}
        )
        return answer.status_code, answer.json()

    return do


def operations(stage, **variables):
    given = {"file": None, "order": stage.ids["order"], **variables}
    return json.dumps({"query": UPLOAD, "variables": given})


@pytest.mark.parametrize("who", ["owner", "guest", "staff", "app"])
def test_from_the_upload_to_the_download(stage, now, who):
    answer = stage.send(who, UPLOAD, {"file": True, "order": stage.ids["order"]})["data"]["it"]
    assert answer["errors"] == []
    shown = answer["file"]
    assert (shown["name"], shown["contentType"], shown["state"]) == ("broken.png", "image/png", "CLEAN")
    assert (shown["size"], shown["createdAt"]) == (Attachment.objects.get().size, now.isoformat())
    assert shown["url"].startswith("http://127.0.0.1:8000/plugins/channel/here/saleor.support/files/")
    got = Client().get(shown["url"])
    assert (got.status_code, got["Content-Type"]) == (200, "image/png")


def test_what_is_wrong_is_told(stage, post):
    page = SimpleUploadedFile("a.png", b"<script>alert(1)</script>", content_type="image/png")
    status, answer = post(operations=operations(stage), map='{"0": ["variables.file"]}', **{"0": page})
    (error,) = answer["data"]["it"]["errors"]
    assert (status, error["field"], error["code"]) == (200, "file", "INVALID")
    assert error["message"] == "Send a JPEG, PNG, GIF, WebP, HEIC, PDF, MP4 or MOV file."


@pytest.mark.parametrize("given", ["no such part", "", 1, ["a"], {"a": 1}, None])
def test_no_file(stage, everything, given):
    before = everything()
    document = UPLOAD.replace("$file", "$other")  # else it would be sent as one
    answer = stage.send("owner", document, {"other": given, "order": stage.ids["order"]})
    if given is None:
        assert "Upload!" in answer["errors"][0]["message"]
    else:
        assert [(one["field"], one["code"]) for one in answer["data"]["it"]["errors"]] == [
            ("file", "REQUIRED")
        ]
    assert everything() == before


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"operations": "x", "map": "{}"},
        {"operations": "{}", "map": "{}"},
        {"operations": "[]", "map": '{"0": ["0.x"]}'},
        {"operations": '{"query": "{ me { id } }"}', "map": '{"0": ["variables.a.b"]}'},
        {"operations": '{"query": "{ me { id } }"}', "map": '{"0": 1}'},
        {"operations": '{"query": "{ me { id } }"}', "map": "[]"},
        {"operations": '{"query": "{ me { id } }"}'},
    ],
)
def test_what_is_no_multipart_request_of_graphql(stage, post, form):
    status, answer = post(**form)
    assert status == 400
    assert "JSON object" in answer["errors"][0]["message"]


def test_a_broken_body(stage):
    answer = Client().post(
        "/graphql/", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=" + "é" * 300
    )
    assert answer.status_code == 400


def test_files_in_lists():
    """Places in ``map`` may count, as the specification says."""
    form = {
        "operations": '{"query": "q", "variables": {"files": [null, null], "input": {"file": null}}}',
        "map": '{"0": ["variables.files.0", "variables.input.file"], "1": ["variables.files.1"]}',
    }
    assert view._operations(RequestFactory().post("/graphql/", form)) == {
        "query": "q",
        "variables": {"files": ["0", "1"], "input": {"file": "0"}},
    }


def test_an_address_is_made_for_its_reader_alone(stage, now):
    shown = stage.send("owner", UPLOAD, {"file": True, "order": stage.ids["order"]})["data"]["it"]["file"]
    claim = links.read(shown["url"].rpartition("/")[2], now)
    assert (claim.kind.value, claim.id, claim.grant_id) == ("customer", stage.ids["ana"], None)


LIST = "{ supportReturns(first: 100) { edges { node { number files { id name url } } } } }"


def test_files_of_ten_and_of_a_hundred_returns_cost_the_same(stage, now):
    order = Return.objects.filter(order_id=stage.ids["order"])[0]
    costs, made = [], 0
    for count in (10, 100):
        for number in range(made, count):
            row = Return.objects.create(
                order_id=order.order_id, order_number="1", channel_id=order.channel_id, currency="EUR",
                customer_id=stage.ids["ana"], created_at=now,
            )  # fmt: skip
            Attachment.objects.create(
                state="clean", order_id=order.order_id, channel_id=order.channel_id, uploader_kind="staff",
                name="a.png", content_type="image/png", size=1, subject=row.subject, created_at=now,
                storage_name=f"{count}-{number}",
            )  # fmt: skip
        with CaptureQueriesContext(connection) as spent:
            answer = stage.send("owner", LIST, {})
        files = [one["node"]["files"] for one in answer["data"]["supportReturns"]["edges"]]
        made = sum(len(one) for one in files)
        assert made == count
        assert all(file["url"] for one in files for file in one)
        costs.append(len(spent))
    assert costs[0] == costs[1]
    assert costs[1] <= 8
