"""What the house rules look at: every Python file of the product, parsed once."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "turnus"
PURE = ("lib", "edifact", "catalogue")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\n")  # fmt: skip
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


@cache
def product() -> tuple[Path, ...]:
    """Python files of the product: no tests, no migrations."""
    return tuple(
        p for p in tracked()
        if p.suffix == ".py" and SOURCE in p.parents and not {"tests", "migrations"} & set(p.parts)
    )  # fmt: skip


@cache
def tests() -> tuple[Path, ...]:
    return tuple(
        p for p in tracked()
        if p.suffix == ".py" and "tests" in p.parts and ROOT in p.parents
    )  # fmt: skip


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0]


def is_pure(path: Path) -> bool:
    return room(path) in PURE or "calc" in path.relative_to(SOURCE).parts


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [n for n in ast.walk(tree(path)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


@cache
def test_text() -> str:
    """All test code in one string, for "is this named in a test" rules."""
    texts = [p.read_text(encoding="utf-8") for p in tests()]
    texts += [
        p.read_text(encoding="utf-8")
        for p in tracked()
        if "tests" in p.parts and p.suffix in {".txt", ".md", ".tsv"}
    ]
    return "\n".join(texts)


@cache
def services() -> tuple[tuple[Path, ast.FunctionDef], ...]:
    """The use cases a room offers: functions of `services.py`, or what `services/__init__.py` hands out."""
    offered: list[tuple[Path, ast.FunctionDef]] = []
    for path in product():
        defined = [
            n for n in tree(path).body if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")
        ]
        if path.name == "services.py":
            offered += [(path, n) for n in defined]
        elif path.parent.name == "services" and path.name != "__init__.py":
            front = tree(path.parent / "__init__.py")
            names = {
                a.asname or a.name for n in ast.walk(front) if isinstance(n, ast.ImportFrom) for a in n.names
            }
            offered += [(path, n) for n in defined if n.name in names]
    return tuple(offered)
