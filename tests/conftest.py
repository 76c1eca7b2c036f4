"""What every test gets: an environment of its own, and no thread left behind by it."""

from __future__ import annotations

import gc
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from examples.make_samples import make_video
from nicobatch import language
from nicobatch.sandbox import Sandbox
from tests.support.disk import unsynced
from tests.support.postgres import Database, Postgres, programs
from tests.support.rights import rightless
from tests.support.tracing import Tracing
from tests.support.warm import warm

_FOREIGN = re.compile(
    r"NICOBATCH_.*|.*_PROXY|NO_COLOR|FORCE_COLOR|CLICOLOR.*|TTY_.*|COLUMNS|LINES|CI|GITHUB_.*|NETRC"
    r"|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL.*|LANGUAGE|LANG|LC_.*|PG.*",
    re.IGNORECASE,
)
"""Variables that would change what is tested."""
_FOLDERS = {
    "HOME": "",
    "USERPROFILE": "",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_CACHE_HOME": ".cache",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
}
_GRACE = 2.0
"""Seconds that a thread may take to come to its end."""

# How long an example takes depends on what else the machine does, and proves nothing.
settings.register_profile(
    "untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

# A shell has what it runs in the background ignore Ctrl-C, and nohup that the terminal is closed;
# and so would all that the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# A process that is to read one of these can't be forked from one that has read none, and is slow.
for each in ("PYTHONDONTWRITEBYTECODE", "PYTHONIOENCODING", "PYTHONUNBUFFERED"):
    os.environ.pop(each, None)


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Trace where pytest-cov, which has begun by now, is to measure."""
    plugins = session.config.pluginmanager
    controller = getattr(plugins.getplugin("_cov"), "cov_controller", None)
    if controller:
        warm()  # or a test that is not traced could be the first to import a module
        plugins.register(Tracing(controller))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Keep what is there to the end, thousands of tests, from being looked through for garbage."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home for each test, without a keyring and without what the user has set."""
    folder = tmp_path_factory.mktemp("home")
    for name in filter(_FOREIGN.fullmatch, tuple(os.environ)):
        monkeypatch.delenv(name)
    for name, place in _FOLDERS.items():
        monkeypatch.setenv(name, str(folder / place))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    return folder


@pytest.fixture(autouse=True)
def _power_stays_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk: what a killed process has written stays in the system's memory."""
    monkeypatch.setattr(os, "fsync", unsynced)


@pytest.fixture(autouse=True)
def _english(home: Path) -> Iterator[None]:
    """English where a test asks for nothing else; what it chose does not outlive it."""
    yield
    language.choose(language.ENGLISH)
    os.environ.pop("LANGUAGE", None)


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _GRACE
    left = [thread for thread in threading.enumerate() if thread not in before]
    for thread in left:
        thread.join(max(0.0, deadline - time.monotonic()))
    assert [thread.name for thread in left if thread.is_alive()] == []


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real video of two seconds and few bytes; whoever changes it takes a copy."""
    return make_video(tmp_path_factory.mktemp("video") / "第1回 序章.mp4", width=64, height=36)


@pytest.fixture
def _rightless() -> Iterator[None]:
    """Hold the test to what the files' modes allow, though root runs it."""
    with rightless():
        yield


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox that encodes at once, and that must not have crashed at the end of the test."""
    with Sandbox(tmp_path / "site", encode_seconds=0) as server:
        yield server
    assert server.audit()["crashes"] == []


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this process's tests alone, started by the first that wants a database."""
    where = programs()
    if where is None:
        pytest.skip("no PostgreSQL is installed")
    server = Postgres(where)
    yield server
    server.close()


@pytest.fixture
def database(postgres: Postgres) -> Database:
    """An empty database; one that is prepared: `postgres.database(prepare)`."""
    return postgres.database()
