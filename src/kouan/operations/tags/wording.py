"""A tag's condition as a sentence in both languages: what the library shows as its formula."""

from __future__ import annotations

from kouan.kernel.lifecycles import lifecycle_of
from kouan.kernel.records import Record, record_type
from kouan.kernel.text import Text
from kouan.operations.tags.fields import usable
from kouan.operations.tags.records import OPS, Instant, Tag, Term

FILING = Text("提交", "its filing")
AND = Text("；", "; ")
RUNNING = Text("（未到也计时）", " (or so far)")


def formula(tag: Tag) -> Text:
    """All conditions and the span of time, each field by its title."""
    cls = record_type(tag.record)
    parts = [term(cls, one) for one in tag.terms]
    if tag.since and tag.until and tag.hours is not None:
        since, until = instant(cls, tag.since), instant(cls, tag.until)
        parts.append(Text(
            f"从{since.zh}到{until.zh}{RUNNING.zh if tag.running else ''}超过{tag.hours:g}小时",
            f"more than {tag.hours:g} h from {since.en} to {until.en}{RUNNING.en if tag.running else ''}",
        ))  # fmt: skip
    return Text(AND.zh.join(part.zh for part in parts), AND.en.join(part.en for part in parts))


def term(cls: type[Record], one: Term) -> Text:
    """One condition."""
    field, op = usable(cls, one.name), OPS[one.op]
    title = field.title if field else Text(one.name, one.name)
    said = [field.values.get(value) if field else None for value in one.values]
    zh = "、".join(text.zh if text else value for text, value in zip(said, one.values, strict=True))
    en = " or ".join(text.en if text else value for text, value in zip(said, one.values, strict=True))
    return Text(f"{title.zh}{op.zh}{zh}", f"{title.en} {op.en} {en}".rstrip())


def instant(cls: type[Record], one: Instant) -> Text:
    """One moment."""
    if one.kind == "filed":
        return FILING
    if one.kind == "act":
        return _acts(cls, one.acts)
    if one.kind == "field":
        return _title(cls, one.name or "")
    other = record_type(one.record or "")
    title, link = _title(other, one.name or ""), _title(cls, one.by or "")
    where = [term(other, part) for part in one.where]
    zh, en = "，".join(part.zh for part in where), ", ".join(part.en for part in where)
    return Text(
        f"同一{link.zh}的“{other.facts.title.zh}”{f'（{zh}）' if zh else ''}的{title.zh}",
        f"{title.en} of the {other.facts.title.en.lower()}{f' ({en})' if en else ''} with the same {link.en.lower()}",
    )


def _title(cls: type[Record], name: str) -> Text:
    found = usable(cls, name)
    return found.title if found else Text(name, name)


def _acts(cls: type[Record], acts: tuple[str, ...]) -> Text:
    life = lifecycle_of(cls.facts.name)
    known = {action.name: action.title for track in (life.tracks if life else ()) for action in track.actions}
    titles = [known.get(act) or Text(act, act) for act in acts]
    return Text("或".join(f"“{title.zh}”" for title in titles), " or ".join(f"“{title.en}”" for title in titles))
