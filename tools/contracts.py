"""Import contracts of our own, for import-linter."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

MODULE_DEPTH = 3  # package.board.module
Breach = tuple[str, str, tuple[int, ...]]


class FacadeContract(Contract):  # type: ignore[misc]  # import-linter ships no types
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
        breaches: list[Breach] = []
        for importer in sorted(graph.modules):
            if not importer.startswith(f"{self.root}."):
                continue
            for imported in sorted(graph.find_modules_directly_imported_by(importer)):
                if self._hidden(graph, importer, imported):
                    details = graph.get_import_details(importer=importer, imported=imported)
                    breaches.append((importer, imported, tuple(d["line_number"] for d in details)))
        return ContractCheck(kept=not breaches, metadata={"breaches": breaches})

    def _hidden(self, graph: ImportGraph, importer: str, imported: str) -> bool:
        target = imported.split(".")
        if target[0] != self.root or len(target) < MODULE_DEPTH or target[1] in self.free:
            return False
        if importer.split(".")[:MODULE_DEPTH] == target[:MODULE_DEPTH]:
            return False
        if len(target) == MODULE_DEPTH:  # a module of one file is its own face, a package is not
            return bool(graph.find_children(imported))
        seen = set(self.public)
        if importer.split(".")[1] == self.composer:
            seen |= set(self.composed)
        return target[MODULE_DEPTH] not in seen

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print one line for each import that goes past a facade."""
        for importer, imported, lines in check.metadata["breaches"]:
            where = ", ".join(str(line) for line in lines)
            output.print_error(
                f"{importer} (l. {where}) -> {imported}: import its api or events instead", bold=False
            )
