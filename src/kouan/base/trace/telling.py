"""How documents and events are told in a trace: titles in both languages, by event time, late ones marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from kouan.kernel.clock import stamp
from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record, record_type
from kouan.kernel.references import kind_of
from kouan.kernel.text import Text

LATE = timedelta(minutes=15)
Tell = Callable[[Mapping[str, Any]], Text]
_tell: dict[str, Tell] = {}
FILED = Text("{what} 提交", "{what} filed")
REPORTED = Text("{what}", "{what}")
AMENDED = Text("{what} 修改", "{what} amended")
OVERDUE = Text("{what}：{track}“{state}”超期", "{what}: {track} overdue, still “{state}”")
ACTED = Text("{track}：{action}", "{track}: {action}")


def tells(record: str, tell: Tell) -> None:
    """Let a function say in a few words what a record of a type reports, out of the fields that the caller may see."""
    _tell[record] = tell


def said(record: str, data: Mapping[str, Any]) -> Text | None:
    """What a report says, where its module says it."""
    tell = _tell.get(record)
    return tell(data) if tell else None


def title_of(item: Mapping[str, Any]) -> Text:
    """What a document is called: its type and the number or name by which people know it."""
    cls = record_type(item["record"])
    label = item["data"].get(cls.facts.label) or item["ref"].partition(":")[2].rpartition("/")[2]
    field = cls.fields.get(cls.facts.label)
    if field and (said := field.values.get(str(label))):
        return Text(f"{cls.facts.title.zh}：{said.zh}", f"{cls.facts.title.en}: {said.en.lower()}")
    bare = str(label).partition(":")[2] if field and is_reference(cls, label) else str(label)
    return Text(f"{cls.facts.title.zh} {bare}", f"{cls.facts.title.en} {bare}")


def is_reference(cls: type[Record], value: object) -> bool:
    """Whether the label of a record type is a reference, and this value one."""
    return bool(cls.fields[cls.facts.label].reference) and ":" in str(value)


def name_of(ref: str) -> Text:
    """What a reference is called: its kind and value; personal ones by their kind alone."""
    kind = kind_of(ref)
    if kind.personal:
        return kind.title
    value = ref.partition(":")[2]
    return Text(f"{kind.title.zh} {value}", f"{kind.title.en} {value}")


def state_of(item: Mapping[str, Any]) -> Text | None:
    """The state of a document in words; what it reports when it has no lifecycle."""
    life = lifecycle_of(item["record"])
    if life is None:
        return said(item["record"], item["data"])
    for track in life.tracks:
        if item["state"] in track.states:
            return track.states[item["state"]]
    return OVERALL.get(item["state"])


OVERALL = {
    "under_review": Text("审核中", "Under review"),
    "finished": Text("已完成", "Finished"),
}
"""Words for states that no track has, only the record as a whole."""


def event_out(row: Mapping[str, Any], item: Mapping[str, Any], slug: str) -> dict[str, Any]:
    """One event as a trace shows it. `item`: its document as the caller may see it."""
    what = row["topic"].partition(":")[2]
    recorded: datetime = row["at"]
    cls = record_type(row["record"])
    happened = recorded
    if what == "filed" and cls.facts.kind == "report" and isinstance(item["data"].get("at"), str):
        happened = datetime.fromisoformat(item["data"]["at"])
    return {
        "at": stamp(happened),
        "recorded_at": stamp(recorded),
        "kind": what,
        "title": _event_title(what, row, item).out(),
        "ref": row["ref"],
        "record": row["record"],
        "place": place_of(cls, item["data"]),
        "by": slug,
        "late": recorded - happened > LATE,
    }


def _event_title(what: str, row: Mapping[str, Any], item: Mapping[str, Any]) -> Text:
    cls, life = record_type(row["record"]), lifecycle_of(row["record"])
    title = title_of(item)
    if what == "filed":
        told = said(row["record"], item["data"])
        return told or _fill(FILED if cls.facts.kind != "report" else REPORTED, what=title)
    if what == "amend":
        return _fill(AMENDED, what=title)
    track = next((t for t in life.tracks if t.name == row["data"].get("track")), None) if life else None
    if track is None:
        return title
    if what == "overdue":
        state = track.states.get(str(row["data"].get("state")), track.title)
        return _fill(OVERDUE, what=title, track=track.title, state=state)
    action = track.action(what)
    if action is None:
        return title
    return _fill(ACTED, track=track.title, action=action.title)


def place_of(cls: type[Record], data: Mapping[str, Any]) -> str | None:
    """The first place that a document names, as far as the caller may see it."""
    places = (data.get(name) for name, facts in cls.fields.items() if facts.reference == "place")
    return next((str(place) for place in places if place), None)


def _fill(pattern: Text, **parts: Text) -> Text:
    return Text(
        pattern.zh.format(**{name: part.zh for name, part in parts.items()}),
        pattern.en.format(**{name: part.en for name, part in parts.items()}),
    )
