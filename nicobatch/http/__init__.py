"""The one seam to the network: requests' answers, and its failures in our own words."""

from nicobatch.http.connections import BLOCK, Bounds
from nicobatch.http.ranges import FileRange
from nicobatch.http.sending import USER_AGENT, Answer, Block, Body, Http

__all__ = ["BLOCK", "USER_AGENT", "Answer", "Block", "Body", "Bounds", "FileRange", "Http"]
