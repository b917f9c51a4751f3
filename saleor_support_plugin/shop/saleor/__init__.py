"""Saleor as a home: the only package, beside ``plugin.py``, that imports Saleor."""
