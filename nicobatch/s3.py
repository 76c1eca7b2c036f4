"""Files in a store that speaks S3, named `s3://BUCKET/KEY`: fetched whole, known by their SHA-256.

Where it is and who asks, the environment says, by the names that other programs know:
AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and so on.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from nicobatch import installation
from nicobatch.errors import Passing, Stopped, UsageError, VideoFailed
from nicobatch.language import _, reason
from nicobatch.model import FileIdentity

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ClientConfig, RetryConfig, S3Store

_Result = TypeVar("_Result")
_BLOCK: Final = 1 << 20
"""Bytes that are written at once, or a few more."""
_BEAT: Final = 0.25
"""Seconds between two looks whether it is to stop."""
_PATIENCE: Final[ClientConfig] = {"connect_timeout": "10s", "read_timeout": "60s", "timeout": "7d"}
"""The last is for the whole file: as slow as it likes, while bytes come."""
_RETRIES: Final[RetryConfig] = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}


@dataclass(frozen=True, slots=True)
class Told:
    """What the store tells of a file."""

    size: int
    """Bytes."""
    stamp: str
    """Another one once the file is another one; empty where the store gives no ETag."""

    @classmethod
    def of(cls, meta: ObjectMeta) -> Self:
        """Return what is told in an answer's headers."""
        parts = (meta["e_tag"], meta["size"], meta["last_modified"].isoformat(), meta["version"])
        return cls(meta["size"], " ".join(map(str, parts)) if meta["e_tag"] else "")


def look(address: str, stop: Callable[[], bool]) -> Told:
    """Return what the store tells of the file; raise VideoFailed, Passing, UsageError, Stopped."""
    store, key = _store(address)
    with _told(address):
        return asyncio.run(_until(stop, _look(store, key)))


def fetch(address: str, target: Path, stop: Callable[[], bool]) -> tuple[FileIdentity, Told]:
    """Write the file to the target, and return what it is, and what the store told of it then.

    Raise VideoFailed where it can't be had, Passing where it can't be had now, UsageError, Stopped
    soon after `stop` tells so, and OSError for what the disk refuses.
    """
    store, key = _store(address)
    with _told(address), target.open("wb") as file:
        sha256, length, told = asyncio.run(_until(stop, _copied(store, key, file.write)))
    return FileIdentity(PurePosixPath(key).name, length, sha256), told


async def _look(store: S3Store, key: str) -> Told:
    import obstore

    return Told.of(await obstore.head_async(store, key))


async def _copied(
    store: S3Store, key: str, write: Callable[[bytes], object]
) -> tuple[str, int, Told]:
    import obstore

    digest, length = hashlib.sha256(), 0
    found = await obstore.get_async(store, key)
    async for block in found.stream(min_chunk_size=_BLOCK):
        await asyncio.to_thread(write, block)
        digest.update(block)
        length += len(block)
    return digest.hexdigest(), length, Told.of(found.meta)


async def _until(stop: Callable[[], bool], work: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what the work comes to; raise Stopped as soon as that is asked for."""
    task = asyncio.ensure_future(work)
    while not task.done():
        if stop():
            task.cancel()
            raise Stopped
        await asyncio.wait({task}, timeout=_BEAT)
    return task.result()


def _store(address: str) -> tuple[S3Store, str]:
    """Return the bucket and the key; raise UsageError where S3 is not installed."""
    try:
        from obstore.store import S3Store
    except ImportError:
        words = _("files in a store need the extra s3, which is not installed")
        raise UsageError(words, installation.missing("s3")) from None
    bucket, _slash, key = address.partition("://")[2].partition("/")
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    plain = endpoint.startswith("http://")  # what is signed is no secret, and who wrote it knows
    return (
        S3Store(bucket, client_options={**_PATIENCE, "allow_http": plain}, retry_config=_RETRIES),
        key,
    )


@contextlib.contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn what the library raises into words, which repeat nothing that it says of requests."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except FileNotFoundError:
        raise VideoFailed(
            _("there is no {file} in the store").format(file=address),
            _("look for the bucket's and the file's name, which know capital and small letters"),
        ) from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise Passing(
            _("the store does not let {file} be read").format(file=address),
            _("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of one who may read it"),
            outcome_unknown=False,
        ) from None
    except BaseError:
        raise Passing(
            _("{file} can't be fetched: the store can't be reached, or is in trouble").format(
                file=address
            ),
            _("AWS_ENDPOINT_URL says where the store is; without it, it is Amazon's"),
            outcome_unknown=False,
        ) from None
    except OSError as error:
        raise Passing(
            _("{file} can't be fetched: {reason}").format(file=address, reason=reason(error)),
            outcome_unknown=False,
        ) from None
