"""Every verb of returns, in one place for entrances; each lives in the module of its subject."""

from saleor_support_plugin.returns.authorisation.approval import approve
from saleor_support_plugin.returns.authorisation.comments import comment
from saleor_support_plugin.returns.authorisation.confirmation import confirm
from saleor_support_plugin.returns.authorisation.deadlines import expire_due, remind_due
from saleor_support_plugin.returns.authorisation.deadlines import sweep as sweep_deadlines
from saleor_support_plugin.returns.authorisation.decisions import answer, ask, decline
from saleor_support_plugin.returns.authorisation.endings import cancel, reopen
from saleor_support_plugin.returns.authorisation.requests import request
from saleor_support_plugin.returns.eligibility.appraisal import eligibility
from saleor_support_plugin.returns.eligibility.wishes import Wish
from saleor_support_plugin.returns.logistics.entering import enter, settle_by_hand
from saleor_support_plugin.returns.logistics.entering import retry as retry_entry
from saleor_support_plugin.returns.logistics.entering import sweep as sweep_receipts
from saleor_support_plugin.returns.logistics.following import follow as follow_shipments
from saleor_support_plugin.returns.logistics.label_requests import make as make_label
from saleor_support_plugin.returns.logistics.label_requests import sweep as sweep_labels
from saleor_support_plugin.returns.logistics.receiving import Count, receive
from saleor_support_plugin.returns.logistics.reconciliation import reconcile
from saleor_support_plugin.returns.logistics.reconciliation import sweep as sweep_orders
from saleor_support_plugin.returns.logistics.shipments import attach_label
from saleor_support_plugin.returns.logistics.shipments import report as report_shipment
from saleor_support_plugin.returns.settlement.settling import settle, settle_due, settle_refund
from saleor_support_plugin.returns.settlement.settling import sweep as sweep_settlements

__all__ = [
    "Count",
    "Wish",
    "answer",
    "approve",
    "ask",
    "attach_label",
    "cancel",
    "comment",
    "confirm",
    "decline",
    "eligibility",
    "enter",
    "expire_due",
    "follow_shipments",
    "make_label",
    "receive",
    "reconcile",
    "remind_due",
    "reopen",
    "report_shipment",
    "request",
    "retry_entry",
    "settle",
    "settle_by_hand",
    "settle_due",
    "settle_refund",
    "sweep_deadlines",
    "sweep_labels",
    "sweep_orders",
    "sweep_receipts",
    "sweep_settlements",
]
