from __future__ import annotations

import contextlib
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import null
from keyring.errors import KeyringLocked, PasswordDeleteError

from nicobatch.credentials import SERVICE, Store
from nicobatch.errors import UsageError
from nicobatch.model import Secret
from nicobatch.sites.niconico.fields import SITE

SESSION = "user_session_86_feedface"
OTHER = "user_session_87_badcafe"


def text(secret: Secret | None) -> str | None:
    return secret.reveal() if secret else None


# The file


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store on a machine without a keyring, whose folder is not made yet."""
    return Store(tmp_path / "config" / "sessions.json", SITE.session)


def test_a_session_is_kept_by_account(store: Store) -> None:
    assert store.get("main") is None
    assert store.set("main", Secret(SESSION)) == str(store.file)
    assert store.set("second", Secret(OTHER)) == str(store.file)
    assert (text(store.get("main")), text(store.get("second"))) == (SESSION, OTHER)
    store.set("main", Secret(OTHER))
    assert text(store.get("main")) == OTHER
    assert store.get("third") is None


def test_the_file_is_all_there_is(store: Store) -> None:
    store.set("main", Secret(SESSION))
    assert [path.name for path in store.file.parent.iterdir()] == ["sessions.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_file_is_the_users_alone(store: Store) -> None:
    store.file.parent.mkdir()
    store.file.write_text("{}", encoding="utf-8")
    store.file.chmod(0o644)
    before = os.umask(0)
    try:
        store.set("main", Secret(SESSION))
    finally:
        os.umask(before)
    assert stat.S_IMODE(store.file.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_the_folder_is_the_users_alone(store: Store) -> None:
    store.set("main", Secret(SESSION))
    assert stat.S_IMODE(store.file.parent.stat().st_mode) == 0o700


def test_a_forgotten_session_is_gone_and_the_others_stay(store: Store) -> None:
    store.set("main", Secret(SESSION))
    store.set("second", Secret(OTHER))
    assert store.forget("main")
    assert store.get("main") is None
    assert SESSION not in store.file.read_text(encoding="utf-8")
    assert text(store.get("second")) == OTHER
    assert not store.forget("main")


def test_to_forget_what_was_never_kept_makes_no_file(store: Store) -> None:
    assert not store.forget("main")
    assert not store.file.parent.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null"])
def test_a_damaged_file_is_named_and_left_alone(store: Store, content: bytes) -> None:
    store.file.parent.mkdir()
    store.file.write_bytes(content)
    calls = (
        lambda: store.get("main"),
        lambda: store.set("main", Secret(SESSION)),
        lambda: store.forget("main"),
    )
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call()
        assert caught.value.message == f"{store.file} can't be read"
        assert caught.value.hint == "remove it, and run `nicobatch session set` again"
    assert store.file.read_bytes() == content


def test_a_kept_session_that_is_none_is_refused(store: Store) -> None:
    store.file.parent.mkdir()
    store.file.write_text(json.dumps({"main": "two words"}), encoding="utf-8")
    with pytest.raises(UsageError, match="the kept session is no value"):
        store.get("main")


def test_a_folder_that_can_not_be_made_is_named(store: Store) -> None:
    store.file.parent.write_text("", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        Store(store.file / "sessions.json", SITE.session)._write({"main": SESSION})
    assert caught.value.message.startswith("the session can't be kept in ")
    assert SESSION not in repr(caught.value)


def test_a_file_that_can_not_be_replaced_leaves_no_session_behind(store: Store) -> None:
    store.file.mkdir(parents=True)
    with pytest.raises(UsageError, match="can't be kept"):
        store._write({"main": SESSION})
    assert list(store.file.parent.iterdir()) == [store.file]


def test_the_users_store_lies_in_the_users_own_folder(home: Path) -> None:
    file = Store.of_user(SITE).file
    assert file.name == "sessions.json"
    assert file.is_relative_to(home)


# The keyring


class Memory(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError
        del self.kept[service, username]


class Locked(Memory):
    """A keyring whose owner does not open it, and which says too much about it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked(SESSION)

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(password)


@contextlib.contextmanager
def using(backend: KeyringBackend) -> Iterator[KeyringBackend]:
    """Put a keyring in the place of the system's."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield backend
    finally:
        keyring.set_keyring(before)


@pytest.fixture
def memory() -> Iterator[Memory]:
    backend = Memory()
    with using(backend):
        yield backend


def test_a_keyring_is_preferred_to_the_file(store: Store, memory: Memory) -> None:
    assert store.set("main", Secret(SESSION)) == "the system's keyring"
    assert memory.kept == {(SERVICE, "main"): SESSION}
    assert not store.file.exists()
    assert text(store.get("main")) == SESSION
    assert store.get("second") is None


def test_what_was_kept_before_there_was_a_keyring_is_found(store: Store, memory: Memory) -> None:
    store._write({"main": SESSION, "second": SESSION})
    memory.kept[SERVICE, "second"] = OTHER
    assert (text(store.get("main")), text(store.get("second"))) == (SESSION, OTHER)


@pytest.mark.parametrize(("in_file", "in_keyring"), [(True, False), (False, True), (True, True)])
def test_a_session_is_forgotten_wherever_it_is_kept(
    store: Store, memory: Memory, in_file: bool, in_keyring: bool
) -> None:
    if in_file:
        store._write({"main": SESSION})
    if in_keyring:
        memory.kept[SERVICE, "main"] = SESSION
    assert store.forget("main")
    assert memory.kept == {}
    assert store.get("main") is None
    assert not store.forget("main")


@pytest.mark.parametrize("call", ["get", "set", "forget"])
def test_a_keyring_that_stays_locked_is_explained(store: Store, call: str) -> None:
    with using(Locked()), pytest.raises(UsageError) as caught:
        getattr(store, call)("main", *([Secret(SESSION)] if call == "set" else []))
    assert caught.value.message == "the system's keyring can't be used"
    assert "NICOBATCH_USER_SESSION" in caught.value.hint
    assert SESSION not in repr(caught.value)


def test_a_keyring_that_was_turned_off_keeps_nothing(store: Store) -> None:
    with using(null.Keyring()):  # type: ignore[no-untyped-call]
        assert store.set("main", Secret(SESSION)) == str(store.file)
        assert text(store.get("main")) == SESSION


def test_without_the_extra_there_is_the_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert store.set("main", Secret(SESSION)) == str(store.file)
    assert text(store.get("main")) == SESSION
    assert store.forget("main")


def test_nothing_is_shown_of_what_is_kept(store: Store, memory: Memory) -> None:
    store.set("main", Secret(SESSION))
    assert SESSION not in repr(store)
    assert SESSION not in repr(store.get("main"))


def test_a_keyring_s_sessions_are_listed_with_the_file_s(store: Store, memory: Memory) -> None:
    store._write({"old": SESSION})
    assert [each.account for each in store.listed()] == ["old"]
    for account in ("main", "second", "second"):
        store.set(account, Secret(SESSION))
    assert [(each.account, each.file) for each in store.listed()] == [
        ("main", None),
        ("old", store.file),
        ("second", None),
    ]
    store.forget("second")
    assert [each.account for each in store.listed()] == ["main", "old"]
    assert SESSION not in memory.kept[f"{SERVICE}-accounts", "-accounts"]
