"""Writers of answers as agencies' own systems send them (模拟): WCO responses, CUSRES and APERAK.

Plain text writers of the simulators' own: no parser or writer of the platform takes part. Bytes are UTF-8, times UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from kouan_sim import edi

_META, _RES = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2", "urn:wco:datamodel:WCO:RES-DMS:2"
_DATES = "urn:wco:datamodel:WCO:Response_DS:DMS:2"
_FUNCTIONS: Mapping[str, str] = {"accepted": "01", "received": "02", "rejected": "03"}
_INDICATORS: Mapping[str, str] = {"accepted": "1", "rejected": "2"}
_RELEASED = str.maketrans({"?": "??", "'": "?'", "+": "?+", ":": "?:"})
_LINE = 70


@dataclass(frozen=True, slots=True)
class Said:
    """What an agency says of a document: `document` is the number that its sender gave it, `number` the agency's own for it."""

    code: str
    reference: str
    document: str
    number: str
    at: datetime
    reason: str = ""


def wco_response(said: Said) -> bytes:
    """A WCO response (RES) to a goods declaration: accepted, received, or rejected with its error."""
    stamp = f'<ds:DateTimeString formatCode="304">{said.at.astimezone(UTC):%Y%m%d%H%M%S}Z</ds:DateTimeString>'
    rejected = said.code == "rejected"
    error = f"<Error><Description>{escape(said.reason[:512])}</Description><ValidationCode>SIM0001</ValidationCode></Error>"
    declaration = [
        f"<AcceptanceDateTime>{stamp}</AcceptanceDateTime>" if said.code == "accepted" else "",
        f"<FunctionalReferenceID>{escape(said.document)}</FunctionalReferenceID>", f"<ID>{escape(said.number)}</ID>",
        f"<RejectionDateTime>{stamp}</RejectionDateTime>" if rejected else "",
    ]  # fmt: skip
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<md:MetaData xmlns:md="{_META}" xmlns:ds="{_DATES}">'
        "<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>RES</md:WCOTypeName>"
        f'<Response xmlns="{_RES}"><FunctionCode>{_FUNCTIONS[said.code]}</FunctionCode>'
        f"<FunctionalReferenceID>{escape(said.reference)}</FunctionalReferenceID><IssueDateTime>{stamp}</IssueDateTime>"
        f"{error if rejected else ''}<Declaration>{''.join(declaration)}</Declaration></Response></md:MetaData>\n"
    ).encode()


def cusres(said: Said) -> bytes:
    """A CUSRES to a cargo report: BGM 962, or 963 for one in error, with its processing indicator."""
    begin = "963" if said.code == "rejected" else "962"
    segments = [f"BGM+{begin}+{_e(said.reference)}{'++AB' if said.code == 'received' else ''}", _when(said)]
    if said.code in _INDICATORS:
        segments.append(f"GIS+{_INDICATORS[said.code]}")
    segments += [*_why(said), f"RFF+ABE:{_e(said.document)}", f"RFF+ABT:{_e(said.number)}"]
    return edi.interchange("CUSRES", "95B", said.reference, said.at, segments, sender="SIMCUSTOMS")


def aperak(said: Said) -> bytes:
    """An APERAK: BGM 312 for what is taken, 313 with an error code for what is not."""
    rejected = said.code == "rejected"
    segments = [f"BGM+{'313' if rejected else '312'}+{_e(said.reference)}", _when(said), f"RFF+ACW:{_e(said.document)}"]
    segments += ["ERC+SIM1", *_why(said)] if rejected else []
    return edi.interchange("APERAK", "95B", said.reference, said.at, segments)


def _e(text: str) -> str:
    return text.translate(_RELEASED)


def _when(said: Said) -> str:
    return f"DTM+137:{said.at.astimezone(UTC):%Y%m%d%H%M}:203"


def _why(said: Said) -> Iterator[str]:
    if said.reason:
        yield f"FTX+AAO+++{_e(said.reason[:_LINE])}"
