"""What is said about options that can't be used."""

import pytest

from saleor_support_plugin.reports.options import problems


def test_a_misspelt_kind_is_told_with_the_nearest_name():
    told = problems({"kinds_on": "in_transitt", "kinds_off": "nothing_like_it_at_all"})
    assert told["kinds_on"].startswith(
        "Mails sent besides the usual ones: There is no kind in_transitt. Did you mean in_transit? There are: "
    )
    assert told["kinds_off"].startswith(
        "Mails never sent: There is no kind nothing_like_it_at_all. There are: "
    )


@pytest.mark.parametrize("language", ["en", "es", "en-gb", "es_MX", "ES"])
def test_a_language_with_a_translation_can_be_chosen(language):
    assert problems({"language": language}) == {}


def test_a_language_without_a_translation_is_refused():
    assert problems({"language": "eo"}) == {
        "language": "Language: Mails can't be written in 'eo': there is no translation into it."
    }


WRONG = {
    "stale_hours": "many",
    "reply_to": "nobody",
    "business_hours": "mondays from nine",
    "holidays": "Christmas",
    "kinds_on": "in_transitt",
    "kinds_off": "no_such_kind",
    "language": "eo",
    "mail_provider": "carrier_pigeon",
    "webhook_secret": "short",
}


def test_all_that_is_wrong_is_told_at_once_in_the_words_of_each():
    alone = {name: problems({name: value})[name] for name, value in WRONG.items()}
    assert problems(WRONG) == alone


def test_what_depends_on_an_option_that_cannot_be_read_waits_for_it():
    told = problems({"mail_provider": "Post mark!", "mail_provider_options": "server_token=x"})
    assert told == {"mail_provider": "Mail provider: Give a name like postmark, mailgun or amazon_ses."}
    told = problems({"mail_provider": "postmark", "mail_provider_options": "server_token"})
    assert told == {
        "mail_provider_options": "Mail provider's keys: Write each line like: server_token=your-token"
    }
    assert list(problems({"time_zone": "Mars/Olympus", "business_hours": "nine to five"})) == [
        "business_hours",
        "time_zone",
    ]


def test_a_kind_is_not_both_on_and_off():
    assert problems({"kinds_on": "in_transit delivered", "kinds_off": "delivered"}) == {
        "kinds_on": "Mails sent besides the usual ones: delivered can't stand here and in Mails never sent, "
        "too: remove it from one of them."
    }
