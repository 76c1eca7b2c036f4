"""RSA-OAEP, as the page that renews a sign-in has it: for the site's own key alone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

_MODULUS: Final = int(
    "cb81dd8e02470656da04dd38544446e2a3412051cfe9adc6a330a5ef90228509684960970b91c336"
    "0ca29c49e1690ff8fa068cb9dfc6179d1e9585cb9424e847db1ef59f33e37dd4dca8ccfb7631ee9b"
    "4a92640d00c8204300152a0ab7cd802889d3445aec69918fe6022b534912e7b095be3424dad1ba81"
    "145e969b533181f1",
    16,
)
"""Of the public key that the web page renews sign-ins with: 1024 bits."""


def oaep(message: bytes, modulus: int = _MODULUS, exponent: int = 65537) -> bytes:
    """Return the message under RSA-OAEP with SHA-256 (RFC 8017, 7.1.1), for the site's key.

    It hides nothing of ours: the site wants to see that a program knows how.
    """
    size = (modulus.bit_length() + 7) // 8
    empty = hashlib.sha256(b"").digest()
    block = empty + bytes(size - len(message) - 2 * len(empty) - 2) + b"\x01" + message
    seed = secrets.token_bytes(len(empty))
    masked = _xor(block, _mask(seed, len(block)))
    seed = _xor(seed, _mask(masked, len(seed)))
    number = int.from_bytes(b"\x00" + seed + masked, "big")
    return pow(number, exponent, modulus).to_bytes(size, "big")


def _mask(seed: bytes, size: int) -> bytes:
    counts = range(-(-size // 32))
    return b"".join(hashlib.sha256(seed + n.to_bytes(4, "big")).digest() for n in counts)[:size]


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
