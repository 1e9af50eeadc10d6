"""JSON to `PortCallNotice` and back; what is wrong is said in both languages with the JSON pointer of its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from kouan.base.exchange.codecs.fal.notice import PortCallNotice
from kouan.base.exchange.codecs.fal.parts import CrewEffect, CrewMember
from kouan.base.exchange.codecs.problem import MOST, CodecError, Fault, Problem
from kouan.kernel.formats import MOST_BYTES
from kouan.kernel.reasons import problems_of
from kouan.kernel.text import Text


def _fault(code: str, rule: str, zh: str, en: str) -> Fault:
    return Fault(f"fal.{code}", rule, Text(zh, en))


SIZE = _fault("size", "RFC 8259", "报文超过{most}字节", "The body is over {most} bytes")
JSON = _fault("json", "RFC 8259", "不是有效的JSON:{found}", "Not valid JSON: {found}")
TIMES = _fault(
    "times", "FAL 1", "离港时间{departure}早于抵港时间{arrival}", "Departure {departure} is before arrival {arrival}"
)
OWNER = _fault(
    "effects.owner", "FAL 4", "船员名单中没有此人，或有多人同名；请填写证件号码",
    "This person is not on the crew list, or several have the name: state the document number",
)
CREW = _fault("crew", "FAL 5", "申报船员{stated}人，名单{listed}人", "{stated} crew stated, {listed} listed")
PASSENGERS = _fault(
    "passengers", "FAL 6", "申报旅客{stated}人，名单{listed}人", "{stated} passengers stated, {listed} listed"
)
DANGEROUS = _fault(
    "dangerous", "FAL 7", "声明未载危险货物，清单却有{listed}项", "No dangerous goods are stated, but {listed} are listed"
)
TWICE = _fault("twice", "FAL 5", "证件{found}在名单中重复", "The document {found} is listed twice")


def read(body: bytes) -> PortCallNotice:
    """The notice of a body. Raises CodecError with every problem; position is a JSON pointer such as /CrewList/2."""
    if len(body) > MOST_BYTES:
        raise SIZE.error("", most=MOST_BYTES)
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        notice = PortCallNotice.model_validate_json(body)
    except ValidationError as wrong:
        raise CodecError(_problems(wrong)) from None
    problems = list(_contradictions(notice))
    if problems:
        raise CodecError(problems)
    return notice


def write(notice: PortCallNotice) -> bytes:
    """The notice as JSON, UTF-8, without what is not stated."""
    return notice.model_dump_json(indent=2, exclude_none=True, exclude_defaults=False).encode()


def schema() -> dict[str, Any]:
    """The JSON Schema of a notice (draft 2020-12)."""
    return PortCallNotice.model_json_schema()


def warnings(notice: PortCallNotice) -> tuple[Problem, ...]:
    """What does not add up but refuses nothing: lists and counts that differ, a person listed twice."""
    found = list(_counts(notice))
    seen: set[str] = set()
    for index, person in enumerate(notice.crew_list):
        number = person.identity_document.number
        if number in seen:
            position = f"/CrewList/{index}/IdentityDocument/Number"
            found.append(TWICE.at(position, "CrewList.IdentityDocument.Number", found=f"…{number[-3:]}"))
        seen.add(number)
    return tuple(found[:MOST])


def _counts(notice: PortCallNotice) -> Iterable[Problem]:
    stated, crew, passengers = notice.persons_onboard, len(notice.crew_list), len(notice.passenger_list)
    if stated is None:
        return
    if crew and crew != stated.number_of_crew:
        yield CREW.at("/CrewList", "PersonsOnboard.NumberOfCrew", stated=stated.number_of_crew, listed=crew)
    if passengers and passengers != stated.number_of_passengers:
        field = "PersonsOnboard.NumberOfPassengers"
        yield PASSENGERS.at("/PassengerList", field, stated=stated.number_of_passengers, listed=passengers)


def _contradictions(notice: PortCallNotice) -> Iterable[Problem]:
    port = notice.port_of_arrival
    if port.arrival_time and port.departure_time and port.departure_time < port.arrival_time:
        said = {"arrival": port.arrival_time.isoformat(), "departure": port.departure_time.isoformat()}
        yield TIMES.at("/PortOfArrival/DepartureTime", "PortOfArrival.DepartureTime", **said)
    yield from _owners(notice)
    if notice.dangerous_goods_cargo_indicator is False and notice.dangerous_goods:
        yield DANGEROUS.at("/DangerousGoods", "DangerousGoods", listed=len(notice.dangerous_goods))


def _owners(notice: PortCallNotice) -> Iterable[Problem]:
    for index, effect in enumerate(notice.dutiable_crew_effects):
        if owner(notice, effect) is None:
            yield OWNER.at(f"/DutiableCrewEffects/{index}", "DutiableCrewEffects.IdentityDocumentNumber")


def owner(notice: PortCallNotice, effect: CrewEffect) -> CrewMember | None:
    """The one member of the crew list whose document, or whose name, a line of the crew's effects states."""
    number = effect.identity_document_number
    found = [
        person for person in notice.crew_list
        if (person.identity_document.number == number if number else _name(person) == _name(effect))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else None


def _name(one: CrewEffect | CrewMember) -> tuple[str, str]:
    return ((one.family_name or "").strip().casefold(), (one.given_name or "").strip().casefold())


def _problems(wrong: ValidationError) -> list[Problem]:
    first = wrong.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return [JSON.at("", "", found=str(first.get("ctx", {}).get("error", "")))]
    found = []
    for error, problem in zip(wrong.errors(include_url=False, include_input=False), problems_of(wrong), strict=False):
        pointer = "".join(f"/{part}" for part in error["loc"])
        found.append(Problem(f"fal.{problem.rule}", problem.field, "ISO 28005-2 / IMO FAL", problem.reason, pointer))
    return found
