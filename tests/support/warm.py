"""Processes of their own that begin at once: each is forked from one that has imported everything.

Run as a module it is the process that they are forked from. What Python itself reads when it starts
(PYTHONUTF8, LC_ALL, …) no fork reads again: where a test sets such a variable, and where there is
no fork, a process starts as any other does.
"""

from __future__ import annotations

import atexit
import ctypes
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final, TextIO

import nicobatch
from nicobatch.manifest import schema
from tests.support.disk import unsynced

ROOT: Final = Path(__file__).parents[2]
LIBRARIES: Final = (
    *(
        "av",
        "click",
        "filelock",
        "flask",
        "jsonschema",
        "requests",
        "rich.console",
        "rich.progress",
    ),
    *("tenacity", "watchdog.observers", "yaml"),
)
"""What our modules import where they use it."""
SUBREAPER: Final = 36
"""Linux's name for the call by which a process becomes the parent of its children's orphans."""
LARGEST: Final = 1 << 20
"""Bytes of an order."""
USUAL: Final = {"PYTHONUTF8": "1", "PYTHONWARNINGS": "error"}
READ_ONCE: Final = (*USUAL, "PYTHONCOERCECLOCALE", "PYTHONIOENCODING", "PYTHONUNBUFFERED", "LC_ALL")
"""What Python reads when it starts."""


def warm() -> None:
    """Do what any command would begin with; its parser has the user's language from the start."""
    ours = (each.name for each in pkgutil.walk_packages(nicobatch.__path__, "nicobatch."))
    for each in (*LIBRARIES, *ours):
        if not each.startswith(("nicobatch.__main__", "nicobatch.cli")):
            importlib.import_module(each)
    for form in ("batch", "single"):
        schema.validator(form)


def launch(
    module: str,
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path | None = None,
    **streams: Any,
) -> subprocess.Popen[Any]:
    """Begin `python -m module` with the arguments; all else is as Popen has it."""
    read = {name: env[name] for name in READ_ONCE if name in env}
    begin = Forked if sys.platform == "linux" and read == USUAL else subprocess.Popen
    command = [sys.executable, "-m", module, *arguments]
    return begin(command, cwd=cwd, env=env, **streams)


class Forked(subprocess.Popen[Any]):
    """Another way to begin a process; all else is as with any, its parent included."""

    def _execute_child(self, args: Sequence[str], *rest: Any) -> None:
        _, _, _, _, folder, environment, _, _, _, *handles = rest[:15]
        read, _, _, written, _, complained = handles
        given = [at if at >= 0 else number for number, at in enumerate((read, written, complained))]
        order = {
            "arguments": args[2:],
            "folder": os.fspath(folder or Path.cwd()),
            "environment": dict(environment),
        }
        line = _server()
        socket.send_fds(line, [json.dumps(order).encode()], given)
        self.pid = int(line.recv(20))
        self._child_created = True
        self._close_pipe_fds(*handles)  # type: ignore[attr-defined]


@functools.cache
def _server() -> socket.socket:
    """Start the process that the others are forked from; return the line to it."""
    ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0)
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(its.fileno())],
            cwd=ROOT,
            env={**os.environ, **USUAL},
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
        )
    atexit.register(_end, ours, process)
    return ours


def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
    line.close()
    process.wait()


def serve(line: socket.socket) -> None:
    """Fork for each order, and return in the new process, which is as the order has it."""
    while True:
        message, handles, _, _ = socket.recv_fds(line, LARGEST, 3)
        if not message:
            line.close()
            sys.exit()
        told, tell = os.pipe()
        between = os.fork()
        if not between:  # whose child is an orphan at once: its parent is who reaps such
            pid = os.fork()
            if pid:
                os.write(tell, str(pid).encode())
                os._exit(0)
            for each in (told, tell):
                os.close(each)
            line.close()
            _become(handles, **json.loads(message))
            return
        os.waitpid(between, 0)
        line.send(os.read(told, 20))
        for each in (told, tell, *handles):
            os.close(each)


def _become(
    handles: Sequence[int], arguments: Sequence[str], folder: str, environment: Mapping[str, str]
) -> None:
    for number, handle in enumerate(handles):
        os.dup2(handle, number)
        os.close(handle)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, name, _reopened(number, getattr(sys, name)))
    os.chdir(folder)
    vars(os)["fsync"] = unsynced
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = [*arguments]


def _reopened(number: int, stream: TextIO) -> IO[str]:
    """Return a stream as Python begins with: whether it can seek, say, depends on what is there."""
    return open(
        number,
        stream.mode,
        buffering=1 if number == 2 or os.isatty(number) else -1,
        encoding=stream.encoding,
        errors=stream.errors,
        closefd=False,
    )


if __name__ == "__main__":
    warm()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
