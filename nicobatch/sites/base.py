"""What a site has to offer to be published to: its steps, and how to ask what became of them.

What is known of a step is data (`StepSpec`). What it does stands beside that (`Step`): what its
outcome rests on, which calls it takes, and how to ask whether it happened. Calls raise `errors` and
return what they learned as a change of the receipt; all else is the pipeline's.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from nicobatch.language import _
from nicobatch.model import FileIdentity, Inputs, Json, MediaInfo, Problem, Video
from nicobatch.receipt import Receipt, Remote


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One video on its way to the site."""

    video: Video
    medias: tuple[MediaInfo, ...]
    """One a page, like `files`."""
    files: tuple[FileIdentity, ...]
    receipt: Receipt
    progress: Callable[[int], None]
    """Takes bytes as they leave; negative when they have to be sent again."""
    unsettled: bool = False
    """Whether an earlier try of this step may have reached the site without our knowing."""
    parallel: int | None = None
    """How many parts at once the user wants on their way; None leaves it to the site."""
    claimed_ids: Callable[[], Container[str]] = frozenset
    """Looks up the ids that receipts name, as the journal has them now."""
    spend: Callable[[str], None] = lambda kind: None  # noqa: ARG005 - there is no budget
    """Counts a request of this kind, which is about to leave; RateLimited where it may not yet."""
    notice: Callable[[Problem], None] = lambda problem: None  # noqa: ARG005 - nobody listens
    """Takes what a person should know of, and what is no failure."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be asked for."""

    most: int
    seconds: float


Change: TypeAlias = Callable[[Receipt], Receipt]
"""What a call learned, to be applied to the newest receipt."""

Call: TypeAlias = Callable[[Job], Change]
Calls: TypeAlias = Callable[[Job], Sequence[Call]]
Ask: TypeAlias = Callable[[Job], Change | None]
InputsOf: TypeAlias = Callable[[Video, Sequence[MediaInfo], Sequence[FileIdentity]], Inputs | None]
Row: TypeAlias = tuple[InputsOf, Calls, Ask | None]
"""The `inputs`, `calls` and `ask` of a `Step`."""


class Role(StrEnum):
    """What a step means to whoever decides on a video, or runs its steps."""

    CREATES = "creates"
    """It makes the entry on the site."""
    SENDS = "sends"
    """Its calls send the parts of the file, which the site may ask for again."""
    SEALS = "seals"
    """After it the uploaded file can't be another one."""
    CLOSES = "closes"
    """Once it is done, the entry waits for nothing more from us."""
    PUBLISHES = "publishes"
    """After it others may see the video: nothing before it is final."""
    WAITS = "waits"
    """It only looks on while the site works: left out by `--no-wait`."""
    APPENDS = "appends"
    """Done again, it adds files to those that the site has; else a video's files are fixed."""
    PROVES = "proves"
    """It looks at what is done, as any visitor can; if it fails, it stays to be done, no more."""
    ANNOUNCES = "announces"
    """It tells others, elsewhere, once they can see the video; it may fail, as a proof may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSpec:
    """What is known of a step without making it."""

    name: str
    """Of plans, receipts and events."""
    label: str = ""
    """What is going on in it, for people: a message."""
    roles: frozenset[Role] = frozenset()
    once: bool = False
    """Never repeated blindly: the intent is recorded before the request leaves."""
    spends: str = ""
    """The kind of request of which it makes one, or one a page: budgets count it."""
    edits: str = ""
    """The kind of which it makes one in its place where it was done before, and changes that."""
    recognizes: bool = False
    """Whether its call, repeated with `Job.unsettled`, finds what an earlier one made."""


@dataclass(frozen=True, slots=True)
class StepTable:
    """A site's steps, in order."""

    specs: tuple[StepSpec, ...] = ()

    def __iter__(self) -> Iterator[StepSpec]:
        return iter(self.specs)

    def names(self, role: Role) -> frozenset[str]:
        """Return which steps play the role."""
        return frozenset(spec.name for spec in self.specs if role in spec.roles)

    def has(self, role: Role) -> bool:
        """Tell whether any step plays the role."""
        return bool(self.names(role))

    def name(self, role: Role) -> str:
        """Return the one step that plays the role."""
        (name,) = self.names(role)
        return name

    @property
    def processing(self) -> frozenset[str]:
        """Return the steps that wait until the site has made the video of what it was sent."""
        return self.names(Role.WAITS) - self.names(Role.PROVES)

    def __getitem__(self, name: str) -> StepSpec:
        return next(spec for spec in self.specs if spec.name == name)

    def label(self, name: str) -> str:
        """Say what is going on in the step; one that is not in the table goes by its name."""
        return next((_(spec.label) for spec in self.specs if spec.name == name), "") or name

    def made(self, rows: Mapping[str, Row], at_once: Callable[[Job], int]) -> Sequence[Step]:
        """Return the steps, of each one's row by name: inputs, calls, and how to ask."""
        return [
            Step(spec=self[name], inputs=inputs, calls=calls, ask=ask, at_once=at_once)
            for name, (inputs, calls, ask) in rows.items()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a step of the table does."""

    spec: StepSpec
    inputs: InputsOf
    """What the outcome rests on; None where the video has no need of the step."""
    calls: Calls
    """What there is to do; a step that sends parts is asked again until there is nothing."""
    at_once: Callable[[Job], int] = lambda job: 1  # noqa: ARG005 - one after another
    """How many of its calls the site takes at once, and the user wants, if it sends parts."""
    ask: Ask | None = None
    """Learn whether an attempt with an unknown outcome took effect; None says that it did not."""
    sent: Callable[[Job], Inputs] = lambda job: {}  # noqa: ARG005 - its inputs tell
    """What an intent holds beside the inputs, for `ask`: the words of what is about to leave."""

    @property
    def name(self) -> str:
        """Return the name of plans, receipts and events."""
        return self.spec.name

    def has(self, role: Role) -> bool:
        """Tell whether it plays the role."""
        return role in self.spec.roles

    @property
    def leaves_unknown(self) -> bool:
        """Whether nothing can tell what became of an attempt with an unknown outcome."""
        return self.spec.once and self.ask is None and not self.spec.recognizes


def only(call: Call) -> Calls:
    """Return the calls of a step that has but this one, whatever the job."""
    return lambda job: [call]  # noqa: ARG005 - the same for every job


class Target(Protocol):
    """A site, on behalf of one account."""

    origin: str
    """Scheme and host of the API, so that a receipt counts for this site alone."""
    profile: str
    renews_sign_in: bool
    """Whether `sign_in` can be called again without a person when the site has ended it."""
    table: StepTable
    """What its steps are."""
    rates: Mapping[str, Sequence[Rate]]
    """By kind of request, the account's budget; kinds that are not named have none."""

    @property
    def steps(self) -> Sequence[Step]:
        """Return the table's steps, ready to be made, in order."""
        ...

    def sign_in(self) -> str:
        """Make sure of the sign-in and return whose it is; `SignInNeeded` where it is no good."""
        ...

    def lookalikes(
        self, video: Video, medias: Sequence[MediaInfo], *, in_the_way: str | None
    ) -> Sequence[Remote]:
        """Return what the account has that may be this very video.

        `SiteRefuses` or `VideoFailed` where the site doesn't tell, `Busy` where it can't tell yet,
        as the entry `in_the_way`, which may be the video, is still to come into the list.
        """
        ...

    def namesakes(self, video: Video, medias: Sequence[MediaInfo]) -> Sequence[Remote]:
        """Return what the account has of the video's title, and of another length.

        Raise like `lookalikes`, but no `Busy`.
        """
        ...

    def mismatch(self, receipt: Receipt, video: Video, medias: Sequence[MediaInfo]) -> str:
        """Return what speaks against the site's video being the receipt's; nothing if all is well.

        Raise like `namesakes`, and NotYet where the site can't tell yet.
        """
        ...

    def room(self) -> int | None:
        """Return how many more videos there may be, None if none tells; raise like `namesakes`."""
        ...

    def untouched(self, entry: str) -> Remote | None:
        """Return the entry if nothing but its creation happened to it; raise what asking raises."""
        ...

    def note(self, field: str, old: Json, new: Json, *, published: bool) -> str:
        """Return what the site can't do about a field that is to change; nothing if all is well.

        `old` is None where nothing was sent yet.
        """
        ...

    def close(self) -> None:
        """Let go of its connections."""
        ...
