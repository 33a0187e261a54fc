"""Clock, hashing, typing aliases. No models, no settings."""
