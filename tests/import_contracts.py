"""A contract of import-linter that its own kinds lack: what a room may import, said in full.

    [[tool.importlinter.contracts]]
    name = "Generation knows retrieval by its types"
    type = "allowed"
    source_modules = ["generation"]
    allowed_modules = ["retrieval.types", "retrieval.text"]

Whatever of the project's own packages a module of `source_modules` imports directly, and that is neither in its source
itself nor in `allowed_modules` (both with all that lies under them), breaks it: also a room that is built tomorrow.
"""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.application import contract_utils
from importlinter.domain.helpers import module_expressions_to_modules


class AllowedContract(Contract):
    """`ignore_imports` lists single exceptions, as in import-linter's own contracts; each has to be there."""

    type_name = "allowed"

    source_modules = fields.SetField(subfield=fields.ModuleExpressionField())
    allowed_modules = fields.SetField(subfield=fields.ModuleExpressionField(), required=False)
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        removed = contract_utils.remove_ignored_imports_and_report(
            graph=graph,
            ignore_imports=self.ignore_imports,  # type: ignore[arg-type]
            unmatched_alerting=contract_utils.AlertLevel.ERROR,
        )
        allowed = _with_descendants(graph, module_expressions_to_modules(graph, self.allowed_modules or set()))
        illegal = []
        for source in sorted(module_expressions_to_modules(graph, self.source_modules), key=lambda module: module.name):
            own = _with_descendants(graph, [source])
            for importer in sorted(own):
                for imported in sorted(graph.find_modules_directly_imported_by(importer) - own - allowed):
                    lines = [d["line_number"] for d in graph.get_import_details(importer=importer, imported=imported)]
                    illegal.append(f"{importer} imports {imported} (line {', '.join(map(str, lines))})")
        return ContractCheck(
            kept=not illegal, warnings=list(removed.warnings), ignored_import_count=removed.ignored_import_count,
            metadata={"illegal": illegal},
        )  # fmt: skip

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["illegal"]:
            output.print_error(f"- {line}", bold=False)


def _with_descendants(graph: ImportGraph, modules: object) -> set[str]:
    names = {module.name for module in modules}  # type: ignore[attr-defined]
    return names | {inner for name in names for inner in graph.find_descendants(name)}
