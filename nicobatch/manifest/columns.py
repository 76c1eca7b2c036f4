"""Columns of spreadsheets: what each is called in three languages, and how its cells are written.

A cell that a spreadsheet program would run (`=…`, `+…`, `-…`, `@…`) has an apostrophe in front; it
is taken away when it is read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nicobatch.manifest.document import DECIMAL, FLOAT
from nicobatch.model import DEFAULT_SITE, Json
from nicobatch.sites.description import Site

LANGUAGES: Final = ("en", "ja", "zh")
NAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "file": ("file", "ファイル", "文件", "filename", "ファイル名", "文件名", "path"),
        "id": ("id", "ID", "ID", "識別子", "编号"),
        "title": ("title", "タイトル", "标题", "題名", "題", "件名", "標題"),
        "description": ("description", "説明", "简介", "説明文", "概要", "描述", "簡介"),
        "tags": ("tags", "タグ", "标签", "標籤"),
        "genre": ("genre", "ジャンル", "类型"),
        "publish": (
            *("publish", "公開", "公开", "公開日時", "予約", "投稿日時"),
            *("公开时间", "发布", "发布时间", "publish.at", "date"),
        ),
        "thumbnail.timing": ("thumbnail.timing", "サムネイル", "封面", "サムネイル位置"),
        "account": ("account", "アカウント", "账号", "帳號"),
        "sites": ("site", "サイト", "网站", "sites", "網站"),
    }
)
"""By the manifest's key: its names in English, Japanese and Chinese, and others that are read."""
BESIDE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"state": ("state", "状態", "状态"), "url": ("url", "URL", "网址", "アドレス")}
)
"""Columns that are written and are of no use to a manifest."""
_ARRAYS: Final = frozenset({"tags", "sites"})
_COMMON: Final = ("title", "description", "tags", "publish", "thumbnail.timing", "account")
"""Keys that a site may have in its block, too."""
_MODES: Final[Mapping[str, Json]] = MappingProxyType(
    {
        **dict.fromkeys(("true", "yes", "public", "公開", "公开", "はい", "是"), True),
        **dict.fromkeys(
            ("false", "no", "private", "非公開", "仅自己可见", "私密", "いいえ", "否"), False
        ),
        **dict.fromkeys(("draft", "下書き", "草稿"), "draft"),
    }
)
_RUN: Final = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet program takes for a formula, apostrophes in front of it included."""
_COMMAS: Final = re.compile("[,，、]")


@dataclass(frozen=True, slots=True)
class Column:
    """What a column's cells are."""

    key: str
    """The manifest's, dotted; empty where they are of no use to it."""
    read: Callable[[str], Json]
    """Returns the value that a cell stands for; what it can't be stays text, for the checks."""


def folded(name: str) -> str:
    """Return a column's name without what people write otherwise."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def known(sites: Mapping[str, Site]) -> dict[str, Column]:
    """Return every column there is, by its names."""
    found: dict[str, Column] = {}
    for key, names in NAMES.items():
        found |= dict.fromkeys(map(folded, names), Column(key, _reader(key)))
    for names in BESIDE.values():
        found |= dict.fromkeys(map(folded, names), Column("", str))
    for site in sites.values():
        for name, kind in _own(site):
            column = Column(name if site.name == DEFAULT_SITE else f"{site.name}.{name}", kind)
            plain = [name] if site.name == DEFAULT_SITE else _words(site.habits.get(name, ()))
            names = (f"{site.name}.{name}", *plain)
            found = {**dict.fromkeys(map(folded, names), column), **found}
        for name in _COMMON:
            key = f"{site.name}.{name}"
            found[key] = Column(key, _reader(name))
    return found


def _words(habits: Iterable[str]) -> list[str]:
    """Return what people call it; an English habit may be another site's key."""
    return [each for each in habits if not each.isascii()]


def _own(site: Site) -> Iterator[tuple[str, Callable[[str], Json]]]:
    """Yield the site's own keys whose values fit into a cell, and how they are read."""
    for field in site.fields:
        kind = "choice" if field.choices else field.kind
        if kind in _KINDS and not field.is_ended and field.items in {"", "string"}:
            yield field.name, _KINDS[kind]


def _reader(key: str) -> Callable[[str], Json]:
    if key in _ARRAYS:
        return _list
    return {"publish": _publish, "thumbnail.timing": _number}.get(key, str)


def _list(text: str) -> Json:
    """Split at line ends, else at commas of any kind, else at blanks."""
    if "\n" in text:
        parts = text.split("\n")
    else:
        parts = _COMMAS.split(text) if _COMMAS.search(text) else text.split()
    return [each.strip() for each in parts if each.strip()]


def _publish(text: str) -> Json:
    mode = _MODES.get(folded(text))
    return {"at": text.strip()} if mode is None else mode


def _boolean(text: str) -> Json:
    mode = _MODES.get(folded(text))
    return mode if isinstance(mode, bool) else text


def _number(text: str) -> Json:
    if DECIMAL.fullmatch(text.strip()):
        return int(text)
    return float(text) if FLOAT.fullmatch(text.strip()) else text


_KINDS: Final[Mapping[str, Callable[[str], Json]]] = MappingProxyType(
    {
        "choice": str,
        "string": str,
        "array": _list,
        "integer": _number,
        "number": _number,
        "boolean": _boolean,
    }
)


def harmless(text: str) -> str:
    """Return the text as a cell that no spreadsheet program runs."""
    return f"'{text}" if _RUN.match(text) else text


def meant(cell: str) -> str:
    """Return the text that a cell holds; the reverse of `harmless`."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell


def written(value: Json) -> str:
    """Return a value as a cell has it, so that reading gives it back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return _joined([str(each) for each in value])
    return "" if value is None else str(value)


def _joined(parts: list[str]) -> str:
    if any(map(_COMMAS.search, parts)):
        return "\n".join(parts) + "\n" * (len(parts) == 1)
    return ", ".join(parts) + "," * (len(parts) == 1 and len(parts[0].split()) > 1)
