"""What a site has to offer to be published to: its steps, and how to ask what became of them.

A target is a table of steps. A step says what its outcome rests on (`inputs`), which calls it
takes (`calls`: one for most, one a part for the upload), whether it may be repeated blindly
(`once`), and how to ask whether it happened (`ask`). Calls raise the errors of `errors` and return
what they learned as a change of the receipt; repeating, recording and waiting are the pipeline's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from nicobatch.model import FileIdentity, Inputs, Json, MediaInfo, Problem, Receipt, Remote, Video


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video on its way to the site."""

    video: Video
    media: MediaInfo
    file: FileIdentity
    receipt: Receipt
    progress: Callable[[int], None]
    """Takes bytes as they leave; negative when they have to be sent again."""
    unsettled: bool = False
    """Whether an earlier try of this step may have reached the site without our knowing."""
    claimed_ids: Callable[[], Collection[int]] = frozenset
    """Looks up the ids that receipts name, as the journal has them now."""
    notice: Callable[[Problem], None] = lambda problem: None  # noqa: ARG005 - nobody listens
    """Takes what a person should know of, and what is no failure."""


Change: TypeAlias = Callable[[Receipt], Receipt]
"""What a call learned, to be applied to the newest receipt."""

Call: TypeAlias = Callable[[Job], Change]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One row of the pipeline's table."""

    name: str
    inputs: Callable[[Video, MediaInfo, FileIdentity], Inputs | None]
    """What the outcome rests on; None where the video has no need of the step."""
    calls: Callable[[Job], Sequence[Call]]
    once: bool = False
    """Never repeated blindly: the intent is recorded before the request leaves."""
    ask: Callable[[Job], Change | None] | None = None
    """Learn whether an attempt with an unknown outcome took effect; None says that it did not."""
    parts: bool = False
    """Its calls send the parts of the file, which the site may ask for again."""
    waits: bool = False
    """Only looks on while the site works: left out by `--no-wait`."""
    proof: bool = False
    """Only looks, as anybody can without a sign-in, at what is done: where it can't be seen, the
    step stays to be done, and nothing has failed."""


class Target(Protocol):
    """A site, on behalf of one account."""

    origin: str
    """Scheme and host of the API, so that a receipt counts for this site alone."""
    profile: str
    parallel_chunks: int
    """How many parts the site is known to take at once."""
    renews_sign_in: bool
    """Whether `sign_in` can be called again without a person when the site has ended it."""
    sealing_step: str
    """The step after which the uploaded file can't be another one."""
    publishing_step: str
    """The step after which others may see the video: nothing before it is final."""
    closing_steps: frozenset[str]
    """The steps any of which, once done, leaves the entry waiting for nothing more from us."""

    @property
    def steps(self) -> Sequence[Step]:
        """Return the table's rows, in order."""
        ...

    def sign_in(self) -> str:
        """Make sure of the sign-in and return whose it is; `SignInNeeded` where it is no good."""
        ...

    def lookalikes(self, video: Video, info: MediaInfo) -> Sequence[Remote]:
        """Return what the account has that may be this very video, but what this target made.

        `SiteRefuses` or `VideoFailed` where the site doesn't tell, `Busy` where it can't tell yet.
        """
        ...

    def namesakes(self, video: Video, info: MediaInfo) -> Sequence[Remote]:
        """Return what the account has of the video's title, and of another length.

        Raise like `lookalikes`, but no `Busy`.
        """
        ...

    def mismatch(self, receipt: Receipt, video: Video, info: MediaInfo) -> str:
        """Return what speaks against the site's video being the receipt's; nothing if all is well.

        Raise like `namesakes`, and NotYet where the site can't tell yet.
        """
        ...

    def room(self) -> int | None:
        """Return how many more videos the account may have; None where no limit is told.

        Raise like `namesakes`.
        """
        ...

    def untouched(self, entry: int) -> Remote | None:
        """Return the account's entry where nothing but its creation happened to it, else None.

        Raise what asking raises.
        """
        ...

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        """Return what the site can't do about a field that is to change; nothing if all is well.

        `old` is None where nothing was sent yet.
        """
        ...

    def close(self) -> None:
        """Let go of its connections."""
        ...
