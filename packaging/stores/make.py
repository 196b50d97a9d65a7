"""Write what the stores take about a release: python packaging/stores/make.py PACKAGES FOLDER

PACKAGES has the setup, the disk images, the wheel and, perhaps, nothing else. FOLDER gets winget/ (three manifests),
homebrew/lrstudio.rb and flatpak/ (the manifest and its sources with their hashes, as pip finds them).
"""

import hashlib
import json
import os
import re
import runpy
import subprocess
import sys
import time
from pathlib import Path
from string import Template
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PYTHON = "3.13"
"""The Python of Flatpak's runtime: org.freedesktop.Platform 25.08."""
PLATFORMS = [f"manylinux{kind}_x86_64" for kind in ("_2_34", "_2_28", "_2_27", "_2_17", "2014", "1")]


def main(packages: Path, folder: Path) -> None:
    about = runpy.run_path(str(HERE.parent / "project.py"))["project"]()
    files = f"{about['HOME_URL']}/releases/download/v{about['VERSION']}"
    winget(about, files, packages, folder / "winget")
    homebrew(about, files, packages, folder / "homebrew")
    (wheel,) = packages.glob("lrstudio-*.whl")
    sources = [source(f"{files}/{wheel.name}", sha256(wheel)), *map(of_pip, reported())]
    flatpak(about, sources, folder / "flatpak")


def winget(about: dict[str, str], files: str, packages: Path, folder: Path) -> None:
    """Writes the version, the installer and the English texts, as winget's schema 1.6 has them."""
    (setup,) = packages.glob("*-setup.exe")
    owner = about["APP_ID"].split(".")[-2]
    names = {**about, "ID": f"{owner}.LRStudio", "URL": f"{files}/{setup.name}", "SHA256": sha256(setup).upper()}
    for kind in ("version", "installer", "locale.en-US"):
        suffix = "" if kind == "version" else f".{kind}"
        filled(HERE / "winget" / f"{kind}.yaml", folder / f"{names['ID']}{suffix}.yaml", names)


def homebrew(about: dict[str, str], files: str, packages: Path, folder: Path) -> None:
    """Writes the cask, with the image of each processor."""
    images = {arch: next(packages.glob(f"*-{arch}.dmg")) for arch in ("arm64", "x86_64")}
    sums = {f"SHA256_{arch.upper()}": sha256(image) for arch, image in images.items()}
    filled(HERE / "lrstudio.rb", folder / "lrstudio.rb", {**about, **sums, "FILES": files})


def flatpak(about: dict[str, str], sources: list[dict[str, str]], folder: Path) -> None:
    """Writes the manifest, whose sources are the wheels, and what it installs beside them, named by the application."""
    name, linux, icons = about["APP_ID"], HERE.parent / "linux", HERE.parent / "icons"
    entry = (linux / "lrstudio.desktop").read_text("utf-8").replace("Icon=lrstudio", f"Icon={name}")
    types = (linux / "lrstudio-mime.xml").read_text("utf-8").replace('application-x-lrstudio"', f'{name}.session"')
    texts = {
        f"{name}.desktop": entry,
        f"{name}.xml": types.replace('name="lrstudio"', f'name="{name}"'),
        f"{name}.metainfo.xml": metainfo(about, name),
        f"{name}.svg": (ROOT / "resources" / "icons" / "app.svg").read_text("utf-8"),
        f"{name}.session.svg": (icons / "document.svg").read_text("utf-8"),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        (folder / file).write_text(text, "utf-8")
    all_sources = [*sources, *({"type": "file", "path": file} for file in texts)]
    listed = json.dumps(all_sources, indent=2).replace("\n", "\n      ")
    filled(HERE / "flatpak.json", folder / f"{name}.json", {**about, "SOURCES": listed})


def metainfo(about: dict[str, str], name: str) -> str:
    """Returns what software centres show, with the files named by the application."""
    text = (HERE.parent / "linux" / "metainfo.xml").read_text("utf-8")
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    names = {**about, "ID": name, "DESKTOP": name, "ICON": name, "HOME": about["HOME_URL"]}
    names["DATE"] = time.strftime("%Y-%m-%d", time.gmtime(seconds))
    return re.sub("@([A-Z_]+)@", lambda slot: names[slot[1]], text)


def reported() -> list[dict[str, Any]]:
    """Returns what pip would install for Flatpak's Python, each with address and hash."""
    requirements = HERE.parent / "requirements" / "run.txt"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--dry-run", "--ignore-installed"]
    command += ["--quiet", "--report", "-", "--require-hashes", "--only-binary", ":all:", "--target", "unused"]
    command += ["--python-version", PYTHON, *(word for each in PLATFORMS for word in ("--platform", each))]
    done = subprocess.run([*command, "-r", str(requirements)], stdout=subprocess.PIPE, text=True, check=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)["install"]
    return sorted(found, key=lambda each: str(each["metadata"]["name"]))


def of_pip(entry: dict[str, Any]) -> dict[str, str]:
    info = entry["download_info"]
    return source(info["url"], info["archive_info"]["hashes"]["sha256"])


def source(url: str, digest: str) -> dict[str, str]:
    return {"type": "file", "url": url, "sha256": digest}


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def filled(template: Path, path: Path, names: dict[str, str]) -> None:
    """Writes a template with its names filled in; KeyError if one has no value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template(template.read_text("utf-8")).substitute(names), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
