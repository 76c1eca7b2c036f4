"""What GitHub Actions shows of a run: annotations, groups, a summary, outputs, and no secret."""
