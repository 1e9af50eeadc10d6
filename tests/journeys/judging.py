"""axe on a page: its structure on every page, its colours on each kind of element once in each theme.

Colours are what costs most: axe looks at every piece of text, with all that lies under it. They follow from an element's own tag and
attributes and from those of all elements around it, not from its words, so what is alike in all of these is judged once for all pages.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.conftest import ROOT

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
COLOURS = ["color-contrast", "link-in-text-block"]
JUDGED = """([runOnly, without]) => axe.run(document, {
        runOnly, resultTypes: ['violations'], rules: Object.fromEntries(without.map(id => [id, {enabled: false}]))})
    .then(told => told.violations.map(v => [v.id, v.nodes[0].target]))"""
SETTLED = """() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished)))
    .then(() => null)"""
KINDS = """words => {
    const known = new Map()
    const mixed = (text, sum) => {
        for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 16777619)
        return sum >>> 0
    }
    const kind = e => {
        if (!e) return ''
        if (!known.has(e)) {
            const own = [...e.attributes].filter(a => !words.includes(a.name)).map(a => a.name + '=' + a.value).sort().join(' ')
            const among = e.parentElement ? [...e.parentElement.children].indexOf(e) : 0
            const place = [among === 0, among % 2, e === e.parentElement?.lastElementChild].join()
            const said = kind(e.parentElement) + '>' + e.tagName + place + own
            known.set(e, mixed(said, 2166136261).toString(36) + mixed(said, 40503).toString(36))
        }
        return known.get(e)
    }
    const says = e => [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && n.data.trim())
    window.shown = [...document.querySelectorAll('body *')].filter(
        e => (says(e) || e.matches('a, input, select, textarea')) && e.checkVisibility())
    return window.shown.map(kind)
}"""
WORDS = [
    "id", "lang", "href", "src", "title", "alt", "value", "name", "for", "placeholder", "content", "d", "points", "x", "y", "x1", "x2",
    "y1", "y2", "transform", "aria-label", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-activedescendant",
    "aria-valuenow", "aria-valuetext", "datetime",
]  # fmt: skip
"""Attributes on which no colour depends: they hold words, names and figures."""
COLOURED = """async ([which, values]) => {
    const here = which.filter(n => window.shown[n].isConnected)
    if (!here.length) return [[], []]
    const told = await axe.run({include: here.map(n => window.shown[n])}, {
        runOnly: {type: 'rule', values}, resultTypes: ['violations']})
    return [here, told.violations.flatMap(v => v.nodes.map(node => [v.id, node.target]))]
}"""


class Judge:
    """What axe finds wrong, and of which elements it has judged the colours."""

    def __init__(self) -> None:
        self.axe = AXE.read_text(encoding="utf-8")
        self.known: set[tuple[bool, str]] = set()

    def __call__(self, page: Page) -> list[str]:
        """What is wrong with a page as it is now, which stays in the dark theme."""
        if not page.evaluate("typeof axe === 'object'"):
            page.evaluate(self.axe)
        found = []
        for dark in (False, True):
            page.evaluate("dark => document.documentElement.classList.toggle('dark', dark)", dark)
            page.evaluate(SETTLED)
            if not dark:
                found += [f"{id}: {target}" for id, target in page.evaluate(JUDGED, [RULES, COLOURS])]
            found += [f"{'dark' if dark else 'light'} {id}: {target}" for id, target in self._colours(page, dark)]
        return found

    def _colours(self, page: Page, dark: bool) -> list[Any]:
        """What is wrong with the colours of elements of which none alike was judged in this theme."""
        new: dict[int, str] = {}
        seen: set[str] = set()
        for number, kind in enumerate(page.evaluate(KINDS, WORDS)):
            if (dark, kind) not in self.known and kind not in seen:
                new[number] = kind
                seen.add(kind)
        judged, found = page.evaluate(COLOURED, [list(new), COLOURS]) if new else ([], [])
        self.known |= {(dark, new[number]) for number in judged}
        return list(found)
