"""bilibili's partitions, as its pages show them: ids, names, and how many pages each takes.

`HUMAN` is what the web page offers since 2025 (field `human_type2`); `TIDS` are the older ids
(field `tid`), which the site predicts or changes by itself. Collected on 2026-11-26 from what
clients keep of the site's own lists; an id that is not here is a warning, never an error.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

HUMAN: Final = MappingProxyType(
    {
        1001: "影视",
        1002: "娱乐",
        1003: "音乐",
        1004: "舞蹈",
        1005: "动画",
        1006: "绘画",
        1007: "鬼畜",
        1008: "游戏",
        1009: "资讯",
        1010: "知识",
        1011: "人工智能",
        1012: "科技数码",
        1013: "汽车",
        1014: "时尚美妆",
        1015: "家装房产",
        1016: "户外潮流",
        1017: "健身",
        1018: "体育运动",
        1019: "手工",
        1020: "美食",
        1021: "小剧场",
        1022: "旅游出行",
        1023: "三农",
        1024: "动物",
        1025: "亲子",
        1026: "健康",
        1027: "情感",
        1029: "vlog",
        1030: "生活兴趣",
        1031: "生活经验",
    }
)
"""By `human_type2`, the main category's name. `GET …/x/vupre/web/archive/human/type2/list`."""
TIDS: Final = MappingProxyType(
    {
        24: "MAD·AMV",
        25: "MMD·3D",
        47: "同人·手书",
        257: "配音",
        210: "手办·模玩",
        86: "特摄",
        253: "动漫杂谈",
        27: "综合",
        51: "资讯",
        152: "官方延伸",
        32: "完结动画",
        33: "连载动画",
        153: "国产动画",
        168: "国产原创相关",
        169: "布袋戏",
        170: "资讯",
        195: "动态漫·广播剧",
        28: "原创音乐",
        29: "音乐现场",
        31: "翻唱",
        59: "演奏",
        243: "乐评盘点",
        30: "VOCALOID·UTAU",
        193: "MV",
        244: "音乐教学",
        130: "音乐综合",
        20: "宅舞",
        198: "街舞",
        199: "明星舞蹈",
        200: "国风舞蹈",
        255: "颜值·网红舞",
        154: "舞蹈综合",
        156: "舞蹈教程",
        17: "单机游戏",
        171: "电子竞技",
        172: "手机游戏",
        65: "网络游戏",
        173: "桌游棋牌",
        121: "GMV",
        136: "音游",
        19: "Mugen",
        201: "科学科普",
        124: "社科·法律·心理",
        228: "人文历史",
        207: "财经商业",
        208: "校园学习",
        209: "职业职场",
        229: "设计·创意",
        122: "野生技术协会",
        95: "数码",
        230: "软件应用",
        231: "计算机技术",
        232: "科工机械",
        233: "极客DIY",
        235: "篮球",
        249: "足球",
        164: "健身",
        236: "竞技体育",
        237: "运动文化",
        238: "运动综合",
        227: "购车攻略",
        247: "新能源车",
        245: "赛车",
        246: "改装玩车",
        240: "摩托车",
        248: "房车",
        176: "汽车生活",
        138: "搞笑",
        254: "亲子",
        250: "出行",
        251: "三农",
        239: "家居房产",
        161: "手工",
        162: "绘画",
        21: "日常",
        76: "美食制作",
        212: "美食侦探",
        213: "美食测评",
        214: "田园美食",
        215: "美食记录",
        218: "喵星人",
        219: "汪星人",
        222: "小宠异宠",
        221: "野生动物",
        220: "动物二创",
        75: "动物综合",
        22: "鬼畜调教",
        26: "音MAD",
        126: "人力VOCALOID",
        216: "鬼畜剧场",
        127: "教程演示",
        157: "美妆护肤",
        252: "仿妆cos",
        158: "穿搭",
        159: "时尚潮流",
        241: "娱乐杂谈",
        242: "娱乐粉丝创作",
        137: "明星综合",
        71: "综艺",
        182: "影视杂谈",
        183: "影视剪辑",
        184: "预告·资讯",
        85: "小剧场",
        256: "短片",
        37: "人文·历史",
        178: "科学·探索·自然",
        179: "军事",
        180: "社会·美食·旅行",
        147: "华语电影",
        185: "国产剧",
    }
)
"""By `tid`, the name of each that a submission could choose."""
MANY_PAGES: Final = frozenset({169, 29, 20, 156, 171, 122, 137})
"""The `tid` that take 100 pages; the others take 50."""
REPOSTS_ONLY: Final = frozenset({51, 32, 33, 37, 147})
"""The `tid` that take reposts alone."""
PAGES: Final = 50
MOST_PAGES: Final = 100
DEFAULT_TID: Final = 21
"""What the web page sends where nothing is predicted."""


def name_of(tid: int) -> str:
    """Return what the site calls the partition of the older id, else the id."""
    return TIDS.get(tid, str(tid))


def most_pages(tid: int) -> int:
    """Return how many pages a video of the partition may have."""
    return MOST_PAGES if tid in MANY_PAGES else PAGES


def human_of(name: str) -> str | None:
    """Return the id, as text, of a main category given by name or id; None if unknown."""
    text = name.strip()
    if text.isdecimal() and int(text) in HUMAN:
        return text
    return _BY_NAME.get(text.casefold())


_BY_NAME: Final = {name.casefold(): str(number) for number, name in HUMAN.items()}
