"""Write what a package is made of as CycloneDX 1.6: python packaging/sbom.py FILE [DEBIAN-PACKAGE ...]

Runs with the Python the program was frozen with. Further Debian packages are those whose libraries come along. The same
contents give the same bytes: neither time nor a random number is in it.
"""

import platform
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution, distribution
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

PROGRAM = "lrstudio"
NAME = "lrstudio.cdx.json"
"""The file's name in every package, beside the licence texts."""
SHIPPED = (
    "PySide6-Essentials",
    "shiboken6",
    "numpy",
    "pyqtgraph",
    "contourpy",
    "pillow",
    "wasmtime",
    "colorama",
    "pyinstaller",
)


def write(path: Path, *debian: str) -> None:
    path.write_text(JsonV1Dot6(bom(debian)).output_as_string(indent=2) + "\n", "utf-8")


def bom(debian: Sequence[str]) -> Bom:
    """Returns the components of the frozen program and of these Debian packages."""
    parts = [*map(from_python, SHIPPED), *map(from_debian, sorted(debian))]
    parts.append(component("Python", platform.python_version(), "generic", "PSF-2.0"))
    program = component(PROGRAM, distribution(PROGRAM).version, "generic", "MIT", ComponentType.APPLICATION)
    made = Bom(components=parts, metadata=BomMetaData(component=program))
    made.metadata.timestamp = None  # type: ignore[assignment]
    made.serial_number = uuid5(NAMESPACE_URL, "\n".join(sorted(str(part.purl) for part in [program, *parts])))
    made.register_dependency(program, parts)
    return made


def from_python(name: str) -> Component:
    found = distribution(name)
    return component(found.metadata["Name"], found.version, "pypi", licence(found))


def licence(found: Distribution) -> str:
    """Returns the licence that a project states, by its expression or in its own words."""
    stated = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    classifiers = [line for line in found.metadata.get_all("Classifier") or () if line.startswith("License ::")]
    return stated.strip().splitlines()[0] if stated.strip() else classifiers[0].rpartition(" :: ")[2]


def from_debian(package: str) -> Component:
    fields = "${source:Package} ${Version}"
    source, version = subprocess.run(
        ["dpkg-query", "-W", "-f", fields, package], capture_output=True, text=True, check=True
    ).stdout.split()
    return component(package.partition(":")[0], version, "deb", "", source=source)


def component(
    name: str, version: str, kind: str, stated: str, type_: ComponentType = ComponentType.LIBRARY, source: str = ""
) -> Component:
    namespace = "debian" if kind == "deb" else None
    purl = PackageURL(kind, namespace, name, version, {"upstream": source} if source else None)
    licences = [LicenseFactory().make_from_string(stated)] if stated else []
    return Component(name=name, version=version, type=type_, bom_ref=str(purl), purl=purl, licenses=licences)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *sys.argv[2:])
