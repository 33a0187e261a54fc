"""The operators' pages: what there is, how it goes, and what to do about it. Wires Django's admin, and Prometheus."""
