"""Pictogame: a person's own pictures become a small game that plays on any web page, straight from a bucket."""
