"""niconico's content search, as its guide has it: videos and live programmes, without a sign-in.

Not for commercial use, and limited per address by numbers that niconico does not publish.
"""

from __future__ import annotations

from nicobatch.sites.niconico.search.client import Question, Results, Search
from nicobatch.sites.niconico.search.filters import Filter
from nicobatch.sites.niconico.search.services import LIVE, SNAPSHOT, VIDEO, Hit, Service

__all__ = ["LIVE", "SNAPSHOT", "VIDEO", "Filter", "Hit", "Question", "Results", "Search", "Service"]
