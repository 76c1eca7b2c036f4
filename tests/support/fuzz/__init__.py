"""Hostile input of every kind that others may hand us, made at random: `make fuzz`."""
