"""Real video files, made on the spot, held against the rules."""
