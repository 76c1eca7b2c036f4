"""The client against the imitation, and against sites that answer as Livetube does not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from nicobatch.errors import NicobatchError, Passing, SignInNeeded, SiteRefuses, Stopped, UsageError
from nicobatch.livetube import HELD, CommentRefused, Livetube
from nicobatch.livetube.client import PATIENCE
from nicobatch.model import Secret
from nicobatch.sandbox import DEFAULT_ACCOUNTS, Sandbox
from tests.support.faults import Faults, Play, answer_lost, refused, reset_before
from tests.support.servers import Reply, Site, request_of, serving, talking
from tests.unit.livetube.making import LIVE, NOW, PAGE, STREAM, X_JSON, Ask, fragment

MAIN, SECOND, _OTHER = DEFAULT_ACCOUNTS
COMMENTS = f"/stream/{STREAM}.comments"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as server:
        yield server


@pytest.fixture
def client(site: Site) -> Iterator[Livetube]:
    with Livetube(site.url, now=lambda: NOW) as livetube:
        yield livetube


# The jobs of the document's three programs


def test_the_stream_of_a_page(site: Site, client: Livetube) -> None:
    path = f"/{quote('hatenaテスト')}/{quote('配信テスト')}"
    site.replies[path] = Reply(body=PAGE.encode())
    for page in ("http://livetube.cc/hatenaテスト/配信テスト", f"http://h.livetube.cc{path}"):
        assert client.stream(page) == STREAM
    assert client.stream(STREAM) == STREAM
    assert [each.target for each in site.seen] == [path, path]
    assert site.seen[0].headers["User-Agent"].startswith("Mozilla/5.0 ")


def test_comments_with_their_bans_and_those_that_come(site: Site, client: Livetube) -> None:
    body = "".join(map(fragment, range(1, 6)))
    site.replies[COMMENTS] = Reply(headers={"X-JSON": X_JSON}, body=body.encode())
    site.replies[f"{COMMENTS}.5"] = Reply(headers={"X-JSON": X_JSON})
    reading = client.read(STREAM)
    assert [each.number for each in reading.comments] == [1, 2, 3, 4, 5]
    assert [each.number for each in reading.comments if each.banned] == [3, 4]
    assert reading.marks is not None
    assert reading.marks.threshold == 24
    assert client.wait(STREAM, 5).comments == ()


def test_a_comment_of_somebody_who_is_signed_in(livetube: Livetube, stream: str) -> None:
    session = livetube.sign_in(MAIN.nickname, Secret(MAIN.password))
    assert session.reveal()
    livetube.write(stream, "テスト", MAIN.nickname)
    (comment,) = livetube.read(stream).comments
    assert (comment.name, comment.green, comment.text) == (MAIN.nickname, True, "テスト")
    assert comment.icon is not None
    assert (comment.icon.width, comment.icon.height) == (64, 71)


# Pages and lists


def test_what_is_on(livetube: Livetube, ask: Ask, stream: str) -> None:
    livetube.write(stream, "a")
    found = next(each for each in livetube.live() if each.id == stream)
    assert (found.title, found.author, found.comments) == ("テスト", "nago", 1)
    assert found.tags == ("nanasiid",)
    assert livetube.stream(found.url) == stream
    ask("ends", stream=stream)
    assert stream not in {each.id for each in livetube.live()}


@pytest.mark.parametrize("status", ["404 Not Found", "200 OK"])
def test_where_there_is_no_json_the_xml_is_read(
    livetube: Livetube, faults: Faults, stream: str, status: str
) -> None:
    faults.at(r"GET /livetube/index.live.json\?", refused(status))
    found = next(each for each in livetube.live() if each.id == stream)
    assert (found.title, found.author, found.comments) == ("テスト", "nago", None)


def test_neither_list(site: Site, client: Livetube) -> None:
    with pytest.raises(SiteRefuses, match="none of Livetube's"):
        client.live()
    assert [each.target for each in site.seen] == ["/index.live.json", "/index.live.xml"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("nonsense", "neither the id of a stream nor the address"),
        ("ftp://livetube.cc/a/b", "neither the id"),
        ("http://[/a", "neither the id"),
        ("http://nicovideo.jp/a", "is no page of http://127.0.0.1"),
        ("http://livetube.cc/user", "is no page of a broadcast"),
        ("http://livetube.cc/nobody/nothing", "there is no page"),
        ("http://livetube.cc/\x1b[31m", "␛"),
    ],
)
def test_what_names_no_stream(site: Site, client: Livetube, page: str, words: str) -> None:
    site.replies["/user"] = Reply(body=b"<p>x")
    site.replies["/nobody/nothing"] = Reply(404)
    with pytest.raises(UsageError, match=words):
        client.stream(page)


# Reading


def test_reading_after_a_number_is_not_held_back(livetube: Livetube, stream: str) -> None:
    for text in ("a", "b", "c"):
        livetube.write(stream, text)
    assert [each.text for each in livetube.read(stream).comments] == ["a", "b", "c"]
    assert [each.text for each in livetube.read(stream, after=1).comments] == ["b", "c"]
    assert livetube.read(stream, after=3).comments == ()


def test_an_answer_that_is_held_back_is_waited_for() -> None:
    assert PATIENCE > HELD
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    held = threading.Event()

    def talk(peer: socket.socket) -> None:
        request_of(peer)
        held.wait(0.3)
        peer.sendall(answer)

    with talking(talk) as place:
        with Livetube(f"http://{place}", patience=5) as patient:
            assert patient.wait(STREAM, 1).comments == ()
        with (
            Livetube(f"http://{place}", patience=0.1) as hasty,
            pytest.raises(Passing, match="did not answer in time"),
        ):
            hasty.wait(STREAM, 1)


@pytest.mark.parametrize(
    ("reply", "error", "words"),
    [
        (Reply(404), UsageError, "knows no stream"),
        (Reply(410), UsageError, "knows no stream"),
        (Reply(503), Passing, "answers 503"),
        (Reply(403), SiteRefuses, "answers 403"),
        (Reply(302, {"Location": "/login"}), SiteRefuses, "answers 302"),
        (Reply(301, {"Location": "https://new.example/a?b"}), SiteRefuses, "https://new.example$"),
        (Reply(301, {"Location": "http://[/"}), SiteRefuses, "answers 301"),
        (Reply(200, {}, b"<p>Welcome to the hotel's network"), SiteRefuses, "none of Livetube's"),
    ],
)  # fmt: skip
def test_answers_that_hold_no_comments(
    site: Site, client: Livetube, reply: Reply, error: type[NicobatchError], words: str
) -> None:
    site.replies[COMMENTS] = reply
    with pytest.raises(error, match=words):
        client.read(STREAM)


def test_a_pause_that_the_site_asks_for(site: Site, client: Livetube) -> None:
    site.replies[COMMENTS] = Reply(429, {"Retry-After": "7"})
    with pytest.raises(Passing) as caught:
        client.write(STREAM, "a")
    assert (caught.value.retry_after, caught.value.outcome_unknown) == (7, False)


def test_nothing_is_sent_once_it_is_to_stop(site: Site, client: Livetube) -> None:
    client.stop.set()
    with pytest.raises(Stopped):
        client.read(STREAM)
    assert site.seen == []


# Writing


@pytest.mark.parametrize(
    ("signed_in", "name", "green"),
    [(True, MAIN.nickname, True), (True, "nago", False), (False, MAIN.nickname, False),
     (True, "", False), (True, SECOND.nickname, False)],
)  # fmt: skip
def test_a_green_name_needs_both(
    livetube: Livetube, stream: str, signed_in: bool, name: str, green: bool
) -> None:
    if signed_in:
        livetube.sign_in(MAIN.nickname, Secret(MAIN.password))
    livetube.write(stream, "a", name)
    (comment,) = livetube.read(stream).comments
    assert (comment.name, comment.green) == (name, green)


def test_lines_addresses_and_signs_come_back(livetube: Livetube, stream: str) -> None:
    text = "新しい動画：<第1回> & more\nhttps://nico.ms/sm9 \N{GRINNING FACE}"
    livetube.write(stream, text, "a & b")
    (comment,) = livetube.read(stream).comments
    assert (comment.text, comment.name, comment.live) == (text, "a & b", True)
    assert '<a href="https://nico.ms/sm9"' in comment.html


def test_after_the_end_comments_are_taken(livetube: Livetube, ask: Ask, stream: str) -> None:
    livetube.write(stream, "a")
    ask("ends", stream=stream)
    livetube.write(stream, "b")
    assert [each.live for each in livetube.read(stream).comments] == [True, False]


def test_what_the_site_refuses_is_told_in_its_words(site: Site, client: Livetube) -> None:
    words = "書き込めません:コメントの文字がないようです。\x1b[2J" + "x" * 999
    site.replies[COMMENTS] = Reply(body=words.encode())
    with pytest.raises(CommentRefused, match="コメントの文字がないようです。␛") as caught:
        client.write(STREAM, "a")
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("text", ["", " \n\t", "a\udcff"])
def test_what_is_no_text_is_not_even_sent(site: Site, client: Livetube, text: str) -> None:
    with pytest.raises(UsageError):
        client.write(STREAM, text)
    assert site.seen == []


@pytest.mark.parametrize(
    ("play", "is_there"),
    [(answer_lost, True), (reset_before, False), (refused("503 Service Unavailable"), False)],
)
def test_a_lost_answer_is_settled_by_the_comments(
    livetube: Livetube, faults: Faults, stream: str, play: Play, is_there: bool
) -> None:
    livetube.write(stream, "new:  a", "nago")
    since = datetime.now(UTC)
    faults.at("POST .*", play)
    with pytest.raises(Passing) as caught:
        livetube.write(stream, "new:  b", "nago")
    assert caught.value.outcome_unknown
    found = livetube.written(stream, "new: b", "nago", since=since)
    assert (found.number if found else None) == (2 if is_there else None)
    assert livetube.written(stream, "new: b", "other") is None
    assert livetube.written(stream, "new: a", "nago", since=since + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    "reply",
    [Reply(302, {"Location": "/user/title"}), Reply(body=b"<!DOCTYPE html>Welcome"), Reply(500)],
)
def test_an_answer_that_says_neither_yes_nor_no(site: Site, client: Livetube, reply: Reply) -> None:
    site.replies[COMMENTS] = reply
    with pytest.raises(Passing) as caught:
        client.write(STREAM, "a")
    assert caught.value.outcome_unknown


def test_a_line_that_was_never_there_has_written_nothing() -> None:
    with Livetube("http://127.0.0.1:1") as livetube, pytest.raises(Passing) as caught:
        livetube.write(STREAM, "a")
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("end", range(0, 60, 7))
def test_an_answer_that_may_be_cut_proves_nothing_written(end: int) -> None:
    answer = b"HTTP/1.1 200 OK\r\nServer: LTWS\r\n\r\n" + "書き込めません:a".encode()

    def talk(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(answer[:end])

    with (
        talking(talk) as place,
        Livetube(f"http://{place}") as livetube,
        pytest.raises((Passing, CommentRefused)) as caught,
    ):
        livetube.write(STREAM, "a")
    assert getattr(caught.value, "outcome_unknown", True)


# The sign-in


def test_a_sign_in_that_is_refused(livetube: Livetube) -> None:
    with pytest.raises(SignInNeeded) as caught:
        livetube.sign_in(MAIN.nickname, Secret("wrong"))
    assert "wrong" not in f"{caught.value!r}{caught.value.hint}"
    assert livetube.session is None


def test_a_sign_in_that_is_ended_makes_no_name_green(livetube: Livetube, stream: str) -> None:
    session = livetube.sign_in(MAIN.nickname, Secret(MAIN.password))
    livetube.sign_out()
    livetube.sign_out()
    livetube.session = session
    livetube.write(stream, "a", MAIN.nickname)
    assert [each.green for each in livetube.read(stream).comments] == [False]


def test_no_sign_in_leaves_this_machine_unsealed() -> None:
    with Livetube("http://livetube.example") as livetube:
        with pytest.raises(UsageError, match="neither https nor this machine"):
            livetube.sign_in("nago", Secret("p"))
        livetube.session = Secret("u")
        with pytest.raises(UsageError, match="neither https nor this machine"):
            livetube.write(STREAM, "a", "nago")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(503, {"Set-Cookie": "u=A"}), Passing),
        (Reply(403, {"Set-Cookie": "u=A"}), SiteRefuses),
        (Reply(200, {"Set-Cookie": "u=; Expires=Tue, 16-Feb-2010 14:49:47 GMT"}), SignInNeeded),
        (Reply(302, {"Location": "/", "Set-Cookie": "u=A; Path=/"}), None),
    ],
)
def test_what_comes_of_a_sign_in(
    site: Site, client: Livetube, reply: Reply, error: type[NicobatchError] | None
) -> None:
    site.replies["/login"] = reply
    if error is None:
        assert client.sign_in("nago", Secret("p&q")).reveal() == "A"
        assert site.seen[0].body == b"user=nago&password=p%26q"
        return
    with pytest.raises(error):
        client.sign_in("nago", Secret("p"))


def test_what_a_document_shows_live(site: Site, client: Livetube) -> None:
    site.replies[COMMENTS] = Reply(body=LIVE.encode())
    assert [each.live for each in client.read(STREAM).comments] == [True]


def test_the_sandbox_saw_no_secret_in_an_address(sandbox: Sandbox, livetube: Livetube) -> None:
    livetube.sign_in(MAIN.nickname, Secret(MAIN.password))
    assert sandbox.audit()["leaks"] == []
