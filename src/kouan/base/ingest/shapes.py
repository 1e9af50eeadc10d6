"""Shapes of the extraction's doors, for OpenAPI."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kouan.kernel.http.problems import BothLanguages

PLACE = r"^(/[^\x00]*|[A-Za-z0-9._-]+:[0-9]{1,5})$"


class GuessOut(BaseModel):
    """What a column of a sample probably is."""

    name: str
    type: str
    empty: float
    different: int
    examples: list[str]
    identifier: str
    steps: list[dict[str, Any]]


class InferOut(BaseModel):
    """A sample's columns, a mapping that is suggested, and its first rows."""

    rows: int
    columns: list[GuessOut]
    mapping: list[dict[str, Any]]
    sample: list[dict[str, Any]]


class TryIn(BaseModel):
    """A source as it would be filed, and a sample as text (`sample`) or in base64 (`sample_base64`)."""

    model_config = ConfigDict(extra="forbid")
    definition: dict[str, Any]
    name: str = Field(default="", max_length=200)
    sample: str | None = Field(default=None, max_length=4 << 20)
    sample_base64: str | None = Field(default=None, max_length=12 << 20)


class TryOut(BaseModel):
    """What a source would make of a sample."""

    counts: dict[str, int]
    rows: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    unreadable: list[dict[str, Any]]
    causes: dict[str, int]


class RunOut(BaseModel):
    """How a run does. `scores`: of each class the share of rows without a fault of it, in per cent."""

    id: UUID
    source: UUID
    code: str
    name: str
    state: str
    created: str
    ended: str | None
    pieces: int
    counts: dict[str, int]
    causes: dict[str, int]
    scores: dict[str, float]
    error: BothLanguages | None
    owner: str
    sender: str | None


class CauseOut(BaseModel):
    """A rule that rows did not hold, in words, and how many of them."""

    rule: str
    count: int
    field_title: BothLanguages
    title: BothLanguages


class RunToldOut(RunOut):
    """A run with its source and causes in words; `aside`: of the rows set aside how many are in each state."""

    title: str
    kind: str
    target: str
    target_title: BothLanguages | None
    aside: dict[str, int]
    why: list[CauseOut]
    columns: list[dict[str, Any]]


class RunsOut(BaseModel):
    """Runs of a source, newest first."""

    items: list[RunOut]


class LastOut(BaseModel):
    """The last run of a source in short, with what refused most rows."""

    id: UUID
    state: str
    created: str
    ended: str | None
    error: BothLanguages | None
    counts: dict[str, int]
    why: list[CauseOut]


class SourceOut(BaseModel):
    """A source with its last run and when the next is due. `entered`: whether a credential is kept, which no door shows."""

    id: UUID
    version: int
    code: str
    name: str
    kind: str
    format: str
    target: str
    target_title: BothLanguages | None
    sender: str | None
    every_minutes: int | None
    active: bool
    entered: bool
    last: LastOut | None
    next: str | None


class SourcesOut(BaseModel):
    """The sources of the caller's organisation."""

    items: list[SourceOut]


class AsideOut(BaseModel):
    """A run with rows set aside: whose it is, who sent its data, how many rows are in each state."""

    id: UUID
    code: str
    title: str
    file: str
    target: str
    target_title: BothLanguages | None
    created: str
    owner: str
    sender: str | None
    own: bool
    aside: dict[str, int]


class AsidesOut(BaseModel):
    """Runs with rows set aside, newest first."""

    items: list[AsideOut]


class RowsOut(BaseModel):
    """Rows of a run; the next page begins behind as many as there were."""

    items: list[dict[str, Any]]


class PieceOut(BaseModel):
    """What lies in the staging area of one piece."""

    source: str
    item: str
    at: str
    rows: int


class StagedOut(BaseModel):
    """The staging area of a run."""

    items: list[PieceOut]


class UploadOut(BaseModel):
    """An upload and how many bytes of it have come."""

    id: UUID
    size: int


class CheckOut(BaseModel):
    """Whether a source can be reached and read now: its first item, how many rows its first piece has, and its columns."""

    ok: bool
    took_ms: int
    item: str
    rows: int
    columns: list[str]
    reason: BothLanguages | None


class LookIn(BaseModel):
    """A source as it would be filed, and how it is entered. `source`: one that is kept, whose credential is used where none is given
    and its kind, address and host key are unchanged."""

    model_config = ConfigDict(extra="forbid")
    definition: dict[str, Any]
    source: UUID | None = None
    user: str = Field(default="", max_length=200, pattern=r"^[^\x00]*$")
    password: str = Field(default="", max_length=2000, pattern=r"^[^\x00]*$")


class LookOut(CheckOut):
    """What a look at a source found: its first rows, what they are, a mapping, and with one stated what would become of them."""

    found: InferOut | None
    trial: TryOut | None


class SettleIn(BaseModel):
    """What becomes of a row: repaired by `data` and checked again, released as it is, returned to its sender, or dropped."""

    model_config = ConfigDict(extra="forbid")
    action: Literal["repair", "release", "return", "drop"]
    data: dict[str, str] = Field(default={}, max_length=200)
    note: str = Field(default="", max_length=400, pattern=r"^[^\x00]*$")


class SettledOut(BaseModel):
    """What became of a row."""

    run: UUID
    piece: int
    row: int
    state: str


class CredentialIn(BaseModel):
    """How the platform enters a source; it is sealed and shown to nobody again."""

    model_config = ConfigDict(extra="forbid")
    user: str = Field(max_length=200, pattern=r"^[^\x00]*$")
    password: str = Field(max_length=2000, pattern=r"^[^\x00]*$")


class AllowIn(BaseModel):
    """A place that sources may reach: `host:port`, or a folder of the platform's machine."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"place": "tos.example:5432", "reason": "TOS of the terminal"}})
    place: str = Field(max_length=300, pattern=PLACE)
    reason: str = Field(min_length=1, max_length=400, pattern=r"^[^\x00]*$")


class AllowedOut(BaseModel):
    """A place that sources may reach, why, and who allowed it."""

    place: str
    reason: str
    by: str
    at: str


class AllAllowedOut(BaseModel):
    """All places that sources may reach."""

    items: list[AllowedOut]
