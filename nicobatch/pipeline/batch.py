"""Many videos: accounts side by side, the videos of one account one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from nicobatch.pipeline.account import Account
from nicobatch.pipeline.deciding import Ready
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.run import Run
from nicobatch.target import Target


@dataclass(frozen=True, slots=True)
class Batch:
    """Publishes videos on behalf of accounts."""

    run: Run
    targets: Mapping[str, Target]
    """By account."""

    def publish(self, videos: Sequence[Ready]) -> list[Outcome]:
        """Bring every video as far as it can come and return what became of each, in order."""
        names = dict.fromkeys(ready.video.account for ready in videos)
        groups = [[each for each in videos if each.video.account == name] for name in names]
        with ThreadPoolExecutor(max_workers=max(1, len(groups))) as pool:
            outcomes = [outcome for group in pool.map(self._account, groups) for outcome in group]
        by_key = {outcome.video: outcome for outcome in outcomes}
        return [by_key[ready.video.key] for ready in videos]

    def _account(self, videos: Sequence[Ready]) -> list[Outcome]:
        name = videos[0].video.account
        with Account(self.run, self.targets[name], name) as account:
            return account.publish(videos)
