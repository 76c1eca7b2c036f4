"""Deleting one of the account's videos, and asking anew whether it is still there."""

from __future__ import annotations

from nicobatch.errors import EntryGone
from nicobatch.http import Http
from nicobatch.language import _
from nicobatch.model import Secret
from nicobatch.sites.niconico.answers import data_of
from nicobatch.sites.niconico.client import Client
from nicobatch.sites.niconico.library import Library
from nicobatch.sites.niconico.profiles import Profile
from nicobatch.sites.niconico.signin import NVAPI_HEADERS


class Removal:
    """The calls that end a video; none repeats itself or remembers anything."""

    def __init__(self, profile: Profile, http: Http, client: Client) -> None:
        self._profile = profile
        self._http = http
        self._client = client
        self._session = Secret("")

    def use(self, user_session: Secret) -> None:
        """Sign every call with this session from now on; the client is signed in by its own."""
        self._session = user_session

    def delete(self, number: int) -> None:
        """Delete the video, for ever; EntryGone where niconico has no such video of the account.

        The 2021 article has the call; nobody has shown what it does to drafts.
        """
        answer = self._http.send(
            "DELETE",
            f"{self._profile.nvapi}/v1/users/me/videos/sm{number}",
            headers={**NVAPI_HEADERS, "X-Request-With": self._profile.request_with},
            cookies={"user_session": self._session.reveal()},
        )
        data_of(answer, _("deleting sm{number}").format(number=number), entry=True)

    def is_there(self, number: int, *, listed: bool) -> bool:
        """Ask whether the account has the video, which its list had before if it is `listed`."""
        library = Library(self._profile, self._http)
        library.use(self._session)
        own = library.find(number)
        if own:
            return not own.deleted
        return not listed and self.is_entry(number)

    def is_entry(self, number: int) -> bool:
        """Ask the upload API, which knows what no list has: drafts and unfinished videos."""
        try:
            return self._client.status(number).post != "DELETED"
        except EntryGone:
            return False
