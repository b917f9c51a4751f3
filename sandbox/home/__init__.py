"""The sandbox as a home of the support app (setting ``SUPPORT_SHOP``)."""
