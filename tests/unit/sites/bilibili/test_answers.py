"""What the site's answers come to."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from requests.structures import CaseInsensitiveDict

from nicobatch.errors import (
    EntryGone,
    NicobatchError,
    Parked,
    Passing,
    PersonNeeded,
    SiteRefuses,
    VideoFailed,
)
from nicobatch.http import Answer
from nicobatch.sites.bilibili.answers import data_of, part_taken, preupload_of, reply_of
from nicobatch.sites.bilibili.codes import TitleTaken, UploadGone

URL = "https://member.bilibili.com/x/vu/web/add/v3"


def answer(
    document: object = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    content = json.dumps(document).encode() if body is None else body
    return Answer(status, CaseInsensitiveDict(headers or {}), content, URL)


def test_an_envelope_gives_its_data() -> None:
    assert data_of(answer({"code": 0, "message": "0", "data": {"aid": 1}}), "x") == {"aid": 1}


@pytest.mark.parametrize(
    ("document", "status", "kind"),
    [
        ({"code": 21012, "message": "重复"}, 200, TitleTaken),
        ({"code": -404, "message": "啥都木有"}, 200, SiteRefuses),
        (
            {"code": 601, "message": "请输入验证码信息", "data": {"v_voucher": "v"}},
            200,
            PersonNeeded,
        ),
        ({"code": 987654, "data": {"v_voucher": "v"}}, 200, PersonNeeded),
        ({"code": 987654, "message": "?"}, 200, VideoFailed),
        ({"code": -500}, 200, Passing),
        ({"code": 987654}, 503, Passing),
        ({}, 412, Parked),
        ({}, 502, Passing),
        ({}, 429, Passing),
        ({}, 418, VideoFailed),
        ({}, 200, Passing),
        ([], 200, Passing),
        ({"code": True}, 200, Passing),
    ],
)
def test_a_refusal_says_what_is_to_be_done(
    document: object, status: int, kind: type[NicobatchError]
) -> None:
    with pytest.raises(NicobatchError) as caught:
        data_of(answer(document, status), "submitting the video")
    assert type(caught.value) is kind
    assert caught.value.message.startswith("submitting the video")


def test_a_refusal_keeps_what_the_site_said() -> None:
    with pytest.raises(VideoFailed) as caught:
        data_of(answer({"code": 21103, "message": "标题过长\x1b[31m"}), "x")
    assert (caught.value.code, caught.value.detail) == ("21103", "标题过长[31m")


@pytest.mark.parametrize("code", [-404, 62002, -403])
def test_an_entry_that_is_not_there_is_gone(code: int) -> None:
    with pytest.raises(EntryGone):
        data_of(answer({"code": code}), "x", entry=True)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code":'])
def test_an_answer_that_can_t_be_read_leaves_a_submission_open(body: bytes) -> None:
    with pytest.raises(Passing) as caught:
        data_of(answer(body=body), "x")
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("location", "kind"),
    [("https://portal.example/login", Passing), ("/elsewhere", SiteRefuses)],
)
def test_no_redirect_is_followed(location: str, kind: type[NicobatchError]) -> None:
    with pytest.raises(kind):
        data_of(answer({}, 302, {"Location": location}), "x")


FAST = "您上传视频过快，请您稍作休息后再继续"


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"OK": 0, "info": FAST, "code": 601, "detail": {"v_voucher": "voucher_1"}}, 406),
        ({"OK": 0, "info": FAST, "code": 601}, 200),
        ({"code": 406, "message": FAST}, 200),
        ("<html>", 406),
    ],
)
def test_too_fast_an_account_is_parked(document: object, status: int) -> None:
    with pytest.raises(Parked) as caught:
        preupload_of(answer(document, status), "preparing the upload")
    assert caught.value.retry_at
    assert "voucher" not in caught.value.message


def test_preupload_may_answer_in_the_envelope() -> None:
    with pytest.raises(NicobatchError) as caught:
        preupload_of(answer({"code": -101, "message": "账号未登录"}), "x")
    assert caught.value.word == "sign-in-needed"


@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {"X-Upos-Auth": "AUTH_TS_GT_5DAY 1"}), (403, {}), (404, {}), (410, {})],
)
def test_an_upload_that_is_no_more_is_told(status: int, headers: Mapping[str, str]) -> None:
    with pytest.raises(UploadGone):
        part_taken(answer({}, status, headers), "part 1 of 2")
    with pytest.raises(UploadGone):
        reply_of(answer({}, status, headers), "completing the upload")


@pytest.mark.parametrize("body", [b"MULTIPART_PUT_SUCCESS", b""])
def test_a_part_arrives(body: bytes) -> None:
    part_taken(answer(body=body), "part 1 of 2")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>a portal</html>", Passing),
        (504, b"", Passing),
        (413, b"", VideoFailed),
        (400, b"", VideoFailed),
    ],
)
def test_a_part_does_not_arrive(status: int, body: bytes, kind: type[NicobatchError]) -> None:
    with pytest.raises(kind):
        part_taken(answer(status=status, body=body), "part 1 of 2")


@pytest.mark.parametrize(("document", "status"), [({"OK": 0}, 200), ({}, 500), ({}, 504)])
def test_merging_is_asked_about_again(document: object, status: int) -> None:
    with pytest.raises(Passing):
        reply_of(answer(document, status), "completing the upload")
