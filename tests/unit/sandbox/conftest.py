"""The fixtures of niconico's sandbox: the server is tried by what that receives."""

from __future__ import annotations

from tests.unit.sites.niconico.sandbox.conftest import client, clock, large_video, sandbox, video

__all__ = ["client", "clock", "large_video", "sandbox", "video"]
