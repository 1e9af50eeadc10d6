"""Walking a document once: verdict and values together. The model is compiled to look-ups by tag at import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from kouan.base.exchange.codecs.problem import MOST, Fault, Problem
from kouan.base.exchange.codecs.wco import faults
from kouan.base.exchange.codecs.wco.checks import ATTRIBUTES, SPACE, Check, Wrong, check_of, date_check
from kouan.base.exchange.codecs.wco.classes import MANY, Class, Part
from kouan.base.exchange.codecs.wco.leaves import Leaf
from kouan.base.exchange.codecs.wco.response_tree import RESPONSE, RESPONSE_SPACE
from kouan.base.exchange.codecs.wco.tree import DECLARATION, DECLARATION_SPACE, METADATA, METADATA_SPACE

Values = dict[str, Any]
"""An element's content: leaves as text, attributes as name@attribute, classes as Values, repeated ones as lists."""

DATE_SPACE = "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"
RESPONSE_DATE_SPACE = "urn:wco:datamodel:WCO:Response_DS:DMS:2"
"""Namespaces of DateTimeString, in a declaration and in a response."""

BECOME = "DeclarationBecome"
"""The name under which a response holds what the declaration has become: in the message it is a second Declaration."""

SHORT, MEMORY = 8, 256
"""Codes of at most so many characters are remembered, so many of each part."""

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_HINTS = frozenset((f"{_XSI}schemaLocation", f"{_XSI}noNamespaceSchemaLocation"))


@dataclass(slots=True)
class Spec:
    """One part, compiled. `date` is the tag of the text inside a date, "" for other leaves; `fine` are short codes that
    were found to be right, each as it is kept (None: not of a code)."""

    index: int
    name: str
    most: int
    check: Check | None
    node: Node | None
    attributes: Mapping[str, Any]
    date: str = ""
    fine: dict[str | None, str] | None = None


@dataclass(slots=True)
class Node:
    """One class, compiled: parts by tag, and the names of those that must be there."""

    specs: dict[str, Spec]
    names: tuple[str, ...]
    required: tuple[str, ...]


def _compiled(parts: Class, space: str, dates: str, known: dict[int, Node]) -> Node:
    node = known.get(id(parts))
    if node is None:
        specs = {f"{{{space}}}{p.name}": _spec(i, p, space, dates, known) for i, p in enumerate(parts)}
        required = tuple(p.name for p in parts if p.least)
        node = known[id(parts)] = Node(specs, tuple(p.name for p in parts), required)
    return node


def _spec(index: int, part: Part, space: str, dates: str, known: dict[int, Node]) -> Spec:
    if isinstance(part.is_a, Leaf):
        is_date = part.is_a.kind == "date"
        check = None if is_date else check_of(part.is_a)
        date = f"{{{dates}}}DateTimeString" if is_date else ""
        fine: dict[str | None, str] | None = {} if part.is_a.kind == "code" else None
        return Spec(index, part.name, part.most, check, None, ATTRIBUTES[part.is_a.kind], date, fine)
    node = _compiled(part.is_a, space, dates, known)
    return Spec(index, part.name, part.most, None, node, ATTRIBUTES["class"])


def _wrapped(inner: Node, name: str, space: str, most: int) -> Node:
    node = _compiled((*METADATA, Part(name, (), 1, most)), METADATA_SPACE, "", {})
    spec = node.specs.pop(f"{{{METADATA_SPACE}}}{name}")
    spec.node = inner
    node.specs[f"{{{space}}}{name}"] = spec
    return node


def _response(declaration: Node) -> Node:
    node = _compiled(RESPONSE, RESPONSE_SPACE, RESPONSE_DATE_SPACE, {})
    last = len(node.names)
    node.specs[f"{{{DECLARATION_SPACE}}}Declaration"] = Spec(last, BECOME, 1, None, declaration, ATTRIBUTES["class"])
    node.names = (*node.names, BECOME)
    return node


_DECLARATION = _compiled(DECLARATION, DECLARATION_SPACE, DATE_SPACE, {})
_RESPONSE = _response(_DECLARATION)
ROOTS: Mapping[str, Node] = {
    f"{{{METADATA_SPACE}}}MetaData": _wrapped(_DECLARATION, "Declaration", DECLARATION_SPACE, 1),
    f"{{{DECLARATION_SPACE}}}Declaration": _DECLARATION,
}
"""Roots of a declaration message."""
RESPONSE_ROOTS: Mapping[str, Node] = {
    f"{{{METADATA_SPACE}}}MetaData": _wrapped(_RESPONSE, "Response", RESPONSE_SPACE, MANY),
    f"{{{RESPONSE_SPACE}}}Response": _RESPONSE,
}
"""Roots of a response message."""


class Walker:
    """One pass over a document. `problems` says what is wrong; at most MOST are kept."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def walk(self, root: Any, node: Node) -> Values:
        """The values of the root: MetaData, or what it wraps."""
        if root.keys():
            self._attributes(root, "root", ATTRIBUTES["class"], {})
        return self._visit(root, node)

    def _visit(self, element: etree._Element, node: Node) -> Values:
        values: Values = {}
        known = node.specs.get
        last, count = -1, 0
        text = element.text
        if text and text.strip(SPACE):
            self._mixed(element, text)
        for child in element:
            spec = known(child.tag)
            if spec is None:
                self._unknown(child, node.specs)
                continue
            index = spec.index
            if index > last:
                last, count = index, 1
            elif index == last:
                count += 1
                if count > spec.most:
                    self.wrong(child, faults.REPEATED, name=spec.name, most=spec.most)
            else:
                self.wrong(child, faults.ORDER, name=spec.name, after=node.names[last])
            if child.keys():
                self._attributes(child, spec.name, spec.attributes, values)
            found = self._leaf(child, spec) if spec.check is not None else self._inner(child, spec)
            if spec.most == 1:
                values[spec.name] = found
            else:
                values.setdefault(spec.name, []).append(found)
            tail = child.tail
            if tail and tail.strip(SPACE):
                self._mixed(element, tail)
        for name in node.required:
            if name not in values:
                self.wrong(element, faults.MISSING, name=name)
        return values

    def _leaf(self, child: etree._Element, spec: Spec) -> str:
        if len(child):
            self.wrong(child, faults.CHILDREN, name=spec.name)
        text = child.text
        fine = spec.fine
        # What was found of a code once holds whenever it comes again; identifiers and names are not remembered.
        if fine is not None and text in fine:
            return fine[text]
        text = text or ""
        assert spec.check is not None
        wrong = spec.check(text)
        plain = text.strip(SPACE)
        if wrong is not None:
            self._value(child, spec.name, wrong)
        elif fine is not None and len(text) <= SHORT and len(fine) < MEMORY:
            fine[text] = plain
        return plain

    def _inner(self, child: etree._Element, spec: Spec) -> Any:
        return self._visit(child, spec.node) if spec.node is not None else self._date(child, spec.name, spec.date)

    def _date(self, element: etree._Element, name: str, tag: str) -> str:
        """The text of the DateTimeString inside a date element; its formatCode is 102 or 304."""
        children = list(element)
        if element.text and element.text.strip(SPACE):
            self._mixed(element, element.text)
        if not children:
            self.wrong(element, faults.MISSING, name="DateTimeString")
            return ""
        inner = children[0]
        if inner.tag != tag or len(children) > 1:
            self._unknown(children[-1], (tag,) if len(children) == 1 else ())
            return ""
        for attribute, value in inner.items():
            if attribute != "formatCode" and attribute not in _HINTS:
                self.wrong(inner, faults.ATTRIBUTE, name="DateTimeString", attribute=attribute)
            elif attribute == "formatCode" and value not in ("102", "304"):
                self.wrong(inner, faults.ATTRIBUTE_VALUE, name="DateTimeString", attribute=attribute, found=value)
        if inner.get("formatCode") is None:
            self.wrong(inner, faults.ATTRIBUTE_MISSING, name="DateTimeString", attribute="formatCode")
        if inner.tail and inner.tail.strip(SPACE):
            self._mixed(element, inner.tail)
        text = inner.text or ""
        wrong = date_check(text)
        if len(inner) or wrong is not None:
            self._value(inner, name, wrong or (faults.CHILDREN, {}))
        return text

    def _attributes(
        self, element: etree._Element, name: str, allowed: Mapping[str, Any], values: Values
    ) -> None:
        for attribute, value in ((str(key), str(said)) for key, said in element.items()):
            accepts = allowed.get(attribute)
            if accepts is None:
                if attribute not in _HINTS:
                    self.wrong(element, faults.ATTRIBUTE, name=name, attribute=_local(attribute))
            elif accepts(value):
                values[f"{name}@{attribute}"] = value
            else:
                self.wrong(element, faults.ATTRIBUTE_VALUE, name=name, attribute=attribute, found=value)

    def _unknown(self, child: etree._Element, known: Iterable[str]) -> None:
        name = _local(child.tag)
        meant = next((tag for tag in known if _local(tag) == name), child.tag)
        if meant == child.tag:
            self.wrong(child, faults.UNKNOWN, name=name)
        else:
            self.wrong(child, faults.NAMESPACE, name=name, space=_space(meant), found=_space(child.tag) or "–")

    def _mixed(self, element: etree._Element, text: str) -> None:
        self.wrong(element, faults.MIXED, name=_local(element.tag), found=text.strip())

    def _value(self, element: etree._Element, name: str, wrong: Wrong) -> None:
        fault, said = wrong
        self.wrong(element, fault, name=name, **said)

    def wrong(self, element: etree._Element, fault: Fault, **values: object) -> None:
        """Note a problem at an element."""
        if len(self.problems) < MOST:
            path = path_of(element)
            position = f"line {element.sourceline}, {path}"
            self.problems.append(fault.at(position, path.rpartition("Declaration/")[2] or path, **values))


def path_of(element: etree._Element) -> str:
    """Where an element stands, as an XPath of local names with indexes among equal siblings."""
    steps: list[str] = []
    for step in _upward(element):
        before = sum(1 for _ in step.itersiblings(step.tag, preceding=True))
        several = before or next(step.itersiblings(step.tag), None) is not None
        steps.append(f"{_local(step.tag)}[{before + 1}]" if several else _local(step.tag))
    return "/" + "/".join(reversed(steps))


def _upward(element: etree._Element) -> Iterator[etree._Element]:
    step: etree._Element | None = element
    while step is not None:
        yield step
        step = step.getparent()


def _space(tag: object) -> str:
    return str(tag).rpartition("}")[0].removeprefix("{")


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else "?"


__all__ = [
    "BECOME", "DATE_SPACE", "MANY", "RESPONSE_DATE_SPACE", "RESPONSE_ROOTS", "ROOTS", "Node", "Values", "Walker", "path_of",
]
