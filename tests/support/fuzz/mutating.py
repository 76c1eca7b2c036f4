"""Random changes of bytes and of JSON: what a disk, a hand or an attacker makes of good input."""

from __future__ import annotations

import json
from random import Random
from typing import Any, Final

NASTY: Final = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\r", b"\n", b"\t", b"\x1b[31m", b"\x85", b"\xed\xa0\x80"),
    *(b"{", b"}", b"[", b"]", b"{{", b"}}", b"&a ", b"*a", b"<<: *a\n", b"!!python/name:os ", b"|"),
    *(b": ", b"- ", b"#", b'"', b"'", b"\\", b"%", b"@", b",", b";", b"=", b"../", b"~/", b"C:"),
    *(
        b"\xe2\x80\xae",
        b"\xef\xbc\x9a",
        b"\xe3\x80\x80",
        b"\xc2\xa0",
        b"\xf0\x9f\x98\x80",
        b"e\xcc\x81",
    ),
    *(b"1e999", b"-1", b"0x1F", b"9" * 400, b".nan", b".inf", b"null", b"true", b"2026-02-30"),
    *(
        b"{stem}",
        b"{index:99999999}",
        b"{previous.url}",
        b"{bilibili.url}",
        b"{date:%}",
        b"[" * 300,
    ),
)
VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1 << 70, 1e308, "", " ", "\0", "a" * 70_000, "\ud800", "//[", "-1"),
    *([], {}, [[]], [None], {"": None}, "2026-02-30T99:00:00+09:00", "sm9", "http://[", "٣"),
)
MOST: Final = 8
"""Changes of one example."""


def mutated(data: bytes, random: Random, more: bytes = b"") -> bytes:
    """Return the bytes with some changes; of `more`, another example, a piece may come in."""
    for _ in range(random.randint(1, MOST)):
        start = random.randrange(len(data) + 1)
        end = min(len(data), start + random.choice((0, 1, 1, 2, 5, 40)))
        at = random.randrange(len(more) + 1)
        piece = random.choice(
            (
                b"",
                random.choice(NASTY),
                random.choice(NASTY) * random.choice((1, 2, 50)),
                bytes([random.randrange(256)]),
                data[start:end] * 2,
                more[at : at + random.randrange(200)],
            )
        )
        data = data[:start] + piece + data[end:]
    return data


def altered(value: Any, random: Random) -> Any:
    """Return JSON with one of its values, at any depth, replaced, dropped or doubled."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        rest = {name: each for name, each in value.items() if name != key}
        if random.random() < 0.1:
            return rest
        return {**rest, key: altered(value[key], random)}
    if isinstance(value, list) and value and random.random() < 0.9:
        at = random.randrange(len(value))
        if random.random() < 0.1:
            return value[:at] + value[at:] * 2
        return [*value[:at], altered(value[at], random), *value[at + 1 :]]
    return random.choice(VALUES)


def answer(body: bytes, random: Random) -> bytes:
    """Return a site's answer that is otherwise: JSON by its values, or any bytes."""
    try:
        document = json.loads(body)
    except ValueError:
        return mutated(body, random)
    for _ in range(random.randint(1, 3)):
        document = altered(document, random)
    text = json.dumps(document).encode()
    return mutated(text, random) if random.random() < 0.2 else text


def bomb(random: Random) -> bytes:
    """Return YAML that is small, and large or deep once it is read."""
    name = random.choice(("aliases", "merges", "deep", "keys", "long", "defaults"))
    count, width = random.choice((5, 30, 3_000)), random.choice((2, 10, 50))
    if name in {"aliases", "merges"}:
        first, form = ("[x, x]", "[{}]") if name == "aliases" else ("{title: t}", "{{<<: [{}]}}")
        rows = (
            f"a{each}: &a{each} {form.format(', '.join([f'*a{each - 1}'] * width))}"
            for each in range(1, count)
        )
        return "\n".join(["version: 1", f"a0: &a0 {first}", *rows, f"<<: *a{count - 1}"]).encode()
    if name == "deep":
        opened = random.choice(("[", "{a: ", "- ", "? ", "&a [", "!!seq ["))
        return b"version: 1\ntags: " + (opened * count).encode()
    if name == "keys":
        return b"version: 1\n" + b"".join(b"k%d: &k%d {}\n" % (i, i) for i in range(count * 10))
    if name == "long":
        return b"version: 1\nfile: a.mp4\ntitle: " + random.choice(NASTY) * count * 10
    videos = "".join(f"- {{<<: *d, file: '{each}.mp4'}}\n" for each in range(count))
    defaults = f"defaults: &d {{title: '{{stem}}', tags: {['x'] * width}}}\n"
    return f"version: 1\n{defaults}videos:\n{videos}".encode()
