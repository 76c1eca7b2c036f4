"""`--lang` is an option of every command, and help texts are folded as their language asks."""

from __future__ import annotations

import click
import pytest

from nicobatch import language
from nicobatch.cli.i18n import listening


def helped(command: click.Command) -> str:
    with command.make_context(str(command.name), []) as context:
        context.terminal_width = 30
        return command.get_help(context)


@pytest.fixture
def command() -> click.Command:
    group = click.Group("outer")
    inner = click.Command("inner", help="何も送りません。何も書き込みません。何も消しません。")
    group.add_command(inner)
    listening(group)
    return inner


def test_commands_within_commands_listen_too(command: click.Command) -> None:
    assert [each.name for each in command.params] == ["lang"]


def test_a_command_is_told_once(command: click.Command) -> None:
    assert [each.name for each in listening(command).params] == ["lang"]


def test_an_unknown_language_is_refused(command: click.Command) -> None:
    with pytest.raises(click.BadParameter, match="'fr' is not one of 'en', 'ja', 'zh'"):
        command.make_context("inner", ["--lang", "fr"])


def test_japanese_is_folded(command: click.Command) -> None:
    language.choose("ja")
    assert "  何も送りません。何も書き込み\n  ません。何も消しません。\n" in helped(command)


def test_english_is_left_to_the_parser(command: click.Command) -> None:
    assert "  何も送りません。何も書き込みません。何も消しません。\n" in helped(command)
