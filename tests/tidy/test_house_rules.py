"""House rules. They fail; they do not warn."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import house

CLOCK = re.compile(
    r"timezone\.now\(|date\.today\(|datetime\.(now|utcnow)\(|time\.time\(|clock\.(today|now)\("
)


def test_functions_have_at_most_60_lines() -> None:
    long = [
        f"{house.name(path)}:{f.lineno} {f.name} ({f.end_lineno - f.lineno + 1})"
        for path in house.product()
        for f in house.functions(path)
        if f.end_lineno is not None and f.end_lineno - f.lineno >= 60
    ]
    assert long == []


def test_files_have_at_most_600_lines() -> None:
    long = [
        house.name(p)
        for p in (*house.product(), *house.tests())
        if p.read_text(encoding="utf-8").count("\n") > 600
    ]
    assert long == []


def test_every_room_explains_itself_in_at_most_40_lines() -> None:
    rooms = sorted(p.name for p in house.SOURCE.iterdir() if p.is_dir() and p.name != "__pycache__")
    wrong = [
        room
        for room in rooms
        if not (readme := house.SOURCE / room / "README.md").exists() or readme.read_text().count("\n") > 40
    ]
    assert wrong == []


def test_pure_code_has_no_float_and_no_clock() -> None:
    found = []
    for path in filter(house.is_pure, house.product()):
        for node in ast.walk(house.tree(path)):
            if (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
                isinstance(node, ast.Name) and node.id == "float"
            ):
                found.append(f"{house.name(path)}:{node.lineno} float")
        found += [
            f"{house.name(path)}:{i} clock"
            for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if CLOCK.search(line)
        ]
    assert found == []


def _is_service(path: Path) -> bool:
    parts = path.relative_to(house.SOURCE).parts
    return "services" in parts or path.name == "services.py"


def test_services_do_not_read_the_clock() -> None:
    found = [
        f"{house.name(path)}:{i}"
        for path in house.product()
        if _is_service(path)
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLOCK.search(line)
    ]
    assert found == []


def test_public_services_take_keywords_only() -> None:
    found = [
        f"{house.name(path)}:{node.lineno} {node.name}"
        for path, node in house.services()
        if len(node.args.args) + len(node.args.posonlyargs) > 1
    ]
    assert found == []


def test_every_public_service_is_named_in_a_test() -> None:
    text = house.test_text()
    found = [
        f"{house.name(path)}:{node.name}"
        for path, node in house.services()
        if not re.search(rf"\b{node.name}\b", text)
    ]
    assert found == []


def test_every_result_code_is_reached_by_a_test() -> None:
    """Enums of pure code that end in Code, FindingKind or Reason are answers of checks."""
    text = house.test_text()
    missing = []
    for path in filter(house.is_pure, house.product()):
        for node in ast.walk(house.tree(path)):
            if not (
                isinstance(node, ast.ClassDef)
                and node.name.endswith(("Code", "Codes", "FindingKind", "Reason"))
            ):
                continue
            for entry in node.body:
                if not (isinstance(entry, ast.Assign) and isinstance(entry.targets[0], ast.Name)):
                    continue
                value = ast.literal_eval(entry.value) if isinstance(entry.value, ast.Constant) else None
                if not re.search(rf"\b{entry.targets[0].id}\b", text) and (
                    not value or str(value) not in text
                ):
                    missing.append(f"{house.name(path)}: {node.name}.{entry.targets[0].id}")
    assert missing == []


def test_no_room_uses_the_views_of_another() -> None:
    found = []
    for path in house.product():
        if house.room(path) == "project":
            continue
        for node in ast.walk(house.tree(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                match = re.match(r"turnus\.(\w+)\.(views|urls|forms)\b", node.module)
                if match and match[1] != house.room(path) and match[1] != "ui":
                    found.append(f"{house.name(path)}:{node.lineno} {node.module}")
    assert found == []


def test_public_functions_of_services_and_calc_are_documented() -> None:
    found = [
        f"{house.name(path)}:{node.lineno} {node.name}"
        for path in house.product()
        if _is_service(path) or house.is_pure(path)
        for node in house.tree(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert found == []


def test_no_test_sleeps_or_reads_today() -> None:
    pattern = re.compile(r"\btime\.sleep\(|date\.today\(|datetime\.now\(|timezone\.now\(")
    found = [
        f"{house.name(path)}:{i}"
        for path in house.tests()
        if path != Path(__file__)
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def _asserts(function: ast.FunctionDef) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Attribute | ast.Name):
            called = node.attr if isinstance(node, ast.Attribute) else node.id
            if re.match(r"raises$|expect|assert|check|_check|_expect|_assert|validate", called):
                return True
    return False


def test_every_test_asserts_something() -> None:
    found = [
        f"{house.name(path)}:{f.lineno} {f.name}"
        for path in house.tests()
        for f in house.functions(path)
        if isinstance(f, ast.FunctionDef)
        and f.name.startswith("test")
        and path.name.startswith("test_")
        and not _asserts(f)
    ]
    assert found == []


def test_nothing_names_this_machine_or_a_package_registry() -> None:
    hosts = re.compile("py" + r"pi\.org|python" + r"hosted|registry\.np" + r"mjs|deb\.deb" + r"ian\.org")
    paths = re.compile("/(?:" + "|".join(("wo" + "rk", "ro" + "ot")) + ")/")
    found = []
    for path in house.tracked():
        if path.suffix in {".png", ".pdf", ".woff2", ".ttf", ".otf", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if hosts.search(text) or paths.search(text):
            found.append(house.name(path))
    assert found == []


def test_nothing_is_left_to_do() -> None:
    pattern = re.compile(r"#.*\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|NotImplemented" + r"Error")
    found = [
        f"{house.name(path)}:{i}"
        for path in house.product()
        for i, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_every_dependency_has_its_line_and_its_hash() -> None:
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.match(r"[A-Za-z0-9_.-]+", w)[0].lower() for w in wanted}  # type: ignore[index]
    documented = (house.ROOT / "docs" / "dependencies.md").read_text().lower()
    assert sorted(n for n in names if f"`{n}`" not in documented) == []
    lock = (house.ROOT / "requirements" / "test.txt").read_text().lower()
    assert sorted(n for n in names if f"\n{n}==" not in "\n" + lock) == []
    assert "--index-url" not in lock
    pinned = re.findall(r"(?m)^[a-z0-9_.-]+==[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}[^\n]*\n)+)", lock)
    assert len(pinned) == len(re.findall(r"(?m)^[a-z0-9_.-]+==", lock))


def test_identifiers_follow_the_glossary() -> None:
    """The glossary's table of wrong spellings: no product identifier may contain one."""
    rows = re.findall(
        r"(?m)^\| `([a-z_]+)` \| `([a-z_]+)` \|", (house.ROOT / "docs" / "glossary.md").read_text()
    )
    assert len(rows) > 10, "the table of spellings to avoid is missing"
    wrong = {bad: good for good, bad in rows}
    found = []
    for path in house.product():
        for node in ast.walk(house.tree(path)):
            name = (
                getattr(node, "id", None)
                or getattr(node, "attr", None)
                or getattr(node, "arg", None)
                or getattr(node, "name", None)
            )
            if isinstance(name, str):
                for bad in wrong:
                    if re.search(rf"(^|_){bad}s?(_|$)", name):
                        found.append(f"{house.name(path)}: {name} → {wrong[bad]}")
    assert sorted(set(found)) == []


@pytest.mark.parametrize(
    "package",
    [
        "lib",
        "edifact",
        "catalogue",
        "billing",
        "ledger",
        "receivables",
        "documents",
        "products",
        "metering",
        "market",
    ],
)
def test_pure_tests_pass_without_django(package: str) -> None:
    """The tests of the pure parts run in an interpreter in which Django cannot be imported."""
    folder = house.SOURCE / package / "tests"
    places = [folder] if package in house.PURE else [folder / "calc"]
    places = [p for p in places if p.is_dir() and list(p.glob("test_*.py"))]
    if not places:
        assert package not in house.PURE
        return
    code = (
        "import sys\n"
        "for name in ('django', 'psycopg', 'procrastinate'): sys.modules[name] = None\n"
        "import pytest\n"
        "sys.exit(pytest.main(['-p', 'no:django', '-p', 'no:xdist', '--noconftest', '-q', '-W', 'ignore',"
        " '-o', 'addopts=--import-mode=importlib', '-k', 'not property and not sample', *sys.argv[1:]]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, places)],
        cwd=house.ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
