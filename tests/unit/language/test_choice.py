from __future__ import annotations

import os
from collections.abc import Mapping

import pytest

from nicobatch import language
from nicobatch.cli import i18n
from nicobatch.language import ENGLISH, N_, _, ngettext, reason
from tests.unit.cli.running import process

JAPANESE = "ja"
CHINESE = "zh"
WANTED = [
    ({}, ENGLISH),
    ({"LANG": "ja_JP.UTF-8"}, JAPANESE),
    ({"LANG": "ja_JP.SJIS"}, JAPANESE),
    ({"LANG": "ja_JP.eucJP"}, JAPANESE),
    ({"LANG": "ja"}, JAPANESE),
    ({"LANG": "ja-JP"}, JAPANESE),
    ({"LANG": "ja_JP@modifier"}, JAPANESE),
    ({"LANG": "jam_JM"}, ENGLISH),
    ({"LANG": "en_US.UTF-8"}, ENGLISH),
    ({"LANG": "de_DE.UTF-8"}, ENGLISH),
    ({"LANG": "C"}, ENGLISH),
    ({"LANG": "C.UTF-8"}, ENGLISH),
    ({"LANG": "POSIX"}, ENGLISH),
    ({"LANG": ""}, ENGLISH),
    ({"LC_MESSAGES": "ja_JP.UTF-8", "LANG": "en_US.UTF-8"}, JAPANESE),
    ({"LC_ALL": "en_US.UTF-8", "LC_MESSAGES": "ja_JP.UTF-8", "LANG": "ja"}, ENGLISH),
    ({"LC_ALL": "C.UTF-8", "LANG": "ja_JP.UTF-8"}, ENGLISH),
    ({"LC_ALL": "", "LANG": "ja_JP.UTF-8"}, JAPANESE),
    ({"LANGUAGE": "ja"}, JAPANESE),
    ({"LANGUAGE": "ja:en", "LANG": "en_US.UTF-8"}, JAPANESE),
    ({"LANGUAGE": "en:ja", "LANG": "ja_JP.UTF-8"}, ENGLISH),
    ({"LANGUAGE": "en_US:ja", "LANG": "ja_JP.UTF-8"}, ENGLISH),
    ({"LANGUAGE": "de:ja:en", "LANG": "de_DE.UTF-8"}, JAPANESE),
    ({"LANGUAGE": "de:fr", "LANG": "ja_JP.UTF-8"}, ENGLISH),
    ({"LANGUAGE": "C:ja", "LANG": "ja_JP.UTF-8"}, ENGLISH),
    ({"LANGUAGE": "", "LANG": "ja_JP.UTF-8"}, JAPANESE),
    ({"LANGUAGE": "ja", "LC_ALL": "C"}, ENGLISH),
    ({"LANGUAGE": "ja", "LANG": "POSIX"}, ENGLISH),
    ({"LANGUAGE": "ja", "LANG": "C.UTF-8"}, JAPANESE),
    ({"LANG": "zh"}, CHINESE),
    ({"LANG": "zh_CN.UTF-8"}, CHINESE),
    ({"LANG": "zh_CN.GB18030"}, CHINESE),
    ({"LANG": "zh_SG"}, CHINESE),
    ({"LANG": "zh-Hans"}, CHINESE),
    ({"LANG": "zh_Hans_HK"}, CHINESE),
    ({"LANG": "zh_TW.UTF-8"}, ENGLISH),
    ({"LANG": "zh_HK"}, ENGLISH),
    ({"LANG": "zh_MO"}, ENGLISH),
    ({"LANG": "zh-Hant-CN"}, ENGLISH),
    ({"LANG": "zha_CN"}, ENGLISH),
    ({"LANGUAGE": "zh_TW:zh", "LANG": "zh_TW.UTF-8"}, CHINESE),
    ({"LANGUAGE": "zh_TW:ja", "LANG": "zh_TW.UTF-8"}, JAPANESE),
]
WINDOWS = {
    0x0411: JAPANESE,
    0x0804: CHINESE,
    0x1004: CHINESE,
    0x0004: CHINESE,
    0x0404: ENGLISH,
    0x0C04: ENGLISH,
    0x7C04: ENGLISH,
    0x0409: ENGLISH,
    0x0407: ENGLISH,
    0: ENGLISH,
}
"""Numbers of languages, by MS-LCID."""


@pytest.mark.parametrize(("number", "expected"), WINDOWS.items())
def test_what_windows_is_shown_in(number: int, expected: str) -> None:
    assert language.of_windows(number) == expected


@pytest.mark.parametrize(("environment", "expected"), WANTED)
def test_what_the_environment_wants(environment: Mapping[str, str], expected: str) -> None:
    assert language.wanted(environment) == expected


TOLD = [
    ((), None),
    (("plan", "m.yaml"), None),
    (("--lang", "ja", "plan", "m.yaml"), "ja"),
    (("plan", "m.yaml", "--lang", "ja"), "ja"),
    (("plan", "--lang=ja", "m.yaml"), "ja"),
    (("--lang", "ja", "plan", "--lang", "en"), "en"),
    (("--lang", "fr"), None),
    (("--lang=fr", "plan", "--lang=ja"), "ja"),
    (("--lang",), None),
    (("--lang=",), None),
    (("search", "--", "--lang", "ja"), None),
    (("--language=ja",), None),
]


@pytest.mark.parametrize(("arguments", "expected"), TOLD)
def test_what_the_command_line_tells(arguments: tuple[str, ...], expected: str | None) -> None:
    assert i18n.told(arguments) == expected


def test_english_needs_no_catalogue() -> None:
    language.choose(ENGLISH)
    assert language.chosen() == ENGLISH
    assert _("the version is missing") == "the version is missing"
    assert ngettext("{number} line", "{number} lines", 1) == "{number} line"
    assert ngettext("{number} line", "{number} lines", 2) == "{number} lines"


def test_japanese() -> None:
    language.choose(JAPANESE)
    assert language.chosen() == JAPANESE
    assert _("the version is missing") == "version がありません"


def test_chinese() -> None:
    language.choose(CHINESE)
    assert language.chosen() == CHINESE
    assert _("the version is missing") == "缺少 version"


def test_the_environment_is_asked_where_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    language.choose()
    assert language.chosen() == JAPANESE


def test_an_unknown_message_stays_as_it_is() -> None:
    language.choose(JAPANESE)
    assert _("not in the catalogue") == "not in the catalogue"


def test_no_message_is_not_the_header_of_the_catalogue() -> None:
    language.choose(JAPANESE)
    assert _("") == ""


def test_a_mark_changes_nothing() -> None:
    language.choose(JAPANESE)
    assert N_("the version is missing") == "the version is missing"


def test_why_the_system_refused() -> None:
    language.choose(JAPANESE)
    assert reason(PermissionError(13, "Permission denied")) == "アクセスが許可されていません"
    assert reason(OSError(116, "Stale file handle")) == "Stale file handle"
    assert reason(OSError("no number")) == "no number"


SPOKEN = [
    ((), {}, "Usage:"),
    ((), {"LANG": "ja_JP.UTF-8"}, "使い方:"),
    ((), {"LANGUAGE": "ja"}, "使い方:"),
    ((), {"LANGUAGE": "en:ja", "LANG": "ja_JP.UTF-8"}, "Usage:"),
    (("--lang", "ja"), {}, "使い方:"),
    (("--lang=ja",), {"LC_ALL": "C"}, "使い方:"),
    (("--lang", "en"), {"LANG": "ja_JP.UTF-8"}, "Usage:"),
    ((), {"LANG": "zh_CN.UTF-8"}, "用法:"),
    (("--lang", "zh"), {"LANG": "ja_JP.UTF-8"}, "用法:"),
]


@pytest.mark.parametrize(("words", "environment", "usage"), SPOKEN)
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_process(
    words: tuple[str, ...], environment: Mapping[str, str], usage: str, before: bool
) -> None:
    arguments = (*words, "check", "--help") if before else ("check", "--help", *words)
    result = process(*arguments, environment=environment)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(usage)


def test_an_unknown_language_is_wrong_usage() -> None:
    for arguments in (("--lang", "fr", "schema"), ("schema", "--lang=fr")):
        result = process(*arguments)
        assert result.code == 2
        assert "'fr' is not one of 'en', 'ja', 'zh'" in result.err


def test_a_choice_is_for_this_process_alone() -> None:
    assert "LANGUAGE" not in os.environ
