"""Running the command: in this process, or as one of its own where signals and pipes count."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nicobatch.sandbox import DEFAULT_ACCOUNTS
from tests.support.warm import launch

ROOT = Path(__file__).parents[3]
MAIN, SECOND, CAREFUL = DEFAULT_ACCOUNTS
IN_A_ROW: Final = r"""
import json, sys
from nicobatch.cli import run

for words in json.load(sys.stdin.buffer):
    code = run(words)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        stream.buffer.write(b"\0end %d\0" % code)
        stream.buffer.flush()
"""
"""Ends what each command says by its exit code."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return stdout's lines as JSON, each with its `event`."""
        events = [json.loads(line) for line in self.out.splitlines()]
        assert all(event["event"] for event in events)
        return events

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


def start(*arguments: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Begin a process that speaks UTF-8 in the current folder."""
    return launch(
        "nicobatch",
        *arguments,
        env=environment_with(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str], timeout: float = 20) -> Result:
    """Wait for the process to end; kill it, and fail, when it does not."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return Result(process.returncode, out, err)


def process(*arguments: str, environment: Mapping[str, str] | None = None) -> Result:
    """Run the command as a process of its own."""
    return end(start(*arguments, environment=environment))


@dataclass(frozen=True, slots=True)
class Bytes:
    """How a run ended and what it said, as the system takes it."""

    code: int
    out: bytes
    err: bytes


def in_a_row(environment: Mapping[str, str], *runs: Sequence[str]) -> list[Bytes]:
    """Run one command after the other in one process, whose streams are as its environment says."""
    done = subprocess.run(
        [sys.executable, "-c", IN_A_ROW],
        input=json.dumps(runs).encode("ascii"),
        env=environment,
        capture_output=True,
        check=True,
    )
    outs, errs = (re.split(rb"\0end (\d+)\0", stream) for stream in (done.stdout, done.stderr))
    return [
        Bytes(int(code), out, err)
        for out, code, err in zip(outs[:-1:2], outs[1::2], errs[:-1:2], strict=True)
    ]


def environment_with(more: Mapping[str, str] | None) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "error",
        **(more or {}),
    }
