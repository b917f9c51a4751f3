"""Moments inside a process, found by the SQL it runs: there it dies, or its database fails.

Nothing of the plugin is replaced: a moment is "before the statement that takes a notification for
sending", for example, and the process kills its own group there, with SIGKILL.
"""

import os
import random
import re
import signal
from collections.abc import Callable
from typing import Any

from django.db.backends.signals import connection_created

OUTBOX = re.compile(r'^\s*(WITH\b.*)?UPDATE "?saleor_support_plugin_notification"?\b', re.S)
SPELLED = re.compile(r"\bSET\s+\"?state\"?\s*=\s*'(\w+)'", re.I)
OURS = re.compile(r'"?saleor_support_plugin_\w+"?')
STATES = ("pending", "sending", "accepted", "failed", "skipped")

# moment → (the state that the statement writes, whether it ends before or after the statement)
KILLS = {
    "before the claim": ("sending", False),
    "after the claim": ("sending", True),
    "before the state is written": ("accepted", False),
    "while the state is written": ("accepted", True),
}


class Lost(Exception):
    """What a broken hook raises."""


PROBLEMS: tuple[type[BaseException], ...] = (Lost, ValueError, KeyError, RecursionError, OSError, TypeError)


def written(sql: str, params: Any) -> str:
    """The state that an UPDATE of the outbox gives to rows; "" for any other statement."""
    if not OUTBOX.match(sql):
        return ""
    said = SPELLED.search(sql)
    for value in [said.group(1)] if said else params or ():
        if value in STATES:  # SET comes before WHERE
            return str(value)
    return ""


def kill_at(moment: str, count: int) -> None:
    """Kill this process group at the ``count``-th time that it comes to ``moment``."""
    state, after = KILLS[moment]
    left = [count]

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        here = written(sql, params) == state
        if here:
            left[0] -= 1
        if here and not after and left[0] == 0:
            os.killpg(0, signal.SIGKILL)
        result = execute(sql, params, many, context)
        if here and after and left[0] == 0:
            os.killpg(0, signal.SIGKILL)
        return result

    watch(wrapper)


def break_hooks(chance: float, seed: int, fatal: bool) -> None:
    """Raise something (or end the process) at statements about our tables, as a broken hook would."""
    dice = random.Random(seed)

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if OURS.search(sql) and dice.random() < chance:
            if fatal:
                os._exit(9)
            raise dice.choice(PROBLEMS)("the hook is broken")
        return execute(sql, params, many, context)

    watch(wrapper)


def watch(wrapper: Callable[..., Any]) -> None:
    """Have every statement of this process, and of those it forks, go through ``wrapper``."""

    def connected(connection: Any, **_rest: Any) -> None:
        if wrapper not in connection.execute_wrappers:
            connection.execute_wrappers.append(wrapper)

    connection_created.connect(connected, weak=False, dispatch_uid=f"faults {id(wrapper)}")
