"""The library's front door: everything that the commands do, for programs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nicobatch.actions import checking, naming
from nicobatch.actions.access import Access, Site
from nicobatch.config import Config, load
from nicobatch.errors import UsageError, VideoFailed
from nicobatch.events import Event
from nicobatch.language import _
from nicobatch.model import DEFAULT_ACCOUNT, DEFAULT_SITE, Json
from nicobatch.pipeline import Checked
from nicobatch.receipt import Receipt
from nicobatch.settings import Settings
from nicobatch.sites import Described, profiles
from nicobatch.sites.session import Credentials

if TYPE_CHECKING:
    from nicobatch.actions.importing import Imported
    from nicobatch.actions.publishing import Plans, Publication
    from nicobatch.actions.watching import FolderWatch
    from nicobatch.watch.backend import WatchOptions


class Workspace:
    """Checks, plans and publishes manifests; several may be at work in one process.

    `journal` is the folder of all receipts, None keeps them beside each manifest. `sandbox`
    rehearses against a local imitation, which runs as long as the workspace is open. `credentials`
    has each account's sign-in; None takes what environment and this machine's keyring hold.
    `config` is a `config.yaml` whose budgets and profiles count; None reads none.
    Methods raise `nicobatch.errors.NicobatchError`, and nothing else that is to be expected.
    """

    def __init__(  # noqa: PLR0913 - all that a run rests on
        self,
        *,
        journal: str | Path | None = None,
        sandbox: bool = False,
        profile: str = "",
        api_origin: str | None = None,
        proxy: str | None = None,
        credentials: Mapping[str, Credentials] | Callable[[str], Credentials] | None = None,
        config: str | Path | None = None,
    ) -> None:
        if profile and profile not in profiles():
            raise UsageError(
                _("there is no profile {profile}; there are {profiles}").format(
                    profile=profile, profiles=", ".join(profiles())
                )
            )
        self.access = Access(
            journal=None if journal is None else Path(journal),
            sandbox=sandbox,
            profile=profile,
            api_origin=api_origin,
            proxy=proxy,
            credentials=(lambda account: credentials.get(account) or Credentials())
            if isinstance(credentials, Mapping)
            else credentials,
            config=load(Path(config), Described()) if config is not None else Config(),
        )
        self._open = contextlib.ExitStack()
        self._site: Site | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox, if it was begun here; the workspace can be used again."""
        self._site = None
        self._open.close()

    def check(self, *paths: str | Path, exclude: Sequence[str] = (), probe: bool = True) -> Checked:
        """Read manifests, folders and globs, and look into their videos; nothing is sent.

        `MANIFEST#VIDEO` is one video, and `MANIFEST#VIDEO@SITE` its part for one site.
        Folders that match a glob of `exclude` are passed over; without `probe`, videos stay
        unopened, and none can be planned.
        """
        names = [str(path) for path in paths]
        return checking.read(names, self.access, exclude=exclude, probe=probe)

    def plan(
        self,
        checked: Checked,
        *,
        account: str | None = None,
        wait: bool = True,
        space: float = 0.0,
    ) -> Plans:
        """Say what publishing would do with each video; reads the files, and sends nothing.

        Of a manifest with an error nothing is planned. `account` publishes all of the others,
        whatever they say; without `wait`, the site's own work is not waited for. `space` is the
        seconds that are to pass between two videos of an account.
        """
        from nicobatch.actions.publishing import planned  # with all of HTTP

        sound = checked.without_faulty()
        chosen = sound.signed_in_as(account) if account else sound
        return planned(chosen, self.access, wait=wait, space=space)

    def publish(self, plans: Plans, *, settings: Settings | None = None) -> Publication:
        """Return a run of these plans, which begins when it is iterated or `run`.

        A plan that no longer holds, as others were at work meanwhile, is made anew.
        """
        from nicobatch.actions.publishing import Publication

        return Publication(
            checked=plans.checked,
            access=self.access,
            settings=settings or self._settings(),
            site=lambda: contextlib.nullcontext(self._online()),
            plans=plans.videos,
        )

    def watch(
        self,
        folder: str | Path,
        *,
        options: WatchOptions | None = None,
        settings: Settings | None = None,
        account: str | None = None,
    ) -> FolderWatch:
        """Return a watch of the folder, which begins when it is iterated or `run`.

        It goes on until it is stopped, or with `WatchOptions(once=True)` until nothing is left.
        """
        from nicobatch.actions.watching import FolderWatch
        from nicobatch.watch.backend import WatchOptions

        return FolderWatch(
            folder=Path(folder),
            access=self.access,
            options=options or WatchOptions(),
            settings=settings or self._settings(),
            account=account,
        )

    def status(self, *paths: str | Path, exclude: Sequence[str] = ()) -> dict[Path, Receipt]:
        """Return the receipts of manifests, or all below folders, by where they lie.

        Raise JournalError where one can't be read, UsageError where nothing of the name is there.
        """
        from nicobatch.actions import receipts

        return receipts.of([str(path) for path in paths], self.access.receipts, exclude)

    def adopt(
        self,
        video_id: str,
        video: str,
        *,
        listen: Callable[[Event], None] = lambda event: None,  # noqa: ARG005
    ) -> Mapping[str, Json]:
        """Write the receipt of a video that is there already; return what `--format json` tells.

        `video` is `MANIFEST#VIDEO`, or MANIFEST where it has one. Raise VideoFailed where the
        manifest has problems, or the site's video can't be this one.
        """
        from nicobatch.actions import adopting

        name = naming.named(video)
        checked = self.check(video)
        ready = adopting.meant(video_id, name, checked)
        if ready is None:
            worst = next(each for each in checked.problems if each.stops())
            raise VideoFailed(worst.message, worst.hint)
        journal = checking.journal_for(checked, self.access)
        return adopting.adopt(video_id, ready, journal, self._online(), listen)[1]

    def import_(
        self,
        folder: str | Path | None = None,
        *,
        site: str = DEFAULT_SITE,
        account: str = DEFAULT_ACCOUNT,
        listen: Callable[[Event], None] = lambda event: None,  # noqa: ARG005
    ) -> Imported:
        """Read what the account has on the site into manifests in the folder; nothing is sent.

        The folder is the site's name where none is given. Videos that have receipts here, or below,
        are only compared. Raise JournalError, UsageError, and what asking raises.
        """
        from nicobatch.actions.importing import Import

        reading = Import(
            site=self._online().at(site),
            account=account,
            folder=Path(folder or site),
            journal=self.access.receipts,
            listen=listen,
        )
        return reading.run()

    def delete(
        self,
        *videos: str,
        account: str | None = None,
        listen: Callable[[Event], None] = lambda event: None,  # noqa: ARG005
    ) -> list[str]:
        """Delete videos of ours for ever, and return their ids; nobody is asked.

        They are named by id, address, `MANIFEST#VIDEO` or MANIFEST. Raise VideoFailed, before
        anything is deleted, where one of them is not ours.
        """
        from nicobatch.actions import deleting

        journal = self.access.receipts
        with deleting.deletions(videos, journal, self._online(), account, listen) as found:
            for each in found:
                each.carry_out()
            return [each.candidate.remote.video_id for each in found]

    def move(
        self,
        old: str,
        new: str,
        *,
        listen: Callable[[Event], None] = lambda event: None,  # noqa: ARG005
    ) -> Mapping[str, Json]:
        """Rename a manifest, or `MANIFEST#OLD` to `MANIFEST#NEW`, with its receipts.

        Return what `--format json` tells. A move that was cut short is brought to its end by
        another one of the same names. Raise UsageError where something would be overwritten.
        """
        from nicobatch.actions.moving import Renaming

        return Renaming.of(old, new, self.access).carry_out(listen)[1]

    def _settings(self) -> Settings:
        return Settings(poll_interval=self.access.poll_interval)

    def _online(self) -> Site:
        """Return the site, with the sandbox running where one is asked for."""
        if self._site is None:
            self._site = self._open.enter_context(self.access.online())
        return self._site
