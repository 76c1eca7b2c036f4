"""How bilibili says yes and no: the envelope of its services, and the upload host's own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from nicobatch.sandbox.world import Refusal

_MESSAGES: Final = {
    -101: "账号未登录",
    -111: "csrf 校验失败",
    -352: "风控校验失败",
    -400: "请求错误",
    -403: "访问权限不足",
    -404: "啥都木有",
    -412: "request was banned",
    -500: "服务器错误",
    -616: "上传文件不存在",
    -617: "上传文件太大",
    -702: "请求频率过高",
    406: "您上传视频过快，请您稍作休息后再继续",
    601: "请输入验证码信息",
    16025: "该标签已被封印",
    20001: "投稿服务异常",
    21001: "请求参数错误",
    21002: "该分区已关闭投稿",
    21005: "标签不符合要求",
    21006: "定时发布时间不符合要求",
    21010: "简介过长",
    21011: "请至少上传一个视频",
    21012: "请不要重复提交相同标题的稿件",
    21013: "分P标题含有非法字符",
    21015: "第{page}个视频可能出现问题，请重新上传",
    21021: "请填写转载来源",
    21058: "单次最多添加100个视频",
    21070: "投稿过于频繁，请30秒后再试",
    21103: "标题长度应为1到80个字符",
    21104: "分P标题长度不能超过80个字符",
    21150: "稿件正在升级中",
    21564: "投稿过于频繁，请24小时后再试",
    21566: "投稿过于频繁，请更新客户端后再试",
    21590: "投稿工具已停用",
    62002: "稿件不可见",
    86038: "二维码已失效",
    86090: "二维码已扫码未确认",
    86095: "refresh_csrf 错误或 refresh_token 与 cookie 不匹配",
    86101: "未扫码",
    137022: "操作过于频繁",
    340022: "验证码错误",
}
"""What the codes are told with; a code that is not here says its number."""

_STATUSES: Final = {-412: 412}
"""HTTP statuses of the few refusals that are not told with 200."""

_VOUCHERS: Final = frozenset({601, -352})
"""Codes that carry the voucher of a human check."""

Json = dict[str, Any]


def message(code: int, **places: object) -> str:
    """Return the site's words for a code."""
    return _MESSAGES.get(code, str(code)).format(**{"page": 1, **places})


def ok(data: object = None) -> Json:
    """Return the envelope of a success."""
    body: Json = {"code": 0, "message": "0", "ttl": 1}
    return body if data is None else {**body, "data": data}


def refused(code: int, *, detail: str = "", data: object = None, **places: object) -> Refusal:
    """Return a refusal; `detail` is the sandbox's own addition, and says which rule it was."""
    body: Json = {"code": code, "message": message(code, **places), "ttl": 1}
    if code in _VOUCHERS:
        data = {"v_voucher": voucher()}
    if data is not None:
        body["data"] = data
    if detail:
        body["sandbox"] = detail
    return Refusal(_STATUSES.get(code, 200), body)


def preupload(code: int, *, detail: str = "") -> Refusal:
    """Return a refusal of the preupload; 601 is told on HTTP 406, as the older 406 is."""
    text = message(406 if code == 601 else code)
    if code == 406:
        return Refusal(406, {"code": 406, "message": text})
    body: Json = {"OK": 0, "info": text, "code": code, "message": text}
    if code == 601:
        return Refusal(406, {**body, "detail": {"v_voucher": voucher()}})
    return Refusal(_STATUSES.get(code, 200), {**body, "sandbox": detail} if detail else body)


def upos(status: int, detail: str) -> Refusal:
    """Return a refusal of the upload host."""
    body: Mapping[str, Any] = {"OK": 0, "code": status, "info": detail, "message": detail}
    return Refusal(status, body)


def voucher() -> str:
    """Return what a human check is asked for with."""
    return f"voucher_{uuid.uuid4()}"
