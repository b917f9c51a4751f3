"""Own words inside Saleor: over its endpoint, and when many admins save at the same moment."""

import threading

from django.db import connections

from saleor_support_plugin.actors import Actor, ActorKind, Permission
from saleor_support_plugin.errors import Code, WrongState
from saleor_support_plugin.history.models import HistoryEntry
from saleor_support_plugin.notifications import overrides
from saleor_support_plugin.notifications.models import Notification, Override
from saleor_support_plugin.settings import Feature

SAVE = """mutation ($input: SupportNotificationTemplateInput!) {
  supportNotificationTemplateUpdate(input: $input) { errors { field code message } template { id version } }
}"""
TEST = """mutation ($channel: ID!) {
  supportNotificationTestSend(kind: "delivered", channelId: $channel) { errors { code } recipient }
}"""
ADMIN = Actor(ActorKind.STAFF, id="VXNlcjo5", permissions=frozenset({Permission.MANAGE_ORDERS}))
THREADS = 4


def at_once(save):
    """What ``save(number)`` returned or raised in each of several threads that start together."""
    gate, results = threading.Barrier(THREADS), []

    def run(number):
        gate.wait()
        try:
            results.append(save(number))
        except WrongState as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def saver(shop, language, expected):
    """``save(number)`` keeps the subject "Subject <number>" in this language."""

    def save(number):
        with shop.writing():
            return overrides.save(
                actor=ADMIN, kind="delivered", language=language, blocks=[("subject", f"Subject {number}")],
                expected_version=expected, now=shop.now(),
            )  # fmt: skip

    return save


def test_of_admins_who_read_the_same_version_one_wins(world, shop):
    for expected in (0, 1):  # the first words, and the next
        results = at_once(saver(shop, "en", expected))
        lost = [one for one in results if isinstance(one, WrongState)]
        assert [one.code for one in lost] == [Code.CONFLICT] * (THREADS - 1)
        (won,) = [one for one in results if one not in lost]
        kept = Override.objects.get(kind="delivered", language="en")
        assert (kept.blocks, kept.version) == (won.blocks, expected + 1)


def test_without_a_version_all_are_kept_one_after_the_other(world, shop):
    before = HistoryEntry.objects.count()
    results = at_once(saver(shop, "es", None))
    assert sorted(one.version for one in results) == list(range(1, THREADS + 1))
    last = max(results, key=lambda one: one.version)
    assert Override.objects.get(kind="delivered", language="es").blocks == last.blocks
    assert HistoryEntry.objects.count() - before == THREADS


def test_over_saleors_endpoint(world):
    world.configure(world.channel_id, {str(feature): True for feature in Feature})
    given = {"kind": "order_shipped", "language": "en", "channelId": world.channel_id}
    bad = {**given, "blocks": [{"name": "intro", "text": "Hello\n{{ name.__class__ }}"}]}
    answer = world.ask(SAVE, {"input": bad}, world.user("staff"))
    (error,) = answer["data"]["supportNotificationTemplateUpdate"]["errors"]
    assert (error["field"], error["code"]) == ("intro", "INVALID")
    assert error["message"].startswith("Line 2: ")
    good = {**given, "blocks": [{"name": "intro", "text": "Hello {{ name }}"}], "expectedVersion": 0}
    saved = world.do(SAVE, {"input": good}, world.user("staff"))
    assert (saved["errors"], saved["template"]["version"]) == ([], 1)
    sent = world.do(TEST, {"channel": world.channel_id}, world.user("staff"))
    assert sent["errors"] == []
    assert Notification.objects.filter(recipient=sent["recipient"], subject__startswith="test:").count() == 1
