"""The commands of `pictogame`."""
