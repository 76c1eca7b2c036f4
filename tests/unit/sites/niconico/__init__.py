"""niconico, as a target: against tables, and against the sandbox over real HTTP."""
