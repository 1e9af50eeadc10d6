"""An XML message as a tree that knows what was read of it, so that nothing that was sent is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from kouan.kernel.errors import Problem, Refused
from kouan.kernel.text import Text

RULE = "XML 1.0"
EMPTY = Text("报文为空", "The body is empty")
BROKEN = Text("不是格式良好的 XML：{why}", "Not well-formed XML: {why}")
DOCTYPE = Text("不接收 DTD 和实体声明", "DTDs and entity declarations are not taken")
LONGEST = 4000
DEEPEST = 60


def parse(body: bytes) -> etree._Element:
    """The root of a message; Refused when it is no XML, or brings a DTD. Nothing outside the body is ever fetched."""
    if not body.strip():
        raise refusal("cargo_xml.empty", RULE, EMPTY, "line 1")
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise refusal("cargo_xml.doctype", "XML 1.0 2.8", DOCTYPE, f"line {body[: body.find(b'<!')].count(10) + 1}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as wrong:
        why = "".join(c for c in str(wrong)[:120] if c.isprintable())
        place = f"line {getattr(wrong, 'lineno', None) or 1}"
        raise refusal("cargo_xml.xml", RULE, Text(BROKEN.zh.format(why=why), BROKEN.en.format(why=why)), place) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise refusal("cargo_xml.doctype", "XML 1.0 2.8", DOCTYPE, "line 1")
    return root


def refusal(code: str, rule: str, reason: Text, position: str, field: str = "") -> Refused:
    """A refusal with one problem at a place."""
    return Refused.of([Problem(code, field, rule, reason, position)])


def name(element: etree._Element) -> str:
    """An element's name without its namespace: senders put the same elements into different ones."""
    return str(etree.QName(element).localname)


class Tree:
    """What was read of a message; `left` is what was not."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._read: set[etree._Element] = set()
        self._attributes: set[tuple[etree._Element, str]] = set()

    def all(self, base: etree._Element | None, path: str) -> list[etree._Element]:
        """The elements of a path of local names below another, in their order; `A|B` takes either name."""
        found = [] if base is None else [base]
        for step in path.split("/"):
            names = step.split("|")
            found = [child for one in found for child in one if name(child) in names]
        return found

    def one(self, base: etree._Element | None, path: str) -> etree._Element | None:
        """The first element of a path."""
        return next(iter(self.all(base, path)), None)

    def text(self, base: etree._Element | None, path: str = "", most: int = LONGEST) -> str:
        """The text of the first element of a path, "" without one. It counts as read unless it is longer than `most`."""
        element = self.one(base, path) if path else base
        if element is None:
            return ""
        found = (element.text or "").strip()
        if len(found) <= most:
            self._read.add(element)
        return found[:most]

    def texts(self, base: etree._Element | None, path: str, most: int = LONGEST) -> list[str]:
        """The texts of all elements of a path that hold any."""
        return [text for element in self.all(base, path) if (text := self.text(element, most=most))]

    def attribute(self, element: etree._Element | None, key: str) -> str:
        """An attribute's value, "" without it."""
        if element is None:
            return ""
        self._attributes.add((element, key))
        return str(element.get(key, ""))

    def seen(self, *elements: etree._Element | None) -> None:
        """Count elements as read."""
        self._read.update(one for one in elements if one is not None)

    def left(self) -> Iterator[tuple[str, str]]:
        """Path and content of everything that was not read, in document order."""
        for element in self.root.iter():
            text = (element.text or "").strip()
            where = place(element)
            if text and element not in self._read:
                for at in range(0, len(text), LONGEST):
                    yield where, text[at : at + LONGEST]
            for key, value in element.attrib.items():
                local = str(etree.QName(key).localname)
                if value.strip() and (element, local) not in self._attributes:
                    yield f"{where}/@{local}", str(value).strip()[:LONGEST]


def place(element: etree._Element) -> str:
    """Where an element stands: `/Waybill/MasterConsignment/ApplicableRating[2]/TypeCode`, cut from the left at 380."""
    steps: list[str] = []
    at: etree._Element | None = element
    while at is not None:
        parent = at.getparent()
        sisters = [one for one in parent if one.tag == at.tag] if parent is not None else [at]
        steps.append(name(at) + (f"[{sisters.index(at) + 1}]" if len(sisters) > 1 else ""))
        at = parent
    return ("/" + "/".join(reversed(steps)))[-380:]
