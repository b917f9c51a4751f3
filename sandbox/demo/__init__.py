"""The demo: a shop full of orders, one order's whole story, and pages to look at."""
