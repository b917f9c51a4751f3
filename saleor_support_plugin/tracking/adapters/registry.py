"""Which adapters there are: ours, those of installed packages, and those that code registers.

A package offers one by the entry point group ``saleor_support_plugin.carriers``.
"""

from saleor_support_plugin.extensions import Extensions
from saleor_support_plugin.tracking.adapters.aftership import AfterShip
from saleor_support_plugin.tracking.adapters.base import Adapter
from saleor_support_plugin.tracking.adapters.easypost import EasyPost
from saleor_support_plugin.tracking.adapters.seventeentrack import SeventeenTrack
from saleor_support_plugin.tracking.adapters.shippo import Shippo
from saleor_support_plugin.tracking.adapters.signed import Signed

GROUP = "saleor_support_plugin.carriers"
ADAPTERS = Extensions(
    GROUP,
    Adapter,
    "carrier",
    own=lambda: (AfterShip(), EasyPost(), SeventeenTrack(), Shippo(), Signed()),
)

register, known, find = ADAPTERS.register, ADAPTERS.known, ADAPTERS.find
