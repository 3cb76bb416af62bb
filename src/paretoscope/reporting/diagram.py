"""Where the dominance diagram's nodes and lines go: a level a storey, dominators below, as a drawing of fixed size."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paretoscope.reporting.wording import count, listing

if TYPE_CHECKING:
    from paretoscope.dominance import Dominance

MOST_MODELS = 30
MOST_LEVELS = 10
_WIDEST = 960
_HEIGHT, _GAP, _STOREY, _MARGIN = 30, 18, 58, 72  # of a node, between nodes, between levels, for the levels' numbers
_LETTER, _LONGEST = 7.6, 30


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
    """Boxes, lines from dominator to dominated (x1, y1, x2, y2), and the height of each level."""

    nodes: list[Node]
    lines: list[tuple[float, float, float, float]]
    levels: list[tuple[int, float]]
    edges: list[tuple[str, str]]
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
    in as many rows as they need.
    """
    groups = _groups(dominance, names)
    owner = {name: members[0] for members in groups for name in members}
    edges = sorted({(owner[a], owner[b]) for a, b in dominance.graph.edges})
    levels: dict[int, list[list[str]]] = {}
    for members in groups:
        levels.setdefault(int(dominance.levels[members[0]]), []).append(members)
    nodes: dict[str, Node] = {}
    storeys: list[tuple[int, float]] = []
    y = 0.0  # upwards; turned round at the end
    for number in sorted(levels):
        rows = _rows(sorted(levels[number], key=lambda members: _middle(members[0], edges, nodes)))
        storeys.append((number, y + _HEIGHT / 2))
        for row in rows:
            taken = sum(_box_width(members) for members in row) + _GAP * (len(row) - 1)
            x = -taken / 2
            for members in row:
                width = _box_width(members)
                nodes[members[0]] = Node(_label(members), members, x, y, width)
                x += width + _GAP
            y += _HEIGHT + _GAP
        y += _STOREY - _GAP
    height = y - _STOREY + _GAP
    left = min(node.x for node in nodes.values()) - _MARGIN
    right = max(node.x + node.width for node in nodes.values())
    placed = {
        name: replace(node, x=round(node.x - left, 1), y=round(height - node.y - _HEIGHT, 1))
        for name, node in nodes.items()
    }
    return Diagram(
        nodes=list(placed.values()),
        lines=[(placed[a].middle, placed[a].y, placed[b].middle, placed[b].y + _HEIGHT) for a, b in edges],
        levels=[(number, round(height - middle, 1)) for number, middle in storeys],
        edges=edges,
        width=round(right - left, 1),
        height=height,
    )


def _groups(dominance: Dominance, names: list[str]) -> list[list[str]]:
    """Models with equal distributions together, everything by rank."""
    together = {name: group for group in dominance.groups for name in group}
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(together.get(name, [name])[0], []).append(name)
    return list(found.values())


def _middle(name: str, edges: list[tuple[str, str]], nodes: dict[str, Node]) -> float:
    centres = [nodes[a].middle for a, b in edges if b == name]
    return sum(centres) / len(centres) if centres else 0.0


def _rows(boxes: list[list[str]]) -> list[list[list[str]]]:
    """Break boxes into rows that fit."""
    rows: list[list[list[str]]] = [[]]
    room = float(_WIDEST - _MARGIN)
    for members in boxes:
        width = _box_width(members) + _GAP
        if rows[-1] and width > room:
            rows.append([])
            room = float(_WIDEST - _MARGIN)
        rows[-1].append(members)
        room -= width
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
