"""Draws one chart: JSON of its content on standard input, a picture on standard output.

A program of its own (see `chart`), and so without imports of ours. Bars are horizontal, because names of
units are long; the scale begins at zero, because lengths are compared; the value stands at the bar's end,
because nobody should have to read an axis. One hue for the subject, grey for the rest.
"""

from __future__ import annotations

import importlib.util
import io
import json
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
    figure = {"ChangeChart": _changes}.get(content.get("kind", ""), _ranking)(content)
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
