"""GET /api/receipts/{id}/answer: the answer to a filed message in the message's own standard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query
from starlette.datastructures import Headers
from starlette.responses import Response

from kouan.base.exchange.service import answering, wco_answer
from kouan.kernel.http.deps import Caller, ThePort
from kouan.kernel.http.problems import RESPONSES
from kouan.kernel.http.records import business

router = APIRouter(tags=["base.exchange"], responses=RESPONSES)
Language = Annotated[str, Header(alias="Accept-Language", max_length=200)]


def language_of(accepted: str) -> Literal["zh", "en"]:
    """The language of reasons in a message that holds one only: English unless the caller asks for Chinese first."""
    return "zh" if accepted.strip().lower().startswith("zh") else "en"


def in_edifact(headers: Headers, body: bytes) -> bool:
    """Whether an interchange is answered by CONTRL and APERAK: as `Accept` says; where it names neither, as the body was sent.

    A body was sent as EDIFACT when its Content-Type says so, or when it begins with UNA or UNB.
    """
    asked = dict(_weighed(headers.get("accept", "")))
    edifact = asked.get(answering.MEDIA, 0.0)
    json = max((weight for media, weight in asked.items() if media.endswith(("/json", "+json"))), default=0.0)
    if edifact or json:
        return edifact >= json
    sent = headers.get("content-type", "").partition(";")[0].strip().lower()
    return sent == answering.MEDIA or body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"UNA", b"UNB"))


def _weighed(accept: str) -> Iterator[tuple[str, float]]:
    """The media types of an Accept header with their weights (RFC 9110, 12.5.1); a weight that is none counts as 0."""
    for part in accept.lower().split(","):
        media, *options = (piece.strip() for piece in part.split(";"))
        stated = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            yield media, float(stated)
        except ValueError:
            yield media, 0.0


@router.get(
    "/api/receipts/{id}/answer", response_class=Response, summary="The answer to a message, in the message's standard",
    responses={200: {
        "content": {answering.MEDIA: {}, wco_answer.MEDIA: {}},
        "description": "CONTRL and APERAK as they were given, or the WCO responses so far",
    }},
)  # fmt: skip
async def answer(
    id: Annotated[UUID, Path(description="A receipt, or the quarantine number of a refused message")],
    who: Caller,
    port: ThePort,
    format: Annotated[Literal["edifact", "wco"], Query()],
    accept_language: Language = "",
) -> Response:
    """EDIFACT is answered as it was at the door, to its sender alone; a declaration by its notices up to now."""
    business(who)
    if format == "wco":
        body = await wco_answer.answer(port, who, id, language_of(accept_language))
        return Response(body, media_type=wco_answer.MEDIA, headers={"Cache-Control": "no-store"})
    media, body = await answering.fetched(port, who, id)
    return Response(body, media_type=media, headers={"Cache-Control": "no-store"})
