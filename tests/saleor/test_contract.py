"""Saleor keeps the contract of a ``Shop``."""

from tests.shop.contract import ShopContract


class TestSaleor(ShopContract):
    """Everything in the contract, against real rows, real mutations and real commits."""
