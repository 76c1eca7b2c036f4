"""A follower loses nothing and gives nothing twice, whatever happens to its answers."""

from __future__ import annotations

import itertools
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from wsgiref.types import WSGIApplication

import pytest
from werkzeug.test import Client

from nicobatch.errors import Again, Later, Passing, SiteRefuses, UsageError
from nicobatch.livetube import BanChanged, Comment, Livetube, Marks, Reading, follow
from nicobatch.livetube.following import LEAST
from nicobatch.sandbox import Sandbox
from tests.support.servers import request_of, talking
from tests.unit.livetube.making import STREAM, asking, fragment

MOST: Final = 2
"""Comments of the stream that is cut at every byte."""
WRITERS: Final = 20
EACH_WRITES: Final = 50


def at_once(seconds: float) -> bool:
    return False


def sized(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nX-JSON: {}\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def chunked(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return b"%b%x\r\n%b\r\n0\r\n\r\n" % (head, len(body), body) if body else head + b"0\r\n\r\n"


def open_ended(body: bytes) -> bytes:
    return b"HTTP/1.0 200 OK\r\n\r\n" + body


@pytest.mark.parametrize(
    ("write", "resets"),
    [(sized, False), (chunked, True), (open_ended, False), (open_ended, True)],
)
def test_cut_at_every_byte(write: Callable[[bytes], bytes], resets: bool) -> None:
    cuts = itertools.count()
    livetube = Livetube()  # is given its address once there is one

    def talk(peer: socket.socket) -> None:
        asked = re.match(rb"GET /stream/\w+\.comments(?:\.(\d+))? ", request_of(peer))
        after = int(asked[1] or 0) if asked else MOST
        answer = write("".join(map(fragment, range(after + 1, MOST + 1))).encode())
        cut = next(cuts)
        if after == MOST or cut > 2 * len(answer):
            livetube.stop.set()
        peer.sendall(answer[:cut])
        if resets and cut < len(answer):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with talking(talk) as place, livetube:
        livetube.origin = f"http://{place}"
        given = list(follow(livetube, STREAM, sleep=at_once))
    assert [each.number for each in given] == [1, 2]
    assert all(isinstance(each, Comment) and each.text == "a" for each in given)


class Restarting:
    """The imitation, which can be written to without a line, and is started anew now and then."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._app: WSGIApplication
        self._server = Sandbox(folder, wrap=self._keep)
        self._server.start()
        self.url = f"{self._server.url}/livetube"
        self._port = int(self._server.url.rpartition(":")[2])
        made = asking(self._server)("broadcasts", author="nago", title="a", tags=[])
        self.stream = str(made["stream"])

    def _keep(self, app: WSGIApplication) -> WSGIApplication:
        self._app = app
        return app

    def write(self, text: str) -> None:
        with self._lock:
            client = Client(self._app)
            path = f"/livetube/stream/{self.stream}.comments"
            assert client.post(path, data={"name": "", "c": text}).status_code == 200

    def restart(self) -> None:
        with self._lock:
            self._server.stop()
            self._server = Sandbox(self._folder, port=self._port, wrap=self._keep)
            self._server.start()

    def stop(self) -> None:
        self._server.stop()


def test_a_thousand_comments_of_twenty_writers_through_restarts(tmp_path: Path) -> None:
    site, given = Restarting(tmp_path), list[Comment]()

    def write_all(who: int) -> None:
        for number in range(EACH_WRITES):
            site.write(f"{who}-{number}")

    threads = [threading.Thread(target=write_all, args=(who,)) for who in range(WRITERS)]
    threads.append(threading.Thread(target=_follow_all, args=(site, given)))
    for thread in threads:
        thread.start()
    for goal in (200, 600):
        while len(given) < goal:
            time.sleep(0.01)
        site.restart()
    for thread in threads:
        thread.join()
    site.stop()
    assert [each.number for each in given] == list(range(1, WRITERS * EACH_WRITES + 1))
    expected = {f"{who}-{number}" for who in range(WRITERS) for number in range(EACH_WRITES)}
    assert {each.text for each in given} == expected


def _follow_all(site: Restarting, given: list[Comment]) -> None:
    with Livetube(site.url) as follower:
        pause = follower.stop.wait
        for each in follow(follower, site.stream, sleep=lambda seconds: pause(0.02)):
            assert isinstance(each, Comment)
            given.append(each)
            if len(given) == WRITERS * EACH_WRITES:
                return


class Scripted(Livetube):
    """Answers as it is told, and stops at the end."""

    def __init__(self, *answers: Reading | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[int] = []

    def wait(self, stream: str, after: int) -> Reading:
        self.asked.append(after)
        answer = self.answers.pop(0)
        if not self.answers:
            self.stop.set()
        if isinstance(answer, Exception):
            raise answer
        return answer


def of(*numbers: int, scores: dict[int, int] | None = None) -> Reading:
    marks = None if scores is None else Marks(scores, 24)
    banned = marks.banned if marks else frozenset()
    comments = tuple(Comment(number=each, banned=each in banned) for each in numbers)
    return Reading(comments, marks)


def numbers(livetube: Livetube, after: int = 0) -> Iterator[int]:
    for each in follow(livetube, STREAM, after, sleep=at_once):
        yield each.number


def test_what_comes_twice_is_given_once() -> None:
    site = Scripted(of(1, 2), of(1, 2, 3), of(), of(3, 5), of(4, 6))
    assert list(numbers(site)) == [1, 2, 3, 5, 6]
    assert site.asked == [0, 2, 3, 3, 5]


def test_a_mark_that_goes_up_bans_what_was_given() -> None:
    site = Scripted(
        of(3, 4, scores={4: -24, 1: -48}),
        of(5, scores={3: -24, 5: -24, 1: -48}),
        of(),
        of(scores={}),
    )
    given = list(follow(site, STREAM, 2, sleep=at_once))
    assert given == [
        Comment(number=3),
        Comment(number=4, banned=True),
        BanChanged(3, banned=True),
        BanChanged(4, banned=False),
        Comment(number=5, banned=True),
        BanChanged(3, banned=False),
        BanChanged(5, banned=False),
    ]


def test_faults_are_waited_out_and_told() -> None:
    told: list[str] = []

    def waiting(error: Again, seconds: float) -> None:
        told.append(error.message)

    faults = [Passing(f"fault {number}") for number in range(150)]
    site = Scripted(*faults, of(1), SiteRefuses("moved"), UsageError("gone"), of(2))
    given = follow(site, STREAM, waiting=waiting, sleep=at_once)
    assert [each.number for each in given] == [1, 2]
    assert told[0] == "fault 0"
    assert told[-2:] == ["moved", "gone"]


@pytest.mark.parametrize(
    "error", [UsageError("no such stream"), SiteRefuses("moved"), Passing("", retry_after=9999.0)]
)
def test_what_no_waiting_helps_is_raised(error: Exception) -> None:
    expected = Later if isinstance(error, Passing) else type(error)
    with pytest.raises(expected):
        list(numbers(Scripted(error, of())))


def test_a_site_that_answers_at_once_with_nothing_is_not_asked_without_end() -> None:
    now, pauses = 0.0, list[float]()

    def sleep(seconds: float) -> bool:
        pauses.append(seconds)
        return False

    def clock() -> float:
        nonlocal now
        now += 0.5
        return now

    list(follow(Scripted(of(), of(1), of()), STREAM, sleep=sleep, clock=clock))
    assert pauses == [LEAST - 0.5, LEAST - 0.5]


def test_a_follower_that_is_to_stop_meanwhile_ends() -> None:
    site = Scripted(of(1), Passing("fault"), of(2))

    def sleep(seconds: float) -> bool:
        site.stop.set()
        return True

    assert [each.number for each in follow(site, STREAM, sleep=sleep)] == [1]
