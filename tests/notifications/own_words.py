"""What the tests of own words share: a mail to say them in, and its HTML taken apart."""

import html.parser

from saleor_support_plugin.notifications import kinds, samples
from saleor_support_plugin.notifications.writing import drafts, mail, wording
from saleor_support_plugin.notifications.writing.context import context_for
from tests.notifications.samples import NOW, SETTINGS


class Page(html.parser.HTMLParser):
    """The tags and links of a mail, and its text."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.links, self.handlers, self.words = [], [], [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.handlers += [name for name, _value in attrs if name.startswith("on")]
        self.links += [value for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.words.append(data)


def row(kind="ticket_reply", code="en", data=None, **changes):
    order, given = samples.sample(kind, code, now=NOW)
    made = drafts.row(kinds.get(kind), order, {**given, **(data or {})}, code)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def written(blocks, one=None):
    one = one or row()
    kind = kinds.get(one.kind)
    values = context_for(one, kind, SETTINGS, now=NOW)
    return mail.compose(kind, values, wording.compile_blocks(kind, blocks).say(kind, values))


def said(block, source, **data):
    one = row(data=data)
    kind = kinds.get(one.kind)
    values = context_for(one, kind, SETTINGS, now=NOW)
    return wording.compile_blocks(kind, {block: source}).say(kind, values)[block]
