"""Passwords, roles, clearances and names."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouan.base.identity import rules
from kouan.base.identity.service import passwords
from kouan.kernel.principal import ADMINS, ROLES


@pytest.mark.parametrize(
    "password",
    [
        "short-9x", "password1234", "P@ssw0rd2026!", "qwertyuiop123", "aaaaaaaaaaaaaa", "abcdefghijklmnop",
        "1234567890123", "administrator!!", "KouanPort2026", "customs-officer-1", "haiguan123456", "135792468013579",
        "zhongguo8888", "x" * 400,
    ],
)  # fmt: skip
def test_weak_passwords_are_refused(password: str) -> None:
    problem = rules.password_problem(password, ("officer", "customs"))
    assert problem is not None
    assert problem.zh != problem.en


@pytest.mark.parametrize(
    "password", ["correct horse battery", "Lm4-vT9q-zRw2", "海上明月共潮生,天涯共此时", "Kx7!passport-jade", "ｌｏｎｇ－ｗｉｄｅ－ｊａｄｅ"]
)  # fmt: skip
def test_good_passwords_pass(password: str) -> None:
    assert rules.password_problem(password, ("officer", "customs")) is None


def test_own_name_is_no_password() -> None:
    assert rules.password_problem("liweiliwei-77!", ()) is None
    assert rules.password_problem("liweiliwei-77!", ("liwei",)) is not None


@given(st.text(max_size=300))
def test_any_text_gets_a_verdict(text: str) -> None:
    problem = rules.password_problem(text, ("someone",))
    assert problem is not None or len(rules.normal(text)) >= rules.SHORTEST


def test_one_time_passwords_obey_the_rules() -> None:
    for made in (passwords.one_time() for _ in range(200)):
        assert len(made) == 16
        assert rules.password_problem(made, ("officer", "customs")) is None


def test_every_set_of_roles_with_an_administrator_beside_others_is_refused() -> None:
    for size in range(len(ROLES) + 1):
        for roles in itertools.combinations(ROLES, size):
            mixed = bool(ADMINS & set(roles)) and len(roles) > 1
            assert rules.separated(roles) is not mixed, roles


def test_officers_belong_to_authorities() -> None:
    assert rules.roles_problem(["officer"], "customs") is None
    assert rules.roles_problem(["officer"], "trader") is not None
    assert rules.roles_problem(["clerk", "viewer"], "trader") is None
    assert rules.roles_problem(["king"], "customs") is not None


def test_default_clearances() -> None:
    assert [rules.default_clearance([role]) for role in ROLES] == [3, 2, 2, 2, 2, 1, 2]
    assert rules.default_clearance([]) == 2
    assert rules.default_clearance(["viewer", "officer"]) == 3


@pytest.mark.parametrize("name", ["a", "Li.Wei", "service:auto", "x" * 65, "two words", ""])
def test_names_that_cannot_be(name: str) -> None:
    assert rules.name_problem(name) is not None


def test_names_that_can_be() -> None:
    assert all(rules.name_problem(n) is None for n in ("li.wei", "ops-7", "a.b@c.example"))
    assert rules.slug_problem("north-lines") is None
    assert rules.slug_problem("9901") is not None
    assert rules.code_problem("9901") is None
    assert rules.code_problem("wanghai") is not None
