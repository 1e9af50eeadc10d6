"""The FAL data sets on their way out, JSON and workbook: what was read is written back, to whom may see it."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouan.base.exchange.codecs.fal.forms import FORMS
from kouan.base.exchange.codecs.sheet.book import read_book
from kouan.base.exchange.formats.imo_fal.mapping import CALL, PERSON
from kouan.base.exchange.outgoing import BELOW, Fact, Unwritable, forms_of, written
from kouan.base.exchange.outgoing.fal import ALONE
from kouan.kernel.formats import Format, Submission, format_named
from kouan.kernel.records import record_type
from kouan_sim import identifiers
from tests.base.conftest import load
from tests.conftest import Running

load()
AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)
FORMATS = {"fal": "imo-fal", "fal-xlsx": "imo-fal-xlsx"}
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 张-'", min_size=1, max_size=20).map(str.strip).filter(bool)
NUMBERS = st.from_regex(r"[A-Z][A-Z0-9]{2,8}", fullmatch=True)
PORTS = st.sampled_from(("KRPUS", "CNWHH", "JPOSA"))
DAYS = st.dates(date(1950, 1, 1), date(2030, 1, 1)).map(date.isoformat)
MOMENTS = st.integers(0, 10**6).map(lambda s: (AT + timedelta(seconds=s)).isoformat())
AMOUNTS = st.integers(0, 99_999).map(lambda n: n / 8)
HEALTH = ("ValidShipSanitationControlCertificate", "VisitedInfectedArea", "PersonDied", "InfectionConditionOnBoard", "StowawaysFound",
          "SickAnimal")  # fmt: skip
BOXES = st.sampled_from(("MSKU9070323", "CSQU3054383"))


def some(wanted: dict[str, Any], more: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries(wanted, optional=more), max_size=3)


def persons(more: dict[str, Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    document = st.fixed_dictionaries(
        {"Type": st.sampled_from(("passport", "identity-card")), "Number": NUMBERS},
        optional={"IssuingCountry": st.just("PH"), "ExpiryDate": DAYS},
    )
    one = st.fixed_dictionaries(
        {"FamilyName": NAMES, "GivenName": NAMES, "Nationality": st.just("CN"), "DateOfBirth": DAYS, "IdentityDocument": document, **more},
        optional={"Gender": st.sampled_from(("male", "female")), "PlaceOfBirth": NAMES, "VisaNumber": NUMBERS},
    )
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda person: person["IdentityDocument"]["Number"])


YES = st.booleans()
NOTICES = st.fixed_dictionaries(
    {
        "ShipID": st.fixed_dictionaries(
            {"ShipName": NAMES, "IMONumber": st.just("9321483"), "FlagState": st.just("CN")}, optional={"CallSign": st.just("BWHS")}
        ),
        "VoyageNumber": NUMBERS, "PersonsOnboard": st.just({"NumberOfCrew": 3, "NumberOfPassengers": 2}),
        "PortOfArrival": st.fixed_dictionaries({"UNLoCode": PORTS, "ArrivalTime": MOMENTS}),
    },
    optional={
        "GrossTonnage": AMOUNTS, "ArrivalDraught": st.just(10.4), "LastPortOfCall": PORTS.map(lambda port: {"UNLoCode": port}),
        "CallPurpose": st.lists(st.sampled_from(("loading", "crew-change", "waste")), unique=True), "CargoOverview": NAMES,
        "BerthArrival": st.just({"FacilityCode": "CNWHH/BERTH/B1"}), "Agent": NAMES.map(lambda name: {"Company": name}),
        "Carrier": st.just({"Company": "CARRIER", "CompanyId": "CARRIER"}), "MasterName": NAMES,
        "CargoDeclaration": some({"CargoDescription": NAMES}, {
            "TransportDocumentNumber": NUMBERS, "TransportEquipment": BOXES, "NumberOfPackages": st.integers(0, 99), "GrossMass": AMOUNTS,
            "PackageType": st.just("CT"), "HSCode": st.just("620342"), "PortOfLoading": PORTS, "Measurement": AMOUNTS}),
        "ShipStore": some({"ArticleName": NAMES, "Quantity": AMOUNTS, "UnitCode": st.just("LTR")}, {"OnboardLocation": NAMES}),
        "DangerousGoods": some({"UNNumber": st.just("0336"), "UNClass": st.just("1.4G"), "ProperShippingName": NAMES, "Mass": AMOUNTS}, {
            "SubsidiaryRisks": st.lists(st.sampled_from(("3", "6.1")), max_size=2), "PackingGroup": st.sampled_from(("I", "II", "III")),
            "FlashPoint": st.integers(-99, 99), "MarinePollutant": YES, "TransportEquipment": BOXES, "OnboardLocation": NAMES}),
        "HealthData": st.fixed_dictionaries(dict.fromkeys(HEALTH, st.booleans()), optional={
            "NumberOfDeaths": st.integers(0, 9), "Remarks": NAMES, "MedicalConsulted": YES}),
        "Security": st.fixed_dictionaries({"CurrentShipSecurityLevel": st.sampled_from((1, 2, 3))}, optional={
            "HasSecurityPlan": YES, "CertificateNumber": NUMBERS, "CertificateExpiryDate": DAYS, "SecurityOtherMattersToReport": NAMES,
            "LastPortCalls": some({"UNLoCode": PORTS}, {"Facility": NAMES, "ArrivalDate": DAYS, "ShipSecurityLevel": st.just(2)}),
            "ShipToShipActivities": some({"Location": NAMES}, {"FromDate": DAYS, "Activity": NAMES})}),
        "WasteInformation": st.fixed_dictionaries({"WasteDelivery": st.sampled_from(("all", "none"))}, optional={
            "LastDeliveryPort": PORTS, "LastDeliveryDate": DAYS,
            "WasteItem": some({"WasteType": NAMES, "AmountToBeDelivered": AMOUNTS}, {"RetainedAmount": AMOUNTS})}),
        "PassengerList": persons({"EmbarkationPort": PORTS, "Transit": YES}),
    },
)  # fmt: skip


def drafts(body: bytes, code: str) -> list[tuple[str, dict[str, Any]]]:
    format_ = format_named(code)
    assert isinstance(format_, Format)
    (part,) = format_.read(body, record="", office="").parts
    assert isinstance(part, Submission)
    return [(d.record, dict(d.data)) for d in part.drafts]


def records(body: bytes, code: str) -> list[tuple[str, dict[str, Any]]]:
    return [(record, record_type(record).model_validate(data).model_dump(mode="json")) for record, data in drafts(body, code)]


def kept(told: list[tuple[str, dict[str, Any]]]) -> Fact:
    """The call as it is kept, with what is filed beside it."""
    (_, call), *rest = told
    below: dict[str, list[dict[str, Any]]] = {}
    for record, data in rest:
        below.setdefault(record, []).append(data)
    return Fact(CALL, "portcall:X", 1, call, "CNWHH", "agent", "01a20204-80ef-7cce-8153-d3e37e78fc1f", AT, below)


@settings(max_examples=25, deadline=None)
@given(NOTICES, persons({"Duty": NAMES}), st.booleans())
def test_what_was_read_is_written_back_as_json_and_as_workbook(notice: dict[str, Any], crew: list[dict[str, Any]], master: bool) -> None:
    told = {**notice, "CrewList": crew, "DutiableCrewEffects": [
        {"IdentityDocumentNumber": crew[-1]["IdentityDocument"]["Number"], "ArticleName": "Camera", "Quantity": 1, "UnitCode": "C62"}]}
    if master:
        told["MasterDocument"] = crew[0]["IdentityDocument"]["Number"]
    sent = records(json.dumps(told).encode(), "imo-fal")
    for form, code in FORMATS.items():
        again = records(written(form, kept(sent)).body, code)
        assert sorted(again, key=repr) == sorted(sent, key=repr), form


def test_a_list_goes_by_itself_under_its_call() -> None:
    lines = [{"article": "Spirits", "quantity": 2.5, "unit": "LTR", "location": "Bonded store"}]
    data = {"call": "portcall:CNWHH/VESSEL:IMO:9321483/2611E", "lines": lines}
    for form, code in FORMATS.items():
        alone = Fact("base.portcall.ship_stores", "shipstores:X", 1, data, "CNWHH", "agent", "0" * 36, AT)
        (_, call), (record, stores) = drafts(written(form, alone).body, code)
        assert (call["port"], call["vessel"], call["voyage"]) == ("CNWHH", "vessel:imo:9321483", "2611E")
        assert (record, stores["lines"]) == ("base.portcall.ship_stores", lines)
    assert all({"fal", "fal-xlsx"} <= set(forms_of(record)) for record in (CALL, *ALONE))
    assert len(BELOW["fal", CALL]) == 7
    with pytest.raises(Unwritable):
        written("fal-xlsx", Fact(CALL, "x:1", 1, {"vessel": "vessel:BWHS", "voyage": "1", "port": "CNWHH"}, "A", "B", "0" * 36, AT))


def test_each_party_is_handed_what_it_may_see(platform: Running) -> None:
    voyage, number, family = secrets.token_hex(4).upper(), f"E{secrets.randbelow(10**8):08}", f"TESTER{secrets.token_hex(3).upper()}"
    ship = identifiers.imo_number(900_000 + secrets.randbelow(90_000))
    told = {
        "ShipID": {"ShipName": "FAL OUT", "IMONumber": ship, "FlagState": "CN"}, "VoyageNumber": voyage,
        "PortOfArrival": {"UNLoCode": "CNWHH", "ArrivalTime": (datetime.now(UTC) + timedelta(days=2)).isoformat()},
        "PersonsOnboard": {"NumberOfCrew": 1}, "MasterName": "SECRET MASTER", "CrewList": [{
            "FamilyName": family, "GivenName": "SAMPLE", "Nationality": "CN", "DateOfBirth": "1975-01-01", "Duty": "Master",
            "IdentityDocument": {"Type": "passport", "Number": number}}],
        "DutiableCrewEffects": [{"IdentityDocumentNumber": number, "ArticleName": "Camera", "Quantity": 1, "UnitCode": "C62"}],
        "ShipStore": [{"ArticleName": "Spirits", "Quantity": 3, "UnitCode": "LTR"}],
        "HealthData": dict.fromkeys(HEALTH, False),
    }  # fmt: skip
    with platform.client("agent") as agent:
        filed = agent.post("/api/intake/imo-fal", content=json.dumps(told).encode())
        assert filed.status_code == 201, filed.text
        call = next(one["id"] for one in filed.json()["records"] if one["record"] == CALL)

    def handed(org: str, form: str = "fal") -> Any:
        with platform.client(org) as client:
            answer = client.get(f"/api/messages/{CALL}/{call}", params={"form": form})
            assert answer.status_code == 200, (org, answer.text)
            return answer

    border, customs, terminal = (handed(org) for org in ("border", "customs", "terminal"))
    (seen,) = border.json()["CrewList"]
    assert (seen["FamilyName"], seen["DateOfBirth"], seen["Duty"]) == (family, "1975-01-01", "Master")
    assert customs.json()["CrewList"] == [{"Nationality": "CN", "Duty": "Master"}]
    assert customs.json()["ShipStore"][0]["ArticleName"] == "Spirits"
    assert customs.json()["DutiableCrewEffects"][0]["ArticleName"] == "Camera"
    assert not {"CrewList", "ShipStore", "HealthData", "PersonsOnboard", "MasterName"} & set(terminal.json())
    for answer in (customs, terminal, handed("customs", "fal-xlsx")):
        text = "".join(str(cell) for sheet in read_book(answer.content, most=100) for row in sheet.rows for cell in row) if (
            answer.content[:2] == b"PK") else answer.text  # fmt: skip
        assert not [word for word in (family, number, "1975-01-01", "SECRET MASTER") if word in text]
    sheets = read_book(handed("border", "fal-xlsx").content, most=100)
    assert [sheet.name for sheet in sheets] == [form.sheet for form in FORMS]
    assert family in str([sheet.rows for sheet in sheets if sheet.name.startswith("FAL5")])
    with platform.client("trader") as stranger:
        assert stranger.get(f"/api/messages/{CALL}/{call}", params={"form": "fal"}).status_code == 404
    assert PERSON in BELOW["fal-xlsx", CALL]
