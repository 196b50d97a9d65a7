"""Write what wasmtime's library has built in: python packaging/notices/crates.py FILE VERSION LIST FOLDER [FOLDER ...]

LIST has a line `name version` for each crate of the Rust language that wasmtime's C API depends on (of its Cargo.lock).
A FOLDER has the contents of Debian's packages librust-*-dev: crates in `usr/share/cargo/registry`; in `usr/share/doc`
what Debian tells of them, for those without a text. Where a crate offers a choice of licences, MIT is chosen.
"""

import re
import sys
import tomllib
from pathlib import Path

import parts

LICENCE = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)
BUILDING = re.compile(r"-(derive|macros?|impl)$|_(derive|macros)$|-attributes$|-codegen$|^windows|^winapi-.*-gnu$")
BUILDERS = {
    "autocfg", "cc", "displaydoc", "find-msvc-tools", "heck", "jobserver", "logos", "pkg-config", "prettyplease",
    "proc-macro2", "quote", "shlex", "syn", "synstructure", "unicode-ident", "unicode-xid", "version_check",
    "async-trait", "beef", "witx", "xed-sys", "r-efi", "redox_syscall", "redox_users", "wasi",
    "wasip2", "wasip3", "winapi", "wit-bindgen", "wit-bindgen-core", "wit-bindgen-rust",
}  # fmt: skip
"""What only builds others, or is for systems there is no package for."""
HEADING = """
What wasmtime {version} has built in: libraries of the Rust language
==============================================================

Everything that its C API depends on, whether or not the library of this system has it. Texts are of the crates
themselves, as Debian has them, some of another version of the same crate.
"""
WITHOUT = "Not here are the texts of {names}, which only the library for Windows has: each is under MIT or Apache-2.0."


def main(path: Path, version: str, listed: Path, *folders: Path) -> None:
    wanted = [tuple(line.split()) for line in listed.read_text("utf-8").splitlines()]
    wanted = [(name, number) for name, number in wanted if name not in BUILDERS and not BUILDING.search(name)]
    manifests = [each for folder in folders for each in sorted(folder.glob("usr/share/cargo/registry/*/Cargo.toml"))]
    sources = {tomllib.loads(each.read_text("utf-8"))["package"]["name"]: each.parent for each in manifests}
    lacking = sorted({name for name, _ in wanted} - sources.keys())
    heading = HEADING.format(version=version) + (WITHOUT.format(names=", ".join(lacking)) if lacking else "")
    parts.write(path, heading, [part(*each, sources[each[0]]) for each in wanted if each[0] in sources])


def part(name: str, version: str, source: Path) -> parts.Part:
    """Returns a crate with the licence that is chosen; LookupError where there is no text of it."""
    package = tomllib.loads((source / "Cargo.toml").read_text("utf-8"))["package"]
    licence = package.get("license", "Unicode-3.0").replace("/", " OR ").replace("  ", " ")
    texts = sorted(path for path in source.glob("**/*") if path.is_file() and LICENCE.search(path.stem))
    told = source.parents[2] / "doc" / f"librust-{name.replace('_', '-').lower()}-dev" / "copyright"
    texts = texts or [told] * told.is_file()
    if not texts:
        raise LookupError(f"{name} has no licence text")
    chosen = texts if " AND " in licence else [preferred(texts)]
    heads, bodies = zip(*(parts.split(path.read_text("utf-8")) for path in chosen), strict=True)
    return parts.Part(name, version, licence, "\n".join(heads), "\n\n".join(bodies))


def preferred(texts: list[Path]) -> Path:
    for word in ("MIT", "BSD", "APACHE", ""):
        for path in texts:
            if word in path.name.upper():
                return path
    raise AssertionError


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], *map(Path, sys.argv[3:]))
