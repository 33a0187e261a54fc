"""Pictures: from the bytes of an upload to renditions in the vault."""
