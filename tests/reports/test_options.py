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
