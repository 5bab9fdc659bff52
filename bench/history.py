"""The figures of each version, as `bench/history/` keeps them: how they are kept, checked, and drawn.

What is kept of an operation is what it costs in *floors*: in GETs of httpx's own client over a transport that does
nothing, measured in the same run. Both are one thread that computes, so that machine and load hardly matter; what it
costs in Starlette's client, which waits for threads, varies by half from run to run, and is kept to be read alone.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from asgi_lockstep._httpx import CHOICE

FOLDER = Path(__file__).parent / "history"
#: Where `make bench-keep` draws, and `make bench`.
DRAWING = Path(__file__).parent.parent / "docs" / "performance.svg"
SKETCH = Path(__file__).parent.parent / ".bench" / "performance.svg"

#: From how much worse than kept on a check fails.
WORSE = 1.25


@dataclass(frozen=True)
class Kept:
    """What is kept of one run.

    Args:
        version: of the package.
        python: the Python, without its last number.
        library: the HTTP library that the clients stand on.
        ratios: the figure of each row, by its title: of the minima, and of the medians.
        floors: what each operation of ours costs in floors, by the title of its row.
    """

    version: str
    python: str
    library: str
    ratios: Mapping[str, tuple[float, float]]
    floors: Mapping[str, float]

    @property
    def file(self) -> Path:
        """Where it is kept."""
        return FOLDER / f"{self.version}-{self.library}-python{self.python}.json"


def now(ratios: Mapping[str, tuple[float, float]], floors: Mapping[str, float]) -> Kept:
    """The figures of this package, here."""
    python = ".".join(platform.python_version_tuple()[:2])
    return Kept(version("asgi-lockstep"), python, CHOICE.name, ratios, floors)


def keep(kept: Kept) -> None:
    """Keep them, in place of others of the same version."""
    rounded = asdict(kept)
    rounded["ratios"] = {title: [round(figure, 3) for figure in figures] for title, figures in kept.ratios.items()}
    rounded["floors"] = {title: round(figure, 3) for title, figure in kept.floors.items()}
    FOLDER.mkdir(exist_ok=True)
    kept.file.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")


def all_kept() -> list[Kept]:
    """All that is kept, the oldest version first."""
    found = [Kept(**json.loads(file.read_text(encoding="utf-8"))) for file in FOLDER.glob("*.json")]
    return sorted(found, key=lambda kept: [int(part) if part.isdigit() else -1 for part in kept.version.split(".")])


def worse(found: Kept, than: Kept) -> dict[str, tuple[float, float]]:
    """The operations that cost more than `than` allows: what they cost in floors, and what is kept."""
    return {
        title: (cost, than.floors[title])
        for title, cost in found.floors.items()
        if title in than.floors and cost > WORSE * than.floors[title]
    }


# The drawing.

_ROW, _LEFT, _WIDTH = 26, 290, 420


def draw(versions: Iterable[Kept], file: Path) -> None:
    """Draw what each operation costs in floors, a bar for each version, the newest one dark."""
    kept = list(versions)
    titles = list(kept[-1].floors)
    longest = max(figure for each in kept for figure in each.floors.values())
    height = 8 + len(titles) * _ROW
    size = f'width="{_LEFT + _WIDTH + 90}" height="{height + 24}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">']
    parts.append('<rect width="100%" height="100%" fill="white"/>')
    for number, title in enumerate(titles):
        top = 8 + number * _ROW
        parts.append(f'<text x="{_LEFT - 8}" y="{top + 14}" text-anchor="end">{title.replace("<", "&lt;")}</text>')
        for place, each in enumerate(kept):
            if title in each.floors:
                parts += _bar(each.floors[title], longest, top, place, len(kept))
    names = ", ".join(each.version for each in kept)
    told = f"cost in floors, on a scale of square roots; versions: {names}"
    parts += [f'<text x="{_LEFT}" y="{height + 14}" fill="#666">{told}</text>', "</svg>"]
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _bar(figure: float, longest: float, top: float, place: int, places: int) -> list[str]:
    """The bar of one version, and the figure beside that of the newest."""
    is_newest, height = place == places - 1, (_ROW - 8) / places
    width, fill = max(1.0, _WIDTH * (figure / longest) ** 0.5), "#1f5f8b" if is_newest else "#c8d6df"
    at = f'x="{_LEFT}" y="{top + place * height:.1f}" width="{width:.1f}" height="{height:.1f}"'
    bar = [f'<rect {at} fill="{fill}"/>']
    if is_newest:
        bar.append(f'<text x="{_LEFT + width + 6:.1f}" y="{top + 14}" fill="#1f5f8b">{figure:.2f}</text>')
    return bar
