"""Providers by name and keys: what is missing is said, what is sent is the channel's alone."""

import json
import warnings

import pytest
import requests
from anymail.exceptions import AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives

from saleor_support_plugin.notifications.models import Reason
from saleor_support_plugin.notifications.sending import provider_options, providers, transport
from saleor_support_plugin.notifications.sending.transport import Fault, Handed, Mailer, NoMailServer
from saleor_support_plugin.settings import SupportSettings

# Options with which a channel can send, and the answer of the provider's API to a mail it takes.
SENDING = {
    "brevo": ({"api_key": "key-b"}, {"messageId": "<1@smtp-relay.mailin.fr>"}, "<1@smtp-relay.mailin.fr>"),
    "mailersend": ({"api_token": "key-ms"}, None, "ms-id-1"),
    "mailgun": (
        {"api_key": "key-mg", "sender_domain": "mg.casaolivo.example"},
        {"id": "<1@mg.casaolivo.example>", "message": "Queued. Thank you."},
        "<1@mg.casaolivo.example>",
    ),
    "mailjet": (
        {"api_key": "public", "secret_key": "private"},
        {"Messages": [{"Status": "success", "To": [{"Email": "lucia@example.com", "MessageID": 70650219165027410}]}]},
        "70650219165027410",
    ),
    "mailtrap": (
        {"api_token": "key-mt"},
        {"success": True, "message_ids": ["0c7fd939-02cf-11ed-88c2-0a58a9feac02"]},
        "0c7fd939-02cf-11ed-88c2-0a58a9feac02",
    ),
    "mandrill": (
        {"api_key": "key-md"},
        [{"email": "lucia@example.com", "status": "sent", "_id": "abc123abc123abc123abc123abc123"}],
        "abc123abc123abc123abc123abc123",
    ),
    "postal": (
        {"api_key": "key-po", "api_url": "https://postal.example.com"},
        {"status": "success", "data": {"messages": {"lucia@example.com": {"id": 1503, "token": "t"}}}},
        "1503",
    ),
    "postmark": (
        {"server_token": "key-pm"},
        {"To": "lucia@example.com", "MessageID": "b7bc2f4a-e38e-4336-af7d-e6c392c2f817", "ErrorCode": 0,
         "Message": "OK", "SubmittedAt": "2026-11-24T12:00:00Z"},
        "b7bc2f4a-e38e-4336-af7d-e6c392c2f817",
    ),
    "resend": ({"api_key": "re_key"}, {"id": "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}, "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"),
    "scaleway": (
        {"secret_key": "key-sc", "project_id": "project"},
        {"emails": [{"id": "sc-1", "message_id": "<x@y>", "mail_rcpt": "lucia@example.com", "status": "new"}]},
        "sc-1",
    ),
    "sparkpost": (
        {"api_key": "key-sp"},
        {"results": {"id": "12345678901234567890", "total_accepted_recipients": 1, "total_rejected_recipients": 0}},
        "12345678901234567890",
    ),
    "unisender_go": (
        {"api_key": "key-ug", "api_url": "https://go1.unisender.ru/ru/transactional/api/v1"},
        {"status": "success", "job_id": "1ctL6K-0006u2-4D", "emails": ["lucia@example.com"]},
        None,  # anymail makes it
    ),
}  # fmt: skip


def channel(provider, options, **more):
    return SupportSettings(channel_id="c", mail_provider=provider, mail_provider_options=options, **more)


def letter():
    mail = EmailMultiAlternatives(
        "Your parcel", "It left.", "Casa Olivo <hola@casaolivo.example>", ["lucia@example.com"],
        headers={"Message-ID": "<support.7.0123456789abcdef0123@casaolivo.example>", "Auto-Submitted": "auto-generated"},
        reply_to=["ayuda@casaolivo.example"],
    )  # fmt: skip
    mail.attach_alternative("<p>It left.</p>", "text/html")
    return mail


@pytest.fixture
def web(monkeypatch):
    """The provider's API: ``web(status, body)`` is its answer; gives what it was asked."""
    asked = []

    def answer(status, body, headers=None):
        def send(self, request, **kwargs):
            asked.append(request)
            response = requests.Response()
            response.status_code, response.request, response.url = status, request, request.url
            response.reason = "As it is"
            response._content = b"" if body is None else json.dumps(body).encode()
            response.headers.update({"Content-Type": "application/json", **(headers or {})})
            return response

        monkeypatch.setattr(requests.Session, "send", send)
        return asked

    return answer


@pytest.mark.parametrize("name", sorted(SENDING))
def test_every_provider_takes_a_mail_and_its_id_is_kept(name, web):
    options, body, provider_id = SENDING[name]
    headers = {"X-Message-Id": "ms-id-1", "Content-Type": "text/html"} if name == "mailersend" else {}
    asked = web(202 if name == "mailersend" else 200, body, headers)
    settings = channel(name, options)
    assert provider_options.problems(settings) == []
    with Mailer() as mailer:
        handed = mailer.send(letter(), settings)
    assert isinstance(handed, Handed), handed
    assert handed.provider == name
    assert handed.provider_id == provider_id if provider_id else len(handed.provider_id) > 20
    (request,) = asked
    said = f"{request.headers} {request.body}"
    keys = [value for option, value in options.items() if option.endswith(("key", "token"))]
    assert all(key in said or "Basic " in said for key in keys)
    if providers.PROVIDERS[name].metadata:
        assert "support.7.0123456789abcdef0123" in said.replace("%3A", ":")


def test_there_is_a_case_for_every_provider():
    assert set(SENDING) | {"amazon_ses"} == set(providers.PROVIDERS)


@pytest.mark.parametrize("name", sorted(SENDING))
def test_nothing_of_the_servers_own_settings_is_used(name, web, settings):
    """Every option that anymail could look up in Django's settings is given to it."""
    looked_up = []

    class Trap(dict):
        def __getitem__(self, key):
            looked_up.append(key)
            return super().__getitem__(key)

    settings.ANYMAIL = Trap(SEND_DEFAULTS={"tags": ["of-the-server"], "metadata": {"leak": "of-the-server"}})
    options, body, _provider_id = SENDING[name]
    asked = web(200, body, {"X-Message-Id": "x", "Content-Type": "text/html"})
    with Mailer() as mailer:
        assert isinstance(mailer.send(letter(), channel(name, options)), Handed)
    assert "of-the-server" not in f"{asked[0].url} {asked[0].headers} {asked[0].body}"
    # Asked of Django, but of no consequence: replaced after the backend is made, or how domains are encoded.
    harmless = {"SEND_DEFAULTS", "IDNA_ENCODER", "REQUESTS_TIMEOUT"}
    prefix = f"{name.upper()}_"
    assert {key.removeprefix(prefix) for key in looked_up} <= harmless


def test_two_channels_of_one_provider_use_their_own_keys(web, settings):
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "of-the-server"}
    asked = web(200, SENDING["postmark"][1])
    with Mailer() as mailer:
        for token in ("one", "two", "one"):
            mailer.send(letter(), channel("postmark", {"server_token": token}))
    assert [request.headers["X-Postmark-Server-Token"] for request in asked] == ["one", "two", "one"]


def test_links_are_not_rewritten_and_opens_are_noted_only_if_wanted(web):
    asked = web(200, SENDING["postmark"][1])
    with Mailer() as mailer:
        for wanted in (False, True):
            mailer.send(letter(), channel("postmark", {"server_token": "t"}, track_opens=wanted))
    said = [json.loads(request.body) for request in asked]
    assert [(one["TrackOpens"], one["TrackLinks"]) for one in said] == [(False, "None"), (True, "None")]
    assert said[0]["Metadata"] == {"support": "support.7.0123456789abcdef0123"}


def test_headers_that_a_provider_refuses_are_left_out_and_our_message_id_is_kept_where_it_can_be(web):
    """Mailjet answers 400 to a Message-ID, MailerSend 422 to any header unless one pays for it."""
    said = {}
    for name in ("mailjet", "mailersend", "postmark", "mailgun"):
        options, body, _provider_id = SENDING[name]
        asked = web(
            200, body, {"X-Message-Id": "x", "Content-Type": "application/json" if body else "text/html"}
        )
        with Mailer() as mailer:
            assert isinstance(mailer.send(letter(), channel(name, options)), Handed)
        said[name] = asked[-1].body if isinstance(asked[-1].body, str) else (asked[-1].body or b"").decode()
    ours = "<support.7.0123456789abcdef0123@casaolivo.example>"
    assert json.loads(said["mailjet"])["Globals"]["Headers"] == {"Auto-Submitted": "auto-generated"}
    assert "headers" not in json.loads(said["mailersend"])
    headers = {one["Name"]: one["Value"] for one in json.loads(said["postmark"])["Headers"]}
    assert headers == {"Message-ID": ours, "Auto-Submitted": "auto-generated", "X-PM-KeepID": "true"}
    assert "support.7.0123456789abcdef0123%40casaolivo.example" in said["mailgun"]


@pytest.mark.parametrize(
    ("name", "options", "text"),
    [
        ("sendgrid", {"api_key": "x"}, "SendGrid: django-anymail does not support it any more."),
        ("sendinblue", {"api_key": "x"}, "write brevo"),
        ("pigeons", {"api_key": "x"}, "Mail provider: give one of amazon_ses, brevo,"),
        ("", {"api_key": "x"}, "name the provider that these keys are for"),
        ("postmark", {}, "Postmark needs a line server_token=…"),
        ("mailjet", {"api_key": "x"}, "Mailjet needs a line secret_key=…"),
        ("postmark", {"server_token": "x", "api_key": "y"}, "Postmark knows no api_key; it knows server_token, message_stream, api_url."),
        ("mailgun", {"api_key": "x", "api_url": "ftp://x"}, "api_url must be a full address"),
        ("mailgun", {"api_key": "schlüssel"}, "contains characters that no key has"),
        ("unisender_go", {"api_key": "x"}, "Unisender Go needs a line api_url=…"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(name, options, text):
    (problem,) = provider_options.problems(channel(name, options))
    assert text in problem


def test_amazon_needs_its_library_a_region_and_both_keys_or_none(monkeypatch):
    monkeypatch.setattr(provider_options.importlib.util, "find_spec", lambda name: None)
    (problem,) = provider_options.problems(channel("amazon_ses", {"region_name": "eu-west-1"}))
    assert problem == "Amazon SES needs the Python package boto3: install it first."
    monkeypatch.setattr(provider_options.importlib.util, "find_spec", lambda name: object())
    assert provider_options.problems(channel("amazon_ses", {"region_name": "eu-west-1"})) == []
    (problem,) = provider_options.problems(channel("amazon_ses", {}))
    assert "Amazon SES needs a line region_name=…" in problem
    (problem,) = provider_options.problems(
        channel("amazon_ses", {"region_name": "eu-west-1", "aws_access_key_id": "A"})
    )
    assert "give both aws_access_key_id and aws_secret_access_key, or neither" in problem


def test_what_amazons_backend_is_told(monkeypatch):
    monkeypatch.setattr(provider_options.importlib.util, "find_spec", lambda name: object())
    options = {"region_name": "eu-west-1", "aws_access_key_id": "A", "aws_secret_access_key": "S", "configuration_set_name": "shop"}  # fmt: skip
    assert provider_options.backend_options(channel("amazon_ses", options)) == {
        "ignore_unsupported_features": True,
        "ignore_recipient_status": False,
        "debug_api_requests": False,
        "message_tag_name": None,
        "session_params": {},
        "client_params": {
            "region_name": "eu-west-1",
            "aws_access_key_id": "A",
            "aws_secret_access_key": "S",
            "config": {"connect_timeout": 30, "read_timeout": 30, "retries": {"total_max_attempts": 1}},
        },
        "configuration_set_name": "shop",
    }


@pytest.mark.parametrize(
    ("name", "secret", "text"),
    [
        ("postmark", "long-enough-but-no-colon", "Postmark signs nothing; give user:password"),
        ("scaleway", "long-enough-for-a-secret", "Scaleway sends no reports; leave it empty."),
        ("resend", "whsec_!!!!not-base64!!!!", "copy the signing secret that Resend shows"),
        ("mailgun", "schlüssel-schlüssel", "contains characters that no secret has"),
        ("postmark", "shop:a-long-password", ""),
        ("resend", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ""),
        ("mailgun", "0123456789abcdef0123456789abcdef", ""),
    ],
)  # fmt: skip
def test_secrets_that_can_not_be_right(name, secret, text):
    options = SENDING[name][0]
    found = provider_options.problems_by_option(channel(name, options, webhook_secret=secret))
    assert (text in found["webhook_secret"]) if text else found == {}


def test_wrong_options_wait_for_the_admin_and_lose_no_mail():
    with Mailer() as mailer, pytest.raises(NoMailServer, match="Postmark needs a line server_token"):
        mailer.connection(channel("postmark", {}))


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (422, {"ErrorCode": 300, "Message": "Zero recipients specified"}, (Reason.REFUSED, True, False)),
        (422, {"ErrorCode": 400, "Message": "The 'From' address you supplied (a@b) is not a Sender Signature on your account."}, (Reason.SERVER_TROUBLE, False, True)),
        (401, {"ErrorCode": 10, "Message": "Bad or missing API token"}, (Reason.SERVER_TROUBLE, False, True)),
        (429, {"ErrorCode": 429, "Message": "Rate limit exceeded"}, (Reason.TRY_LATER, False, True)),
        (503, {"Message": "Service unavailable"}, (Reason.TRY_LATER, False, False)),
    ],
)  # fmt: skip
def test_answers_of_a_provider_are_told_apart(status, body, fault, web):
    web(status, body)
    with Mailer() as mailer:
        found = mailer.send(letter(), channel("postmark", {"server_token": "t"}))
    assert isinstance(found, Fault)
    assert (found.reason, found.final, found.everybody) == fault


def test_a_provider_that_does_not_answer(monkeypatch):
    def refuse(self, request, **kwargs):
        assert kwargs["timeout"] == provider_options.TIMEOUT
        raise requests.ConnectionError("no route")

    monkeypatch.setattr(requests.Session, "send", refuse)
    with Mailer() as mailer:
        found = mailer.send(letter(), channel("postmark", {"server_token": "t"}))
    assert (found.reason, found.final, found.everybody) == (Reason.UNREACHABLE, False, True)


@pytest.mark.parametrize("words", [" Inactive recipients are ones that have generated a hard bounce.", ""])
def test_an_inactive_mailbox_at_postmark_is_final(words, web):
    said = "You tried to send to recipients that are inactive. Found inactive addresses: lucia@example.com."
    web(422, {"ErrorCode": 406, "Message": said + words})
    with Mailer() as mailer:
        found = mailer.send(letter(), channel("postmark", {"server_token": "t"}))
    assert (found.reason, found.final, found.everybody) == (Reason.REFUSED, True, False)


def test_amazons_errors_are_told_apart():
    def error(code, message, status):
        cause = Exception(code)
        cause.response = {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        }
        made = AnymailRequestsAPIError(code)
        made.__cause__ = cause
        return transport.classify(made)

    assert error("AccessDeniedException", "not authorized", 403).everybody
    verify = error(
        "MessageRejected", "Email address is not verified. The following identities failed the check", 400
    )
    assert (verify.final, verify.everybody) == (False, True)
    assert error("BadRequestException", "Local address contains control or whitespace", 400).final
    assert error("TooManyRequestsException", "Maximum sending rate exceeded.", 429).reason is Reason.TRY_LATER


def test_connections_are_kept_for_many_mails_and_closed(web, monkeypatch):
    made, closed = [], []
    web(200, SENDING["postmark"][1])
    real = requests.Session.__init__
    monkeypatch.setattr(requests.Session, "__init__", lambda self: made.append(1) or real(self))
    monkeypatch.setattr(requests.Session, "close", lambda self: closed.append(1))
    with Mailer() as mailer:
        for _ in range(5):
            mailer.send(letter(), channel("postmark", {"server_token": "t"}))
    assert (len(made), len(closed)) == (1, 1)


def test_making_a_backend_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name, (options, _body, _id) in SENDING.items():
            Mailer().connection(channel(name, options))
