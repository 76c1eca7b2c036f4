"""Many videos: accounts side by side, the videos of one account one after another."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from nicobatch.pipeline.account import Account
from nicobatch.pipeline.checked import CheckedVideo
from nicobatch.pipeline.deciding import PlannedVideo
from nicobatch.pipeline.outcome import Outcome
from nicobatch.pipeline.owner import Owner
from nicobatch.pipeline.session import Run
from nicobatch.sites.base import Target


@dataclass(frozen=True, slots=True)
class Batch:
    """Publishes videos on behalf of accounts."""

    run: Run
    targets: Mapping[Owner, Target]
    plans: Mapping[str, PlannedVideo] = field(default_factory=dict)
    """What was shown before, by video: as long as they hold, these very plans are run."""

    def publish(self, videos: Sequence[CheckedVideo]) -> list[Outcome]:
        """Bring every video as far as it can come and return what became of each, in order."""
        groups = self._groups(videos)
        self.run.addresses.expect(videos)
        with contextlib.ExitStack() as stack, ThreadPoolExecutor(max(1, len(groups))) as pool:
            for account in groups:
                stack.enter_context(account)
            refused = self.run.settings.strict and any(
                list(pool.map(Account.is_warned, groups, groups.values()))
            )
            work = Account.refuse if refused else _published
            ends = pool.map(work, groups, groups.values())
            by_key = {outcome.video: outcome for group in ends for outcome in group}
        return [by_key[ready.video.key] for ready in videos]

    def _groups(self, videos: Sequence[CheckedVideo]) -> dict[Account, list[CheckedVideo]]:
        owners = dict.fromkeys(Owner.of(ready.video) for ready in videos)
        return {
            Account(self.run, self.targets[owner], owner, self.plans): [
                each for each in videos if Owner.of(each.video) == owner
            ]
            for owner in owners
        }


def _published(account: Account, videos: Sequence[CheckedVideo]) -> list[Outcome]:
    with account:  # others may go on for hours: it lets go of its locks as soon as it is through
        return account.publish(videos)
