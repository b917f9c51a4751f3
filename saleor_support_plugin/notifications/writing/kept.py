"""``{% kept %}…{% endkept %}``: a part of a mail that is the same for all mails of a shop, rendered once.

Header, styles, footer and the like depend on brand, language and shop alone. What stands between the two
tags sees only the names in :data:`SHOP`, and is kept under the values of all of them: so nothing of one
customer, of one order or of another channel can ever be in it. Whatever else a template reads or does
there is refused when the template is compiled.
"""

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from django import template
from django.template.base import (
    Node,
    NodeList,
    Parser,
    TextNode,
    Token,
    Variable,
    VariableNode,
)
from django.template.defaulttags import CommentNode, ForNode, IfNode, TemplateLiteral
from django.utils.safestring import SafeString

from saleor_support_plugin.notifications.writing.tags import Phrase, Text

register = template.Library()

# The names of ``context_for`` that hold nothing of a person or an order.
SHOP = ("catalog", "lang", "dir", "start", "end", "for_staff", "shop_name", "can_reply", "brand", "banner")
FILTERS = frozenset({"default"})  # filters that always answer the same
CACHED = 256  # brands, each in one language, whose parts one process keeps: about 20 kB each

_NAME = "kept parts"  # where a context holds them: no template can write this name


class Parts:
    """The parts rendered so far with these ``values`` of the names in SHOP."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.found: dict[tuple[Node, bool], SafeString] = {}


class _Shop:
    """Values of the names in SHOP, equal to others that every template shows alike."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = {name: values[name] for name in SHOP if name in values}
        self.key = _frozen(self.values)
        self.hash = hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shop) and self.key == other.key

    def __hash__(self) -> int:
        return self.hash


def _frozen(value: Any) -> Any:
    """``value`` to compare and hash, with its type: a text that is safe is shown unlike one that is not."""
    kind = type(value)
    if kind is dict:
        return kind, *value, *map(_frozen, value.values())
    if kind is list or kind is tuple:
        return kind, *map(_frozen, value)
    return kind, value


@functools.lru_cache(maxsize=CACHED)
def _parts(shop: _Shop) -> Parts:
    return Parts(shop.values)


def with_parts(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` for templates, with the parts that are kept for this shop; change none of SHOP after."""
    return {**values, _NAME: _parts(_Shop(values))}


@register.tag("kept")
def kept(parser: Parser, token: Token) -> Node:
    """``{% kept %}…{% endkept %}``: texts, variables, conditions, loops and translations."""
    if token.split_contents() != ["kept"]:
        raise template.TemplateSyntaxError("Write {% kept %} without anything behind it.")
    nodes = parser.parse(("endkept",))
    parser.delete_first_token()
    _check(nodes, frozenset(SHOP))
    return Kept(nodes)


class Kept(Node):
    """A part, rendered with the shop's values alone, whatever else the context holds."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: template.Context) -> SafeString:
        """The part, as it was rendered the first time for this shop."""
        whole: Any = context
        parts = whole.get(_NAME) or _parts(_Shop(whole.flatten()))
        key = self, context.autoescape
        text: SafeString | None = parts.found.get(key)
        if text is None:
            alone = template.Context(parts.values, autoescape=context.autoescape, use_l10n=False)
            with alone.bind_template(whole.template):
                text = parts.found[key] = self.nodelist.render(alone)
        return text


def _check(nodes: Iterable[Any], names: frozenset[str]) -> None:
    """Refuse what reads anything but ``names``, or does not always give the same for the same values."""
    for node in nodes:
        match node:
            case TextNode() | CommentNode():
                pass
            case VariableNode():
                _check_value(node.filter_expression, names)
            case Text(asvar=""):
                _check_value(node.text, names)
            case Phrase() if not node.parsed.asvar:
                _check_phrase(node, names)
            case IfNode():
                for condition, inside in node.conditions_nodelists:
                    _check_condition(condition, names)
                    _check(inside, names)
            case ForNode():
                _check_value(node.sequence, names)
                _check(node.nodelist_loop, names | {*node.loopvars, "forloop"})
                _check(node.nodelist_empty, names)
            case _:
                _refuse(f"{type(node).__name__} is not possible")


def _check_phrase(node: Phrase, names: frozenset[str]) -> None:
    parsed = node.parsed
    given = [*parsed.extra_context.values(), *([parsed.counter] if parsed.counter else [])]
    for value in given:
        _check_value(value, names)
    names |= {*parsed.extra_context, *([parsed.countervar] if parsed.countervar else [])}
    for name in [*node.one[1], *(node.many[1] if node.many else [])]:
        _check_name(name, names)


def _check_condition(condition: Any, names: frozenset[str]) -> None:
    if condition is None:  # else
        return
    if isinstance(condition, TemplateLiteral):
        _check_value(condition.value, names)
        return
    for one in (condition.first, condition.second):
        _check_condition(one, names)


def _check_value(value: Any, names: frozenset[str]) -> None:
    arguments = [argument for _function, given in value.filters for _lookup, argument in given]
    for one in (value.var, *arguments):
        if isinstance(one, Variable) and one.lookups:
            _check_name(one.lookups[0], names)
    for function, _given in value.filters:
        if (name := getattr(function, "_filter_name", "")) not in FILTERS:
            _refuse(f"the filter {name} is not possible")


def _check_name(name: str, names: frozenset[str]) -> None:
    if name not in names:
        _refuse(f"{name} is not one of {', '.join(SHOP)}")


def _refuse(why: str) -> NoReturn:
    raise template.TemplateSyntaxError(f"In what is kept for many mails {why}.")
