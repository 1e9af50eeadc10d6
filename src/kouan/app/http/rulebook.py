"""All rules that the platform asks, with the rule packs that are installed: who brought a rule, and in which version."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.responses import Response

from kouan.app import registry
from kouan.app.packs import Pack
from kouan.kernel.http.deps import Caller
from kouan.kernel.http.problems import RESPONSES, BothLanguages
from kouan.kernel.http.shapes import reply
from kouan.kernel.rules import Rule
from kouan.kernel.words import every

router = APIRouter(tags=["meta"], responses=RESPONSES)
RISK, CUSTOMS = "target", "customs"
"""What customs looks for is for customs to see."""


class PackOut(BaseModel):
    """A package that brings rules: its entry point's name, the package's name and version, the codes of its rules."""

    name: str
    package: str
    version: str
    rules: list[str]


class RuleOut(BaseModel):
    """A rule. `at`: the moment at which it is asked; `of`: the record type; `pack`: the package that brought it, null for the house's.

    `within_seconds`: how long it may take until it holds, from the filing.
    """

    code: str
    at: str
    of: str
    title: BothLanguages
    clause: str
    severity: str
    owner: str
    within_seconds: int | None
    pack: str | None
    version: str | None


class RulesOut(BaseModel):
    """The packs installed and the rules asked for, in order of their codes."""

    packs: list[PackOut]
    rules: list[RuleOut]


@router.get("/api/rules", response_model=RulesOut, operation_id="rules", summary="All rules, and who brought them")
async def rules(
    who: Caller, of: Annotated[str, Query(max_length=120)] = "", at: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """The rules of a record type (`of`) and a moment (`at`), all without them; rules of risk are told to customs only."""
    return reply(listed(of, at, risk=who.kind == CUSTOMS))


def listed(of: str, at: str, *, risk: bool) -> dict[str, Any]:
    """Packs and rules as the route tells them."""
    packs = registry.installed()
    brought = {code: pack for pack in packs for code in pack.rules}
    shown = [rule for rule in every(Rule) if (not of or rule.of == of) and (not at or rule.at == at) and (risk or rule.at != RISK)]
    hidden = {rule.code for rule in every(Rule) if not risk and rule.at == RISK}
    told = [{**pack.out(), "rules": [code for code in pack.rules if code not in hidden]} for pack in packs]
    return {"packs": told, "rules": [_shape(rule, brought.get(rule.code)) for rule in shown]}


def _shape(rule: type[Rule], pack: Pack | None) -> dict[str, Any]:
    return {
        "code": rule.code, "at": rule.at, "of": rule.of, "title": rule.title.out(), "clause": rule.clause, "severity": rule.severity,
        "owner": rule.owner, "within_seconds": int(rule.within.total_seconds()) if rule.within else None,
        "pack": pack.package if pack else None, "version": pack.version if pack else None,
    }  # fmt: skip
