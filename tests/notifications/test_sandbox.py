"""The language of an admin's own words does what it says and nothing else."""

import time

import pytest
from django.utils.safestring import mark_safe

from saleor_support_plugin.notifications.writing import sandbox
from saleor_support_plugin.notifications.writing.sandbox import Fault, Shape, Type

ITEM = {"name": Type.TEXT, "variant": Type.TEXT, "quantity": Type.TEXT}
SCOPE = {
    "name": Shape(Type.TEXT),
    "total": Shape(Type.TEXT),
    "more": Shape(Type.FLAG),
    "address": Shape(Type.LINES),
    "items": Shape(Type.ROWS, ITEM),
}
VALUES = {
    "name": "Ana",
    "total": 3,
    "more": True,
    "address": ["Calle Mayor 1", "28013 Madrid"],
    "items": [
        {"name": "Oil", "variant": "500 ml", "quantity": 2},
        {"name": "Board", "variant": "", "quantity": 1},
    ],
    "secret": "s3cr3t",
}

# What opens template engines elsewhere: Django's, Jinja's, Twig's, Freemarker's, Mako's, ERB's and others'.
PAYLOADS = (
    "{{ 7*7 }}",
    "{{ 7*'7' }}",
    "{{ self }}",
    "{{ config }}",
    "{{ config.items() }}",
    "{{ request }}",
    "{{ request.user }}",
    "{{ settings.SECRET_KEY }}",
    "{{ secret }}",
    "{{ name.__class__ }}",
    "{{ name.__class__.__mro__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ name|attr('__class__') }}",
    "{{ name['__class__'] }}",
    "{{ name.upper }}",
    "{{ name.format }}",
    "{{ items.0.name }}",
    "{{ items.__len__ }}",
    "{{ items.append }}",
    "{{ _name }}",
    "{{ __import__('os').popen('id').read() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ url_for.__globals__ }}",
    "{{ range(10**9) }}",
    "{{ name|safe }}",
    "{{ name|add:name }}",
    "{{ name|pprint }}",
    "{{ name|default:secret }}",
    "{{ name|center:1000000000 }}",
    "{{ forloop.parentloop }}",
    "{{ block.super }}",
    "{{ name }}{{ debug }}",
    "{% load log %}",
    "{% debug %}",
    "{% include '/etc/passwd' %}",
    "{% include 'base.html' %}",
    "{% extends 'base.html' %}",
    "{% import 'os' as os %}",
    "{% set x = 1 %}",
    "{% with x=name %}{{ x }}{% endwith %}",
    "{% block intro %}{% endblock %}",
    "{% autoescape off %}{{ name }}{% endautoescape %}",
    "{% filter upper %}a{% endfilter %}",
    "{% url 'admin:index' %}",
    "{% csrf_token %}",
    "{% now 'Y' %}",
    "{% ssi '/etc/passwd' %}",
    "{% include name %}",
    "{% verbatim %}{{ secret }}{% endverbatim %}",
    "{% for x in name.__class__ %}{{ x }}{% endfor %}",
    "{% for x in (1,2) %}{{ x }}{% endfor %}",
    "{% for x in items %}{{ x.__class__ }}{% endfor %}",
    "{% for x in items %}{{ x }}{% endfor %}",
    "{% for key, value in items %}{{ key }}{% endfor %}",
    "{% for x in items reversed %}{{ x.name }}{% endfor %}",
    "{% if name == 'Ana' %}x{% endif %}",
    "{% if name and more %}x{% endif %}",
    "{% if name.__class__ %}x{% endif %}",
    "{% if secret %}x{% endif %}",
    "{% comment %}{% endcomment %}",
    "{% raw %}{{ 7*7 }}{% endraw %}",
    "{%- if name -%}x{%- endif -%}",
    "{{- name -}}",
)
# Of other engines' signs none means anything: they stay as they are.
INERT = (
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "*{7*7}",
    "@(7*7)",
    "[[${7*7}]]",
    "{7*7}",
    "{# name #}",
    "%(name)s",
    "{name}",
    "{0.__class__}",
    "$name",
    "#set($x=7*7)",
    "<#assign x=7>",
    "`id`",
)


def show(source, **values):
    return sandbox.compile(source, SCOPE).render({**VALUES, **values})


def fault(source):
    with pytest.raises(Fault) as caught:
        sandbox.compile(source, SCOPE)
    return str(caught.value)


def test_there_are_at_least_fifty_payloads():
    assert len(set(PAYLOADS)) >= 50


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_opens_other_engines_is_refused_with_its_line(payload):
    assert fault(payload).startswith("Line 1: ")
    assert fault(f"Hello\n\n{payload}").startswith("Line 3: ")


@pytest.mark.parametrize("payload", INERT)
def test_signs_of_other_engines_are_text(payload):
    assert show(payload) == payload


@pytest.mark.parametrize("payload", PAYLOADS + INERT)
def test_a_value_is_never_read_as_a_template(payload):
    assert show("{{ name }}", name=payload) == payload


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("", ""),
        ("Hello, you!", "Hello, you!"),
        ("Hello {{ name }}, {{total}} things", "Hello Ana, 3 things"),
        ("{{ name|upper }} {{ name | lower }}", "ANA ana"),
        ("{% if more %}a{% endif %}b", "ab"),
        ("{% if not more %}a{% else %}b{% endif %}", "b"),
        ("{% if more %}{% if name %}x{% else %}y{% endif %}{% endif %}", "x"),
        ("{% for line in address %}{{ line }}\n{% endfor %}", "Calle Mayor 1\n28013 Madrid\n"),
        (
            "{% for item in items %}{{ item.quantity }} × {{ item.name }}"
            "{% if item.variant %} ({{ item.variant }}){% endif %}\n{% endfor %}",
            "2 × Oil (500 ml)\n1 × Board\n",
        ),
        ("{% if items %}some{% endif %}", "some"),
        ("{% for a in items %}{{ a.name }}{% endfor %}{% for a in address %}{{ a }}{% endfor %}",
         "OilBoardCalle Mayor 128013 Madrid"),
    ],
)  # fmt: skip
def test_what_it_can_do(source, shown):
    assert show(source) == shown


def test_defaults_and_gaps():
    assert show('Hello {{ name|default:"friend" }}', name="") == "Hello friend"
    assert show("Hello {{ name|default:'friend'|upper }}", name=None) == "Hello FRIEND"
    assert show("{{ name }}{% if name %}x{% else %}y{% endif %}", name=None) == "y"
    assert show("{{ total }}", total=0) == "0"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\nb {{ nmae }}", "Line 2: There is no nmae in this mail; there are address, items, more, name, total."),
        ("{{ name ", "Line 1: The {{ is not closed with }} in the same line."),
        ("x\n{{ name\n}}", "Line 2: The {{ is not closed with }} in the same line."),
        ("x\n\n}} y", "Line 3: There is a }} without its beginning."),
        ("{% if more %}\na", "Line 1: {% if more %} has no end."),
        ("a\n{% endif %}", "Line 2: There is nothing here that {% endif %} could end."),
        ("{% if more %}{% endfor %}", "Line 1: There is nothing here that {% endfor %} could end."),
        ("{% for i in items %}\n{% else %}{% endfor %}", "Line 2: There is nothing here that {% else %} could end."),
        ("{% if more %}{% else %}{% else %}{% endif %}", "Line 1: This {% if %} has two {% else %}."),
        ("{% if more name %}{% endif %}", "Line 1: An {% if %} takes one name, or `not` and one name."),
        ("{{ more }}", "Line 1: more is only true or false: write {% if more %}…{% endif %}."),
        ("{{ items }}", "Line 1: items is a list: write {% for one in items %}…{% endfor %}."),
        ("{% for x in name %}{% endfor %}", "Line 1: name is not a list."),
        ("{% for name in items %}{% endfor %}", "Line 1: name already means something else; call it differently."),
        ("{% for a in items %}\n{% for b in address %}{% endfor %}{% endfor %}",
         "Line 2: A loop can't stand inside another loop."),
        ("{% for a in items %}{{ a.colour }}{% endfor %}",
         "Line 1: a.colour is not possible; there are a.name, a.quantity, a.variant."),
        ("{% for a in items %}{% endfor %}{{ a.name }}",
         "Line 1: There is no a in this mail; there are address, items, more, name, total."),
        ("{{ name.first }}", "Line 1: name has no parts: name.first is not possible."),
        ("{{ name|title }}", 'Line 1: |title is not possible; there are |default:"text", |lower and |upper.'),
        ("{{ name|default }}", 'Line 1: |default is not possible; there are |default:"text", |lower and |upper.'),
        ("{{ name|lower:'x' }}", "Line 1: |lower:'x' is not possible; "
         'there are |default:"text", |lower and |upper.'),
        ("x" * 5001, "Use at most 5000 characters."),
        ("\n{{ name }}" * 101, "Line 102: Use at most 100 tags."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(source, message):
    assert fault(source) == message


def test_what_comes_out_is_limited():
    with pytest.raises(Fault, match="longer than 20000 characters"):
        show("{{ name }}", name="x" * 20_001)
    assert show("{{ name }}", name="x" * 20_000) == "x" * 20_000
    with pytest.raises(Fault, match="longer than 20000 characters"):
        show("{% for x in address %}" + "x" * 4_000 + "{% endfor %}", address=["x"] * 10)


def test_loops_are_limited_together():
    loop = "{% for x in address %}{{ x }}{% endfor %}"
    assert show(loop, address=["x"] * 200) == "x" * 200
    with pytest.raises(Fault, match="Line 1: The loops make more than 200 turns"):
        show(loop, address=["x"] * 201)
    with pytest.raises(Fault, match="Line 2: The loops make more than 200 turns"):
        show(loop + "\n" + loop, address=["x"] * 101)


class Trap(str):
    """A value that would tell on itself if anything but plain data were touched."""

    __slots__ = ()

    def __getattribute__(self, name):
        raise AssertionError(f"{name} was read")


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("{{ name }}", {"name": object()}),
        ("{{ name }}", {"name": Trap("x")}),
        ("{{ name }}", {"name": {"a": 1}}),
        ("{{ name }}", {"name": ["a"]}),
        ("{{ name }}", {"name": True}),
        ("{{ name }}", {"name": 1.5}),
        ("{{ name }}", {"name": print}),
        ("{% if more %}{% endif %}", {"more": object()}),
        ("{% for x in items %}{% endfor %}", {"items": "abc"}),
        ("{% for x in items %}{% endfor %}", {"items": (1, 2)}),
        ("{% for x in items %}{{ x.name }}{% endfor %}", {"items": ["abc"]}),
        ("{% for x in items %}{{ x.name }}{% endfor %}", {"items": [{"variant": ""}]}),
        ("{% for x in address %}{{ x }}{% endfor %}", {"address": [{"name": "x"}]}),
        ("{% for x in address %}{{ x }}{% endfor %}", {"address": [["x"]]}),
    ],
)
def test_values_of_another_kind_are_refused(source, values):
    with pytest.raises(Fault):
        show(source, **values)


def test_a_missing_value_is_a_fault_and_not_a_gap():
    with pytest.raises(Fault, match="Line 1: This mail has no name"):
        sandbox.compile("{{ name }}", SCOPE).render({})


def test_plain_data_is_copied_and_nothing_else_passes():
    safe = mark_safe("<b>")
    copied = sandbox.plain({"a": safe, "b": (1, True, None, [safe])})
    assert copied == {"a": "<b>", "b": [1, True, None, ["<b>"]]}
    assert type(copied["a"]) is str
    for value in (object(), 1.5, b"x", {"a": {1, 2}}, print):
        with pytest.raises(TypeError, match="is no plain data"):
            sandbox.plain(value)


@pytest.mark.parametrize(
    "source", ["{{" * 2500, "{%" * 2500, "{{ a }" * 833, "}" * 5000, "{{ " + "a|" * 2400 + " }}"]
)
def test_crafted_texts_cost_no_time(source):
    start = time.perf_counter()
    fault(source) if "{" in source or "}}" in source else show(source)
    assert time.perf_counter() - start < 0.5


def test_the_program_knows_its_names_and_its_own_words():
    program = sandbox.compile("Go to https://a.example/{{ name }}{% if more %} now{% endif %}", SCOPE)
    assert program.names == {"name", "more"}
    assert program.literals == ("Go to https://a.example/", " now")
