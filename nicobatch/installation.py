"""How this nicobatch was installed, what adds to it or calls it, and its home."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nicobatch import __version__
from nicobatch.language import ENGLISH, _, chosen

NAME: Final = "nicobatch"
HOME: Final = "https://github.com/nicobatch/nicobatch"
"""The repository's address."""
DOCS: Final = "https://nicobatch.github.io/nicobatch"
"""Where the documentation is; its other languages lie in folders of their names."""
_PLAIN: Final = re.compile(r"[\w@+:,./\\~-]+")
"""A word that no shell of Windows reads anything into."""
_EXTRA: Final = re.compile(r"""\bextra\s*==\s*["']([\w-]+)["']""")


def versions() -> str:
    """Return what runs on what, for whoever is to find out what is wrong."""
    machine = f"{platform.system()} {platform.machine()}"
    return f"{NAME} {__version__}, Python {platform.python_version()}, {machine}"


def rule_page(rule: str) -> str:
    """Return where the documentation tells of the rule, in the chosen language."""
    language = "" if chosen() == ENGLISH else f"/{chosen()}"
    return f"{DOCS}{language}/reference/rules/#{rule}"


def missing(extra: str) -> str:
    """Return the hint that tells how to get what the extra needs, beside this very nicobatch.

    What it needs is named, rather than nicobatch: where that came from no index, an index may have
    another's of this name.
    """
    needed = _needed(extra)
    if _is_pipx():
        words = ["pipx", "inject", Path(sys.prefix).name, *needed]
    elif _is_uv_tool():  # which forgets what is installed into a tool in another way
        words = ["uv", "tool", "install", "--force", _source(extra)]
    else:
        words = [*_installer(), *needed]
    return _("install it: {command}").format(command=line(words))


def upgrade() -> str:
    """Return the command that gets a newer nicobatch from where this one came."""
    if _is_pipx():
        return line(["pipx", "upgrade", Path(sys.prefix).name])
    if _is_uv_tool():
        return line(["uv", "tool", "upgrade", NAME])
    return line([*_installer(), "--upgrade", _source()])


def command() -> str:
    """Return how to call this nicobatch again: by its name, by its name or else its path."""
    called = Path(sys.argv[0])
    if called.parts[-2:] == (NAME, "__main__.py"):
        return line([sys.executable, "-m", NAME])
    found = shutil.which(NAME)
    if called.stem != NAME or (found and os.path.realpath(found) == os.path.realpath(called)):
        return NAME
    return line([sys.argv[0]])


def _needed(extra: str) -> list[str]:
    """Return what the extra depends on, as the installed metadata has it."""
    from importlib import metadata

    try:
        requirements = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:  # a checkout that is only on the path
        requirements = []
    halves = (requirement.partition(";") for requirement in requirements)
    named = [what.strip() for what, _semicolon, marker in halves if extra in _EXTRA.findall(marker)]
    return named or [f"{NAME}[{extra}]"]


def _source(extra: str = "") -> str:
    """Return the requirement by which this nicobatch was installed, with the extra."""
    from importlib import metadata

    name = f"{NAME}[{extra}]" if extra else NAME
    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        text = None
    if not text:
        return name
    origin = json.loads(text)
    versions = origin.get("vcs_info")
    if not versions:
        return f"{name} @ {origin['url']}"
    revision = versions.get("requested_revision")
    return f"{name} @ {versions['vcs']}+{origin['url']}{f'@{revision}' if revision else ''}"


def _is_pipx() -> bool:
    return Path(sys.prefix, "pipx_metadata.json").is_file()


def _is_uv_tool() -> bool:
    return Path(sys.prefix, "uv-receipt.toml").is_file()


def _installer() -> list[str]:
    """Return the command that installs into this very environment."""
    if not importlib.util.find_spec("pip"):  # as in environments that uv has made
        return ["uv", "pip", "install", "--python", sys.executable]
    words = [sys.executable, "-m", "pip", "install"]
    if sys.prefix == sys.base_prefix:
        import sysconfig

        marker = Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
        words += ["--break-system-packages"] if marker.is_file() else []
    return words


def line(words: Sequence[str]) -> str:
    """Return the words as one line for the user's shell."""
    if os.name == "nt":
        return " ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words)
    return shlex.join(words)
