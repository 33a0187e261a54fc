"""Settings, readers of the environment, system checks, addresses. Wiring only."""
