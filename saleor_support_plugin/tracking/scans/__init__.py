"""Scans: kept as they came, folded into the lives of parcels, and told to customers."""
