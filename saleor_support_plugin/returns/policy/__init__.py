"""The policy of returns: rules in order, the law beside them, and answers that explain themselves. Pure."""

from saleor_support_plugin.returns.policy.answer import (
    IF_UNSEALED,
    Anchor,
    Eligibility,
    Exemption,
    Fee,
    KindAnswer,
    LineEligibility,
    Outcome,
    ProductEligibility,
    RuleCode,
    SettleOn,
    Terms,
    WhoPays,
    Withdrawal,
    terms,
)
from saleor_support_plugin.returns.policy.engine import LAST, eligibility, product_eligibility
from saleor_support_plugin.returns.policy.facts import Facts, HistoryFacts, ParcelFacts, ReasonFacts
from saleor_support_plugin.returns.policy.fees import Deduction, Quote, keeps, quote
from saleor_support_plugin.returns.policy.options import ReturnAddress, ReturnSettings, RiskLimits
from saleor_support_plugin.returns.policy.quantities import Part, Taken, allot, parts, pieces, without
from saleor_support_plugin.returns.policy.rules import Conditions, Rule, RuleFee, RuleOutcome

__all__ = [
    "Anchor",
    "Conditions",
    "Deduction",
    "Eligibility",
    "LAST",
    "Quote",
    "Exemption",
    "Facts",
    "Fee",
    "HistoryFacts",
    "IF_UNSEALED",
    "KindAnswer",
    "LineEligibility",
    "Outcome",
    "ParcelFacts",
    "Part",
    "ProductEligibility",
    "ReasonFacts",
    "ReturnAddress",
    "ReturnSettings",
    "RiskLimits",
    "Rule",
    "RuleCode",
    "RuleFee",
    "RuleOutcome",
    "SettleOn",
    "Taken",
    "Terms",
    "WhoPays",
    "Withdrawal",
    "allot",
    "eligibility",
    "keeps",
    "parts",
    "product_eligibility",
    "quote",
    "pieces",
    "terms",
    "without",
]
