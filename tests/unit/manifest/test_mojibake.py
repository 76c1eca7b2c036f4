"""Garbled text: seen, mended, and not seen where there is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nicobatch.manifest.mojibake import repair

LOST = {0x81, 0x8D, 0x8E, 0x8F, 0x90, 0x9D, 0x9E}


def garble(text: str, code_page: str = "cp1254", lost: frozenset[int] | set[int] = LOST) -> str:
    kept = bytes(byte for byte in text.encode() if byte not in lost)
    return kept.decode(code_page)


def test_a_title_as_it_was_found_is_mended() -> None:
    found = "ãƒ‹ã‚³å‹•ã§å‹•ç”»ã‚’APIã‹ã‚‰ã‚¢ãƒƒãƒ—ãƒãƒ¼ãƒ‰ã™ã‚‹"
    assert repair(found) == "ニコ動で動画をAPIからアップロードする"


@pytest.mark.parametrize(
    "text",
    [
        "ニコニコ動画の動画をAPIを用いて外部から投稿するやり方をまとめました。",
        "次に動画ファイルをサーバー上にアップロードします。",
        "動画をチャンクに分けてアップロードする",
        "メタデータを送信する",
        "まずログインAPIにアクセスしメールアドレスとパスワードでログイン後",
        "これを実行すると以下のレスポンスを得られます。",
        "公開するかしないか",
        "ゲーム😀の動画です",
        "動画",
    ],
)
@pytest.mark.parametrize("lost", [LOST, LOST | {0xAD}], ids=["code page", "and soft hyphen"])
def test_japanese_is_mended_lost_bytes_put_back(text: str, lost: set[int]) -> None:
    assert repair(garble(text, lost=lost)) == text


@given(st.text(alphabet="のいしんうかとたにては日一国会人年ンストルアabc 12", min_size=4))
def test_where_no_byte_is_lost_the_repair_is_exact(text: str) -> None:
    garbled = "".join(
        bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode()
    )
    repaired = repair(garbled)
    assert repaired in {text, None}
    if sum(not char.isascii() for char in text) > 1:
        assert repaired == text


JAPANESE = st.characters(min_codepoint=0x3000, max_codepoint=0x9FFF) | st.sampled_from(
    "…—‘’“”×÷§±°´¨¶→←■○★ｱｲｳＡＢＣ！？"
)


@given(st.text(alphabet=JAPANESE | st.characters(max_codepoint=0x7F)))
def test_japanese_text_looks_fine(text: str) -> None:
    assert repair(text) is None


@given(
    st.text(
        alphabet="abcdefghijklmnoprstuvzABCDEZàâäéèêëîïôöùûüçßğışñáíóúãõœæÀÉÈÖÜÄÇŞİĞÑ '’.,!?-…«»"
    )
)
def test_western_words_look_fine(text: str) -> None:
    words = text.replace("»", " »").replace("…", " …").replace("’", "'")
    assert repair(words) is None


@pytest.mark.parametrize(
    "text",
    [
        "« café\u00a0» été… cœur",
        "café\u00a0»",
        "Größe „Straße“ – ÄÖÜ",
        "İstanbul ışık ğ",
        "não é irmã…",
        "Pokémon ポケモン",
        "naïve façade — déjà vu!",
        "é",
        "",
    ],
)
def test_western_text_looks_fine(text: str) -> None:
    assert repair(text) is None


def test_half_a_repair_is_none() -> None:
    assert repair(garble("動画") + "ø") is None
