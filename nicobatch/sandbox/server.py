"""The sandbox as a server on 127.0.0.1: started and stopped cleanly, silent, one per folder."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from wsgiref.types import WSGIApplication

from nicobatch.sandbox.state import SandboxError, announce, held, hide
from nicobatch.sandbox.world import DEFAULT_ACCOUNTS, Account, World, imitations

if TYPE_CHECKING:
    from nicobatch.sandbox.app import App, Server


class Sandbox:
    """Imitations of all sites, whose state lives in a folder and outlasts the server.

    `wrap` sees each request before the sandbox and each answer after it, so that tests can inject
    faults; raising a ConnectionError there drops the connection without an answer. `port` 0 takes
    any free one. A line on which nothing moves for `idle_seconds` is cut. `catalogue` holds what
    others have published, for niconico's search alone: contents of the services "video" and "live",
    under the guide's names; what one lacks is null. `language`, one of `page.LANGUAGES`, is
    the pages'.
    """

    def __init__(  # noqa: PLR0913 - the knobs of a rehearsal
        self,
        state: Path,
        *,
        port: int = 0,
        encode_seconds: float = 2.0,
        idle_seconds: float = 60.0,
        accounts: Sequence[Account] = DEFAULT_ACCOUNTS,
        wrap: Callable[[WSGIApplication], WSGIApplication] | None = None,
        clock: Callable[[], float] = time.time,
        catalogue: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
        language: str = "",
    ) -> None:
        self._state = state
        self._port = port
        self._idle_seconds = idle_seconds
        self._accounts = tuple(accounts)
        self._wrap = wrap
        self._world = functools.partial(
            World,
            accounts=self._accounts,
            encode_seconds=encode_seconds,
            clock=clock,
            catalogue={} if catalogue is None else catalogue,
            language=language,
        )
        self._app: App | None = None
        self._url = ""
        self._stopping = False
        self._blocking = False
        self._resources = contextlib.ExitStack()

    @property
    def url(self) -> str:
        """Where the server answers: `http://127.0.0.1:PORT`."""
        return self._url

    def start(self) -> None:
        """Serve in the background; `AlreadyRunning` if another server has the folder."""
        with contextlib.ExitStack() as stack:
            stack.enter_context(held(self._state))
            server = self._server(stack)
            stack.callback(_serve(server))
            self._url = f"http://127.0.0.1:{server.port}"
            announce(self._state, self._url)
            self._resources = stack.pop_all()

    def stop(self) -> None:
        """End the server, requests under way included; the state stays on disk.

        While `serve_forever` is under way this only tells it to return, so that another thread
        or a signal handler may call it.
        """
        self._stopping = True
        if not self._blocking:
            self._close()

    def serve_forever(self) -> None:
        """Serve until `stop`, or an exception such as KeyboardInterrupt."""
        self._blocking = True
        try:
            self.start()
            # Short naps: a signal ends them everywhere, Windows included.
            while not self._stopping:
                time.sleep(0.1)
        finally:
            self._blocking = False
            self._close()

    def _close(self) -> None:
        self._resources.close()
        self._stopping = False

    def audit(self) -> dict[str, Any]:
        """Return what was received so far, as `GET /sandbox/audit` does."""
        if self._app is None:
            message = "the sandbox was not started yet"
            raise SandboxError(message)
        return self._app.audit()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _server(self, stack: contextlib.ExitStack) -> Server:
        from nicobatch.sandbox.app import App, RequestLog, Server, logged

        hide(self._state)
        log = RequestLog(self._state / "requests.jsonl")
        stack.callback(log.close)
        sites = imitations(functools.partial(self._world, log=log), self._state)
        self._app = App(sites, self._accounts, log)
        app: WSGIApplication = self._app.flask()
        wrapped = self._wrap(app) if self._wrap else app
        return Server(self._port, logged(wrapped, log), log, self._idle_seconds)


def _serve(server: Server) -> Callable[[], None]:
    """Run the server on a thread and return what ends both."""
    thread = threading.Thread(
        target=server.serve_forever,
        kwargs={"poll_interval": 0.02},
        name="nicobatch-sandbox",
        daemon=True,
    )
    thread.start()

    def end() -> None:
        server.shutdown()
        server.hang_up()
        thread.join()

    return end
