"""The template tags ``trans`` and ``blocktrans`` of mails, and the filters ``paragraphs`` and ``quoted``.

They are written like Django's own, so that ``makemessages`` finds their texts, but they ask only
our own translations, in the mail's language: what a shop sets in LANGUAGE_CODE or LOCALE_PATHS,
and what its other apps translate, can't change a mail.
"""

import re
from typing import Any

from django import template
from django.template.base import Node, Parser, Token
from django.template.base import render_value_in_context as as_text
from django.templatetags.i18n import BlockTranslateNode, do_block_translate
from django.utils.safestring import SafeString
from django.utils.translation import trim_whitespace

register = template.Library()

_ELEMENTS = ("<p", "<table", "<ul", "<ol", "<div", "<h")


@register.simple_tag(takes_context=True)
def trans(context: template.Context, text: str) -> str:
    """``{% trans "View your order" %}`` or ``{% trans "…" as name %}``."""
    result: str = context["catalog"].gettext(text)
    return result


@register.filter
def paragraphs(text: str, style: str) -> SafeString:
    """HTML whose paragraphs are divided by empty lines, each put into a ``<p>`` with this style.

    What is an element of its own already (a paragraph, a table) stays as it is.
    """
    parts = [part.strip() for part in re.split(r"\n[ \t]*\n", str(text)) if part.strip()]
    opened = f'<p class="ink" style="{style}">'
    # Safe: the text is a finished part of a mail, whose values were escaped when they were written.
    return SafeString("".join(one if one.startswith(_ELEMENTS) else f"{opened}{one}</p>" for one in parts))


@register.filter
def quoted(text: str) -> str:
    """Plain text with ``> `` before each line."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


@register.tag("blocktrans")
def blocktrans(parser: Parser, token: Token) -> Node:
    """``{% blocktrans trimmed count n=total with x=y %}…{% plural %}…{% endblocktrans %}``."""
    return Phrase(do_block_translate(parser, token))


class Phrase(Node):
    """A sentence with values in it, parsed by Django and translated by the mail's catalog."""

    def __init__(self, parsed: BlockTranslateNode):
        self.parsed = parsed

    def render(self, context: template.Context) -> str:
        """The sentence in the mail's language; a value that is missing raises KeyError."""
        catalog, parsed = context["catalog"], self.parsed
        with context.push(**{name: value.resolve(context) for name, value in parsed.extra_context.items()}):
            text, names = self._source(parsed.singular)
            if parsed.plural and parsed.countervar and parsed.counter:
                count = context[parsed.countervar] = parsed.counter.resolve(context)
                many, more = self._source(parsed.plural)
                text, names = catalog.ngettext(text, many, count), [*names, *more]
            else:
                text = catalog.gettext(text)
            values = {name: as_text(context[name], context) for name in names}
        # Safe: the sentence is ours, and as_text has escaped every value where HTML is written.
        result = SafeString(text % values)
        if parsed.asvar:
            context[parsed.asvar] = result
            return ""
        return result

    def _source(self, tokens: list[Any]) -> tuple[str, list[str]]:
        text, names = self.parsed.render_token_list(tokens)
        return (trim_whitespace(text) if self.parsed.trimmed else text), names
