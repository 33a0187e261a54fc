"""The creator's web pages."""
