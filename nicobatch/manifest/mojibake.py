"""Text that was read in a wrong encoding before it was saved, and what it was.

Windows' code pages 1252 and 1254 leave some bytes undefined, and copying drops those (and the soft
hyphen): か, E3 81 8B, becomes `ã‹`. So lost bytes are put back, the likeliest character winning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import product

# What is frequent in Japanese: enough to guess a character of which one byte is lost.
KANA = (
    "のいしんうかとたにてはなるをがくきまもでりこさすっよあらけそちつれせおやどわみえじめだほねろばごげょ"
    "びゃぎひむふゆへぶずゅづざぞべぐぼぜぬぱぴぽぷぺぁぃぅぇぉ"
    "ーンストルアラリクイッドレロタジグシフプバコマサオブテパデウカキチエミセムネハゴナメガツビノピダトュョャ"
    "ベボエポケモニソワヤズヒギペヨゲホユゼザヘォェァゾィヴゥヌ"
)
PUNCTUATION = "。、「」・！？（）『』【】〜々…：／＃＋＆％＝＊０１２３４５６７８９"
# The kanji that newspapers use most, in that order.
KANJI = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回"
    "新場金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法"
    "不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女"
    "初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参"
    "売利組知案道信策集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式"
    "確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格有疑口過局少放税検藤町常校料沢裁状工建語"
    "球営空職証土与急止送援供可役構木割聞身費付由説転食比難防補車優夫研収断井何南石足違消境神番規術護展態"
    "導鮮備宅害配副算視条幹独警宮究育席輸訪楽起万着乗店述残想線率病農州武声質念待試族象銀域助労例衛然早張"
    "映限親額監環験追審商葉義伝働形景落欧担好退準賞訴辺造英被株頭技低毎医復仕去姿味負閣韓渡失移差衆個門写"
    "評課末守若脳極種美岡影命含福蔵量望松非撃佐核観察整段横型白深字夜製票況音申様財港識注呼達歌曲実況遊戯"
)
RANK = {char: rank for rank, char in enumerate(dict.fromkeys(KANA + PUNCTUATION + KANJI))}
"""0 for the most frequent; what is not here is rare."""

# Words of video descriptions in which a rarer character is the right one.
WORDS = (
    "アップロード ログイン プロ ロック ローカル プログラム チャンネル チャンク チャレンジ "
    "チュートリアル チョコ チェック チーム マッチ スイッチ タッチ サーバー メンバー カバー "
    "バイト バトル バージョン ネット サムネイル ネタ ノート ノーマル ノベル ハード ハンド "
    "オーバー ポート レスポンス ポイント スポーツ マン マイク ママ テーマ マップ マリオ タイマー "
    "わかり わから わたし 終わり 変わる 関わる 使わ 思わ 言わ かわいい われ わけ はじめ 始め "
    "まとめ 決め 求め 初めて ため ある あり あっ あと めて ください 小さ そう それ その そして "
    "そこ すぎる ぎり とき でき きま きた きて きる きな らき くだ くれ すぐ なく よく くて くる "
    "ぞれ ぐらい ですね ますね いいね ねが ねの 本来 中等 等が 等の 等で 摘等 やすく 終わっ 所属 "
    "名前 状況 来 非公開 位置 伝え 初回 最初 変換"
)
PAIRS = frozenset(
    word[index : index + 2] for word in WORDS.split() for index in range(len(word) - 1)
)

LOST = (0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E, 0xAD)
MOST_LOST = 2
"""Bytes of one character."""
EVIDENCE = 2
"""Characters that must come out as Japanese or as emoji before a text counts as garbled."""

EMOJI = range(0x1F300, 0x1FB00)


def _code_pages() -> dict[str, int]:
    latin1 = {chr(byte): byte for byte in range(0x80, 0xA0)}
    pages = product(range(0x80, 0x100), ("cp1252", "cp1254"))
    known = {bytes([byte]).decode(page, "ignore"): byte for byte, page in pages}
    return latin1 | {char: byte for char, byte in known.items() if char}


BYTES = _code_pages()


def _between(first: int, last: int) -> str:
    return "".join(re.escape(char) for char, byte in BYTES.items() if first <= byte <= last)


TAIL = f"[{_between(0x80, 0xBF)}]"
GARBLED = re.compile(f"[{_between(0xE0, 0xF4)}]{TAIL}")
SEQUENCE = re.compile(f"[{_between(0xC2, 0xF4)}]{TAIL}*|[{_between(0x80, 0xFF)}]")


def repair(text: str) -> str | None:
    """Return the text as it was meant, lost bytes guessed; None if it looks fine."""
    if not GARBLED.search(text):
        return None
    mended, end, evidence, bare = "", 0, 0, 0
    for match in SEQUENCE.finditer(text):
        mended += text[end : match.start()]
        end = match.end()
        char = _likeliest(match[0], mended[-1:], _following(text, end))
        if char is None:
            return None
        mended += char
        bare += len(match[0]) == 1
        evidence += len(match[0]) > 1 and (char in RANK or ord(char) in EMOJI)
    return mended + text[end:] if evidence >= max(EVIDENCE, bare) else None


def _following(text: str, index: int) -> str:
    """Return the next character, if it is beyond doubt."""
    match = SEQUENCE.match(text, index)
    readings = _readings(match[0]) if match else (text[index : index + 1],)
    return readings[0] if len(readings) == 1 else ""


def _likeliest(sequence: str, before: str, after: str) -> str | None:
    def rarity(char: str) -> tuple[int, int, int]:
        pairs = (before + char in PAIRS) + (char + after in PAIRS)
        kin = (_katakana(before) == _katakana(char)) + (_katakana(after) == _katakana(char))
        return -pairs, -kin, RANK.get(char, len(RANK))

    return min(_readings(sequence), key=rarity, default=None)


def _katakana(char: str) -> bool:
    return "\u30a0" <= char <= "\u30ff"


@lru_cache(maxsize=1024)
def _readings(sequence: str) -> tuple[str, ...]:
    """Return what the bytes can stand for; where some are lost, Japanese and emoji only."""
    lead, *tail = (BYTES[char] for char in sequence)
    length = (lead >= 0xC2) + (lead >= 0xE0) + (lead >= 0xF0)
    found = (_decoded(lead, full) for full in _filled(tuple(tail), length))
    return tuple(char for char in found if char and (len(tail) == length or _japanese(char)))


def _decoded(lead: int, tail: tuple[int, ...]) -> str:
    try:
        return bytes((lead, *tail)).decode()
    except UnicodeDecodeError:
        return ""


def _japanese(char: str) -> bool:
    return (
        char in RANK
        or ord(char) in EMOJI
        or (char >= "一" and bool(char.encode("cp932", "ignore")))
    )


def _filled(tail: tuple[int, ...], length: int) -> Iterator[tuple[int, ...]]:
    if len(tail) == length:
        yield tail
    elif length - MOST_LOST <= len(tail) < length:
        for index, byte in product(range(len(tail) + 1), LOST):
            yield from _filled((*tail[:index], byte, *tail[index:]), length)
