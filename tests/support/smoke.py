"""The wheel, installed and used: on every other Python that is here, and on the lowest versions.

`python -m tests.support.smoke [PYTHON…]`: interpreters are looked for where none is named. The exit
code is 1 if anything fails.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from examples.make_samples import make_video
from tests.support.locked import LOWEST, ROOT, RUN, USED_ONCE, constraints

SCRIPTS: Final = "Scripts" if os.name == "nt" else "bin"
OLDEST: Final = (3, 11)
PLACES: Final = ("~/.pyenv/versions/*/bin/python", "~/.local/share/uv/python/*/bin/python")
"""Where interpreters lie that are not on PATH."""
NAME: Final = re.compile(r"python3\.\d+(\.exe)?")
ASK: Final = (
    "import ensurepip, sys, venv; "
    "print(*sys.version_info[:2], sys.version_info.releaselevel, sys.implementation.name)"
)
PATIENCE: Final = 600
"""Seconds for one command: pip may have to wait for its turn."""


@dataclass(frozen=True, slots=True)
class Setup:
    """An interpreter, and the lock file with the versions that it is to get."""

    python: Path
    version: tuple[int, int]
    lock: Path

    @property
    def name(self) -> str:
        """Return it for people."""
        return f"Python {self.version[0]}.{self.version[1]} with {self.lock.name}"


def run(*command: str | Path, cwd: Path, home: Path) -> str:
    """Run the command as in a new home, and return what it printed; else raise with all of it."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def environment(home: Path) -> Mapping[str, str]:
    """Return this environment with another home, and nothing of this interpreter's."""
    ours = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, **USED_ONCE, "HOME": str(home), "USERPROFILE": str(home), "PYTHONUTF8": "1"}


def interpreters() -> Iterator[Path]:
    """Yield what may be a Python, wherever it is installed."""
    for folder in map(Path, os.get_exec_path()):
        if folder.is_dir():
            yield from sorted(each for each in folder.iterdir() if NAME.fullmatch(each.name))
    for place in PLACES:
        root, _, pattern = place.partition("*")
        yield from sorted(Path(root).expanduser().glob(f"*{pattern}"), reverse=True)


def version_of(python: Path) -> tuple[int, int] | None:
    """Return its version, None where it is too old, unfinished, not CPython or not whole."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", ASK], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split()
    if done.returncode or words[2:] != ["final", "cpython"]:
        return None
    version = int(words[0]), int(words[1])
    return version if version >= OLDEST else None


def setups(named: Sequence[Path]) -> list[Setup]:
    """Return one for each version that this one is not, and this one on the lowest versions."""
    here = sys.version_info[:2]
    found: dict[tuple[int, int], Path] = {}
    for python in named or interpreters():
        version = version_of(python)
        if version is None:
            if named:
                raise SystemExit(f"{python} is no whole CPython 3.11 or newer")
        elif named or version != here:
            found.setdefault(version, python)
    others = [Setup(python, version, RUN) for version, python in sorted(found.items())]
    return [Setup(Path(sys.executable), here, LOWEST), *others]


def built(folder: Path) -> Path:
    """Build the wheel with the locked builder, and return it."""
    command = (sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(*command, cwd=folder, home=folder)
    [wheel] = folder.glob("*.whl")
    return wheel


def installed(setup: Setup, wheel: Path, folder: Path) -> Path:
    """Install the wheel and its sandbox into a new environment; return where its scripts are."""
    run(setup.python, "-I", "-m", "venv", folder / "env", cwd=folder, home=folder)
    scripts = folder / "env" / SCRIPTS
    pip = ("-I", "-m", "pip", "install", "--disable-pip-version-check")
    versions = ("--constraint", constraints(setup.lock, folder))
    run(scripts / "python", *pip, *versions, f"{wheel}[sandbox]", cwd=folder, home=folder)
    return scripts


def used(scripts: Path, video: Path, folder: Path) -> None:
    """Check, publish, publish again and watch, each from the command line."""
    show, inbox = folder / "show", folder / "inbox"
    for place in (show, inbox):
        place.mkdir()
        shutil.copy(video, place / "a.mp4")
        (place / "m.yaml").write_text("version: 1\nfile: a.mp4\ntitle: 車輪\n", encoding="utf-8")
    for command, place, word in (
        ("check m.yaml", show, ""),
        ("publish m.yaml --sandbox", show, "published"),
        ("publish m.yaml --sandbox", show, "unchanged"),
        ("watch . --once --settle 0 --sandbox", inbox, "published"),
        ("publish m.yaml --sandbox", inbox, "unchanged"),
    ):
        nicobatch = scripts / "nicobatch"
        said = run(nicobatch, "--lang", "en", *command.split(), cwd=place, home=folder)
        assert word in said, f"{command} doesn't say {word!r}:\n{said}"


def tried(setup: Setup, wheel: Path, video: Path, folder: Path) -> bool:
    """Tell whether the setup works, in words as well."""
    folder.mkdir()
    began = time.monotonic()
    try:
        used(installed(setup, wheel, folder), video, folder)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as error:
        print(f"{setup.name}: FAILED: {error}", flush=True)  # noqa: T201
        return False
    print(f"{setup.name}: works ({time.monotonic() - began:.0f} s)", flush=True)  # noqa: T201
    return True


def main(named: Sequence[Path]) -> int:
    """Try them all, as many at once as there are processors; return the exit code."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        wheel = built(folder)
        video = make_video(folder / "a.mp4", width=64, height=36)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [
                pool.submit(tried, setup, wheel, video, folder / str(number))
                for number, setup in enumerate(setups(named))
            ]
        return 0 if all(job.result() for job in jobs) else 1


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
