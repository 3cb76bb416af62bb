"""Where the dominance diagram's nodes and lines go: a level a storey, dominators below, as a drawing of fixed size."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paretoscope.reporting.wording import count, listing

if TYPE_CHECKING:
    from paretoscope.orders.dominance import Dominance

MOST_MODELS = 30
MOST_LEVELS = 10
_WIDEST = 960
# Of a box; between boxes; between levels; at the left, for the levels' numbers; of a line on its way past a level.
_HEIGHT, _GAP, _STOREY, _MARGIN, _LANE = 30, 18, 58, 72, 4
_LETTER, _LONGEST = 7.6, 30

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Node:
    """A model, or several with equal distributions: where its box is and what it says."""

    label: str
    names: list[str]
    x: float
    y: float
    width: float
    height: float = _HEIGHT

    @property
    def middle(self) -> float:
        """Where lines end."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Diagram:
    """Boxes; edges from dominator to dominated, each with its path in SVG's words; the height of each level."""

    nodes: list[Node]
    edges: list[tuple[Edge, str]]
    levels: list[tuple[int, float]]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a collapsed diagram: its number or range of numbers, and models with their places in the ranking."""

    title: str
    models: list[tuple[int, str]]


def collapse(dominance: Dominance, names: list[str]) -> list[Level]:
    """List the models, given by rank, level by level, the admissible ones last; levels beyond the tenth are one."""
    last = int(dominance.levels.max())
    by_level: dict[int, list[tuple[int, str]]] = {}
    for position, name in enumerate(names):
        by_level.setdefault(min(int(dominance.levels[name]), MOST_LEVELS + 1), []).append((position, name))
    found = []
    for number in sorted(by_level, reverse=True):
        what = f"Levels {number} to {last}" if number > MOST_LEVELS and last > number else f"Level {number}"
        admissible = ", admissible" if number == 1 else ""
        found.append(Level(f"{what}{admissible}: {count(len(by_level[number]), 'model')}", by_level[number]))
    return found


def draw(dominance: Dominance, names: list[str]) -> Diagram:
    """Lay out the diagram of models that are given by rank.

    Models with equal distributions share a box.  A level's boxes stand in the order of the middle of their dominators,
    in as many rows as they need.  A line that passes a level takes a place in it, like a box, so that it runs beside
    the others and not behind them.
    """
    members = {group[0]: group for group in _groups(dominance, names)}
    owner = {name: first for first, group in members.items() for name in group}
    level = {first: int(dominance.levels[first]) for first in members}
    edges = sorted({(owner[a], owner[b]) for a, b in dominance.graph.edges})
    placed: dict[tuple[str | Edge, int], Node] = {}  # boxes by name, lanes by edge
    storeys: dict[int, tuple[float, float]] = {}

    def below(edge: Edge, number: int) -> float:
        """Where an edge comes from, seen from a level."""
        return (placed.get((edge, number - 1)) or placed[edge[0], level[edge[0]]]).middle

    y = 0.0  # upwards; turned round at the end
    for number in sorted(set(level.values())):
        into = {first: [edge for edge in edges if edge[1] == first] for first in members if level[first] == number}
        wanted: dict[str | Edge, float] = {
            first: sum(below(edge, number) for edge in found) / max(1, len(found)) for first, found in into.items()
        }
        wanted |= {edge: below(edge, number) for edge in edges if level[edge[0]] < number < level[edge[1]]}
        boxes = [
            Node(_label(members[key]), members[key], 0.0, 0.0, _box_width(members[key]))
            if isinstance(key, str)
            else Node("", [], 0.0, 0.0, _LANE)
            for key in wanted
        ]
        order = sorted(zip(wanted.values(), wanted, boxes, strict=True), key=lambda item: item[0])
        start = y
        for row in _rows([(key, box) for _, key, box in order]):
            x = -sum(box.width + _GAP for _, box in row) / 2
            for key, box in row:
                placed[key, number] = replace(box, x=x, y=y)
                x += box.width + _GAP
            y += _HEIGHT + _GAP
        storeys[number] = (start, y - _GAP)
        y += _STOREY - _GAP

    height = max(top for _, top in storeys.values())
    left = min(node.x for node in placed.values()) - _MARGIN
    turned = {
        place: replace(node, x=round(node.x - left, 1), y=round(height - node.y - _HEIGHT, 1))
        for place, node in placed.items()
    }
    spans = {number: (height - bottom, height - top) for number, (bottom, top) in storeys.items()}
    return Diagram(
        nodes=[node for node in turned.values() if node.names],
        edges=[((a, b), _path((a, b), level, turned, spans)) for a, b in edges],
        levels=[(number, bottom - _HEIGHT / 2) for number, (bottom, _) in spans.items()],
        width=round(max(node.x + node.width for node in turned.values()), 1),
        height=height,
    )


def _path(
    edge: Edge,
    level: dict[str, int],
    placed: dict[tuple[str | Edge, int], Node],
    spans: dict[int, tuple[float, float]],
) -> str:
    """Write a line from the top of a box, past the levels between, to the bottom of another."""
    a, b = edge
    x, y = placed[a, level[a]].middle, placed[a, level[a]].y
    words = [f"M{x} {y}"]
    last = placed[b, level[b]]
    stops = [(placed[edge, number].middle, *spans[number]) for number in range(level[a] + 1, level[b])]
    for to_x, bottom, top in [*stops, (last.middle, last.y + _HEIGHT, last.y + _HEIGHT)]:
        words.append(f"C{x} {y - 24} {to_x} {bottom + 24} {to_x} {bottom}V{top}")
        x, y = to_x, top
    return "".join(words)


def _groups(dominance: Dominance, names: list[str]) -> list[list[str]]:
    """Models with equal distributions together, everything by rank."""
    together = {name: group for group in dominance.groups for name in group}
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(together.get(name, [name])[0], []).append(name)
    return list(found.values())


def _rows(boxes: list[tuple[str | Edge, Node]]) -> list[list[tuple[str | Edge, Node]]]:
    """Break what stands on a level into rows that fit."""
    rows: list[list[tuple[str | Edge, Node]]] = [[]]
    room = float(_WIDEST - _MARGIN)
    for key, box in boxes:
        if rows[-1] and box.width + _GAP > room:
            rows.append([])
            room = float(_WIDEST - _MARGIN)
        rows[-1].append((key, box))
        room -= box.width + _GAP
    return rows


def _label(members: list[str]) -> str:
    if len(members) == 1:
        return shorten(members[0])
    whole = " = ".join(members)
    return whole if len(whole) <= 2 * _LONGEST else shorten(listing(members, most=2), 2 * _LONGEST)


def shorten(name: str, longest: int = _LONGEST) -> str:
    """Cut the middle out of a name that is too long: variants differ at the end."""
    if len(name) <= longest:
        return name
    head = (longest - 1) // 2
    return f"{name[:head]}…{name[head + 1 - longest :]}"


def _box_width(members: list[str]) -> float:
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in _label(members))
    return round(_LETTER * (len(_label(members)) + wide) + 20, 1)
