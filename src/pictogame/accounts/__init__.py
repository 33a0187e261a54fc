"""Who may sign in, and how a guess of a password is slowed down."""
