"""WCO Data Model 3.6, response (RES) in the DMS profile: XML to `Response` and back."""

from kouan.base.exchange.codecs.wco.response import (
    APPROVED,
    DECLINED,
    NOTICES,
    Debt,
    Fault,
    Notice,
    Reading,
    Response,
    State,
)
from kouan.base.exchange.codecs.wco.response_reader import check, read, read_all
from kouan.base.exchange.codecs.wco.response_writer import write

__all__ = [
    "APPROVED", "DECLINED", "NOTICES", "Debt", "Fault", "Notice", "Reading", "Response", "State", "check", "read",
    "read_all", "write",
]
