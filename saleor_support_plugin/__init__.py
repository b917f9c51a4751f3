"""Customer support after the order, inside Saleor."""

__version__ = "0.1.0"
