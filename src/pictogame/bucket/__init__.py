"""What may lie in the bucket: every key, its headers, and the row that knows it."""
