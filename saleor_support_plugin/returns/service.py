"""Every verb of returns, in one place for entrances; each lives in the module of its subject."""

from saleor_support_plugin.returns.appraisal import eligibility
from saleor_support_plugin.returns.approval import approve
from saleor_support_plugin.returns.comments import comment
from saleor_support_plugin.returns.deadlines import expire_due, remind_due
from saleor_support_plugin.returns.deadlines import sweep as sweep_deadlines
from saleor_support_plugin.returns.decisions import answer, ask, decline
from saleor_support_plugin.returns.endings import cancel, reopen
from saleor_support_plugin.returns.execution import execute, settle, settle_refund, sweep
from saleor_support_plugin.returns.requests import confirm, request
from saleor_support_plugin.returns.wishes import Wish

__all__ = [
    "Wish",
    "answer",
    "approve",
    "ask",
    "cancel",
    "comment",
    "confirm",
    "decline",
    "eligibility",
    "execute",
    "expire_due",
    "remind_due",
    "reopen",
    "request",
    "settle",
    "settle_refund",
    "sweep",
    "sweep_deadlines",
]
