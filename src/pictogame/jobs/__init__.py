"""A job is a row and a loop: due, claimed under a lease, finished or failed with back-off."""
