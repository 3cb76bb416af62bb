"""The house is as docs/architecture.md says: imports go one way, and every public name has one home."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import paretoscope
from paretoscope import plot

SOURCE = Path(paretoscope.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"


def module_name(path):
    """``noise.fitting`` for noise/fitting.py, ``noise`` for noise/__init__.py, ``""`` for the package itself."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in SOURCE.rglob("*.py")}


def imported(path):
    """Modules of the package that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import"
            names = [(node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [(alias.name, "") for alias in node.names]
        else:
            continue
        for base, name in names:
            if base.partition(".")[0] == "paretoscope":
                module = base.removeprefix("paretoscope").removeprefix(".")
                inner = f"{module}.{name}".removeprefix(".")
                yield inner if inner in MODULES else module


IMPORTS = {name: set(imported(path)) - {name} for name, path in MODULES.items() if name}


def documented_order():
    """Packages and modules from the lowest to the highest, as the page's first table lists them."""
    table = PAGE.read_text(encoding="utf-8").partition("| package or module |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE)


def test_the_page_names_every_package_once():
    found = documented_order()
    assert len(found) == len(set(found))
    assert set(found) == {name.partition(".")[0] for name in MODULES if name}


@pytest.mark.parametrize("name", sorted(IMPORTS))
def test_imports_go_downwards(name):
    order = documented_order()
    own = name.partition(".")[0]
    for other in IMPORTS[name]:
        if other:  # the package's own __init__ holds nothing but names that are loaded later, and the version
            below = other.partition(".")[0]
            assert below == own or order.index(below) < order.index(own), f"{name} imports {other}, which stands above"


def documented_files():
    """For each package its files in the page's order, as modules; a folder stands for its ``__init__``."""
    table = PAGE.read_text(encoding="utf-8").partition("| package | files |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", table, flags=re.MULTILINE)
    found = {}
    for package, cell in rows:
        names = re.findall(r"`([\w/]+)`", re.sub(r"\([^)]*\)", "", cell))
        found[package] = [f"{package}.{name.strip('/').replace('/', '.')}" for name in names if name != "templates/"]
    return found


def says_something(path):
    """Whether a file has more than a docstring."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) > 1


@pytest.mark.parametrize("package", [name for name in documented_order() if (SOURCE / name).is_dir()])
def test_files_import_those_before_them(package):
    own = [name for name in MODULES if name.startswith(f"{package}.") and says_something(MODULES[name])]
    files = documented_files().get(package, [])
    assert sorted(files) == sorted(own)
    for place, name in enumerate(files):
        for other in IMPORTS[name] & set(files):
            assert other in files[:place], f"{name} imports {other}, which the page lists after it"


def test_no_circle():
    try:
        TopologicalSorter(IMPORTS).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_only_commands_and_figures_change_which_warnings_are_ignored():
    """That list is one for all threads: who changes it in one can lose the warnings of another."""
    changing = {
        name
        for name, path in MODULES.items()
        if re.search(r"\b(catch_warnings|simplefilter|filterwarnings)\b", path.read_text(encoding="utf-8"))
    }
    # A command is one thread, and matplotlib is not to be used by several.
    assert {name.partition(".")[0] for name in changing} <= {"cli", "commands", "plot"}


@pytest.mark.parametrize("package", [paretoscope, plot], ids=lambda package: package.__name__)
def test_lists_of_public_names_agree(package):
    """Names for type checkers, for loading, and for ``import *``."""
    tree = ast.parse(Path(package.__file__).read_text(encoding="utf-8"))
    blocks = [node.body for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    for_checkers = {
        alias.name: node.module.removeprefix(package.__name__).removeprefix(".")
        for body in blocks
        for node in body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for_checkers.pop("plot", None)  # a module, which has no other home
    homes = package._HOME
    assert for_checkers == homes
    assert set(package.__all__) == set(homes) | ({"__version__", "plot"} if package is paretoscope else set())
    assert list(package.__all__) == sorted(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_no_package_is_named_like_a_public_function():
    assert not {name.partition(".")[0] for name in MODULES} & (set(paretoscope.__all__) - {"plot"})


def test_every_file_that_the_page_names_is_there():
    for name in set(re.findall(r"`([\w/]+(?:\.py|/))`", PAGE.read_text(encoding="utf-8"))):
        known = [SOURCE / name, PAGE.parents[1] / name, *SOURCE.glob(f"*/{name}")]
        assert any(path.exists() for path in known), name
