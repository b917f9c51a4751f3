"""Our ``extends`` and ``include`` answer like Django's, however often and in whatever order; ``trans``."""

import gettext

import pytest
from django.template import Context, Engine, TemplateSyntaxError

TEMPLATES = {
    "base": "<{% block a %}a{% endblock %}|{% block b %}b{% block c %}c{% endblock %}{% endblock %}>",
    "middle": '{% extends "base" %}{% block b %}[{{ block.super }}]{% endblock %}',
    "leaf": '{% extends "middle" %}{% block c %}{{ x }}{{ block.super }}{% endblock %}',
    "other": '{% extends "base" %}{% block a %}{{ x }}{% endblock %}',
    "chosen": "{% extends parent %}{% block a %}chosen{% endblock %}",
    "part": "({{ x }}{{ y }})",
    "list": '{% for x in xs %}{% include "part" with y=x %}{% endfor %}{% include "part" %}{{ y }}',
    "only": '{% include "part" with y=1 only %}',
    "named": "{% include which %}",
    "nested": '{% extends "base" %}{% block a %}{% include "list" %}{% include "leaf" %}{% endblock %}',
}
OURS = "saleor_support_plugin.notifications.writing.tags"
MAIN = ["leaf", "other", "middle", "base", "list", "only", "nested", "leaf", "other", "list"]


def engine(*builtins):
    loaders = [
        ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", TEMPLATES)])
    ]
    return Engine(loaders=loaders, builtins=list(builtins))


def say(engine, name, **values):
    return engine.get_template(name).render(Context({"x": "<x>", "xs": ["<1>", 2], **values}))


def test_templates_are_put_together_as_django_does():
    ours, djangos = engine(OURS), engine()
    for name in MAIN:
        for values in ({}, {"x": "other"}):
            assert say(ours, name, **values) == say(djangos, name, **values), name


@pytest.mark.parametrize(
    ("name", "values"),
    [("named", {"which": "part"}), ("chosen", {"parent": "base"}), ("chosen", {"parent": "middle"})],
)
def test_a_name_in_a_variable_is_asked_each_time(name, values):
    ours, djangos = engine(OURS), engine()
    for choice in (values, {"which": "list", "parent": "leaf"}, values):
        assert say(ours, name, **choice) == say(djangos, name, **choice)


class Catalog(gettext.NullTranslations):
    """Answers in capitals."""

    def gettext(self, message):
        return str(message).upper()


@pytest.mark.parametrize(
    ("source", "catalog", "html", "text"),
    [
        ('{% trans "it\'s <b>" %}', Catalog(), "IT&#x27;S &lt;B&gt;", "IT'S <B>"),
        ('{% trans "it\'s <b>" %}', gettext.NullTranslations(), "it's <b>", "it's <b>"),
        ('{% trans "a & b" as c %}[{{ c }}]', Catalog(), "[A &amp; B]", "[A & B]"),
    ],
)
def test_a_translation_is_escaped_where_html_is_written(source, catalog, html, text):
    compiled = engine(OURS).from_string(source)
    assert compiled.render(Context({"catalog": catalog})) == html
    assert compiled.render(Context({"catalog": catalog}, autoescape=False)) == text


@pytest.mark.parametrize(
    "source", ["{% trans %}", '{% trans "a" as %}', '{% trans "a" noop %}', '{% trans "a" to b %}']
)
def test_trans_is_written_in_two_ways_only(source):
    with pytest.raises(TemplateSyntaxError, match=r"\{% trans \"text\" as name %\}"):
        engine(OURS).from_string(source)
