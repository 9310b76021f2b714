"""Draws one chart: JSON of its content on standard input, a picture on standard output.

A program of its own (see `chart`), and so without imports of ours. Bars are horizontal, because names of
units are long; the scale begins at zero, because lengths are compared; the value stands at the bar's end,
because nobody should have to read an axis. One hue for the subject, grey for the rest.
"""

from __future__ import annotations

import importlib.util
import io
import json
import math
import sys
import warnings
from pathlib import Path
from typing import Any

INK, SECONDARY, MUTED, REST, SUBJECT, LINE = "#1f2933", "#52606d", "#7b8794", "#bcc6d0", "#1f5fbf", "#d9e2ec"
FONT = "Noto Sans SC"
ROW_INCHES, HEAD_INCHES, TITLE_INCHES, PANEL_INCHES, FOOT_INCHES = 0.27, 0.46, 0.42, 4.8, 0.1
NAMES_INCHES, VALUES_INCHES = 2.2, 0.6  # left of the bars: place and name; right of them: the value
BAR_HEIGHT = 0.62
CHANGE_INCHES, AFTER_INCHES = 6.4, 2.6
UP: dict[str, Any] = {"color": "#1f4e79", "linewidth": 2.2, "solid_capstyle": "round"}
DOWN: dict[str, Any] = {"color": "#a61b1b", "linewidth": 1.5, "linestyle": (0, (4, 2))}
STAYS: dict[str, Any] = {"color": REST, "linewidth": 1.0}
POINT_INCHES, LABELS_INCHES, AXIS_INCHES = (
    0.95,
    2.7,
    0.75,
)  # of a trend: a period, names at the end, the scale
CELL_INCHES, COLUMN_ROOM = 0.78, 6  # of a heat map: a cell's width, characters of a heading's line
BAND = "#e4e8ed"
NAME_ROOM = 14  # Chinese characters of a unit's name that are drawn; the page's table has the whole


def main() -> None:
    """Read the content, draw, write."""
    picture = sys.argv[1] if len(sys.argv) > 1 else "svg"
    content = json.load(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8"))
    warnings.showwarning = _say_warning
    sys.stdout.buffer.write(draw(content, picture))


def draw(content: dict[str, Any], picture: str) -> bytes:
    """The chart in the format `svg` or `png`."""
    import matplotlib as mpl

    _set_up(mpl)
    drawings = {"ChangeChart": _changes, "TrendChart": _trend, "HeatChart": _heat}
    figure = drawings.get(content.get("kind", ""), _ranking)(content)
    buffer = io.BytesIO()
    # Without date and version the same content gives the same bytes.
    metadata = {"Date": None, "Creator": "Dukao", "Title": content["title"]} if picture == "svg" else {}
    figure.savefig(buffer, format=picture, metadata=metadata, dpi=160 if picture == "png" else 110)
    return buffer.getvalue()


def _new_figure(title: str, width: float, height: float) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110, facecolor="white")
    figure.text(0.12 / width, 1 - 0.12 / height, title, fontsize=13, color=INK, va="top")
    return figure


def _ranking(content: dict[str, Any]) -> Any:
    panels = [panel for panel in content["panels"] if panel["bars"]]
    columns = max(1, min(int(content["columns"]), len(panels)))
    bands = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [HEAD_INCHES + ROW_INCHES * max(len(panel["bars"]) for panel in band) for band in bands]
    width, height = PANEL_INCHES * columns, TITLE_INCHES + sum(heights) + FOOT_INCHES
    figure = _new_figure(content["title"], width, height)
    has_subject = any(bar["is_subject"] for panel in panels for bar in panel["bars"])
    top = height - TITLE_INCHES
    for band, tall in zip(bands, heights, strict=True):
        for position, panel in enumerate(band):
            bars = ROW_INCHES * len(panel["bars"])
            left, bottom = position * PANEL_INCHES + NAMES_INCHES, top - HEAD_INCHES - bars
            across = PANEL_INCHES - NAMES_INCHES - VALUES_INCHES
            axes = figure.add_axes((left / width, bottom / height, across / width, bars / height))
            _draw_panel(axes, panel, content, has_subject=has_subject)
        top -= tall
    return figure


def _set_up(mpl: Any) -> None:
    from matplotlib import font_manager

    mpl.rcParams.update({
        "font.family": "sans-serif", "font.sans-serif": [FONT, "DejaVu Sans"], "axes.unicode_minus": False,
        "svg.fonttype": "path", "svg.hashsalt": "dukao", "font.size": 9,
    })  # fmt: skip
    found = importlib.util.find_spec("zhplot")  # found, not imported: it would load pyplot
    if found is not None and found.submodule_search_locations:
        manager = font_manager.fontManager
        # The kept list may name files that are gone (a font removed, the product moved): at the first of them the
        # library makes its list anew and forgets what was added, and Chinese becomes boxes.
        manager.ttflist = [one for one in manager.ttflist if one.name != FONT and Path(one.fname).exists()]
        manager.addfont(Path(found.submodule_search_locations[0]) / "fonts/NotoSansSC-Regular.ttf")


def _draw_panel(axes: Any, panel: dict[str, Any], content: dict[str, Any], *, has_subject: bool) -> None:
    bars = panel["bars"]
    totals = [float(bar["total"]) if bar["total"] is not None else 0.0 for bar in bars]
    colours = [SUBJECT if bar["is_subject"] or not has_subject else REST for bar in bars]
    axes.barh(range(len(bars)), totals, height=BAR_HEIGHT, color=colours)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, max([float(content["full"]), *totals]))
    axes.set_axis_off()
    points = axes.get_yaxis_transform()
    for row, bar in enumerate(bars):
        bold = bar["is_subject"]
        ink = INK if bar["total"] is not None else MUTED
        place = "—" if bar["place"] is None else str(bar["place"])
        axes.annotate(place, (0, row), xycoords=points, xytext=(-138, 0), textcoords="offset points",
                      ha="right", va="center", color=SECONDARY, fontsize=8.5)  # fmt: skip
        axes.annotate(_shortened(bar["unit"]), (0, row), xycoords=points, xytext=(-130, 0), textcoords="offset points",
                      ha="left", va="center", color=SUBJECT if bold else ink, fontsize=8.8)  # fmt: skip
        value = content["without_total"] if bar["total"] is None else f"{float(bar['total']):.2f}"
        axes.annotate(value, (totals[row], row), xytext=(4, 0), textcoords="offset points",
                      ha="left", va="center", color=SUBJECT if bold else ink, fontsize=8.8)  # fmt: skip
    axes.plot([0, 0], [-0.5, len(bars) - 0.5], color=LINE, linewidth=0.8, clip_on=False)
    axes.annotate(panel["name"], (0, 1), xycoords="axes fraction", xytext=(-149, 6), textcoords="offset points",
                  ha="left", va="bottom", color=INK, fontsize=10.5)  # fmt: skip
    axes.annotate(panel["note"], (1, 1), xycoords="axes fraction", xytext=(0, 6), textcoords="offset points",
                  ha="right", va="bottom", color=SECONDARY, fontsize=8.5)  # fmt: skip


def _changes(content: dict[str, Any]) -> Any:
    """Two columns of names in the order of their places, the same unit joined by a line."""
    panels = [panel for panel in content["panels"] if panel["units"]]
    columns = max(1, min(int(content["columns"]), len(panels)))
    bands = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    heights = [0.75 + ROW_INCHES * max(len(panel["units"]) for panel in band) for band in bands]
    width, height = CHANGE_INCHES * columns, TITLE_INCHES + sum(heights) + FOOT_INCHES
    figure = _new_figure(content["title"], width, height)
    top = height - TITLE_INCHES
    for band, tall in zip(bands, heights, strict=True):
        for position, panel in enumerate(band):
            rows = ROW_INCHES * len(panel["units"])
            left, bottom = position * CHANGE_INCHES + NAMES_INCHES, top - 0.75 - rows
            across = CHANGE_INCHES - NAMES_INCHES - AFTER_INCHES
            axes = figure.add_axes((left / width, bottom / height, across / width, rows / height))
            _draw_changes(axes, panel, content)
        top -= tall
    return figure


def _draw_changes(axes: Any, panel: dict[str, Any], content: dict[str, Any]) -> None:
    units = panel["units"]
    order = sorted(range(len(units)), key=lambda at: (units[at]["before"], units[at]["after"], at))
    left = {at: row for row, at in enumerate(order)}
    order = sorted(range(len(units)), key=lambda at: (units[at]["after"], units[at]["before"], at))
    right = {at: row for row, at in enumerate(order)}
    axes.set_xlim(0, 1)
    axes.set_ylim(len(units) - 0.5, -0.5)
    axes.set_axis_off()
    for at, unit in enumerate(units):
        won = unit["before"] - unit["after"]
        # Told apart without colour: solid and thick up, dashed down, thin where the place stays.
        look = UP if won > 0 else DOWN if won < 0 else STAYS
        axes.plot([0, 1], [left[at], right[at]], clip_on=False, **look)
        ink = INK if won else SECONDARY
        axes.annotate(f"{_shortened(unit['unit'])}  {unit['before']}", (0, left[at]), xytext=(-6, 0),
                      textcoords="offset points", ha="right", va="center", color=ink, fontsize=8.8)  # fmt: skip
        moved = f"  ▲{won}" if won > 0 else f"  ▼{-won}" if won < 0 else ""
        axes.annotate(f"{unit['after']}  {_shortened(unit['unit'])}{moved}", (1, right[at]), xytext=(6, 0),
                      textcoords="offset points", ha="left", va="center", color=ink, fontsize=8.8)  # fmt: skip
    for place, side, text in ((0, "right", content["before"]), (1, "left", content["after"])):
        axes.annotate(text, (place, 1), xycoords="axes fraction", xytext=(-6 if side == "right" else 6, 4),
                      textcoords="offset points", ha=side, va="bottom", color=SECONDARY, fontsize=8.5)  # fmt: skip
    name = f"{panel['name']}　{panel['note']}" if panel["note"] else panel["name"]
    axes.annotate(name, (0, 1), xycoords="axes fraction", xytext=(-149, 22), textcoords="offset points",
                  ha="left", va="bottom", color=INK, fontsize=10.5)  # fmt: skip


def _trend(content: dict[str, Any]) -> Any:
    """Scores and places over periods; the names stand at the lines' ends, spread so that all can be read."""
    panels, periods = content["panels"], content["periods"]
    columns = max(1, min(int(content["columns"]), len(panels)))
    bands = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    # A panel about one unit is as tall as a picture, one about many as tall as its names.
    tall = [max(2.1, *(ROW_INCHES * len(panel["lines"]) for panel in band)) for band in bands]
    across = max(1.6, POINT_INCHES * len(periods))
    wide = AXIS_INCHES + across + LABELS_INCHES
    heights = [0.62 + rows + 0.62 for rows in tall]
    width, height = wide * columns, TITLE_INCHES + sum(heights)
    figure = _new_figure(content["title"], width, height)
    top = height - TITLE_INCHES
    for band, rows, used in zip(bands, tall, heights, strict=True):
        for position, panel in enumerate(band):
            left, bottom = position * wide + AXIS_INCHES, top - 0.62 - rows
            axes = figure.add_axes((left / width, bottom / height, across / width, rows / height))
            _draw_trend(axes, panel, periods, rows)
        top -= used
    return figure


def _draw_trend(axes: Any, panel: dict[str, Any], periods: list[str], rows: float) -> None:
    count = len(periods)
    axes.set_xlim(-0.3, count - 0.7)
    axes.set_xticks(range(count), periods, fontsize=8, color=SECONDARY)
    axes.tick_params(length=0, labelsize=8, labelcolor=SECONDARY, pad=6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.grid(axis="y", color="#eef1f4", linewidth=0.8)
    axes.set_axisbelow(True)
    _scale(axes, panel)
    ends = _draw_band(axes, panel)
    for one in panel["lines"]:
        values = _numbers(one["values"])
        look = {**UP, "marker": "o", "markersize": 6} if panel["subject"] else {**_look_of(panel, values)}
        axes.plot(range(count), values, clip_on=False, zorder=3, **look)
        for at, said in enumerate(one["labels"]):
            if said and not math.isnan(values[at]):
                axes.annotate(said, (at, values[at]), xytext=(0, 8), textcoords="offset points", ha="center",
                              va="bottom", color=SUBJECT, fontsize=8.8, zorder=4)  # fmt: skip
        last = values[-1]
        if not math.isnan(last) and not panel["subject"]:
            said = f"{last:.0f}" if panel["places"] else f"{last:.2f}"
            ends.append((last, f"{said}  {_shortened(one['unit'])}", INK))
    _name_ends(axes, ends, count, rows)
    name = f"{panel['name']}　{panel['note']}" if panel["note"] else panel["name"]
    axes.annotate(name, (0, 1), xycoords="axes fraction", xytext=(-46, 16), textcoords="offset points",
                  ha="left", va="bottom", color=INK, fontsize=10.5)  # fmt: skip


def _scale(axes: Any, panel: dict[str, Any]) -> None:
    from matplotlib.ticker import MaxNLocator

    lines = [one["values"] for one in panel["lines"]] + [panel["low"], panel["high"]]
    known = [float(value) for values in lines for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = max((high - low) * 0.12, 0.5)
    if panel["places"]:
        last = max(int(high), 2)
        axes.set_yticks(sorted({1, last, *range(5, last - 2, 5)}) if last > 5 else range(1, last + 1))
        axes.set_ylim(last + 0.5, 0.5)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.set_ylim(low - room, high + room)


def _numbers(values: list[Any]) -> list[float]:
    """Numbers as drawn; a missing one is a gap."""
    return [float("nan") if value is None else float(value) for value in values]


def _look_of(panel: dict[str, Any], values: list[float]) -> dict[str, Any]:
    """Better at the end than at the beginning: solid and thick; worse: dashed; else thin. Told apart without colour."""
    known = [value for value in values if not math.isnan(value)]
    won = (known[-1] - known[0]) * (-1 if panel["places"] else 1) if known else 0
    look = UP if won > 0 else DOWN if won < 0 else STAYS
    return {**look, "marker": "o", "markersize": 3.5}


def _draw_band(axes: Any, panel: dict[str, Any]) -> list[tuple[float, str, str]]:
    """The group's least to greatest, its median dashed; what is to be written at its end."""
    if not any(value is not None for value in panel["low"]):
        return []
    low, middle, high = (_numbers(panel[name]) for name in ("low", "middle", "high"))
    at = range(len(low))
    axes.fill_between(at, low, high, color=BAND, linewidth=0, zorder=1)
    for value in (low, high):
        axes.plot(at, value, color=REST, linewidth=0.9, zorder=2)
    axes.plot(at, middle, color=SECONDARY, linewidth=1.2, linestyle=(0, (2, 2)), zorder=2)
    named = ((high, "组内最高"), (middle, "组内中位"), (low, "组内最低"))
    return [
        (value[-1], f"{value[-1]:.2f}  {name}", SECONDARY)
        for value, name in named
        if not math.isnan(value[-1])
    ]


def _name_ends(axes: Any, ends: list[tuple[float, str, str]], count: int, rows: float) -> None:
    """Each name beside its line's end, moved apart where ends lie together and joined by a thin line."""
    low, high = sorted(axes.get_ylim())
    least = (high - low) * ROW_INCHES * 0.9 / rows
    order = sorted(ends, key=lambda end: end[0])
    placed = _apart([value for value, _, _ in order], least, low, high)
    for (value, said, ink), where in zip(order, placed, strict=True):
        axes.plot(
            [count - 1, count - 0.78], [value, where], color=REST, linewidth=0.7, clip_on=False, zorder=1
        )
        axes.annotate(said, (count - 0.76, where), xytext=(3, 0), textcoords="offset points", ha="left", va="center",
                      color=ink, fontsize=8.8, annotation_clip=False)  # fmt: skip


def _apart(values: list[float], least: float, low: float, high: float) -> list[float]:
    """Rising values moved apart by at least `least` and as little as can be; neighbours in the way move together."""
    runs: list[tuple[float, int]] = []  # the lowest place of a run of names, and how many
    for value in values:
        runs.append((value, 1))
        while len(runs) > 1 and runs[-1][0] < runs[-2][0] + runs[-2][1] * least:
            (upper, more), (lower, some) = runs.pop(), runs.pop()
            # The run's middle is the mean of where its names would like to stand.
            wish = (lower * some + (upper - some * least) * more) / (some + more)
            runs.append((wish, some + more))
    found = [start + number * least for start, count in runs for number in range(count)]
    room = high - least * (len(found) - 1)
    return [min(max(place, low + at * least), room + at * least) for at, place in enumerate(found)]


def _heat(content: dict[str, Any]) -> Any:
    """A cell for each unit and indicator: the darker, the more points are lost; figures say it without colour."""
    from matplotlib.patches import Rectangle

    titles, rows = [_broken(title) for title in content["columns"]], content["rows"]
    head = 0.24 + 0.16 * max((title.count("\n") + 1 for title in titles), default=1)
    across, tall = CELL_INCHES * len(titles), ROW_INCHES * len(rows)
    width = NAMES_INCHES + max(across, 3.6) + 0.3
    bottom = 0.8 if content["note"] else 0.58
    height = TITLE_INCHES + head + tall + bottom
    figure = _new_figure(content["title"], width, height)
    axes = figure.add_axes((NAMES_INCHES / width, bottom / height, across / width, tall / height))
    axes.set_xlim(0, len(titles))
    axes.set_ylim(len(rows), 0)
    axes.set_axis_off()
    for x, title in enumerate(titles):
        axes.annotate(title, (x + 0.5, 0), xytext=(0, 5), textcoords="offset points", ha="center", va="bottom",
                      color=SECONDARY, fontsize=8, linespacing=1.15, annotation_clip=False)  # fmt: skip
    for y, row in enumerate(rows):
        axes.annotate(_shortened(row["unit"]), (0, y + 0.5), xytext=(-8, 0), textcoords="offset points", ha="right",
                      va="center", color=INK, fontsize=8.8, annotation_clip=False)  # fmt: skip
        for x, share in enumerate(row["shares"]):
            ground, ink = _shade(share)
            hatch = "////" if share is None else None
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=ground, edgecolor=REST if hatch else "white",
                                     linewidth=0 if hatch else 1.2, hatch=hatch))  # fmt: skip
            if share is not None:
                axes.annotate(
                    str(share), (x + 0.5, y + 0.5), ha="center", va="center", color=ink, fontsize=8.8
                )
    note = "格内为得分占该项满分的百分比，颜色越深失分越多；斜线为不适用。"
    said = f"{note}\n{content['note']}" if content["note"] else note
    figure.text(0.12 / width, 0.16 / height, said, fontsize=8.5, color=SECONDARY, linespacing=1.5)
    return figure


def _shade(share: int | None) -> tuple[str, str]:
    """Ground and ink of a cell: one blue from nearly white at 100 to dark at 0, so that greys keep the order."""
    if share is None:
        return "#ffffff", MUTED
    part = 1 - max(0, min(share, 100)) / 100
    light, dark = (0xF4, 0xF7, 0xFB), (0x12, 0x35, 0x5B)
    mixed = [round(a + (b - a) * part) for a, b in zip(light, dark, strict=True)]
    return "#{:02x}{:02x}{:02x}".format(*mixed), "white" if part > 0.42 else INK


def _broken(title: str) -> str:
    """A heading in lines of a few characters, three at most."""
    lines, used = [""], 0.0
    for character in title:
        wide = 0.55 if character.isascii() else 1.0
        if used + wide > COLUMN_ROOM:
            lines.append("")
            used = 0.0
        lines[-1] += character
        used += wide
    return "\n".join(lines if len(lines) <= 3 else [*lines[:2], lines[2][:-1] + "…"])


def _shortened(name: str) -> str:
    """The name if it fits before the bars, else its beginning with an ellipsis."""
    widths = [0.6 if character.isascii() else 1.0 for character in name]
    if sum(widths) <= NAME_ROOM:
        return name
    kept = [position for position in range(len(name)) if sum(widths[: position + 1]) <= NAME_ROOM - 1]
    return name[: len(kept)] + "…"


def _say_warning(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    sys.stderr.write(f"{category.__name__}: {message}\n")


if __name__ == "__main__":
    main()
