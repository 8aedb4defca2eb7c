"""Small is kind: modules, functions, and the median of all functions."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
MODULES = sorted(ROOT.glob("incidentctl/**/*.py"))


def functions(module: Path) -> dict[str, int]:
    """Every function of `module`, and its lines with signature and docstring."""
    return {
        f"{module.relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_modules_stay_under_400_lines() -> None:
    lines = {str(module.relative_to(ROOT)): len(module.read_text().splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count >= 400} == {}


def test_functions_are_short() -> None:
    sizes = {name: lines for module in MODULES for name, lines in functions(module).items()}
    assert {name: lines for name, lines in sizes.items() if lines > 60} == {}
    assert median(sizes.values()) < 10


def test_importing_a_package_imports_nothing_else() -> None:
    assert [path for path in MODULES if path.name == "__init__.py" and path.read_text()] == []
