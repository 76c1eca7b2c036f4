"""Defaults of options, as the user's `config.yaml` has them: checked by the options themselves."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from nicobatch.config import Config, Given, check, secrets
from nicobatch.errors import NicobatchError
from nicobatch.language import N_, _
from nicobatch.manifest.rules import Fault, fault, problem, quoted, shown
from nicobatch.manifest.schema import suggest
from nicobatch.model import Position, Problem
from nicobatch.sites import Described

RULE: Final = "bad-option"
UNSETTABLE: Final = frozenset({"yes", "help", "lang"})
"""What is to be said anew each time, or has a key of its own."""
_MESSAGE: Final = N_("{field} can't be {value}: {reason}")

Find = Callable[[str], click.Command]
"""Returns a command by its name."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """The file's `options`: those of single commands beside those of every command."""

    given: Given
    config: Config
    """The rest of the file."""
    commands: Sequence[str]
    find: Find

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with them, each at its place."""
        shared = self._shared()
        for name, value in self.given.part("options").items():
            if name in shared and not isinstance(value, dict):  # `sandbox` is a command as well
                yield from self._value(shared[name], value, name)
            elif name in self.commands:
                yield from self._of_command(name, value)
            else:
                yield self._unknown([*shared, *self.commands], name)

    def apply(self, name: str, command: click.Command, context: click.Context) -> click.Command:
        """Give the context the defaults of its command of that name, and return the command."""
        own = self.given.part("options").get(name)
        result, values = self._applied(command, own if isinstance(own, dict) else {})
        context.default_map = {name: values}
        return result

    def _applied(
        self, command: click.Command, own: Mapping[str, Any]
    ) -> tuple[click.Command, dict[str, Any]]:
        """Return the command, and its defaults by the names of its parameters.

        What stands on the command line comes before the file: each flag that the file sets can be
        taken back there, as by `--no-strict`.
        """
        result, told = copy.copy(command), {**self.given.part("options"), **own}
        options = options_of(command)
        named = {name: options[name] for name in told if name in options}
        values = {str(each.name): _given(each, told[name]) for name, each in named.items()}
        result.params = [
            _negatable(each) if each.name in values else each for each in command.params
        ]
        if isinstance(result, click.Group):
            inner = {name: self._applied(each, {}) for name, each in result.commands.items()}
            result.commands = {name: each for name, (each, _values) in inner.items()}
            values |= {name: each for name, (_command, each) in inner.items()}
        return result, values

    def _shared(self) -> Mapping[str, click.Option]:
        from nicobatch.cli.options import shared_options

        return named(shared_options())

    def _of_command(self, name: str, value: object) -> Iterator[Problem]:
        command = self.find(name)
        if isinstance(command, click.Group) or not isinstance(value, dict):
            example = f"{name}: {{limit-rate: 5M}}"
            told = {"field": name, "value": quoted(value), "example": example}
            at = self._place(name)
            yield problem(fault("not-mapping", at, **told), self._path)
            return
        options = options_of(command)
        for key, each in value.items():
            if key in options:
                yield from self._value(options[key], each, name, key)
            else:
                yield self._unknown([*options], name, key)

    def _unknown(self, known: list[str], *trail: str) -> Problem:
        suggestion = suggest(trail[-1], known)
        found: Fault = fault(
            "unknown-key",
            self._place(*trail, key=True),
            advice="did-you-mean" if suggestion else "",
            key=shown(trail[-1]),
            suggestion=suggestion,
            known=", ".join(known),
        )
        return problem(found, self._path)

    def _value(self, option: click.Option, value: object, *trail: str) -> Iterator[Problem]:
        """Have the option itself say whether it takes the value."""
        reason = ""
        if isinstance(value, dict) or isinstance(value, list) is not option.multiple:
            reason = _("write one value") if not option.multiple else _("write a list")
        else:
            context = click.Context(click.Command(trail[0]))
            try:
                option.process_value(context, value)
            except click.BadParameter as error:
                reason = error.message
            except NicobatchError as error:
                reason = str(error)
        if reason:
            at = self._place(*trail)
            words = {"field": ".".join(trail), "value": shown(value), "reason": reason}
            message = _(_MESSAGE).format(**words)
            yield Problem(
                rule=RULE, message=message, path=self._path, line=at.line, column=at.column
            )

    @property
    def _path(self) -> Any:
        return self.given.path

    def _place(self, *trail: str, key: bool = False) -> Position:
        assert self.given.document  # noqa: S101 - the keys come from it
        find = self.given.document.key_place if key else self.given.document.place
        return find("options", *trail)


def read(given: Given, commands: Sequence[str], find: Find) -> tuple[Defaults, list[Problem]]:
    """Return what the file has for commands, and all that is wrong with it, in order."""
    config, problems = check(given, Described())
    defaults = Defaults(given, config, commands, find)
    has_secret = any(each.rule == secrets.RULE for each in problems)  # which nothing else repeats
    found = [*problems, *(() if has_secret else defaults.problems())]
    return defaults, sorted(found, key=lambda each: (each.line, each.column))


def options_of(command: click.Command) -> Mapping[str, click.Option]:
    """Return the command's options that a file may set, by what is typed, without dashes."""
    return named([each for each in command.params if isinstance(each, click.Option)])


def named(options: list[click.Option]) -> dict[str, click.Option]:
    """Return the options that a file may set by what is typed, without dashes."""
    named = {max(each.opts, key=len).lstrip("-"): each for each in options}
    return {name: each for name, each in named.items() if name not in UNSETTABLE}


def _given(option: click.Option, value: Any) -> Any:
    """Return the value as a shell would hand it over: it writes out the home of a path."""
    is_path = isinstance(option.type, click.Path) and isinstance(value, str)
    return os.path.expanduser(value) if is_path else value  # noqa: PTH111 - as it is typed


def _negatable(option: click.Parameter) -> click.Parameter:
    if not isinstance(option, click.Option) or not option.is_flag or option.secondary_opts:
        return option
    result, name = copy.copy(option), max(option.opts, key=len).lstrip("-")
    opposite = name.removeprefix("no-") if name.startswith("no-") else f"no-{name}"
    result.secondary_opts = [f"--{opposite}"]
    return result
