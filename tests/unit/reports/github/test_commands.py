from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.reports.workflow_commands import (
    Guarded,
    command,
    commands,
    defused,
    is_runner,
    masks,
    write_command,
)
from tests.unit.reports.github.runner import REGISTERED, Command, commands_in

ODD = st.text(st.sampled_from(":#[] \t\r\n\u3000\u2028\x85,=%0ADadmske-")) | st.text()
LINES = ["::{}::x", " \u3000\t::{} a=b::x", "ok ##[{}]x", "##[{} a=b;c=d]x"]
PIECES = st.lists(
    ODD | st.sampled_from(["::", ":", "##[", "#", "error", "::add-mask::x\n", "##[group]x"])
)


@pytest.mark.parametrize(
    ("given", "told"), [({}, False), ({"GITHUB_ACTIONS": "true"}, True), ({"CI": "true"}, False)]
)
def test_who_reads(given: dict[str, str], told: bool) -> None:
    assert is_runner(given) is told


def test_commands_as_github_writes_them() -> None:
    assert command("endgroup", "") == "::endgroup::"
    assert command("error", "100%\r\n: , ok") == "::error::100%25%0D%0A: , ok"
    told = command("warning", "no", file="第1部,a:b%.yaml", line=3, col=0, title="x\ny")
    assert told == "::warning file=第1部%2Ca%3Ab%25.yaml,line=3,title=x%0Ay::no"


@given(ODD, ODD, ODD)
def test_what_is_told_arrives(message: str, file: str, title: str) -> None:
    (read,) = commands_in(command("error", message, file=file, title=title))
    assert read.message == message
    for name, value in (("file", file), ("title", title)):  # a runner strips what is around all
        assert read.properties.get(name, "").strip() == value.strip()


def test_a_secret_is_masked_line_by_line() -> None:
    assert list(masks("one\n\n  two 100%\r\n")) == ["::add-mask::one", "::add-mask::two 100%25"]
    assert list(masks(" \n")) == []


@pytest.mark.parametrize("name", sorted(REGISTERED))
@pytest.mark.parametrize(
    "line", ["::{}::x", " \u3000\t::{} a=b::x", "ok ##[{}]x", "##[{} a=b;c=d]x"]
)
def test_no_text_is_a_command(line: str, name: str) -> None:
    hostile = line.format(name)
    assert list(commands_in(hostile))
    assert list(commands_in(defused(hostile))) == []


@given(PIECES)
def test_a_guarded_stream_carries_no_command(pieces: list[str]) -> None:
    log = io.StringIO(newline="")
    stream = Guarded(log)
    for piece in pieces:
        stream.write(piece)
        stream.flush()
    assert list(commands_in(log.getvalue())) == []
    words = "".join(pieces)
    assert log.getvalue().replace(" ", "") == words.replace(" ", "")  # nothing is lost


@given(st.text(st.characters(exclude_characters=":#")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    log = io.StringIO(newline="")
    Guarded(log).write(text)
    assert log.getvalue() == text


def test_commands_that_are_meant_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.TextIOWrapper(io.BytesIO(), encoding="cp932", errors="backslashreplace")
    stream = Guarded(raw)
    monkeypatch.setattr("sys.stderr", stream)
    write_command("::group::x")
    stream.write("::group::y\n")
    stream.flush()
    assert commands(stream) is raw
    assert commands(raw) is raw
    assert raw.buffer.getvalue().splitlines() == [b"::group::x", b": :group::y"]
    assert (stream.encoding, stream.errors, stream.isatty()) == ("cp932", "backslashreplace", False)
    assert stream.writable()


def test_a_guarded_stream_may_outlive_its_own() -> None:
    log = io.StringIO()
    stream = Guarded(log)
    stream.close()
    assert not log.closed
    log.close()
    stream.close()  # as the interpreter does, and 3.13 tells of what fails then


def test_a_reader_of_commands_may_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("sys.stderr", Gone())
    write_command("::endgroup::")


def test_the_imitated_runner_reads_properties() -> None:
    (read,) = commands_in(" ::ERROR file=a%2Cb,line=1,x::y%0Az\nplain ::error::x\n::nothing::")
    assert read == Command("error", "y\nz", {"file": "a,b", "line": "1"})
