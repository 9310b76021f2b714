# ruff: noqa: E501 - a page is long
"""Saved pages of government sites: the notice is found, what the site prints around it is set aside."""

import base64
import random

import pytest

from supervisor.intake import read, read_text
from supervisor.intake.containers import open_file

MENU = "<ul>" + "".join(f'<li><a href="{n}">栏目{n}</a></li>' for n in range(40)) + "</ul>"
TEXT = (
    "<p>一、重点任务</p><p>1.建设平台，整合数据资源，完善工作机制，推动业务协同，提高服务水平。"
    "<span>（牵头单位：</span>市甲局；责任单位：市乙局）</p><p>2.推广应用。（市丙局负责）</p>"
    "<p>二、工作要求</p><p>各单位要高度重视，加强组织领导，压实工作责任，确保各项任务按期完成，取得实效。</p>"
)
FRAME = (
    '<!DOCTYPE html><html><head><title>云溪市人民政府</title><meta charset="utf-8"><script>var a="（责任单位：市假局）"'
    "</script></head><body><div class='top'><div>云溪市人民政府 今天是2022年4月20日 网站支持IPv6</div>{menu}</div>"
    "<div class='where'>当前位置：<a>首页</a> &gt; <a>政务公开</a></div>"
    "<div class='main'><h1>{title}</h1><div class='bar'>发布日期：2022-04-20 浏览次数：<span id='hits'>356</span>次 "
    "字体：[<a>大</a> <a>中</a> <a>小</a>] <a>打印</a></div>"
    "<table class='info'><tr><td>索引号：</td><td>null</td><td>发文机关：</td><td>云溪市人民政府办公室</td></tr></table>"
    "{open}{text}{close}<div class='scan'>扫一扫在手机打开当前页</div></div>"
    "<div class='foot'><p>主办：云溪市人民政府办公室 承办：云溪市信息中心</p><p>（责任单位：市假局）版权所有</p></div></body></html>"
)
TITLE = "云溪市人民政府办公室关于印发优化环境方案的通知"


def page(
    opening: str = '<div id="zoom">', closing: str = "</div>", text: str = TEXT, title: str = TITLE
) -> bytes:
    made = FRAME.replace("{menu}", MENU).replace("{title}", title).replace("{text}", text)
    return made.replace("{open}", opening).replace("{close}", closing).encode()


def body(data: bytes) -> list[str]:
    opened = open_file(data, "a.html")
    return [line for n, line in enumerate(opened.text.split("\n"), 1) if n not in opened.aside]


NOTICE = [
    TITLE,
    "一、重点任务",
    "1.建设平台，整合数据资源，完善工作机制，推动业务协同，提高服务水平。（牵头单位：市甲局；责任单位：市乙局）",
    "2.推广应用。（市丙局负责）",
    "二、工作要求",
    "各单位要高度重视，加强组织领导，压实工作责任，确保各项任务按期完成，取得实效。",
]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('<div id="zoom">', "</div>"),
        ('<div class="TRS_Editor">', "</div>"),
        ("<ucapcontent>", "</ucapcontent>"),
        ('<div class="pages_content"><table><tr><td>', "</td></tr></table></div>"),
        ('<div class="x"><div class="y">', "</div></div>"),
        ('<font size=4><div class="x">', "</div></font>"),
    ],
)
def test_the_notice_is_found_among_what_the_site_prints(opening: str, closing: str) -> None:
    assert body(page(opening, closing)) == NOTICE


def test_tasks_date_and_issuer_are_read_and_the_rest_is_shown_as_set_aside() -> None:
    draft = read(page(), "a.html")
    assert [(t.title[:4], t.lead, t.responsible) for t in draft.tasks] == [
        ("建设平台", ("市甲局",), ("市乙局",)),
        ("推广应用", (), ("市丙局",)),
    ]
    assert str(draft.document.published) == "2022-04-20"
    lines = draft.document.text.split("\n")
    aside = [lines[number - 1] for number in draft.document.furniture]
    assert any("浏览次数" in line for line in aside)
    assert any("扫一扫" in line for line in aside)
    assert any("索引号" in line for line in aside)
    assert any("版权所有" in line for line in aside)
    assert "栏目3" not in draft.document.text


def test_a_title_printed_twice_is_read_once() -> None:
    twice = page(text=f"<p>{TITLE}</p>{TEXT}")
    assert body(twice) == NOTICE


def test_scripts_hidden_parts_and_comments_are_not_read() -> None:
    text = (
        "<p style='display:none'>（责任单位：市假局）</p><!-- 暗 --><p hidden>暗</p><style>p{}</style>" + TEXT
    )
    assert body(page(text=text)) == NOTICE


def test_tables_give_rows_with_merged_cells_filled() -> None:
    table = (
        "<table><thead><tr><th>序号</th><th>重点任务</th><th>牵头单位</th><th>责任单位</th></tr></thead><tbody>"
        "<tr><td>1</td><td><p>建设</p><p>平台</p></td><td rowspan='2'>市甲局</td><td>市乙局</td></tr>"
        "<tr><td>2</td><td>推广</td><td>市丙局</td></tr><tr><td colspan=4>二、其他</td></tr>"
        "<tr><td>3</td><td>收尾</td><td colspan=2>市丁局</td></tr></tbody></table>"
    )
    assert body(page(text=TEXT + table))[6:] == [
        "序号\t重点任务\t牵头单位\t责任单位",
        "1\t建设 平台\t市甲局\t市乙局",
        "2\t推广\t市甲局\t市丙局",
        "二、其他",
        "3\t收尾\t市丁局\t",
    ]


def test_elements_that_nobody_closed_are_closed_by_the_next() -> None:
    loose = (
        TEXT.replace("</p>", "")
        + "<table><tr><td>序号<td>任务<td>责任单位<tr><td>1<td>收尾<td>市丁局</table>"
    )
    assert body(page(text=loose))[1:] == [*NOTICE[1:], "序号\t任务\t责任单位", "1\t收尾\t市丁局"]


def test_a_page_in_gb18030_and_a_web_archive_are_read() -> None:
    assert body(page().decode().encode("gb18030")) == NOTICE
    archive = (
        b'From: <Saved by a browser>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(page())
        + b"\r\n--x--\r\n"
    )
    assert read(archive, "a.mht").tasks[0].lead == ("市甲局",)


def test_a_page_saved_as_doc_is_read_as_a_page_and_said_so() -> None:
    draft = read(page(), "通知.doc")
    assert draft.problems[0].code == "other_kind"
    assert len(draft.tasks) == 2


def test_a_bare_page_is_all_notice() -> None:
    assert (
        read(f"<html><body>{TEXT}</body></html>".encode(), "a.html").tasks
        == read_text("\n".join(NOTICE[1:])).tasks
    )


@pytest.mark.parametrize("tag", ["div", "table", "p", "span", "td", "ul"])
def test_no_page_is_too_deep(tag: str) -> None:
    opened = open_file((f"<html><body>{TEXT}" + f"<{tag}>甲" * 20000).encode(), "a.html")
    assert "建设平台" in opened.text


def test_no_page_raises() -> None:
    chance = random.Random(7)  # noqa: S311 - places for damage, nothing secret
    whole = page().decode()
    for _ in range(200):
        at = chance.randrange(len(whole))
        cut = (
            whole[:at]
            + chance.choice(["<", ">", "</div>", "<td>", "&", "<!--", "</table>", ""])
            + whole[at + chance.randrange(60) :]
        )
        open_file(("<html>" + cut).encode(), "a.html")
