"""Kill the program at every step boundary: each start and end of a transaction, each act's work."""

import contextlib

from django.db.transaction import Atomic

from sandbox.home.shop import SandboxShop


class Killed(BaseException):
    """The process died here. Not an Exception: nothing may catch it and tidy up."""


class Boundaries:
    """Counts the boundaries that are crossed, and dies at the one it was told to."""

    def __init__(self, fatal=None):
        self.fatal = fatal
        self.crossed = []

    def cross(self, name):
        """Cross a boundary; die if it is the fatal one."""
        self.crossed.append(name)
        if len(self.crossed) == self.fatal:
            raise Killed(name)

    @property
    def last(self):
        """The name of the boundary at which it died."""
        return self.crossed[-1]


@contextlib.contextmanager
def boundaries(fatal=None):
    """Within this block the ``fatal``-th boundary (from 1) kills; yields what was crossed."""
    count = Boundaries(fatal)
    real = Atomic.__enter__, Atomic.__exit__, SandboxShop._perform

    def enter(self):
        count.cross("before a transaction")
        return real[0](self)

    def leave(self, kind, error, trace):
        if error is None:
            try:
                count.cross("before a commit")
            except Killed as killed:
                real[1](self, Killed, killed, killed.__traceback__)
                raise
            real[1](self, None, None, None)
            count.cross("after a commit")
        else:
            real[1](self, kind, error, trace)

    def perform(self, command):
        name = type(command).__name__
        count.cross(f"before {name}")
        Atomic.__enter__, Atomic.__exit__ = real[0], real[1]  # the shop's own transactions are the shop's
        try:
            result = real[2](self, command)
        finally:
            Atomic.__enter__, Atomic.__exit__ = enter, leave
        count.cross(f"after {name}")
        return result

    Atomic.__enter__, Atomic.__exit__, SandboxShop._perform = enter, leave, perform
    try:
        yield count
    finally:
        Atomic.__enter__, Atomic.__exit__, SandboxShop._perform = real
