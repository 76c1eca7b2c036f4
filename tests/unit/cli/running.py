"""Running the command: in this process, or as one of its own where signals and pipes count."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nicobatch.sandbox import DEFAULT_ACCOUNTS

ROOT = Path(__file__).parents[3]
MAIN, SECOND, CAREFUL = DEFAULT_ACCOUNTS


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
    return subprocess.Popen(
        [sys.executable, "-m", "nicobatch", *arguments],
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


def environment_with(more: Mapping[str, str] | None) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONUTF8": "1",
        "PYTHONWARNINGS": "error",
        **(more or {}),
    }
