"""niconico as a target: its profiles, its client, and the steps that publish a video there."""
