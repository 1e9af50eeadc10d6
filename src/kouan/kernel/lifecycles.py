"""Lifecycle: a record's states and actions, in parallel tracks for parallel agencies.

串联变并联 (serial approvals turned parallel) is an edit of the tracks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from kouan.kernel.errors import Refused
from kouan.kernel.principal import Principal
from kouan.kernel.records import Record
from kouan.kernel.text import Text
from kouan.kernel.words import Incomplete, Word

FILER = "@filer"
NOT_SET = Text("该操作不能改动字段“{field}”", "This action does not set the field “{field}”")


@dataclass(frozen=True, kw_only=True, slots=True)
class Action:
    """A move of one track. `by`: kinds of organisation that may do it, FILER the one that filed; `rules_at`: rules that must
    hold first.

    `sets`: fields of the record that its caller may state with it.
    """

    name: str
    title: Text
    to: str
    by: tuple[str, ...]
    frm: tuple[str, ...] = ()
    rules_at: str = ""
    receipt: str = ""
    sets: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Track:
    """One agency's (or the record's own) line of states; `within`: the deadline that runs in a state."""

    name: str
    title: Text
    owner: str
    start: str
    states: Mapping[str, Text]
    actions: tuple[Action, ...]
    final: tuple[str, ...] = ()
    within: Mapping[str, timedelta] | None = None

    def action(self, name: str) -> Action | None:
        """The action of that name, if the track has it."""
        return next((a for a in self.actions if a.name == name), None)


@dataclass(frozen=True, slots=True)
class Step:
    """An action as it is taken: the record's open fields before, the fields that its caller gave, who, when."""

    before: Mapping[str, Any]
    given: Mapping[str, Any]
    who: Principal
    at: datetime


class Lifecycle(Word):
    """States and actions of one record type; `code` is the full record name."""

    requires = ("tracks",)
    tracks: ClassVar[tuple[Track, ...]]

    @classmethod
    def _register(cls) -> None:
        for track in getattr(cls, "tracks", ()):
            known = set(track.states)
            named = {track.start, *track.final, *(track.within or {}), *(a.to for a in track.actions)}
            named |= {state for a in track.actions for state in a.frm}
            if not named <= known:
                raise Incomplete(f"{cls.__qualname__}.{track.name}: unknown states {sorted(named - known)}")
        super()._register()

    @classmethod
    def overall(cls, states: Mapping[str, str]) -> str:
        """The record's one state out of its tracks' states; the first track leads unless a subclass says otherwise."""
        return states[cls.tracks[0].name]

    @classmethod
    def begin(cls, record: Record) -> Mapping[str, str]:
        """The states in which the tracks of a new record begin; a subclass may begin a track elsewhere for some records."""
        return {track.name: track.start for track in cls.tracks}

    @classmethod
    def limit(cls, track: Track, state: str, record: Record) -> timedelta | None:
        """How long the track of a record may stand in a state; what the track says unless a subclass knows it of the record."""
        return (track.within or {}).get(state)

    @classmethod
    def change(cls, track: Track, action: Action, step: Step) -> Mapping[str, Any]:
        """The fields that an action changes, out of what its caller gave; the record is locked meanwhile.

        Refused when the caller gave a field that the action does not set.
        """
        if others := sorted(set(step.given) - set(action.sets)):
            raise Refused(NOT_SET.fill(field=others[0]), field=others[0], rule=action.name, code="field_not_set")
        return step.given

    @classmethod
    def find(cls, action: str) -> tuple[Track, Action] | None:
        """The track and action of that name (`track.action` picks one among equals)."""
        track_name, _, bare = action.rpartition(".")
        for track in cls.tracks:
            found = track.action(bare)
            if found and track_name in ("", track.name):
                return track, found
        return None


def lifecycle_of(record: str) -> type[Lifecycle] | None:
    """The lifecycle declared for a record type, if any."""
    return Word.kinds.get(Lifecycle, {}).get(record)
