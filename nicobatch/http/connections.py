"""Connections that tell whether a request could have left, and read answers within bounds.

Whoever is at the other end, or in between, may send for ever: headers, `100 Continue`, chunks, the
answer to a CONNECT. All of it comes through `_Metered`, which counts its bytes and its seconds.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import socket
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import requests
import urllib3
from requests.adapters import HTTPAdapter

from nicobatch.http.environment import trusted

BLOCK: Final = 1 << 19
"""Bytes handed to the socket at a time: larger blocks cost memory, smaller ones processor time."""
LIMIT: Final = 8 << 20
"""Bytes of an answer, several times what the longest one of niconico's has."""


class NotConnected(urllib3.exceptions.NewConnectionError):
    """Nothing of the request has left: there was no connection to send it by."""

    def __init__(self, connection: Any, message: str) -> None:
        super().__init__(connection, message)
        self.at_proxy = bool(connection.proxy) and not connection.has_connected_to_proxy
        """Whether already the proxy could not be spoken to."""


class Overlong(http.client.HTTPException):
    """There is more of the answer than any answer has."""


class Overdue(TimeoutError):
    """The answer came on and on, and did not come to its end."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long an answer may take in all, once the whole request has left."""

    seconds: float = 180.0
    clock: Callable[[], float] = time.monotonic


BOUNDS: Final = Bounds()


class _Metered(io.RawIOBase):
    """Reads a socket until the answer's time is over, or LIMIT is."""

    def __init__(self, sock: socket.socket, bounds: Bounds) -> None:
        super().__init__()
        self._sock = sock
        self._stall = sock.gettimeout()
        self._raw = sock.makefile("rb", buffering=0)
        self._clock = bounds.clock
        self._end = bounds.clock() + bounds.seconds
        self._left = LIMIT

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - self._clock()
        if left <= 0:
            raise Overdue
        self._sock.settimeout(left if self._stall is None else min(self._stall, left))
        count = self._raw.readinto(buffer) or 0
        self._left -= count
        if self._left < 0:
            raise Overlong
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


@dataclass(frozen=True, slots=True)
class _Source:
    """A socket as far as http.client's answers need one."""

    sock: socket.socket
    bounds: Bounds

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - it is always "rb"
        return io.BufferedReader(_Metered(self.sock, self.bounds))


class _Live:
    """The sockets of the connections that there are, which another thread may break off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socks = weakref.WeakSet[socket.socket]()

    def add(self, sock: socket.socket) -> None:
        with self._lock:
            self._socks.add(sock)

    def hang_up(self) -> None:
        """End them all, whatever they are at; who waits for an answer gets none."""
        with self._lock:
            for sock in self._socks:
                with contextlib.suppress(OSError):  # it has ended by itself
                    socket.socket.shutdown(sock, socket.SHUT_RDWR)  # TLS's own is no other thread's


class _Telling:
    """A connection, of whichever kind, that says so where it could not be made."""

    live: _Live

    def connect(self) -> None:
        """Connect, through the proxy and TLS if there are any; raise NotConnected."""
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:
            raise NotConnected(self, str(error)) from error
        self.live.add(self.sock)  # type: ignore[attr-defined]


def _guard(manager: Any, bounds: Bounds, live: _Live) -> None:
    """Let the manager make none but such connections."""

    def answer(sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(_Source(sock, bounds), *args, **kwargs)  # type: ignore[arg-type]

    def guarded(pool: Any) -> Any:
        plain = pool.ConnectionCls
        members = {"response_class": staticmethod(answer), "live": live}
        connection = type(plain.__name__, (_Telling, plain), members)
        return type(pool.__name__, (pool,), {"ConnectionCls": connection})

    classes = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: guarded(pool) for scheme, pool in classes}


class Adapter(HTTPAdapter):
    """Connections that take large blocks from a body, and that trust whom the user trusts."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._live = _Live()
        self._trusted = functools.cache(trusted)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the direct connections' pools."""
        super().init_poolmanager(*args, blocksize=BLOCK, **kwargs)
        _guard(self.poolmanager, self._bounds, self._live)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections by the proxy."""
        if proxy in self.proxy_manager:
            return self.proxy_manager[proxy]
        if proxy.startswith("https:"):
            kwargs["proxy_ssl_context"] = self._trusted()
        manager = super().proxy_manager_for(proxy, blocksize=BLOCK, **kwargs)
        _guard(manager, self._bounds, self._live)
        return manager

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """Say what a connection for the request has to have."""
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        if host["scheme"] == "https":
            pool["ssl_context"] = self._trusted()
        return host, pool

    def hang_up(self) -> None:
        """Break off whatever is under way."""
        self._live.hang_up()

    def close(self) -> None:
        """Close all pools, also those that the traceback of a failure still holds."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in list(manager.pools.keys()):
                manager.pools[key].close()
        super().close()

    def cert_verify(self, *args: Any) -> None:
        """Add no certificates to those of the context."""
