"""Numbers out of the bucket's own access logs: what was played, how often, where, and what it weighed."""
