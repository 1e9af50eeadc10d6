"""Import contracts of our own, for import-linter."""

from __future__ import annotations

from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

MODULE_DEPTH = 3  # package.board.module


class FacadeContract(Contract):
    """Outside a module only its public files may be imported.

    A module is a package `root.board.module`. Options: `root`, the package that holds the boards; `public`,
    the file names that others may import; `free`, the boards whose inside is open (the kernel below, the
    composition above); `composer`, the one board that may also import the file names in `composed`.
    """

    type_name = "facade"

    root = fields.StringField()
    public = fields.SetField(subfield=fields.StringField())
    free = fields.SetField(subfield=fields.StringField())
    composer = fields.StringField()
    composed = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Look at every direct import once."""
        root = str(self.root)
        breaches: list[tuple[str, str, str]] = []
        for importer in sorted(name for name in graph.modules if name.startswith(f"{root}.")):
            seen = self._seen_by(importer)
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if imported.startswith(f"{root}.") and self._hidden(graph, importer, imported, seen):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = ", ".join(str(detail["line_number"]) for detail in details)
                    breaches.append((importer, imported, lines))
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def _seen_by(self, importer: str) -> set[str]:
        settings = cast("Any", self)
        composes = importer.split(".")[1] == settings.composer
        return set(settings.public) | (set(settings.composed) if composes else set())

    def _hidden(self, graph: ImportGraph, importer: str, imported: str, seen: set[str]) -> bool:
        target = imported.split(".")
        if len(target) < MODULE_DEPTH or target[1] in cast("Any", self).free:
            return False
        if importer.split(".")[:MODULE_DEPTH] == target[:MODULE_DEPTH]:
            return False
        if len(target) == MODULE_DEPTH:  # a module of one file is its own face, a package is not
            return bool(graph.find_children(imported))
        return target[MODULE_DEPTH] not in seen

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that goes past a facade."""
        for importer, imported, lines in check.metadata["breaches"]:
            output.print_error(f"{importer} (l. {lines}) -> {imported}: import its api or events", bold=False)
