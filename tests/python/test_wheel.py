"""The wheel of `make wheel` runs a broker where none of the libraries that it was built with is installed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

DIST = Path(__file__).resolve().parents[2] / "dist"
# What scripts/debian-packages.txt brings beyond what every Debian has.
BROUGHT = ("boost_", "crypto", "fmt", "isal", "lz4", "snappy", "spdlog", "ssl", "zstd")

ROUND_TRIP = """
import ctypes, sys
import kafkascope as ks

for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        continue
    sys.exit(f"{name} is still to be found")
with ks.LocalCluster() as cluster:
    where = cluster.bootstrap_servers
    for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
        with ks.KafkaProducer(bootstrap_servers=where, compression_type=codec) as producer:
            producer.send("flights", codec.encode() * 100).get(timeout=10)
    consumer = ks.KafkaConsumer(
        "flights", bootstrap_servers=where, auto_offset_reset="earliest", consumer_timeout_ms=10000
    )
    print([next(consumer).value[:4].decode() for _ in range(5)], ks.__file__)
    consumer.close()
"""


def libraries_to_hide() -> list[Path]:
    """Every file of those libraries on this machine."""
    folders = [Path(path) for path in ("/usr/lib", "/usr/lib64", "/usr/local/lib")]
    found = {
        file.resolve()
        for folder in folders
        if folder.is_dir()
        for pattern in ("lib*.so*", "*-linux-gnu/lib*.so*")
        for file in folder.glob(pattern)
        if file.name[3:].startswith(BROUGHT)
    }
    return sorted(file for file in found if file.is_file())


def run_hidden(command: list[str], hidden: list[Path]) -> subprocess.CompletedProcess[str]:
    """Runs a command in a mount namespace of its own, where an empty file lies over each library."""
    steps = [f"mount --bind /dev/null {shlex.quote(str(file))}" for file in hidden]
    script = " && ".join([*steps, f"exec {shlex.join(command)}"])
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script],
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def wheel() -> Path:
    found = sorted(DIST.glob("kafkascope-*.whl"))
    if not found:
        pytest.skip("no wheel in dist/: `make wheel` builds it")
    return found[-1]


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new virtual environment that holds the wheel and what it requires."""
    home = tmp_path_factory.mktemp("wheel") / "venv"
    subprocess.run([sys.executable, "-m", "venv", home], check=True, timeout=120)
    python = home / "bin" / "python"
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, wheel], check=True, timeout=300)
    return python


def test_names_the_oldest_system_that_it_runs_on(wheel: Path) -> None:
    assert "-manylinux_2_" in wheel.name
    assert wheel.stat().st_size < 15 << 20


def test_runs_a_broker_where_its_libraries_are_not_installed(clean_python: Path) -> None:
    hidden = libraries_to_hide()
    if run_hidden(["true"], []).returncode != 0:
        pytest.skip("no mount namespaces here: nothing can be hidden")
    names = [str(file) for file in hidden]
    result = run_hidden([str(clean_python), "-I", "-c", ROUND_TRIP, *names], hidden)
    assert result.returncode == 0, result.stderr
    assert "['none', 'gzip', 'snap', 'lz4l', 'zstd']" in result.stdout
    assert str(clean_python.parents[1]) in result.stdout, "it must be the wheel's package"


def test_loads_nothing_else_from_the_system(clean_python: Path) -> None:
    """The bundled copies stand in the wheel itself; the rest is part of every Linux."""
    find = "import kafkascope._core as core; print(core.__file__)"
    module = subprocess.run(
        [clean_python, "-I", "-c", find], check=True, capture_output=True, text=True, timeout=60
    ).stdout.strip()
    listed = subprocess.run(["ldd", module], check=True, capture_output=True, text=True).stdout
    system = [line.split()[0] for line in listed.splitlines() if "=> /lib" in line]
    allowed = (
        "libc.",
        "libm.",
        "libdl.",
        "libpthread.",
        "librt.",
        "libgcc_s.",
        "libstdc++.",
        "libz.",
    )
    assert [name for name in system if not name.startswith(allowed)] == []
