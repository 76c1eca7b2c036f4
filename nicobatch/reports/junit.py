"""JUnit's XML, as GitLab, Jenkins and others read it: a test case a video, a suite a manifest.

Attributes and elements are those of Jenkins' junit-10.xsd.
"""

from __future__ import annotations

import codecs
import contextlib
import itertools
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from nicobatch import disk
from nicobatch.errors import NicobatchError, Stopped, UsageError, unwritable
from nicobatch.events import Event
from nicobatch.language import N_, _
from nicobatch.model import Problem, Severity
from nicobatch.reports import BatchDone, CommandEnded, findings, words
from nicobatch.reports.record import Case, Record, Root

_FAILURE: Final = "failure"
_ERROR: Final = "error"
_SKIPPED: Final = "skipped"
_KINDS: Final = {
    "refused": _FAILURE,
    "refuse": _FAILURE,
    "failed": _FAILURE,
    "unfinished": _ERROR,
    "stopped": _ERROR,
    "skipped": _SKIPPED,
    N_("left alone"): _SKIPPED,
    "leave": _SKIPPED,
}
"""By state; a video that came to another end passed its test."""
_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold, not even as a reference. XML 1.0, section 2.2."""
_HEAD: Final = 100
"""Bytes at a report's beginning that tell what it is."""


class JunitReport:
    """Writes the file when it begins, so that one tells of a run that is killed, and when it ends.

    `only_checks` says that a video of which nothing is told has passed its test.
    """

    def __init__(
        self, file: Path, root: Root, command: str, *, only_checks: bool, strict: bool
    ) -> None:
        self._file = file
        self._root = root
        self._command = command
        self._only_checks = only_checks
        self._strict = strict
        self._record = Record()
        self._lock = threading.RLock()
        self._error: NicobatchError | None = Stopped(
            _("the run ended before it could say what became of the videos")
        )
        self._check_replaceable()
        self._write()
        self._error = None

    def tell(self, event: Event) -> None:
        """Take note of what becomes of videos; at the end, write it, or raise UsageError."""
        with self._lock:
            if isinstance(event, CommandEnded):
                self._error = event.error
            if isinstance(event, BatchDone | CommandEnded):
                self._write()
            else:
                self._record.tell(event)

    def close(self) -> None:
        """Write what became of the videos; raise UsageError where that can't be done."""
        self._write()

    def _check_replaceable(self) -> None:
        """Raise UsageError where a slip, such as a manifest's name, would cost a file."""
        with contextlib.suppress(OSError):  # told when it is to be written
            if self._file.is_file() and not (_is_special(self._file) or _is_report(self._file)):
                raise UsageError(
                    _("{file} is there already, and is no report").format(file=self._file),
                    _("name another file with --junit"),
                )

    def _write(self) -> None:
        with self._lock:
            tree = self._tree()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            content = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
            _replace(self._file, b"%s\n" % content)
        except OSError as error:
            raise unwritable(self._file, error) from None

    def _tree(self) -> ET.Element:
        cases = sorted(self._record, key=lambda case: str(case.manifest))
        by_manifest = itertools.groupby(cases, key=lambda case: self._root.path(case.manifest))
        suites = [self._suite(manifest, group) for manifest, group in by_manifest]
        if self._error:
            suites.append(self._command_suite(self._error))
        whole = ET.Element("testsuites", name=f"nicobatch {self._command}")
        for name in ("tests", "failures", "errors"):
            whole.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
        whole.extend(suites)
        ET.indent(whole)
        return whole

    def _suite(self, manifest: str, cases: Iterable[Case]) -> ET.Element:
        tests = [self._test(manifest, case) for case in cases]
        suite = _counted(manifest, tests)
        suite.set("file", legal(manifest))
        return suite

    def _test(self, manifest: str, case: Case) -> ET.Element:
        test = ET.Element("testcase", classname=legal(manifest), name=legal(case.name))
        test.set("file", legal(manifest))
        test.set("line", str(case.place.line))
        test.set("time", f"{case.seconds:.3f}")
        test.extend(self._verdict(case))
        if told := self._told(case):
            ET.SubElement(test, "system-out").text = legal(told)
        return test

    def _verdict(self, case: Case) -> Iterator[ET.Element]:
        """Yield what keeps the video from passing: what was found, or else what became of it."""
        found = [each for each in case.problems if each.stops(strict=self._strict)]
        state = case.state
        if found:
            yield _of_problems(found)
        elif kind := _KINDS.get(state):
            message = case.text("message") or case.text("note") or state
            text = f"{state}: {message}"
            yield _verdict(kind, case.text("type") or state, message, text, case.text("hint"))
        elif case.is_video and not state and not self._only_checks:
            message = _("not begun") if case.began is None else _("unfinished")
            yield _verdict(_SKIPPED, "not-begun", message)

    def _told(self, case: Case) -> str:
        """Return what is worth knowing of a video all the same."""
        lines = [
            line
            for problem in case.problems
            if not problem.stops(strict=self._strict)
            for line in findings.problem_lines(problem)
        ]
        if case.end and case.state not in _KINDS:
            lines.append(f"{case.title}: {words.ended(case.end)} {case.text('url')}".strip())
        return "\n".join(lines)

    def _command_suite(self, error: NicobatchError) -> ET.Element:
        """Return a suite of one test, which is the command itself."""
        name = f"nicobatch {self._command}"
        test = ET.Element("testcase", classname="nicobatch", name=self._command, time="0.000")
        test.append(_verdict(_ERROR, error.word, str(error), str(error), error.hint))
        return _counted(name, [test])


def _verdict(kind: str, type_: str, message: str, *lines: str) -> ET.Element:
    """Return why a test was not passed."""
    found = ET.Element(kind, type=type_, message=legal(message))
    found.text = legal("\n".join(filter(None, lines)))
    return found


def _of_problems(problems: Sequence[Problem]) -> ET.Element:
    """Join them, the first error at the head: of several failures of a test readers show one."""
    first = min(problems, key=lambda each: each.severity is not Severity.ERROR)
    message, more = first.message, len(problems) - 1
    if more:
        message = _("{message} (and {count} more)").format(message=message, count=more)
    lines = (line for each in problems for line in findings.problem_lines(each))
    return _verdict(_FAILURE, first.rule, message, *lines)


def _counted(name: str, tests: Sequence[ET.Element]) -> ET.Element:
    """Return a suite of the tests with their numbers and their time."""
    suite = ET.Element("testsuite", name=legal(name), tests=str(len(tests)))
    for kind, number in ((_FAILURE, "failures"), (_ERROR, "errors"), (_SKIPPED, "skipped")):
        suite.set(number, str(sum(test.find(kind) is not None for test in tests)))
    suite.set("time", f"{sum(float(test.get('time', '0')) for test in tests):.3f}")
    suite.extend(tests)
    return suite


def legal(text: str) -> str:
    """Return the text with U+FFFD in place of what no XML 1.0 document may hold."""
    return _ILLEGAL.sub("\ufffd", text)


def _is_report(file: Path) -> bool:
    """Tell whether the file is empty or begins as such reports do, whoever wrote it."""
    with file.open("rb") as opened:
        head = opened.read(_HEAD).removeprefix(codecs.BOM_UTF8).lstrip()
    return not head or head.startswith((b"<?xml", b"<testsuite"))


def _replace(file: Path, content: bytes) -> None:
    """Write the file whole or not at all; what is no file, such as /dev/stderr, as it can be.

    A link that lies in a repository is replaced, so that none leads the report elsewhere.
    """
    if _is_special(file):
        with file.open("ab", buffering=0) as opened:  # it may be what the shell writes to as well
            opened.write(content)
    else:
        disk.replace(file, content, durable=False)


def _is_special(file: Path) -> bool:
    """Tell whether it is a pipe or a device, or a name of the system's own for what is open."""
    if file.is_symlink():
        return file.absolute().parts[1] in {"dev", "proc"}
    return file.exists() and not file.is_file()
