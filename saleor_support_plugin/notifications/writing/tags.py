"""The template tags of mails: ``trans`` and ``blocktrans``, quicker ``extends`` and ``include``, and filters.

They are written like Django's own, so that ``makemessages`` finds their texts, but they ask only
our own translations, in the mail's language: what a shop sets in LANGUAGE_CODE or LOCALE_PATHS,
and what its other apps translate, can't change a mail.
"""

import re
from typing import Any

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token
from django.template.base import render_value_in_context as as_text
from django.template.defaulttags import CycleNode, IfChangedNode
from django.template.loader_tags import (
    BLOCK_CONTEXT_KEY,
    BlockContext,
    BlockNode,
    ExtendsNode,
    IncludeNode,
    do_extends,
    do_include,
)
from django.templatetags.i18n import BlockTranslateNode, do_block_translate
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import trim_whitespace

register = template.Library()

_WITH_STATE = (ExtendsNode, BlockNode, CycleNode, IfChangedNode)  # they note things by template
_ELEMENTS = ("<p", "<table", "<ul", "<ol", "<div", "<h")


@register.tag("trans")
def trans(parser: Parser, token: Token) -> Node:
    """``{% trans "View your order" %}`` or ``{% trans "…" as name %}``."""
    bits = token.split_contents()
    if len(bits) == 4 and bits[2] == "as":
        return Text(parser.compile_filter(bits[1]), bits[3])
    if len(bits) != 2:
        raise template.TemplateSyntaxError('Write {% trans "text" %} or {% trans "text" as name %}.')
    return Text(parser.compile_filter(bits[1]))


class Text(Node):
    """A text without values in it."""

    def __init__(self, text: FilterExpression, asvar: str = ""):
        self.text, self.asvar = text, asvar

    def render(self, context: template.Context) -> str:
        """The text in the mail's language."""
        translated: str = context["catalog"].gettext(self.text.resolve(context))
        if self.asvar:
            context[self.asvar] = translated
            return ""
        return conditional_escape(translated) if context.autoescape else translated


@register.tag("extends")
def extends(parser: Parser, token: Token) -> Node:
    """``{% extends "base.html" %}``, as Django's."""
    parsed: Any = do_extends(parser, token)
    return Extends(parsed.nodelist, parsed.parent_name)


class Extends(ExtendsNode):
    """Django's, which here looks for the parent's blocks once, not each time."""

    def __init__(self, nodelist: NodeList, parent_name: FilterExpression):
        super().__init__(nodelist, parent_name)
        self._inherited: dict[str, dict[str, BlockNode]] = {}  # by the parent's path

    def render(self, context: template.Context) -> Any:
        """The parent with our blocks in it."""
        parent: Any = self.get_parent(context)
        inherited = self._inherited.get(parent.origin.name)
        if inherited is None:
            first = next((node for node in parent.nodelist if not isinstance(node, TextNode)), None)
            nodes = [] if isinstance(first, ExtendsNode) else parent.nodelist.get_nodes_by_type(BlockNode)
            inherited = {node.name: node for node in nodes if isinstance(node, BlockNode)}
            self._inherited[parent.origin.name] = inherited
        rendering: Any = context.render_context
        blocks = rendering.setdefault(BLOCK_CONTEXT_KEY, BlockContext())
        blocks.add_blocks(self.blocks)
        blocks.add_blocks(inherited)
        with rendering.push_state(parent, isolated_context=False):
            return parent._render(context)


@register.tag("include")
def include(parser: Parser, token: Token) -> Node:
    """``{% include "parts/button.html" with url=link %}``, as Django's."""
    parsed: Any = do_include(parser, token)
    return Include(
        parsed.template, extra_context=parsed.extra_context, isolated_context=parsed.isolated_context
    )


class Include(IncludeNode):
    """Django's, which here looks for a template of fixed name once, not each time."""

    part: Any = None
    plain = False  # whether the part keeps nothing of its own while it is rendered

    def render(self, context: template.Context) -> Any:
        """The part with our values in it."""
        name = self.template.var  # a variable's is no text
        if self.isolated_context or not isinstance(name, str) or name.startswith("."):
            return super().render(context)
        if self.part is None:
            whole: Any = context.template
            self.part = whole.engine.get_template(name)
            self.plain = not any(self.part.nodelist.get_nodes_by_type(kind) for kind in _WITH_STATE)
        part = self.part.nodelist if self.plain else self.part
        values = {name: value.resolve(context) for name, value in self.extra_context.items()}
        with context.push(**values):
            return part.render(context)


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
        self.one = self._source(parsed.singular)
        self.many = self._source(parsed.plural) if parsed.plural and parsed.countervar else None

    def render(self, context: template.Context) -> str:
        """The sentence in the mail's language; a value that is missing raises KeyError."""
        values = {name: value.resolve(context) for name, value in self.parsed.extra_context.items()}
        if not values and self.many is None:
            result = self._say(context)
        else:
            with context.push(**values):
                result = self._say(context)
        if self.parsed.asvar:
            context[self.parsed.asvar] = result
            return ""
        return result

    def _say(self, context: template.Context) -> SafeString:
        catalog, (text, names) = context["catalog"], self.one
        if self.many is not None and self.parsed.counter:
            count = context[self.parsed.countervar or ""] = self.parsed.counter.resolve(context)
            text, names = catalog.ngettext(text, self.many[0], count), [*names, *self.many[1]]
        else:
            text = catalog.gettext(text)
        # Safe: the sentence is ours, and as_text has escaped every value where HTML is written.
        return SafeString(text % {name: as_text(context[name], context) for name in names})

    def _source(self, tokens: list[Any]) -> tuple[str, list[str]]:
        text, names = self.parsed.render_token_list(tokens)
        return (trim_whitespace(text) if self.parsed.trimmed else text), names
