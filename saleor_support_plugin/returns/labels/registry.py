"""Which label makers there are: those of installed packages, and those that code registers.

A package offers one by the entry point group ``saleor_support_plugin.labels``.
"""

from saleor_support_plugin.extensions import Extensions
from saleor_support_plugin.returns.labels.base import LabelMaker

GROUP = "saleor_support_plugin.labels"
MAKERS = Extensions(GROUP, LabelMaker, "label maker")  # type: ignore[type-abstract]

register, known, find = MAKERS.register, MAKERS.known, MAKERS.find
