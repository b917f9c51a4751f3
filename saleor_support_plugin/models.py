"""Every model of the app, in one place where Django looks for them."""

from saleor_support_plugin.access.models import *  # noqa: F403
from saleor_support_plugin.files.models import *  # noqa: F403
from saleor_support_plugin.history.models import *  # noqa: F403
from saleor_support_plugin.notifications.models import *  # noqa: F403
from saleor_support_plugin.order_changes.models import *  # noqa: F403
from saleor_support_plugin.refunds.models import *  # noqa: F403
from saleor_support_plugin.reports.models import *  # noqa: F403
from saleor_support_plugin.returns.models import *  # noqa: F403
from saleor_support_plugin.shop.acts import ShopAct  # noqa: F401
from saleor_support_plugin.shop.switches import Switch  # noqa: F401
from saleor_support_plugin.tickets.models import *  # noqa: F403
from saleor_support_plugin.tracking.models import *  # noqa: F403
from saleor_support_plugin.worklist.models import *  # noqa: F403
