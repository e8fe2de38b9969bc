"""The house: what may include what, which calls are forbidden and why, and that nothing lies about unused.

Each test prints every offender with its place and what to do instead.
"""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CPP = ROOT / "cpp"

# The table of docs/architecture.md: what a library may include besides itself, and what those include.
MAY_INCLUDE: dict[str, tuple[str, ...]] = {
    "common": (),
    "runtime": ("common",),
    "protocol": ("common",),
    "record": ("common",),
    "log": ("common", "runtime", "record"),
    "purgatory": ("common", "runtime"),
    "network": ("common", "runtime", "protocol"),
    "clients": ("common", "runtime", "protocol", "record", "network"),
    "zookeeper": ("common", "runtime", "network", "metadata"),
    "metadata": ("common", "runtime", "protocol"),
    "replication": ("log", "purgatory", "clients", "zookeeper", "metadata"),
    "controller": ("clients", "zookeeper", "metadata"),
    "coordinator": ("purgatory", "record", "clients"),
    "server": ("replication", "controller", "coordinator"),
    "simulation": ("server",),
    "bindings": ("simulation",),
}

# Everything that makes one run differ from the next enters through the seams of runtime/.
SEAM = "runtime/ only: "
BANNED = {
    r"\bstd::(recursive_|timed_|shared_)?(timed_)?mutex\b": SEAM + "use Mutex (runtime/threads.h)",
    r"\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b": SEAM + "use Lock",
    r"\bstd::condition_variable": SEAM + "use ConditionVariable",
    r"\bstd::(j?thread|async|this_thread)\b": SEAM + "use Thread or Worker",
    r"\bstd::(promise|future|shared_future|packaged_task)\b": SEAM + "use Promise and Future",
    r"\bstd::(counting_semaphore|binary_semaphore|latch|barrier)\b": SEAM + "use ConditionVariable",
    r"\b(system|steady|high_resolution)_clock\b": SEAM + "use node.clock()",
    r"\b(gettimeofday|clock_gettime|localtime|gmtime)\w*\s*\(": SEAM + "use node.clock()",
    r"\b(usleep|nanosleep|sleep_for|sleep_until)\s*\(": SEAM + "use node.sleep()",
    r"\bstd::(random_device|mt19937\w*|default_random_engine|shuffle)\b": SEAM + "use RandomStream",
    r"(?<![\w.>:])(rand|srand|random)\s*\(\s*\)": SEAM + "use RandomStream",
    r"\bstd::(i|o)?fstream\b|\bfopen\s*\(": SEAM + "use node.files()",
    r"\bstd::filesystem\b": SEAM + "use node.files()",
    r"(?<!\w)::(open|read|write|close|socket|connect|bind|poll|fsync|mmap)\s*\(": SEAM + "use Node",
    r"\bstd::(cout|cerr|clog|cin)\b": "use KS_LOG (common/logging.h)",
}
BANNED_EVERYWHERE = {
    r"\bthread_local\b": "fibers share their thread: pass it, or keep it in the object",
    r"#include <(regex|iostream)>": "slow to compile; parse by hand, log with KS_LOG",
}
CATCH_ALL = r"\bcatch\s*\(\s*\.\.\.\s*\)"
CATCH_ALL_WHY = "would swallow the unwinding of a crashed node: catch std::exception or narrower"

HEAVY = re.compile(r'#include [<"](boost|openssl|spdlog|pybind11)/')
HEAVY_HOMES = ("runtime/real/", "runtime/sim/", "common/logging.cpp", "bindings/")


@cache
def tracked() -> tuple[Path, ...]:
    """All files of the repository, those not yet committed among them."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(ROOT / line for line in listed.splitlines() if (ROOT / line).is_file())


def files(folder: Path, *suffixes: str) -> list[Path]:
    """Tracked files below a folder that end so."""
    return [p for p in tracked() if p.is_relative_to(folder) and p.suffix in suffixes]


def sources() -> list[Path]:
    """Headers and sources of the core."""
    return files(CPP, ".h", ".cpp")


def library_of(path: Path) -> str:
    """The folder of cpp/ that a file belongs to."""
    return path.relative_to(CPP).parts[0]


@cache
def code_lines(path: Path) -> tuple[str, ...]:
    """The lines without comments and without what stands in string literals."""
    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'

    def blank(match: re.Match[str]) -> str:
        text = match.group()
        return "\n" * text.count("\n") if text[0] == "/" else '""' + "\n" * text.count("\n")

    text = path.read_text()
    includes = {n: line for n, line in enumerate(text.split("\n")) if line.startswith("#include")}
    stripped = re.sub(pattern, blank, text, flags=re.DOTALL).split("\n")
    return tuple(includes.get(number, line) for number, line in enumerate(stripped))


def matches(paths: list[Path], rules: dict[str, str]) -> Iterator[str]:
    """Each place where a rule is broken, as "file:line: what (why)"."""
    compiled = [(re.compile(rule), why) for rule, why in rules.items()]
    for path in paths:
        for number, line in enumerate(code_lines(path), 1):
            for rule, why in compiled:
                if found := rule.search(line):
                    place = f"{path.relative_to(ROOT)}:{number}"
                    yield f"{place}: {found.group().strip()} ({why})"


def expect_none(offenders: Iterator[str] | list[str]) -> None:
    """Fails with one offender a line."""
    found = sorted(offenders)
    assert not found, f"{len(found)} offenders:\n" + "\n".join(found)


def all_below(library: str) -> set[str]:
    """What a library may include: itself, its row, and what those include."""
    below = {library}
    for other in MAY_INCLUDE[library]:
        below |= all_below(other)
    return below


def test_libraries_include_only_what_their_row_names() -> None:
    def offenders() -> Iterator[str]:
        for path in sources():
            library = library_of(path)
            for number, line in enumerate(code_lines(path), 1):
                found = re.match(r'#include "(\w+)/', line)
                if found and found.group(1) not in all_below(library):
                    allowed = ", ".join(sorted(all_below(library)))
                    yield f"{path.relative_to(ROOT)}:{number}: {line} ({library} may use {allowed})"

    expect_none(offenders())


def test_every_library_has_a_row_and_a_cmake_file() -> None:
    folders = {library_of(p) for p in sources()}
    expect_none([f"cpp/{name}: not in the table" for name in folders - MAY_INCLUDE.keys()])
    missing = [n for n in folders if not (CPP / n / "CMakeLists.txt").exists()]
    expect_none([f"cpp/{name}: no CMakeLists.txt" for name in missing])


def test_only_the_simulation_and_the_bindings_know_which_runtime_runs() -> None:
    asking = [p for p in sources() if library_of(p) not in ("runtime", "simulation", "bindings")]
    rule = {r'#include "runtime/(real|sim)/': "take a Node&; who makes nodes decides"}
    expect_none(matches(asking, rule))


def test_nothing_but_the_runtime_reaches_the_outside() -> None:
    expect_none(matches([p for p in sources() if library_of(p) != "runtime"], BANNED))


def test_banned_everywhere() -> None:
    expect_none(matches(sources(), BANNED_EVERYWHERE))


def test_no_catch_all_outside_runtime_and_bindings() -> None:
    inside = [p for p in sources() if library_of(p) not in ("runtime", "bindings")]
    expect_none(matches(inside, {CATCH_ALL: CATCH_ALL_WHY}))


def test_heavy_headers_stay_in_their_homes() -> None:
    def offenders() -> Iterator[str]:
        for path in sources():
            if str(path.relative_to(CPP)).startswith(HEAVY_HOMES):
                continue
            for number, line in enumerate(code_lines(path), 1):
                if HEAVY.match(line):
                    yield f"{path.relative_to(ROOT)}:{number}: {line} (only in {HEAVY_HOMES})"

    expect_none(offenders())


def test_no_file_is_dead() -> None:
    def offenders() -> Iterator[str]:
        text = "\n".join(p.read_text() for p in files(ROOT, ".h", ".cpp", ".py", ".in", ".cmake"))
        cmake = "\n".join(p.read_text() for p in CPP.rglob("CMakeLists.txt"))
        for path in files(CPP, ".h"):
            name = str(path.relative_to(CPP))
            if f'"{name}"' not in text:
                yield f"cpp/{name}: nobody includes it"
        for path in files(ROOT / "tests" / "cpp", ".cpp"):
            library = path.relative_to(ROOT / "tests" / "cpp").parts[0]
            if f"ks_tests({library} " not in cmake:
                yield f"{path.relative_to(ROOT)}: no ks_tests({library} ...) builds it"

    expect_none(offenders())


def test_links_and_mentioned_pages_exist() -> None:
    def exists(name: str, page: Path) -> bool:
        return any((base / name).exists() for base in (page.parent, ROOT, ROOT / "docs"))

    def offenders() -> Iterator[str]:
        for page in files(ROOT, ".md"):
            prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
            for link in re.findall(r"\]\(([^)#\s]+)", prose):
                if "://" not in link and not link.startswith("mailto:") and not exists(link, page):
                    yield f"{page.relative_to(ROOT)}: {link} does not exist"
        for path in files(ROOT, ".md", ".h", ".cpp", ".py", ".txt", ".cmake"):
            if path.is_relative_to(ROOT / "tests" / "data"):
                continue
            for name in re.findall(r"(?<![\w/.-])[\w/.-]+\.md\b", path.read_text()):
                if not exists(name, path):
                    yield f"{path.relative_to(ROOT)}: mentions {name}, which does not exist"
            for name in re.findall(r"docs/decisions/(\d{4})", path.read_text()):
                if not list((ROOT / "docs" / "decisions").glob(f"{name}-*.md")):
                    yield f"{path.relative_to(ROOT)}: no decision {name}"

    expect_none(set(offenders()))


def test_lines_fit_the_screen() -> None:
    def offenders() -> Iterator[str]:
        for path in [*sources(), *files(ROOT / "python", ".py")]:
            limit = 120 if path.suffix == ".py" else 100  # code is formatted to 100 in both
            for number, line in enumerate(path.read_text().split("\n"), 1):
                if len(line) > limit:
                    yield f"{path.relative_to(ROOT)}:{number}: {len(line)} columns"

    expect_none(offenders())


def generated_headers() -> Path | None:
    """Where a build left the generated headers; the newest build wins."""
    found = [p for p in (ROOT / "build").glob("*/generated") if p.is_dir()]
    return max(found, key=lambda p: p.stat().st_mtime, default=None)


def test_each_header_compiles_alone() -> None:
    generated = generated_headers()
    if generated is None and (CPP / "protocol" / "CMakeLists.txt").exists():
        pytest.skip(
            "nothing is built yet: cmake --preset release && cmake --build --preset release"
        )
    pybind11 = pytest.importorskip("pybind11")
    include = [CPP, generated, pybind11.get_include(), sysconfig.get_paths()["include"]]
    flags = [f"-I{path}" for path in include if path is not None]
    compiler = os.environ.get("CXX", "g++")

    def compile_alone(header: Path) -> str:
        command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-x", "c++", *flags]
        result = subprocess.run([*command, str(header)], capture_output=True, text=True)
        wrong = [line for line in result.stderr.splitlines() if "error:" in line]
        return "\n".join(wrong[:3]) if result.returncode else ""

    with ThreadPoolExecutor(2) as pool:
        expect_none([text for text in pool.map(compile_alone, files(CPP, ".h")) if text])


def function_lengths(path: Path) -> Iterator[int]:
    """Lines of each function, taken from the indentation that clang-format gives."""
    opened: dict[str, int] = {}
    for number, line in enumerate(code_lines(path)):
        indent = re.match(r" *", line).group()  # type: ignore[union-attr]
        if line.endswith("{") and ")" in line and not line.lstrip().startswith(("namespace", "}")):
            opened.setdefault(indent, number)
        elif line.strip() == "}" and indent in opened:
            start = opened.pop(indent)
            opened = {k: v for k, v in opened.items() if len(k) < len(indent)}
            if len(indent) in (0, 2):
                yield number - start + 1


def test_sizes(capsys: pytest.CaptureFixture[str]) -> None:
    lines = sorted(len(p.read_text().splitlines()) for p in sources())
    functions = sorted(n for p in sources() for n in function_lengths(p))
    long_files = sum(n > 400 for n in lines) / len(lines)
    long_functions = sum(n > 70 for n in functions) / max(len(functions), 1)
    with capsys.disabled():
        print(
            f"\n{len(lines)} files of C++, median {lines[len(lines) // 2]} lines, "
            f"{long_files:.1%} over 400; {len(functions)} functions, {long_functions:.1%} over 70"
        )
    assert long_files < 0.1
    assert long_functions < 0.05
