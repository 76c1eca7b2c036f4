"""The renewal's address: a text that the key's owner, and nobody else, can read."""

from __future__ import annotations

import hashlib

from nicobatch.sites.bilibili.oaep import oaep

P = (1 << 521) - 1
Q = (1 << 607) - 1
"""Two Mersenne primes: a key of 1128 bits that everybody knows."""
E = 65537


def mask(seed: bytes, size: int) -> bytes:
    text, count = b"", 0
    while len(text) < size:
        text += hashlib.sha256(seed + count.to_bytes(4, "big")).digest()
        count += 1
    return text[:size]


def opened(sealed: bytes) -> bytes:
    """Take it apart as RFC 8017, 7.1.2 has it."""
    size = ((P * Q).bit_length() + 7) // 8
    private = pow(E, -1, (P - 1) * (Q - 1))
    block = pow(int.from_bytes(sealed, "big"), private, P * Q).to_bytes(size, "big")
    assert block[0] == 0
    seed, data = block[1:33], block[33:]
    seed = bytes(a ^ b for a, b in zip(seed, mask(data, 32), strict=True))
    data = bytes(a ^ b for a, b in zip(data, mask(seed, len(data)), strict=True))
    assert data[:32] == hashlib.sha256(b"").digest()
    padding, _, message = data[32:].partition(b"\x01")
    assert not any(padding)
    return message


def test_its_owner_reads_it() -> None:
    message = b"refresh_1732665600000"
    assert opened(oaep(message, P * Q)) == message
    assert oaep(message, P * Q) != oaep(message, P * Q)


def test_the_sites_key_makes_as_many_digits_as_its_page_wants() -> None:
    assert len(oaep(b"refresh_1732665600000").hex()) == 256
