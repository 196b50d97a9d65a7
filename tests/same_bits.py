"""Whether the recorded bits come out whatever the libraries of a machine do: python -m tests.same_bits

python -m tests.same_bits              # compares under every environment below, each in a process of its own
python -m tests.same_bits --record     # computes the record anew, which is right after a change of the arithmetic
python -m tests.same_bits --one        # compares in this process and prints the names that differ
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lrstudio.core.kernel.host import VARIABLE, backend
from lrstudio.engine.recorded_bits import computed, differing
from tests.everywhere import NO_AVX2, kernels
from tests.patience import patience

RECORD = Path(__file__).parents[1] / "resources" / "data" / "bits.txt"
HEADER = (
    "# Hashes of short trainings: lrstudio/engine/recorded_bits.py. Written by python -m tests.same_bits --record\n"
)
OLD_LIBM = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F,-AVX_Fast_Unaligned_Load"}
"""Lets glibc choose the functions that it has for a CPU without these instructions."""
ENVIRONMENTS: dict[str, dict[str, str]] = {
    "as it is": {},
    "NumPy without AVX2": NO_AVX2,
    "libm without FMA": OLD_LIBM,
    **{f"OpenBLAS for {kernel}": {"OPENBLAS_CORETYPE": kernel} for kernel in kernels()},
    "interpreted": {VARIABLE: "pulley"},
    "without kernels": {VARIABLE: "numpy"},
    "without kernels, AVX2 and FMA": {VARIABLE: "numpy", **NO_AVX2, **OLD_LIBM},
}
_ILLEGAL = (-4, 0xC000001D)


def elsewhere(environment: Mapping[str, str]) -> list[str] | None:
    """The names that differ in a process with these variables; None where its BLAS kernel is not for this CPU."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.same_bits", "--one"],
        env=os.environ | dict(environment),
        capture_output=True,
        text=True,
        timeout=patience(300),
        check=False,
    )
    if done.returncode in _ILLEGAL:
        return None
    if done.returncode:
        raise RuntimeError(f"{environment}: {done.stderr}")
    return done.stdout.splitlines()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--one", action="store_true")
    given = parser.parse_args()
    if given.record:
        RECORD.write_text(HEADER + "".join(f"{name} {value}\n" for name, value in computed().items()), "utf-8")
        return 0
    if given.one:
        print(*differing(), sep="\n", end="")
        return 0
    print(f"{platform.machine()}, {backend().kind}")
    worst = 0
    for name, environment in ENVIRONMENTS.items():
        wrong = elsewhere(environment)
        said = "not for this CPU" if wrong is None else f"{len(wrong)} differ {' | '.join(wrong[:8])}"
        worst = max(worst, len(wrong or ()))
        print(f"{name:>32}: {said}", flush=True)
    return int(worst > 0)


if __name__ == "__main__":
    sys.exit(main())
