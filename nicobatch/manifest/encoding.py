"""Bytes to text: UTF-8 only."""

from __future__ import annotations

import codecs
import re

from nicobatch.manifest.lookalikes import described
from nicobatch.manifest.rules import Fault, fault
from nicobatch.model import Position

MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
# EUC-JP first: its bytes pass for half-width katakana of Shift_JIS, while the reverse is rare.
JAPANESE = {"euc_jp": "EUC-JP", "cp932": "Shift_JIS"}
# What YAML forbids, and the line ends that it and editors count differently (NEL, LS, PS).
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
BREAK = re.compile(r"\r\n?|\n")
UTF16_SAMPLE = 256


def decode(data: bytes) -> str | Fault:
    """Return the text without its BOM, or what is wrong with the first byte that doesn't fit."""
    if encoding := _utf16(data):
        return fault("wrong-encoding", Position(1, 1), encoding=encoding)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _undecodable(data.removeprefix(codecs.BOM_UTF8), error)
    if match := INVISIBLE.search(text):
        place = locate(text, match.start())
        return fault("control-character", place, character=described(match[0]))
    return text


def loosely(data: bytes) -> str:
    """Return the text as far as it can be read, whatever its encoding: ASCII is right in most."""
    encoding = _utf16(data)
    return data.decode((encoding or "utf-8").partition(" ")[0], errors="replace")


def locate(text: str, index: int) -> Position:
    """Return the line and the column, in characters, of an index into the text."""
    line, start = 1, 0
    for match in BREAK.finditer(text, 0, index):
        line, start = line + 1, match.end()
    return Position(line, index - start + 1)


def _utf16(data: bytes) -> str | None:
    if encoding := MARKS.get(data[:2]):
        return encoding
    sample = data[:UTF16_SAMPLE]
    return "UTF-16" if sample and sample.count(0) * 3 > len(sample) else None


def _undecodable(data: bytes, error: UnicodeDecodeError) -> Fault:
    start = error.start
    place = locate(before := data[:start].decode("utf-8"), len(before))
    if before.isascii():  # else it began as UTF-8, and only this byte is wrong
        for codec, name in JAPANESE.items():
            if _decodes(data, codec):
                return fault("wrong-encoding", place, encoding=name)
    return fault("not-utf-8", place, byte=f"0x{data[start]:02X}")


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True
