"""Every error that pydantic can raise is told in both languages, with its field and rule and never with the value."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, create_model
from pydantic_core.core_schema import ErrorType

from kouan.kernel.reasons import problems_of
from kouan.kernel.text import Text

SECRET = "SECRETVALUE"
TRIGGERS: list[tuple[Any, Any]] = [
    (int, SECRET), (int, 1.5), (int, None), (float, SECRET), (float, []), (Decimal, SECRET), (bool, SECRET), (bool, []),
    (datetime, SECRET), (date, SECRET), (time, SECRET), (timedelta, SECRET), (AwareDatetime, "2026-01-01T00:00:00"),
    (date, "2026-01-01T10:00:00Z"), (str, 3), (Annotated[str, Field(max_length=2)], SECRET),
    (Annotated[str, Field(min_length=99)], SECRET), (Annotated[str, StringConstraints(pattern="^a$")], SECRET),
    (Annotated[int, Field(ge=5)], 1), (Annotated[int, Field(gt=5)], 1), (Annotated[int, Field(le=0)], 1),
    (Annotated[int, Field(lt=0)], 1), (Annotated[int, Field(multiple_of=2)], 1), (Literal["a", "b"], SECRET),
    (Enum("E", {"A": "a"}), SECRET), (list[int], SECRET), (tuple[int, ...], SECRET), (dict[str, int], SECRET),
    (Annotated[list[int], Field(min_length=2)], [1]), (Annotated[list[int], Field(max_length=1)], [1, 2]),
    (UUID, SECRET), (bytes, 3), (Annotated[float, Field(allow_inf_nan=False)], float("inf")), (set[int], SECRET),
    (Annotated[Decimal, Field(max_digits=2)], "12345"), (Annotated[Decimal, Field(decimal_places=1)], "1.234"),
]  # fmt: skip


def broken(annotation: Any, value: Any) -> ValidationError:
    model = create_model("M", x=(annotation, ...))
    with pytest.raises(ValidationError) as caught:
        model(x=value)
    return caught.value


@pytest.mark.parametrize(("annotation", "value"), TRIGGERS, ids=str)
def test_an_error_is_told_in_both_languages_without_the_value(annotation: Any, value: Any) -> None:
    (problem, *_) = problems_of(broken(annotation, value))
    assert problem.field.split(".")[0] == "x"
    assert problem.code == f"structure.{problem.rule}"
    assert re.search(r"[\u4e00-\u9fff]", problem.reason.zh)
    assert re.search(r"[A-Za-z]", problem.reason.en)
    assert "{" not in problem.reason.zh + problem.reason.en
    assert "?" not in problem.reason.zh + problem.reason.en
    assert SECRET not in str(problem.out())


def test_no_kind_of_error_falls_through() -> None:
    """Whatever pydantic may name, its text stands in both languages, placeholders filled."""

    class Stub:
        def __init__(self, error: dict[str, Any]) -> None:
            self.one = error

        def errors(self, **_: Any) -> list[dict[str, Any]]:
            return [self.one]

    for kind in get_args(ErrorType):
        error = Stub({"type": kind, "loc": ("x",), "ctx": {}})
        (problem,) = problems_of(error)  # type: ignore[arg-type]  # the shape of pydantic's own
        assert isinstance(problem.reason, Text)
        assert "{" not in problem.reason.zh, kind
        assert re.search(r"[\u4e00-\u9fff]", problem.reason.zh), kind


def test_missing_unknown_and_nested_fields_are_named_by_their_path() -> None:
    class Inner(BaseModel):
        model_config = ConfigDict(extra="forbid")
        n: int

    class Outer(BaseModel):
        items: list[Inner]
        head: str

    with pytest.raises(ValidationError) as caught:
        Outer.model_validate({"items": [{"n": 1}, {"n": SECRET, "other": 1}, SECRET]})
    found = {(p.field, p.rule) for p in problems_of(caught.value)}
    assert found == {
        ("items.1.n", "int_parsing"), ("items.1.other", "extra_forbidden"), ("items.2", "model_type"), ("head", "missing"),
    }  # fmt: skip


def test_at_most_a_hundred_problems_are_told() -> None:
    model = create_model("M", x=(list[int], ...))
    with pytest.raises(ValidationError) as caught:
        model(x=["a"] * 500)
    assert len(problems_of(caught.value)) == 100


def test_a_value_error_of_our_own_is_told_but_not_its_input() -> None:
    problems = problems_of(broken(Annotated[str, Field(pattern="^[0-9]{4}$")], SECRET), prefix="goods.", position="line 3")
    assert problems[0].field == "goods.x"
    assert problems[0].out()["position"] == "line 3"


def test_constraints_stand_in_the_reason() -> None:
    (problem,) = problems_of(broken(Annotated[str, Field(max_length=2)], SECRET))
    assert problem.reason == Text("不得超过 2 个字符", "At most 2 characters")
