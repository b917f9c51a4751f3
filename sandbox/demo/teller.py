"""Tells the story: sends requests to the running server, prints them with their answers, checks."""

import dataclasses
import json
import os
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from saleor_support_plugin import jobs
from sandbox import clock, mails, worker
from sandbox.worker import Worker

WIDTH = 100


@dataclasses.dataclass(frozen=True)
class Voice:
    """Somebody who sends requests; ``token`` "" is nobody."""

    name: str
    token: str = ""


class Teller:
    """Prints to standard output, and counts what was not as expected."""

    def __init__(self, base: str, worker: Worker) -> None:
        self.base = base
        self.worker = worker
        self.failures: list[str] = []
        self.requests = self.checks = self.chapters = 0
        self._seen = 0
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def chapter(self, number: int, title: str, text: str) -> None:
        """Begin a step of the story."""
        self.chapters += 1
        print("\n\n" + self._paint("1", f"━━ {number} · {title} " + "━" * max(3, WIDTH - len(title) - 7)))
        self.say(text)

    def say(self, text: str) -> None:
        """A paragraph."""
        print("\n" + textwrap.fill(" ".join(text.split()), WIDTH))

    def ask(self, who: Voice, document: str, **variables: Any) -> dict[str, Any]:
        """POST one GraphQL operation as ``who``; prints both sides; returns the answer's ``data``."""
        answer = self.send(who, document, variables)
        bearer = f"Bearer {who.token[:14]}…" if who.token else "none"
        print("\n" + self._paint("36", f"▶ {who.name}  POST {self.base}/graphql/  Authorization: {bearer}"))
        print(textwrap.indent(textwrap.dedent(document).strip(), "  "))
        if variables:
            print(self._json("variables ", variables))
        print(self._paint("33", "◀ answer"))
        print(self._json("", answer))
        self.requests += 1
        data = answer.get("data") or {}
        return {**data, "errors": answer["errors"]} if "errors" in answer else dict(data)

    def send(self, who: Voice, document: str, variables: dict[str, Any]) -> dict[str, Any]:
        """As :meth:`ask`, without a word."""
        body = json.dumps({"query": document, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"}
        if who.token:
            headers["Authorization"] = f"Bearer {who.token}"
        request = urllib.request.Request(f"{self.base}/graphql/", body, headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                result: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            result = json.load(error)
        return result

    def later(self, sentence: str, **time: float) -> None:
        """Let time pass, in the words of ``timedelta``: the sandbox's clock is moved ahead, nobody waits;
        then the periodic jobs run, as they would have meanwhile."""
        self.worker.wait()
        clock.go_ahead(**time)
        print(
            self._paint("34", f"\n⏱ {sentence}: the sandbox's clock is moved to {clock.now():%A %H:%M} UTC")
        )
        for name in jobs.PERIODIC:
            worker.queue(jobs.PREFIX + name, ())

    def expect(self, ok: bool, sentence: str) -> None:
        """A check: ``sentence`` is what must be so."""
        self.checks += 1
        if ok:
            print(self._paint("32", f"  ✓ {sentence}"))
        else:
            self.failures.append(sentence)
            print(self._paint("31;1", f"  ✗ NOT SO: {sentence}"))

    def refused(self, payload: dict[str, Any] | None, code: str, sentence: str, field: str = "") -> None:
        """Check that a mutation refused with this code (and field)."""
        errors = (payload or {}).get("errors") or [{}]
        told = f"{sentence} ({code}{', field ' + field if field else ''})"
        right = errors[0].get("code") == code and (not field or errors[0].get("field") == field)
        self.expect(right and bool(errors[0].get("message")), told)

    def mailed(self, *expected: tuple[str, str]) -> list[mails.Mail]:
        """Wait for the worker, and check that exactly these (kind, recipient) were mailed since last time."""
        quiet = self.worker.wait()
        new = [mail for mail in mails.sent() if mail.number > self._seen]
        self._seen = max([self._seen, *(mail.number for mail in new)])
        for mail in new:
            print(self._paint("35", f"\n✉ {mail.path.name}  to {mail.to}"))
            print(f"  “{mail.subject}”")
        got = sorted((mail.kind, mail.to) for mail in new)
        names = ", ".join(f"{kind} to {to}" for kind, to in expected) or "nothing"
        self.expect(quiet and got == sorted(expected), f"exactly this is mailed: {names}")
        return new

    def show(self, title: str, text: str) -> None:
        """A longer text, like a mail's."""
        print(self._paint("35", f"  {title}"))
        print(textwrap.indent(text.strip(), "  │ "))

    def close(self) -> int:
        """The summary; the process's exit status."""
        count = len(mails.sent())
        print("\n\n" + self._paint("1", "━" * WIDTH))
        if self.failures:
            print(self._paint("31;1", f"{len(self.failures)} of {self.checks} checks failed:"))
            for sentence in self.failures:
                print(f"  ✗ {sentence}")
            return 1
        told = f"{self.chapters} steps, {self.requests} requests, {count} mails, {self.checks} checks"
        print(self._paint("32;1", f"✓ {told}: all as expected."))
        print(
            "  The mails are in demo-mails/ as .eml and .html; every kind there is, in demo-mails/gallery/."
        )
        return 0

    def _json(self, prefix: str, value: Any) -> str:
        text = json.dumps(value, indent=2, ensure_ascii=False)
        return textwrap.indent(prefix + _shorter(text), "  ")

    def _paint(self, code: str, text: str) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour else text


def _shorter(text: str) -> str:
    """Put small objects and lists on one line: {"a": 1}."""
    lines: list[str] = []
    for line in text.splitlines():
        lines.append(line)
        if line.strip().rstrip(",") in ("}", "]") and (begin := _opening(lines)) is not None:
            joined = " ".join(part.strip() for part in lines[begin:])
            joined = joined.replace("{ ", "{").replace(" }", "}").replace("[ ", "[").replace(" ]", "]")
            indent = len(lines[begin]) - len(lines[begin].lstrip())
            if len(joined) + indent < WIDTH - 12:
                lines[begin:] = [" " * indent + joined]
    return "\n".join(lines)


def _opening(lines: Sequence[str]) -> int | None:
    indent = len(lines[-1]) - len(lines[-1].lstrip())
    for place in range(len(lines) - 2, -1, -1):
        if len(lines[place]) - len(lines[place].lstrip()) == indent:
            return place
    return None
