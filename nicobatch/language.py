"""The language of messages: English, or what a catalogue of gettext's holds, chosen once.

`choose` takes what `--lang` says, else what the environment wants. Messages are whole sentences
with named placeholders, which are filled after the translation.
"""

from __future__ import annotations

import gettext
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

DOMAIN: Final = "nicobatch"
FOLDER: Final = Path(__file__).parent / "locale"
ENGLISH: Final = "en"
LANGUAGES: Final = (ENGLISH, "ja", "zh")
"""Those that there are messages in: English ones need no catalogue, and Chinese is Simplified."""
CLICK: Final = "click"
"""The domain of the command line parser's own words, whose catalogue is ours, too."""

_NONE: Final = frozenset({"c", "posix"})
"""Locales without a language."""
_SIMPLIFIED: Final = frozenset({"hans", "chs"})
_TRADITIONAL: Final = frozenset({"hant", "cht", "tw", "hk", "mo"})
"""Scripts of Chinese, and the regions that write the traditional one: they are given English,
unless LANGUAGE lists `zh` as well."""
DIRECTION_MARKS: Final = (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They turn the direction of what stands around them, and are not seen themselves."""
LINE_BREAKS: Final = (0x2028, 0x2029)
"""Unicode's own, which few programs take for what they are."""
_CONTROLS: Final[dict[int, int | str]] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    **{code: f"<U+{code:04X}>" for code in (*DIRECTION_MARKS, *LINE_BREAKS, 0xFEFF)},
}
"""Each control character's picture: a file's name can't move the cursor, change colors, begin a
line of its own, or be read in another order than it is written in."""
_chosen = gettext.NullTranslations()
_language = ENGLISH


def choose(language: str | None = None) -> None:
    """Speak the named one of LANGUAGES from now on, else the one that the environment wants."""
    global _chosen, _language  # noqa: PLW0603 - a process speaks one language, known once it begins
    _language = language or wanted(os.environ)
    _chosen = gettext.translation(DOMAIN, FOLDER, [_language], fallback=True)
    _tell_click()


def chosen() -> str:
    """Return the code of the chosen language, as HTML's `lang` has it."""
    return _language


def wanted(environment: Mapping[str, str]) -> str:
    """Return the first language that LANGUAGE, LC_ALL, LC_MESSAGES or LANG asks for and we have.

    As gettext has it, the first of them that is set counts, and LANGUAGE, which may list several,
    only where the locale is not plainly C.
    """
    values = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, values), "")
    listed = environment.get("LANGUAGE", "")
    if locale.casefold() in _NONE or not (listed or locale):
        return ENGLISH if locale else _displayed()
    codes = (_code(each) for each in (listed or locale).split(":"))
    return next((ENGLISH if code in _NONE else code for code in codes if _is_known(code)), ENGLISH)


def _code(locale: str) -> str:
    """Return the language of a locale's name: `ja` of `ja_JP.UTF-8`, `zh-hant` of `zh_TW`."""
    code, *rest = re.split(r"[_.@-]", locale.casefold())
    if code == "zh" and _SIMPLIFIED.isdisjoint(rest) and not _TRADITIONAL.isdisjoint(rest):
        return "zh-hant"
    return code


def of_windows(number: int) -> str:
    """Return the language that Windows numbers so (MS-LCID, section 2.2), English if it is none."""
    import locale  # which no other system needs

    code = _code(locale.windows_locale.get(number, ""))
    return code if code in LANGUAGES else ENGLISH


def _is_known(code: str) -> bool:
    return code in LANGUAGES or code in _NONE


def _tell_click() -> None:
    """Let the command line parser, which asks gettext's global domain, speak the language, too."""
    os.environ["LANGUAGE"] = _language
    gettext.bindtextdomain(CLICK, str(FOLDER))
    gettext.textdomain(CLICK)


def _(message: str) -> str:
    """Return the message in the chosen language; placeholders are filled afterwards."""
    return _chosen.gettext(message) if message else ""  # gettext's "" is the catalogue's header


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the message that counts `number` things, in the chosen language."""
    return _chosen.ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name
    """Mark a message of a table for the catalogue; `_` translates it where it is used."""
    return message


def pictured(text: str) -> str:
    """Return the text, for one line, with a picture in the place of each control character."""
    return text.translate(_CONTROLS)


def reason(error: OSError | ValueError) -> str:
    """Return why the system refused: the usual reasons in the chosen language."""
    text = getattr(error, "strerror", None) or str(error)
    return _(text) if text in _REASONS else text


def cant_read(file: object, error: OSError) -> str:
    """Say that a file or a folder can't be read, and why."""
    return _("{file} can't be read: {reason}").format(file=file, reason=reason(error))


def cant_write(file: object, error: OSError) -> str:
    """Say that a file can't be written, and why."""
    return _("{file} can't be written: {reason}").format(file=file, reason=reason(error))


_REASONS: Final = frozenset(
    {
        N_("Permission denied"),
        N_("Operation not permitted"),
        N_("No such file or directory"),
        N_("Not a directory"),
        N_("Is a directory"),
        N_("File exists"),
        N_("No space left on device"),
        N_("Read-only file system"),
        N_("Input/output error"),
        N_("File too large"),
        N_("Too many open files"),
        N_("File name too long"),
        N_("Too many levels of symbolic links"),
        N_("Address already in use"),
        N_("embedded null byte"),
    }
)
"""As POSIX systems word them, and Python a name that holds a NUL."""


if sys.platform == "win32":  # where none of the variables is set, as a rule

    def _displayed() -> str:  # pragma: no cover - measured on Linux
        """Return the language that the user's Windows is shown in. Not tried on a real one yet."""
        import ctypes

        return of_windows(ctypes.WinDLL("kernel32").GetUserDefaultUILanguage())

else:

    def _displayed() -> str:
        return ENGLISH
