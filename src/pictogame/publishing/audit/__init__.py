"""Compares the bucket with the rows and with what games want: missing, different, orphaned, doomed."""

from pictogame.publishing.audit.findings import Finding, Kind, Summary
from pictogame.publishing.audit.run import MANY_ORPHANS, audit

__all__ = ["MANY_ORPHANS", "Finding", "Kind", "Summary", "audit"]
