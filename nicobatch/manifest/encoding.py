"""Bytes to text: UTF-8 only."""

from __future__ import annotations

import codecs
import contextlib
import re

from nicobatch.manifest.lookalikes import described
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import Position

# UTF-32 first: its mark begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
    b"\x84\x31\x95\x33": "GB18030",
}
# Where the same bytes are text in several, that counts in which most letters are common ones.
LOCAL = {"euc_jp": "EUC-JP", "cp932": "Shift_JIS", "gbk": "GBK", "big5": "Big5"}
JAPANESE = frozenset(("euc_jp", "cp932"))
SHIFTED = re.compile(r"\x1b[$(][@BJ]")
"""By these, ISO-2022-JP goes to and fro between kanji and ASCII."""
# What YAML forbids, and the line ends that it and editors count differently (NEL, LS, PS).
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
BREAK = re.compile(r"\r\n?|\n")
UTF16_SAMPLE = 256


def decode(data: bytes) -> str | Fault:
    """Return the text without its BOM, or what is wrong with the first byte that doesn't fit."""
    if encoding := _marked(data):
        return fault("wrong-encoding", Position(1, 1), encoding=encoding)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(data.removeprefix(codecs.BOM_UTF8), error)
    if (match := SHIFTED.search(text)) and text.isascii():
        return fault("wrong-encoding", locate(text, match.start()), encoding="ISO-2022-JP")
    if match := INVISIBLE.search(text):
        place = locate(text, match.start())
        return fault("control-character", place, character=described(match[0]))
    return text


def loosely(data: bytes) -> str:
    """Return the text as far as it can be read, whatever its encoding: ASCII is right in most."""
    return data.decode(_marked(data) or "utf-8", errors="replace")


def locate(text: str, index: int) -> Position:
    """Return the line and the column, in characters, of an index into the text."""
    line, start = 1, 0
    for match in BREAK.finditer(text, 0, index):
        line, start = line + 1, match.end()
    return Position(line, index - start + 1)


def _marked(data: bytes) -> str | None:
    for mark, encoding in MARKS.items():
        if data.startswith(mark):
            return encoding
    sample = data[:UTF16_SAMPLE]
    return "UTF-16" if sample and sample.count(0) * 3 > len(sample) else None


def _undecodable(data: bytes, error: UnicodeDecodeError) -> Fault:
    start = error.start
    place = locate(before := data[:start].decode("utf-8"), len(before))
    if error.reason == "unexpected end of data":
        return fault("text-cut-off", place)
    encoding = _local(data) if before.isascii() else ""  # else only this byte is wrong
    if encoding:
        return fault("wrong-encoding", place, encoding=encoding)
    return fault("not-utf-8", place, byte=f"0x{data[start]:02X}")


def _local(data: bytes) -> str:
    """Return the encoding in which the most of the letters are in common use; "" if none fits."""
    from nicobatch.manifest.mojibake import KANJI, RANK

    found: dict[str, float] = {}
    for codec, name in LOCAL.items():
        with contextlib.suppress(UnicodeDecodeError):
            letters = [char for char in data.decode(codec) if not char.isascii()]
            known = RANK if codec in JAPANESE else KANJI
            found[name] = sum(char in known for char in letters) / len(letters)
    return max(found, key=found.__getitem__, default="")
