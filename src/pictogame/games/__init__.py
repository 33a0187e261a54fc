"""Games, their slots, options, revisions, and game.xml."""
