import json
import subprocess
import sys
from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from supervisor.documents import chart
from supervisor.documents.chart import CHILD, ChartFailed, draw_chart, fingerprint
from supervisor.documents.content import Bar, ChartContent, ChartPanel

NAMES = (
    "硚口区人民政府",
    "璠城街道办事处",
    "槺林风景区管理委员会",
    "东湖新技术开发区管理委员会（试点）",
    "A & <B> 公司",
)


def content(units: int = 5, subject: int | None = 1) -> ChartContent:
    bars = tuple(
        Bar(
            NAMES[i] if i < len(NAMES) else f"第{i}街道办事处",
            Decimal("98.50") - i if i < units - 1 else None,
            i + 1 if i < units - 1 else None,
            is_subject=i == subject,
        )
        for i in range(units)
    )
    return ChartContent(
        "2021年第二季度考核得分", (ChartPanel("区", bars), ChartPanel("企业", bars[:2], "少于3个不排名"))
    )


@pytest.fixture(scope="module")
def svg() -> str:
    return draw_chart(content()).decode()


def colour_of_bars(svg: str) -> list[str]:
    return [
        line.split("fill: ")[1][:7] for line in svg.splitlines() if "clip-path" in line and "fill: #" in line
    ]


def test_a_chart_is_a_picture_without_text_that_needs_a_font(svg: str) -> None:
    root = ET.fromstring(svg)  # noqa: S314 -- our own child drew it
    assert root.tag.endswith("svg")
    assert "<text" not in svg
    assert svg.count("<use ") > 40  # outlines of glyphs


def test_one_hue_marks_the_subject_and_grey_the_rest(svg: str) -> None:
    colours = colour_of_bars(svg)
    assert len(colours) == 7
    assert colours.count("#1f5fbf") == 2  # the subject stands in both panels
    assert len(set(colours)) == 2


def test_without_a_subject_all_bars_have_one_hue() -> None:
    assert set(colour_of_bars(draw_chart(content(subject=None)).decode())) == {"#1f5fbf"}


def test_a_list_of_fonts_that_names_files_that_are_gone_makes_no_boxes(svg: str, tmp_path: Path) -> None:
    draw_chart(content(), cache=tmp_path)
    (kept,) = tmp_path.glob("fontlist-*.json")
    fonts = json.loads(kept.read_text(encoding="utf-8"))
    gone = {**fonts["ttflist"][0], "name": "Noto Sans SC", "fname": "/nowhere/NotoSansSC-Regular.ttf"}
    fonts["ttflist"].insert(0, gone)
    kept.write_text(json.dumps(fonts), encoding="utf-8")
    assert draw_chart(content(), cache=tmp_path).decode() == svg


def test_the_same_content_gives_the_same_bytes_and_name(svg: str) -> None:
    assert draw_chart(content()).decode() == svg
    assert fingerprint(content()) == fingerprint(content())
    assert fingerprint(content()) != fingerprint(replace(content(), title="另一题"))


@pytest.mark.parametrize("units", [5, 41])
def test_every_glyph_is_there(units: int) -> None:
    drawn = subprocess.run(
        [sys.executable, "-W", "error", str(CHILD), "png"],
        input=json.dumps(asdict(content(units)), default=str).encode(),
        capture_output=True,
        check=False,
    )
    assert (drawn.returncode, drawn.stderr.decode()) == (0, "")
    assert drawn.stdout.startswith(b"\x89PNG")


def test_a_missing_glyph_is_told_and_the_chart_still_drawn(caplog: pytest.LogCaptureFixture) -> None:
    odd = ChartContent("𒀀", (ChartPanel("区", (Bar("市", Decimal(1), 1),)),))
    assert draw_chart(odd)
    assert "missing" in caplog.text


def test_a_chart_without_units_is_an_empty_picture() -> None:
    assert draw_chart(ChartContent("尚无得分", ())).startswith(b"<?xml")


def test_a_failure_says_the_last_line_of_the_child() -> None:
    broken = replace(content(), full="much")  # type: ignore[arg-type] # what a programming error looks like
    with pytest.raises(ChartFailed, match="ValueError"):
        draw_chart(broken)


def test_a_slow_drawing_is_given_up() -> None:
    with pytest.raises(ChartFailed, match=r"longer than 0\.01 seconds"):
        draw_chart(content(), timeout=0.01)
    assert chart._ONE_CHILD.acquire(blocking=False)
    chart._ONE_CHILD.release()


def test_a_second_chart_waits_for_the_first_no_longer_than_told() -> None:
    with chart._ONE_CHILD, pytest.raises(ChartFailed, match="another chart"):
        draw_chart(content(), timeout=0.05)


def test_the_child_learns_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUKAO_DATABASE_URL", "postgresql://secret")
    assert not any(name.startswith("DUKAO") for name in chart._environment(None))
