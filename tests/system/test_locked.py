"""The lock files hold to what pyproject.toml allows, and work anywhere."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.support.locked import DEV, LOWEST, ROOT, RUN, pins

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: Final = PROJECT["optional-dependencies"]
SYSTEMS: Final = {"linux": "posix", "darwin": "posix", "win32": "nt"}
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")

both = pytest.mark.parametrize("lock", [DEV, LOWEST], ids=lambda lock: lock.name)


def required(python: str, system: str, *extras: str) -> list[Requirement]:
    """Return what such a machine is asked for directly, and by the extras."""
    words = [*PROJECT["dependencies"], *(word for extra in extras for word in EXTRAS[extra])]
    found = [Requirement(word) for word in words]
    others = [each for each in found if canonicalize_name(each.name) != PROJECT["name"]]
    return [each for each in others if is_for(each, python, system)]


def is_for(each: Requirement, python: str, system: str) -> bool:
    """Tell whether such a machine needs it."""
    machine = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": system,
        "os_name": SYSTEMS[system],
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    return each.marker is None or each.marker.evaluate(machine)


def locked(lock: Path, python: str, system: str) -> dict[str, Version]:
    """Return the versions that such a machine gets."""
    found: dict[str, Version] = {}
    for pin in map(Requirement, pins(lock)):
        if is_for(pin, python, system):
            [specifier] = pin.specifier
            assert pin.name not in found
            found[canonicalize_name(pin.name)] = Version(specifier.version)
    return found


def machines() -> Iterator[tuple[str, str]]:
    return ((python, system) for python in PYTHONS for system in SYSTEMS)


def test_every_dependency_has_a_lower_bound() -> None:
    for each in required("3.11", "win32", *EXTRAS):
        assert [bound for bound in each.specifier if bound.operator == ">="], each.name


@both
def test_the_locks_hold_to_the_bounds(lock: Path) -> None:
    for python, system in machines():
        versions = locked(lock, python, system)
        for each in required(python, system, *EXTRAS):
            assert each.specifier.contains(versions[canonicalize_name(each.name)]), each.name


def test_the_lowest_are_the_lower_bounds() -> None:
    for python, system in machines():
        versions = locked(LOWEST, python, system)
        for each in required(python, system, *(name for name in EXTRAS if name != "dev")):
            [lowest] = [bound.version for bound in each.specifier if bound.operator == ">="]
            assert versions[canonicalize_name(each.name)] == Version(lowest), each.name


def test_what_is_used_alone_is_what_is_tested() -> None:
    for python, system in machines():
        versions = locked(RUN, python, system)
        assert versions.items() <= locked(DEV, python, system).items()
        assert {
            canonicalize_name(each.name) for each in required(python, system, "sandbox")
        } <= versions.keys()


@pytest.mark.parametrize("lock", [DEV, RUN, LOWEST], ids=lambda lock: lock.name)
def test_the_locks_are_of_no_machine(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert len(pins(lock)) == len(re.findall(r"^\w.* \\\n    --hash=sha256:", text, re.MULTILINE))
    words = re.sub(r"--hash=sha256:[0-9a-f]{64}", "", text)
    assert not re.findall(r"--\w|://|file:|(?<!\w)/\w", words)


def test_the_pythons_are_those_that_are_promised() -> None:
    said = [word.rpartition(" ")[2] for word in PROJECT["classifiers"] if re.search(r"3\.\d", word)]
    assert said == list(PYTHONS)
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert sys.version_info >= (3, 11)
