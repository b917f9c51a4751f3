"""A carrier that makes labels, as tests want it to behave."""

import contextlib

from django.db import connection

from saleor_support_plugin.returns.labels import Label, LabelMaker, Refused, Unavailable
from saleor_support_plugin.returns.labels.contract import Behaviour

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Courier(LabelMaker):
    """Keeps its labels by reference; ``behaviour`` says how the next questions are answered."""

    name, title = "courier", "Courier"

    def __init__(self):
        self.behaviour, self.made, self.asked, self.given, self.watch = Behaviour.WELL, {}, [], {}, None
        self.depths = set()

    def make(self, request, settings):
        self.asked.append((request, settings))
        self.depths.add(len(connection.savepoint_ids))
        if self.behaviour is Behaviour.AWAY:
            raise Unavailable("Busy.", retry_after=self.given.get("retry_after"))
        if self.behaviour is Behaviour.REFUSES:
            raise Refused("No parcels from Spain.")
        if self.behaviour is Behaviour.NONSENSE:
            raise ValueError("Nonsense.")
        label = self.given.get("label") or Label(
            PDF, "application/pdf", carrier="ups", tracking_number="1Z999AA10123456784"
        )
        self.made[request.reference] = label
        if self.watch is not None:
            self.watch()
        if self.behaviour is Behaviour.SILENT:
            raise TimeoutError
        return label


class Finder(Courier):
    """The same, which can say what it made."""

    name, title = "finder", "Finder"

    def find(self, request, settings):
        if self.behaviour is Behaviour.AWAY:
            raise Unavailable("Busy.")
        return self.made.get(request.reference)


@contextlib.contextmanager
def behaving(maker, behaviour):
    """As the contract wants it; gives how many labels there are."""
    maker.behaviour = behaviour
    maker.made.clear()
    yield lambda: len(maker.made)
    maker.behaviour = Behaviour.WELL
