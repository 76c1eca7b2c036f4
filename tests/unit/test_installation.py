"""The commands that people are told to type, for each way in which nicobatch is installed."""

from __future__ import annotations

import json
import os
import shlex
import sys
from importlib import metadata
from pathlib import Path

import pytest

from nicobatch import installation

pytestmark = pytest.mark.skipif(os.name == "nt", reason="quoted as on POSIX")


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of its own, whose folder has a blank in its name."""
    folder = tmp_path / "my tools" / "nicobatch"
    folder.mkdir(parents=True)
    monkeypatch.setattr("sys.prefix", str(folder))
    monkeypatch.setattr("sys.executable", str(folder / "bin" / "python"))
    return folder


METADATA = """Metadata-Version: 2.4
Name: nicobatch
Version: 0.1.0
Requires-Dist: av<20,>=17.1
Provides-Extra: sandbox
Requires-Dist: flask>=3.1; extra == 'sandbox'
Provides-Extra: many
Requires-Dist: one<2,>=1; extra == "many"
Requires-Dist: two; (python_version >= '3.11') and extra == 'many'
"""


def come_from(monkeypatch: pytest.MonkeyPatch, folder: Path, origin: object) -> None:
    """Have the installation say where it came from, as PEP 610 has it."""
    info = folder / "site" / "nicobatch-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA, "utf-8")
    if origin is not None:
        (info / "direct_url.json").write_text(json.dumps(origin), "utf-8")
    monkeypatch.syspath_prepend(str(info.parent))


def missing(extra: str) -> list[str]:
    start, command = installation.missing(extra).split(": ", 1)
    assert start == "install it"
    return shlex.split(command)


def test_an_environment_gets_what_is_missing_by_its_own_pip(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_from(monkeypatch, prefix, None)
    python = str(prefix / "bin" / "python")
    assert missing("sandbox") == [python, "-m", "pip", "install", "flask>=3.1"]
    assert missing("many") == [python, "-m", "pip", "install", "one<2,>=1", "two"]


def test_an_environment_without_pip_gets_it_from_uv(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    python = str(prefix / "bin" / "python")
    assert missing("sandbox") == ["uv", "pip", "install", "--python", python, "flask>=3.1"]


@pytest.mark.parametrize("name", ["nicobatch", "nicobatch-next"])
def test_pipx_takes_it_into_its_environment(
    name: str, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = prefix.rename(prefix.with_name(name))
    monkeypatch.setattr("sys.prefix", str(prefix))
    (prefix / "pipx_metadata.json").touch()
    assert missing("sandbox") == ["pipx", "inject", name, "flask>=3.1"]
    assert installation.upgrade() == f"pipx upgrade {name}"


URL = "https://git.example/nicobatch"


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (None, "nicobatch[sandbox]"),
        ({"url": "file:///home/me/nicobatch", "dir_info": {}}, "@ file:///home/me/nicobatch"),
        ({"url": URL, "vcs_info": {"vcs": "git", "commit_id": "1"}}, f"@ git+{URL}"),
        (
            {"url": URL, "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "1"}},
            f"@ git+{URL}@v1",
        ),
    ],
)
def test_a_tool_of_uv_s_is_installed_anew_from_where_it_came(
    origin: object, source: str, prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (prefix / "uv-receipt.toml").touch()
    come_from(monkeypatch, prefix, origin)
    *words, requirement = missing("sandbox")
    assert words == ["uv", "tool", "install", "--force"]
    assert requirement.startswith("nicobatch[sandbox]")
    assert requirement.endswith(source)
    assert installation.upgrade() == "uv tool upgrade nicobatch"


def test_an_environment_is_brought_up_to_date_from_where_it_came(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_from(monkeypatch, prefix, {"url": URL, "vcs_info": {"vcs": "git", "commit_id": "1"}})
    words = shlex.split(installation.upgrade())
    assert words[-2:] == ["--upgrade", f"nicobatch @ git+{URL}"]


def test_a_checkout_that_is_only_on_the_path(prefix: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", gone)
    assert missing("sandbox")[-1] == "nicobatch[sandbox]"
    assert installation.upgrade().endswith("--upgrade nicobatch")


def test_it_is_called_by_what_was_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "of this" / "nicobatch"
    script.parent.mkdir()
    script.touch(0o755)
    monkeypatch.setattr("sys.argv", [str(script), "publish"])
    assert installation.command() == f"'{script}'"
    monkeypatch.setenv("PATH", str(script.parent))
    assert installation.command() == "nicobatch"
    link = tmp_path / "bin" / "nicobatch"
    link.parent.mkdir()
    link.symlink_to(script)
    monkeypatch.setenv("PATH", str(link.parent))
    assert installation.command() == "nicobatch"
    other = tmp_path / "other" / "nicobatch"
    other.parent.mkdir()
    other.touch(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    assert installation.command() == f"'{script}'"


def test_a_module_is_called_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["/anywhere/nicobatch/__main__.py"])
    assert installation.command() == shlex.join([sys.executable, "-m", "nicobatch"])
