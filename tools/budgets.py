"""Size budgets and the few rules of the house that no linter knows: `python -m tools.budgets`.

Limits are refused, medians are reported. A file over its limit is split by noun, a function by what it does.
"""

from __future__ import annotations

import ast
import io
import re
import statistics
import sys
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.files import text, tracked

FILE_LINES, FUNCTION_LINES, LINE_CHARACTERS = 400, 60, 140
GOALS = {"file": (80, 250), "function": (10, 30)}  # median, 90th percentile
EXCEPTIONS_PER_LINES = 1 / 1000
CODE = {".py", ".ts", ".vue"}
EXCEPTION = re.compile(r"#\s*(noqa|type:\s*ignore)(.*)$")
STATED = re.compile(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])[\s#:—-]+\w.*\w")
# Written so that this file does not match itself.
HOSTS = re.compile(r"py(?:pi)[.]org|python(?:hosted)[.]|registry[.]npm|npm(?:js)[.]|deb[.]debian[.]")
PLACES = re.compile(r"(?<![\w/.])/(?:work/(?:main|shared|contract)|root/)")


@dataclass(slots=True)
class Measures:
    """What was measured in src, and what is refused anywhere."""

    files: list[int] = field(default_factory=list)
    functions: list[int] = field(default_factory=list)
    exceptions: int = 0
    refused: list[str] = field(default_factory=list)


def check(path: Path, source: str, measures: Measures) -> None:
    """Measure one file."""
    measures.refused += [f"{path}:{line}: {reason}" for line, reason in named_places(path, source)]
    if path.suffix not in CODE:
        return
    lines = source.count("\n")
    ours = path.parts[0] == "src"
    if lines > FILE_LINES:
        measures.refused.append(f"{path}: {lines} lines, at most {FILE_LINES}")
    if path.suffix != ".py":
        return
    measures.refused += [
        f"{path}:{number}: {len(line)} characters, at most {LINE_CHARACTERS}"
        for number, line in enumerate(source.splitlines(), 1)
        if len(line) > LINE_CHARACTERS
    ]
    if ours:
        measures.files.append(lines)
    tree = ast.parse(source, str(path))
    for function in functions(tree):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if ours:
            measures.functions.append(length)
        if length > FUNCTION_LINES:
            where = f"{path}:{function.lineno}"
            measures.refused.append(f"{where}: {function.name} has {length} lines, at most {FUNCTION_LINES}")
    if ours:
        measures.refused += [f"{path}:{line}: import inside a function" for line in lazy_imports(tree)]
    for line, stated in exceptions(source):
        measures.exceptions += ours
        if not stated:
            measures.refused.append(f"{path}:{line}: an exception needs its code and its reason")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def lazy_imports(tree: ast.Module) -> Iterator[int]:
    """The lines of imports that stand inside functions."""
    for function in functions(tree):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno


def exceptions(source: str) -> Iterator[tuple[int, bool]]:
    """The lines that ask a checker to look away, and whether they say which rule and why."""
    if "noqa" not in source and "ignore" not in source:
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and (found := EXCEPTION.search(token.string)):
            yield token.start[0], bool(STATED.match(found.group(2)))


def named_places(path: Path, source: str) -> Iterator[tuple[int, str]]:
    """Lines that name a registry's host or a path of one machine."""
    for number, line in enumerate(source.splitlines(), 1):
        if HOSTS.search(line):
            yield number, "names a registry's host"
        if PLACES.search(line) and path.parts[0] != "tools":
            yield number, "names a path of one machine"


def summary(name: str, sizes: Sequence[int]) -> str:
    """Median and 90th percentile beside their goals."""
    if len(sizes) < 2:
        return f"{name}s: {len(sizes)}"
    median, high = statistics.median(sizes), statistics.quantiles(sizes, n=10)[-1]
    goals = GOALS[name]
    over = " (over its goal)" if median > goals[0] or high > goals[1] else ""
    return f"{name}s: {len(sizes)}, median {median:g} (goal {goals[0]}), p90 {high:g} (goal {goals[1]}){over}"


def main() -> int:
    """Measure every file; print the figures and what is refused."""
    measures = Measures()
    for path in tracked():
        source = text(path)
        if source is not None:
            check(path, source, measures)
    total = sum(measures.files)
    if measures.exceptions > max(1, total * EXCEPTIONS_PER_LINES):
        measures.refused.append(
            f"{measures.exceptions} exceptions (noqa, type: ignore) in {total} lines of src"
        )
    print(summary("file", measures.files), f"{total} lines in all", sep=", ")
    print(summary("function", measures.functions))
    print(f"exceptions: {measures.exceptions}")
    print("\n".join(measures.refused))
    return 1 if measures.refused else 0


if __name__ == "__main__":
    sys.exit(main())
