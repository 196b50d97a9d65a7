"""The floors as sentences: an import may only point down."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lrstudio.core.optimizers import OPTIMIZERS
from lrstudio.core.schedules import SCHEDULES

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lrstudio"
QT = ("PySide6", "shiboken6", "pyqtgraph")
ROOMS = (  # of the window, from the ground up; a room may import those of lower floors only
    ("look",),
    ("drawing", "fields", "session"),
    ("canvases", "files", "ruler", "runs"),
    ("docks", "figures", "views"),
    ("instruments", "lessons"),
    ("window",),
)
INSTRUMENTS = ("compare", "explain", "log", "map", "range_test", "sweep")
MOST_ENTRIES = 20


def modules(*folders: str) -> list[Path]:
    return sorted(file for folder in folders or ("",) for file in (PACKAGE / folder).rglob("*.py"))


@cache
def nodes(file: Path) -> tuple[ast.AST, ...]:
    """The nodes of a module's syntax, read once for all tests."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


@pytest.fixture(scope="module", autouse=True)
def forgotten() -> Iterator[None]:
    yield
    nodes.cache_clear()


def imported(file: Path) -> Iterator[str]:
    """The full names that a module imports, wherever in it."""
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_modules(file: Path, names: set[str]) -> set[str]:
    """The modules of the package that a module imports, those for type checking included."""
    return {name if name in names else name.rpartition(".")[0] for name in imported(file)} & names - {name_of(file)}


def is_in(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize(
    ("floor", "above"),
    [
        ("core", ("lrstudio.engine", "lrstudio.store", "lrstudio.ui", "lrstudio.terminal.cli", *QT)),
        ("engine", ("lrstudio.store", "lrstudio.ui", "lrstudio.terminal.cli", *QT)),
        ("store", ("lrstudio.ui", "lrstudio.terminal.cli", *QT)),
    ],
)
def test_a_floor_imports_nothing_from_above(floor: str, above: tuple[str, ...]) -> None:
    wrong = [(str(file), name) for file in modules(floor) for name in imported(file) if is_in(name, above)]
    assert wrong == []


@pytest.mark.parametrize("room", [room for floor in ROOMS for room in floor])
def test_a_room_of_the_window_imports_nothing_from_its_own_floor_or_above(room: str) -> None:
    floor = next(index for index, rooms in enumerate(ROOMS) if room in rooms)
    above = tuple(f"lrstudio.ui.{other}" for rooms in ROOMS[floor:] for other in rooms if other != room)
    wrong = [(str(file), name) for file in modules(f"ui/{room}") for name in imported(file) if is_in(name, above)]
    assert wrong == []


def test_every_room_of_the_window_stands_on_a_floor() -> None:
    found = {folder.name for folder in (PACKAGE / "ui").iterdir() if (folder / "__init__.py").exists()}
    assert found == {room for floor in ROOMS for room in floor}


@pytest.mark.parametrize("room", INSTRUMENTS)
def test_an_instrument_knows_no_other(room: str) -> None:
    others = tuple(f"lrstudio.ui.instruments.{other}" for other in (*INSTRUMENTS, "tools") if other != room)
    wrong = [
        (str(file), name)
        for file in modules(f"ui/instruments/{room}")
        for name in imported(file)
        if is_in(name, others)
    ]
    assert wrong == []


def test_no_module_names_an_optimizer_or_a_schedule_except_ready_experiments() -> None:
    """What differs between them is declared by themselves: their theory, what they follow, what can be dragged."""
    allowed = {"ui/instruments/map/presets.py", "terminal/benchmark.py"}  # ready experiments
    allowed |= {"ui/instruments/range_test/edits.py"}  # Smith's cycle
    allowed |= {"engine/proposals.py"}  # the rate that falls, against noise
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in modules()
        for name in imported(file)
        if name.startswith(("lrstudio.core.optimizers.", "lrstudio.core.schedules."))
        and name.rpartition(".")[2] in {kind.__name__ for kind in (*OPTIMIZERS, *SCHEDULES)}
    }
    homes = ("core/optimizers/", "core/schedules/", "engine/examples/")
    assert {file for file in found if not file.startswith(homes)} == allowed


def test_no_imports_go_in_a_circle() -> None:
    files = {name_of(file): file for file in modules()}
    left = {name: imported_modules(file, set(files)) for name, file in files.items()}
    while free := [name for name, needed in left.items() if not needed & left.keys()]:
        for name in free:
            del left[name]
    while unused := set(left) - {needed for names in left.values() for needed in names}:
        for name in unused:
            del left[name]
    assert left == {}


def test_no_module_asks_a_problem_or_an_objective_what_it_is_rather_than_what_it_can_do() -> None:
    declared = ("core/problems", "core/network", "core/objective", "engine/examples")
    classes = {
        node.name
        for file in [*modules("core/problems", "core/network"), PACKAGE / "core/objective.py"]
        for node in nodes(file)
        if isinstance(node, ast.ClassDef)
    } - {"Problem"}
    wrong = [
        f"{file.relative_to(PACKAGE)}: {ast.unparse(node)}"
        for file in modules()
        if not file.relative_to(PACKAGE).as_posix().startswith(declared)
        for node in nodes(file)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("isinstance", "issubclass")
        if classes & {name.id for name in ast.walk(node.args[1]) if isinstance(name, ast.Name)}
    ]
    assert wrong == []


def test_no_folder_has_more_entries_than_one_takes_in() -> None:
    folders = {file.parent for file in modules()}
    counts = {
        str(folder.relative_to(ROOT)): len([entry for entry in folder.iterdir() if entry.name[0] not in "_."])
        for folder in folders
    }
    assert {folder: count for folder, count in counts.items() if count > MOST_ENTRIES} == {}


def test_core_needs_numpy_and_wasmtime_and_nothing_else() -> None:
    packages = {name.partition(".")[0] for file in modules("core") for name in imported(file)}
    assert packages - set(sys.stdlib_module_names) == {"numpy", "lrstudio", "wasmtime"}


@pytest.mark.parametrize("name", ["lrstudio.core", "lrstudio.engine", "lrstudio.store", "lrstudio.terminal.cli"])
def test_what_is_below_the_window_runs_without_qt(name: str) -> None:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not there yet")
    below = [name_of(file) for file in modules(name.partition(".")[2])]
    program = f"import sys, {', '.join([name, *below])}\nprint(*{{part.partition('.')[0] for part in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert result.stderr == ""
    assert set(QT).isdisjoint(result.stdout.split())


def test_exactly_one_file_turns_text_into_code() -> None:
    found = {
        file.relative_to(PACKAGE).as_posix()
        for file in modules()
        for node in nodes(file)
        if isinstance(node, ast.Name) and node.id in ("exec", "eval", "compile", "__import__")
    }
    assert found == {"core/formula/compile.py"}


def test_no_file_is_read_as_code_or_as_objects() -> None:
    """Opening a session, a table or a log runs nothing; the shipped digits are read without pickled objects."""
    called, wrong = {}, set()
    for file in modules():
        place = file.relative_to(PACKAGE).as_posix()
        wrong |= {(place, name) for name in imported(file) if is_in(name, ("pickle", "marshal", "shelve", "runpy"))}
        for node in nodes(file):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.load", "numpy.load"):
                called[place] = [f"{option.arg}={ast.unparse(option.value)}" for option in node.keywords]
    assert (called, wrong) == ({"core/datasets/digits.py": ["allow_pickle=False"]}, set())


def test_only_two_labels_read_markup() -> None:
    """Another QLabel would take the texts of a file for HTML if they look so: see lrstudio.ui.look.plain."""
    found = {
        file.relative_to(PACKAGE).as_posix() for file in modules("ui") if "PySide6.QtWidgets.QLabel" in imported(file)
    }
    assert found == {"ui/look/plain.py", "ui/runs/proof.py"}


def test_no_signal_is_connected_to_the_emit_of_another() -> None:
    """PySide would keep some bytes of each such connection for ever: findings/pyside_connect_to_emit.sh."""
    assert not [str(file) for file in modules("ui") if re.search(r"\.connect\([^()]*\.emit\)", file.read_text())]


def test_no_file_has_more_than_300_lines() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in modules()}
    assert {name: count for name, count in lines.items() if count > 300} == {}


def test_no_module_is_a_drawer_for_everything() -> None:
    assert {file.stem for file in modules()}.isdisjoint({"utils", "util", "helpers", "common", "misc"})


FOREIGN = {
    "lrstudio/core/kernel/host.py": ("_ffi", "_func", "_context", "_from_ptr"),  # its own call is ten times slower
}


def private_members_of_others(file: Path) -> list[str]:
    """Members with a leading underscore that a file imports, or uses of an object, but does not define itself."""
    uses = [node for node in nodes(file) if isinstance(node, ast.Attribute) and is_private(node.attr)]
    own = {node.attr for node in uses if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")}
    own |= {node.name for node in nodes(file) if isinstance(node, ast.FunctionDef)}
    own |= set(FOREIGN.get(str(file.relative_to(ROOT)), ()))
    imports = (alias.name for node in nodes(file) if isinstance(node, ast.ImportFrom) for alias in node.names)
    return [
        *(name for name in imports if is_private(name) and name not in own),
        *(ast.unparse(node) for node in uses if node.attr not in own),
    ]


PROTOCOLS = ("_asdict", "_fields", "_replace", "_repr_svg_")
"""Names that the standard library and notebooks give."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in PROTOCOLS


def test_nobody_reaches_into_private_members_of_another_module() -> None:
    files = [*modules(), *(ROOT / "tests").rglob("*.py")]
    found = {str(file.relative_to(ROOT)): private_members_of_others(file) for file in files}
    assert {name: members for name, members in found.items() if members} == {}


MACHINE_DEPENDENT = set(
    "exp exp2 expm1 log log1p log10 log2 logaddexp power float_power pow sin cos tan arcsin arccos arctan arctan2 asin "
    "acos atan atan2 sinh cosh tanh cbrt hypot geomspace logspace".split()
)


def test_no_result_depends_on_a_library_of_mathematics() -> None:
    found = {}
    for file in (file for file in modules() if not file.is_relative_to(PACKAGE / "ui")):
        uses = {ast.unparse(node) for node in nodes(file) if isinstance(node, ast.Attribute)}
        uses |= {name for name in imported(file) if name.startswith("math.")}
        names = {f"{module}.{name}" for module in ("np", "numpy", "math") for name in MACHINE_DEPENDENT}
        found[str(file.relative_to(ROOT))] = uses & names
    assert {name: uses for name, uses in found.items() if uses} == {}


def test_every_package_is_installed() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found = [".".join(file.parent.relative_to(ROOT).parts) for file in (ROOT / "lrstudio").rglob("__init__.py")]
    assert sorted(declared) == sorted([*found, "lrstudio.resources"])


def test_only_the_terminal_knows_dask_and_only_when_it_is_asked_for() -> None:
    importing = {
        file.relative_to(PACKAGE).as_posix()
        for file in modules()
        for name in imported(file)
        if is_in(name, ("dask", "distributed"))
    }
    assert importing == {"terminal/cluster.py"}
    program = "import sys, lrstudio.terminal.cli, lrstudio.terminal.cluster; print('distributed' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (result.stdout, result.stderr) == ("False\n", "")
