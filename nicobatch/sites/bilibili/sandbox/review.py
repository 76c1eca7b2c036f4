"""Where an archive stands: the site's states, by the clock and by what a test asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nicobatch.sites.bilibili.sandbox.records import Archive, Upload

if TYPE_CHECKING:
    from nicobatch.sites.bilibili.sandbox.site import Site

WORDS: Final = {
    1: "橙色通过",
    0: "开放浏览",
    -1: "待审",
    -2: "打回",
    -3: "网警锁定",
    -4: "锁定",
    -6: "修复待审",
    -7: "暂缓审核",
    -9: "等待转码",
    -10: "延迟审核",
    -11: "视频源待修",
    -14: "用户删除",
    -16: "转码失败",
    -30: "提交",
    -40: "定时发布",
    -50: "仅自己可见",
    -100: "用户删除",
}
"""`state_desc`; a state that is not here has none."""

_WAITING: Final = frozenset({-1, -6, -8, -9, -10, -15, -20, -30, -60})
_GOOD: Final = frozenset({0, 1, -40, -50})
PUBLIC: Final = frozenset({0, 1})
_STAGES: Final = ((0.4, -30), (0.7, -9), (1.0, -1))
"""Shares of the review's time, and the state until then."""


def is_waiting(state: int) -> bool:
    """Tell whether the site is still at work on it."""
    return state in _WAITING


def is_good(state: int) -> bool:
    """Tell whether the review has come to a good end."""
    return state in _GOOD


def status(state: int) -> str:
    """Return the group of the archive list that a state belongs to."""
    if state in _WAITING:
        return "is_pubing"
    return "pubed" if is_good(state) else "not_pubed"


def state(archive: Archive, site: Site) -> int:
    """Return the state at this moment."""
    verdict, seconds = archive.verdict, site.world.encode_seconds
    if verdict.seconds is not None:
        seconds = verdict.seconds
    passed = site.now - archive.changed_at
    if passed < seconds:
        if archive.edits:
            return -6
        return next(state for share, state in _STAGES if passed < seconds * share)
    if any(not is_sound(page.cid, site) for page in archive.pages):
        return -16
    if verdict.state is not None:
        return verdict.state
    if archive.body.get("is_only_self"):
        return -50
    return -40 if (archive.body.get("dtime") or 0) > site.now else 0


def is_sound(cid: int, site: Site) -> bool:
    """Tell whether a page's file could be decoded."""
    upload = site.records.get(cid)
    return isinstance(upload, Upload) and upload.media is not None
