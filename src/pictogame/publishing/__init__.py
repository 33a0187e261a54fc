"""The only writer of the bucket: a reconciler of what is wanted with what is held."""
