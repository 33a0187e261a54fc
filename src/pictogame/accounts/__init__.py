"""Who may sign in: operators by name, creators by e-mail address; and how guesses are slowed down."""
