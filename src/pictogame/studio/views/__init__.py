"""Views: load with rights, form, one action, response."""
