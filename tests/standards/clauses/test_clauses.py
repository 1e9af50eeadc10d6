"""The rows of the mission and the headlines of the boards."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from kouan.standards.clauses import api as clauses
from kouan.standards.clauses.build import built

SHARED = Path(os.environ.get("KOUAN_SHARED", Path(__file__).resolve().parents[4] / "shared"))
DATA = Path(clauses.__file__).parent / "data"


def test_all_rows_are_there_once() -> None:
    rows = clauses.all()
    assert len(rows) == 371
    assert len({row.id for row in rows}) == 371
    assert Counter(row.board for row in rows) == {
        "operations": 89, "supervision": 79, "services": 74, "base": 58, "facilities": 35, "cooperation": 20,
        "standards": 8, "assurance": 8}
    assert all(row.capability and row.proof and row.clause for row in rows)


@pytest.mark.parametrize("clause_id", ["H5.1", "H7.2.1a1", "H7.2.1a5", "H7.2.2a", "H7.2.2f", "H7.2.5b2", "H9.1.6c1",
    "H9.2.1b1", "W04", "M14c"])
def test_rows_are_found_by_id(clause_id: str) -> None:
    row = clauses.get(clause_id)
    assert row is not None
    assert row.id == clause_id


def test_the_star_may_be_left_out() -> None:
    assert clauses.get("H12.1") == clauses.get("H12.1*")
    assert clauses.get("H12.1") is not None
    assert clauses.get("H99") is None


def test_sections_of_a_row() -> None:
    rows = {row.id: row for row in clauses.all()}
    assert (rows["H7.2.5b2"].sections, rows["H7.2.5b2"].exact) == (("7.2.5",), True)
    assert rows["H5.1"].sections == ("5.1", "7.1")
    assert (rows["W04"].sections, rows["W04"].exact) == (("9.1.4",), False)


def test_the_wording_of_the_sources_is_not_carried() -> None:
    assert not re.search(r"[⺀-鿿]", (DATA / "mission.csv").read_text(encoding="utf-8"))


def test_every_board_has_headlines_in_its_own_chapter() -> None:
    for chapter, board in enumerate(clauses.BOARDS, start=6):
        topics = clauses.topics(board)
        assert topics
        assert all(topic.clause.split(".")[0] == str(chapter) for topic in topics)
        assert all(topic.title.zh != topic.title.en for topic in topics)
        assert len({topic.clause for topic in topics}) == len(topics)
    assert [topic.clause for topic in clauses.topics("base", depth=2)] == ["7.1", "7.2"]


def test_every_row_stands_under_a_headline_of_some_board() -> None:
    headlines = {topic.clause for board in clauses.BOARDS for topic in clauses.topics(board)}
    in_chapters = [row for row in clauses.all() if row.sections and 6 <= int(row.sections[0].split(".")[0]) <= 13]
    assert len(in_chapters) > 350
    for row in in_chapters:
        assert any(section in headlines or section in ("11", "12", "13") for section in row.sections), row


@pytest.mark.skipif(not (SHARED / "spec/mission.csv").exists(), reason="the shared data are not here")
def test_the_source_gives_the_committed_rows() -> None:
    assert built(SHARED / "spec" / "mission.csv") == (DATA / "mission.csv").read_text(encoding="utf-8")


def test_an_unknown_board_is_a_programmer_s_mistake() -> None:
    with pytest.raises(KeyError):
        clauses.topics("kitchen")


def test_rows_of_a_board() -> None:
    assert {row.board for row in clauses.of_board("standards")} == {"standards"}
    assert len(clauses.of_board("standards")) == 8
