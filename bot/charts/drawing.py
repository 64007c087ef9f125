"""A program that reads a chart as JSON and writes it as a PNG. It imports nothing of ours."""

from __future__ import annotations

import io
import json
import sys
from decimal import Decimal
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

_SUN_PER_TRX = 1_000_000
_PLAIN = "DejaVu Sans"
# Fonts with Chinese in them, as they are called on the systems that have one.
_CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC"),
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Microsoft YaHei", "SimHei", "PingFang SC"),
    *("Heiti SC", "Hiragino Sans GB", "Droid Sans Fallback", "Noto Serif CJK SC"),
)
# Dark enough on white for everybody; blue and orange are told apart by those who see no red.
_ORDERS, _REVENUE, _PROFIT, _LOSS = "#9db8d9", "#c2410c", "#2f6f4f", "#a61b1b"
_INK, _FAINT = "#1f2937", "#d8dde5"
_MOST_LABELS = 12


def main() -> None:
    chart = json.load(sys.stdin)
    words = _words(chart)
    figure = Figure(figsize=(8, 7.2 if chart["pools"] else 4.2), dpi=120, layout="constrained")
    figure.suptitle(words["title"], fontsize=15, color=_INK)
    rows = figure.subplots(2 if chart["pools"] else 1, squeeze=False, height_ratios=_heights(chart))
    _sales(rows[0][0], chart, words)
    if chart["pools"]:
        _pools(rows[1][0], chart, words)
    picture = io.BytesIO()
    figure.savefig(picture, format="png")
    sys.stdout.buffer.write(picture.getvalue())


def _words(chart: dict[str, Any]) -> dict[str, str]:
    """The reader's words, if there is a font that has them; it is set."""
    words: dict[str, str] = chart["words"]
    drawn = "".join([*words.values(), *chart["labels"]])
    fonts = [_PLAIN]
    if not _has(_PLAIN, drawn):
        known = set(font_manager.get_font_names())
        chinese = next((name for name in _CHINESE if name in known and _has(name, drawn)), None)
        if chinese is None:
            words = chart["plain_words"]
        else:
            fonts = [chinese, _PLAIN]
    mpl.rcParams.update(
        {
            "font.family": fonts,
            "axes.edgecolor": _FAINT,
            "axes.labelcolor": _INK,
            "xtick.color": _INK,
            "ytick.color": _INK,
            "text.color": _INK,
        }
    )
    return words


def _has(font: str, text: str) -> bool:
    """Whether a font has every letter of a text."""
    glyphs = font_manager.get_font(font_manager.findfont(font)).get_charmap()
    return all(ord(letter) in glyphs for letter in text if not letter.isspace())


def _heights(chart: dict[str, Any]) -> list[float]:
    return [3, 1 + min(4, len(chart["pools"])) * 0.4] if chart["pools"] else [1]


def _sales(left: Axes, chart: dict[str, Any], words: dict[str, str]) -> None:
    """Orders as bars, revenue as a line with its own scale."""
    labels = chart["labels"]
    places = range(len(labels))
    bars = left.bar(places, chart["orders"], color=_ORDERS, width=0.8, label=words["orders"])
    left.set_ylabel(words["orders"])
    left.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    left.set_ylim(0, max(1, *chart["orders"]) * 1.15)
    right = left.twinx()
    trx = [_trx(sun) for sun in chart["revenue_sun"]]
    (line,) = right.plot(
        places, trx, color=_REVENUE, linewidth=2.2, marker="o", markersize=4, label=words["revenue"]
    )
    right.set_ylabel(words["revenue"], color=_REVENUE)
    right.tick_params(axis="y", colors=_REVENUE)
    right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    right.set_ylim(min(0.0, *trx) * 1.15, max(1.0, *trx) * 1.15)
    every = -(-len(labels) // _MOST_LABELS)
    left.set_xticks(places[::every], labels[::every])
    left.grid(axis="y", color=_FAINT, linewidth=0.8)
    left.set_axisbelow(True)
    left.legend(
        handles=[bars, line],
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        borderaxespad=0.2,
    )
    _open(left)
    _open(right)


def _pools(axes: Axes, chart: dict[str, Any], words: dict[str, str]) -> None:
    """The profit of each pool, the first on top, with the amount beside its bar."""
    names = [name for name, _ in chart["pools"]]
    profits = [sun for _, sun in chart["pools"]]
    places = range(len(names))
    bars = axes.barh(
        places,
        [_trx(sun) for sun in profits],
        color=[_PROFIT if sun >= 0 else _LOSS for sun in profits],
        height=0.6,
    )
    axes.bar_label(bars, [_exact(sun) for sun in profits], padding=4)
    axes.margins(x=0.25)
    axes.axvline(0, color=_INK, linewidth=0.8)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_title(words["pools"], fontsize=12, loc="left")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.grid(axis="x", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    _open(axes)


def _open(axes: Axes) -> None:
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)


def _trx(sun: int) -> float:
    """For the length of a bar; what is written is exact."""
    return sun / _SUN_PER_TRX


def _exact(sun: int) -> str:
    return f"{Decimal(sun) / _SUN_PER_TRX:,.6f}"


if __name__ == "__main__":
    main()
