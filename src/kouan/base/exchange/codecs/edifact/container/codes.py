"""Which document names of container messages (DE 1001) say what was done or is asked: UNTDID, and codes of practice.

The numbers of UNTDID 1001 are the directory's; beside them stand those by which terminals and lines have long named
the same reports in D.95B (ITIGG and SMDG practice).
"""

from __future__ import annotations

from collections.abc import Mapping

from kouan.base.exchange.codecs.edifact.container.model import Sheet, Unit

REPORTS: Mapping[str, Mapping[str, str]] = {
    "COARRI": {
        "119": "discharge", "44": "discharge", "98": "discharge", "122": "load", "46": "load", "270": "load",
    },
    "CODECO": {
        "109": "gate-in", "34": "gate-in", "111": "gate-out", "36": "gate-out", "116": "gate-out", "117": "shift",
        "113": "strip",
    },
}  # fmt: skip
ORDERS: Mapping[str, Mapping[str, str]] = {
    "COPARN": {
        "126": "accept", "11": "accept", "12": "release", "108": "release", "129": "release", "104": "announce",
        "27": "announce", "690": "call-down", "125": "empty-advice", "689": "empty-advice", "134": "on-hire",
        "135": "on-hire", "136": "off-hire", "131": "stuff", "112": "strip", "264": "other", "695": "other",
    },
    "COPRAR": {"118": "discharge", "43": "discharge", "121": "load", "45": "load"},
}  # fmt: skip
WRITTEN: Mapping[str, tuple[str, str, str]] = {
    "discharge": ("COARRI", "119", "DISCHARGE REPORT"), "load": ("COARRI", "122", "LOADING REPORT"),
    "restow": ("COARRI", "122", "LOADING REPORT"), "gate-in": ("CODECO", "109", "GATE IN REPORT"),
    "gate-out": ("CODECO", "111", "GATE OUT REPORT"), "shift": ("CODECO", "117", "SHIFT REPORT"),
    "strip": ("CODECO", "113", "UNPACKING REPORT"),
}  # fmt: skip
"""Message type, document name and its words by the activity of a move."""
_WORDS: tuple[tuple[str, str], ...] = (
    ("GATE IN", "gate-in"), ("GATE-IN", "gate-in"), ("GATE OUT", "gate-out"), ("GATE-OUT", "gate-out"),
    ("DISCHARG", "discharge"), ("UNLOAD", "discharge"), ("LOAD", "load"), ("STRIP", "strip"), ("UNPACK", "strip"),
    ("STUFF", "stuff"), ("PACK", "stuff"), ("SHIFT", "shift"), ("STACK", "stack"), ("RELEASE", "release"),
    ("ACCEPT", "accept"), ("ANNOUNCE", "announce"),
)  # fmt: skip
_SIGNS: Mapping[str, str] = {"D": "discharge", "L": "load"}
SHIFTER = "5"
"""DE 8249: a box that is moved from one cell of the ship to another."""
FUNCTIONS: Mapping[str, str] = {
    "1": "cancellation", "3": "cancellation", "4": "correction", "5": "correction", "2": "original",
}  # fmt: skip
"""DE 1225 to the function of a report."""


def task_of(sheet: Sheet, known: Mapping[str, Mapping[str, str]]) -> str:
    """What a message reports or asks: by its document code, else by its words or its sign (FTX+OSI); "" if unsaid."""
    codes = known.get(sheet.type, {})
    return codes.get(sheet.document) or _by_words(sheet, set(codes.values())) or _by_sign(sheet)


def _by_words(sheet: Sheet, possible: set[str]) -> str:
    text = f"{sheet.title} {sheet.document}".upper()
    return next((task for words, task in _WORDS if words in text and (task in possible or sheet.title)), "")


def _by_sign(sheet: Sheet) -> str:
    signs = [text.strip().upper() for subject, text in sheet.remarks if subject == "OSI"]
    return next((_SIGNS[sign] for sign in signs if sign in _SIGNS), "") if sheet.type in ("COARRI", "COPRAR") else ""


def activity_of(task: str, unit: Unit) -> str:
    """What was done with one box of a report: a shifter was restowed, whatever the report."""
    return "restow" if unit.movement == SHIFTER and task in ("discharge", "load") else task
