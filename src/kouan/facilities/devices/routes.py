"""The doors of devices: the live list, one device, its credentials, commands to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from kouan.facilities.devices import service
from kouan.facilities.devices.classes import DeviceClass
from kouan.facilities.devices.records import Command
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import ItemOut, business, read_one, reply

router = APIRouter(prefix="/api/devices", tags=["facilities.devices"], responses=RESPONSES)
Code = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400, pattern=r"^[^\x00]*$")]


class LastOut(BaseModel):
    """The newest reading of a metric; `at` in microseconds since 1970, UTC."""

    metric: str
    value: float
    at: int
    unit: str


class DeviceOut(BaseModel):
    """A device and how it does. `last` is empty when the caller's clearance does not reach its data; `causes`: `refused` in words."""

    id: UUID
    ref: str
    seq: int
    code: str
    name: dict[str, str]
    kind: str
    kind_title: dict[str, str]
    driver: str
    driver_title: dict[str, str]
    place: str | None
    lane: str | None
    lon: float | None
    lat: float | None
    owner: str
    state: str
    keep_alive_s: int
    online: bool
    since: datetime | None
    seen_at: datetime | None
    why: str
    messages: int
    readings: int
    refused: dict[str, int]
    causes: list[dict[str, Any]]
    account: bool
    poll_s: float | None
    maker: str
    model: str
    born_at: datetime | None
    died_at: datetime | None
    calibration_due: datetime | None
    metrics: list[dict[str, Any]]
    simulated: bool
    last: list[LastOut]


class DevicesOut(BaseModel):
    """Devices in order of registration; `next`: ask for those behind by `after`."""

    items: list[DeviceOut]
    online: int
    next: int | None


class AccountOut(BaseModel):
    """A device's credentials for the broker, told this once; the topics that it may use."""

    user: str
    password: str
    made_at: datetime
    publish: list[str]
    subscribe: list[str]


class LoginIn(BaseModel):
    """How the platform enters the device's own server. By OPC UA without encryption the password goes over the line as it is."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"user": "kouan", "password": "of-the-server"}})
    user: Name
    password: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class CommandIn(BaseModel):
    """What the device shall do: a value for a writable metric, or a text where it takes one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"metric": "setpoint", "value": -18}})
    metric: Name
    value: float | None = Field(default=None, allow_inf_nan=False)
    text: Words = ""
    timeout_s: int = Field(default=10, ge=1, le=300)


@router.get("", response_model=DevicesOut, operation_id="devices", summary="Devices and how they do")
async def listing(
    who: Caller, port: ThePort, kind: DeviceClass | None = None,
    lane: Annotated[str, Query(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")] = "",
    place: Annotated[str, Query(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")] = "",
    online: Literal["", "yes", "no"] = "", after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Response:  # fmt: skip
    """Devices that the caller may see: whether each is online, since when, and its newest readings."""
    business(who)
    stated = {"kind": kind, "lane": lane and _ref("lane", lane.lower()), "place": place and _ref("place", place.upper())}
    found = await service.devices(port, who, {name: value for name, value in stated.items() if value}, after=after, limit=limit)
    shown = [one for one in found if online == "" or one["online"] == (online == "yes")]
    following = found[-1]["seq"] if len(found) == limit else None
    return reply({"items": shown, "online": sum(one["online"] for one in shown), "next": following})


@router.get("/{code}", response_model=DeviceOut, operation_id="device", summary="One device")
async def one(code: Code, who: Caller, port: ThePort) -> Response:
    """One device and how it does."""
    business(who)
    return reply(await service.device(port, who, code))


@router.post("/{code}/credentials", response_model=AccountOut, operation_id="device_credentials", summary="New credentials")
async def give(code: Code, who: Caller, port: ThePort) -> Response:
    """New credentials for a device in use, by its owner; the former ones end at once. The password is shown this once."""
    business(who)
    return reply(await service.give_account(port, who, code))


@router.delete("/{code}/credentials", status_code=204, operation_id="device_credentials_end", summary="End credentials")
async def take(code: Code, who: Caller, port: ThePort) -> Response:
    """The device enters no more, until its owner gives it new credentials."""
    business(who)
    await service.take_account(port, who, code)
    return Response(status_code=204)


@router.put("/{code}/login", status_code=204, response_class=Response, operation_id="device_login", summary="How the platform signs in")
async def login(code: Code, told: LoginIn, who: Caller, port: ThePort) -> Response:
    """User and password for a device's own server (OPC UA), by its owner. They are kept encrypted and shown to nobody."""
    business(who)
    await service.give_login(port, who, code, told.user, told.password)
    return Response(status_code=204)


@router.delete("/{code}/login", status_code=204, response_class=Response, operation_id="device_no_login", summary="Sign in no more")
async def no_login(code: Code, who: Caller, port: ThePort) -> Response:
    """The platform enters the device's server as nobody in particular from now on."""
    business(who)
    await service.take_login(port, who, code)
    return Response(status_code=204)


@router.post("/{code}/commands", response_model=ItemOut, status_code=201, operation_id="device_command", summary="Command a device")
async def command(code: Code, asked: CommandIn, who: Caller, port: ThePort) -> Response:
    """Ask a device of one's own to do something; the answer is the kept command, whose state tells whether the device confirmed."""
    business(who)
    kept = await service.command(port, who, code, asked.metric, asked.value, asked.text, asked.timeout_s)
    found: dict[str, Any] = await read_one(port, who, Command, UUID(str(kept.id)))
    return reply(found, 201)


def _ref(kind: str, value: str) -> str:
    return value if value.lower().startswith(f"{kind}:") else f"{kind}:{value}"
