"""What others may import: the rows of the mission, and the headlines of each board."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from kouan.kernel.text import Text
from kouan.standards.clauses.model import Clause, Topic

__all__ = ["BOARDS", "Clause", "Topic", "all", "get", "of_board", "topics"]

BOARDS = ("facilities", "base", "operations", "supervision", "services", "cooperation", "standards", "assurance")


def all() -> tuple[Clause, ...]:
    """All rows of the mission, in its order."""
    return tuple(_clauses().values())


def get(clause_id: str) -> Clause | None:
    """The row of an id such as `H7.2.5b2`; the star of rows without surviving text may be left out."""
    rows = _clauses()
    return rows.get(clause_id) or rows.get(f"{clause_id}*")


def of_board(board: str) -> tuple[Clause, ...]:
    """The rows of one board."""
    return tuple(row for row in all() if row.board == board)


def topics(board: str, depth: int = 3) -> tuple[Topic, ...]:
    """The headlines of a board down to a depth (2: `6.1`; 3: `6.8.1`); KeyError for an unknown board."""
    return tuple(topic for topic in _topics()[board] if topic.depth <= depth)


@cache
def _clauses() -> dict[str, Clause]:
    found = (Clause(row["id"], row["board"], row["clause"], bool(row["exact"]), row["capability"], row["proof"])
             for row in _rows("mission.csv"))
    return {clause.id: clause for clause in found}


@cache
def _topics() -> dict[str, tuple[Topic, ...]]:
    found = [Topic(row["board"], row["clause"], Text(row["zh"], row["en"])) for row in _rows("topics.csv")]
    return {board: tuple(topic for topic in found if topic.board == board) for board in BOARDS}


def _rows(name: str) -> Iterator[dict[str, str]]:
    return csv.DictReader(files(__package__).joinpath("data", name).read_text(encoding="utf-8").splitlines())
