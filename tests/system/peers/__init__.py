"""Clients of others, unmodified, against the sandbox: tools of these tests, never a dependency."""
