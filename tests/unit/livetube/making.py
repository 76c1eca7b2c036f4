"""What the document of 2017 shows of Livetube, and clients to try it with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import requests

from nicobatch.sandbox import Sandbox

STREAM: Final = "aaaacwrg3amcm"
NOW: Final = datetime(2017, 2, 17, 15, 0, tzinfo=UTC)
PAGE: Final = """\
<!doctype html><html itemscope="itemscope" itemtype="http://schema.org/WebPage"><head>
<meta http-equiv="X-UA-Compatible" content="IE=edge">
<meta itemprop="image" content="/stream/aaaacwrg3amcm.snapshot.jpg">
<meta name="viewport" content="width=964, user-scalable=yes">
"""
AFTER: Final = """\
<div style="border-bottom:solid 1px #808080;">
<div style="margin-top: 5px;"><span style="float:right;font-size:60%;font-style:italic;">334F65I</span>
<img src="/userimage/hatenaTest.png" width="64" height="71" align="left" />
2 : <a href="/hatena%E3%83%86%E3%82%B9%E3%83%88"><span style="font-size:1em;color:green; font-weight:bolder;">hatenaテスト</span></a> <span style="">2/10 16:07:19</span><br />
<span style="font-weight:bold;margin-bottom:0px; padding-bottom:0px;">コメント2</span><br clear="left" />
</div>
</div>"""  # noqa: E501 - as the document has it
LIVE: Final = """\
<div style="background-color: #eee;">
<div style="margin-top: 5px;">
<img src="/userimage/hatenaTest.png" width="64" height="71" align="left" />
1 : <a href="/hatena%E3%83%86%E3%82%B9%E3%83%88"><span style="font-size:1em;color:green; font-weight:bolder;">hatenaテスト</span></a> <span style="">2/10 16:06:51</span><br />
<span style="font-weight:bold;margin-bottom:0px; padding-bottom:0px;">コメント1</span><br clear="left" />
</div>
</div>"""  # noqa: E501
X_JSON: Final = (
    '{"n":0,"vi":0,"v":5,"m":0,"b":"0K","r":[],"cc":[2,3],"ei":0,'
    '"marks":{"2":[-48],"3":[-48]},"mark_thresh":24}'
)
BASE: Final = "http://livetube.cc/"


def fragment(
    number: int, body: str = "a", name: str = "", time: str = "2/10 16:06:51", *, live: bool = True
) -> str:
    """Return the HTML of a comment of nobody in particular."""
    style = "background-color: #eee;" if live else "border-bottom:solid 1px #808080;"
    return (
        f'<div style="{style}">\n<div style="margin-top: 5px;">\n\r\n{number} : {name} '
        f'<span style="">{time}</span><br />\n<span style="font-weight:bold;margin-bottom:0px;'
        f' padding-bottom:0px;">{body}</span><br clear="left" />\n</div>\n</div>'
    )


Ask = Callable[..., dict[str, Any]]


def asking(sandbox: Sandbox) -> Ask:
    """Return what asks at the imitation's door for tests."""

    def ask(what: str, **members: Any) -> dict[str, Any]:
        answer = requests.post(f"{sandbox.url}/livetube/sandbox/{what}", json=members, timeout=10)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    return ask
