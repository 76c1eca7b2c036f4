"""What the garage page says of a video, in each of the languages that it speaks."""

from __future__ import annotations

from typing import Final

from nicobatch.sandbox.page import words

_TABLE: Final = {
    "page": ("Garage", "投稿動画"),
    "as_of": ("as of {time}, times in JST", "{time} 現在（日本時間）"),
    # On a card
    "length": ("Length", "長さ"),
    "untitled": ("(no title yet)", "（題名はまだ）"),
    "tags": ("Tags", "タグ"),
    "description": ("Description", "説明"),
    "permissions": ("Permissions", "許可"),
    "on": ("on", "許可"),
    "off": ("off", "不可"),
    "all_on": ("all on", "すべて許可"),
    "all_off": ("all off", "すべて不可"),
    "all_but": ("all on but {names}", "{names}以外を許可"),
    "and": (" and ", "と"),
    "some_on": ("{on} of {all} on", "{all} 件中 {on} 件を許可"),
    # Where a video stands
    "deleted": ("Deleted", "削除済み"),
    "failed": ("Encoding failed", "エンコード失敗"),
    "encoding": ("Encoding", "エンコード中"),
    "details": ("Waiting for its details", "情報入力待ち"),
    "draft": ("Draft", "下書き"),
    "file": ("Waiting for its file", "ファイル待ち"),
    "uploading": ("Uploading, {come} of {all} parts", "アップロード中（{all} 個中 {come} 個）"),
    "private": ("Private", "非公開"),
    "scheduled": ("Scheduled", "予約投稿"),
    "public": ("Public", "公開中"),
    "at": ("at {time}", "{time} に公開"),
    "since": ("since {time}", "{time} から"),
    "on_day": ("{time}", "{time}"),
    # And what is to be said of that
    "failed_note": (
        "No picture could be decoded from the file.",
        "ファイルから映像を取り出せませんでした。",
    ),
    "draft_note": (
        "Nobody sees it until it is published.",
        "公開するまで、だれにも見えません。",
    ),
    "no_details_note": ("Its details were not sent yet.", "情報はまだ送られていません。"),
    "as_draft_note": ("Saved as a draft.", "下書きとして保存されています。"),
    "soon_note": ("Published as soon as that is done.", "終わりしだい公開されます。"),
    # Permissions, by the upload API's names
    "allowNgShareFlag": ("NG share", "NG 共有"),
    "allowOutsidePlayerFlag": ("outside player", "外部プレイヤー"),
    "allowUadFlag": ("nico ads", "ニコニ広告"),
    "allowNicoliveFlag": ("nicolive", "生放送での引用"),
    "allowUserTranslateFlag": ("translation", "コメント翻訳"),
    "allowRegularUserTagEditFlag": ("tag editing", "タグ編集"),
    "allowCaptureTweet": ("capture tweet", "静止画の投稿"),
    "allowClipTweet": ("clip tweet", "切り抜きの投稿"),
    "allowGift": ("gifts", "ギフト"),
}

WORDS: Final = words(("niconico", "ニコニコ"), _TABLE)
PERMISSIONS: Final = tuple(name for name in _TABLE if name.startswith("allow"))
