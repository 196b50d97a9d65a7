"""What packages say about the project, of pyproject.toml and lrstudio/__init__.py.

    python packaging/project.py                      prints it as assignments of a shell: VERSION, HOME_URL, APP_ID, ...
    python packaging/project.py check ADDRESS TAG    refuses a release of this tag from the repository with this address
    python packaging/project.py notes                prints the changelog's part about this version

The address of the project stands in pyproject.toml alone; everything else is made of it.
"""

import re
import shlex
import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = "#placeholder"
NAME = "The LR Studio authors"


def project() -> dict[str, str]:
    """Returns VERSION, HOME_URL, APP_ID, MAINTAINER, PUBLISHER and PICTURES (where the screenshots are)."""
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    home = about["urls"]["Homepage"].removesuffix(PLACEHOLDER)
    place = urlsplit(home)
    owner, name = place.path.strip("/").split("/")
    host = ".".join(reversed(str(place.hostname).split("."))).replace("com.github", "io.github")
    version = next(
        line.split('"')[1]
        for line in (ROOT / "lrstudio" / "__init__.py").read_text("utf-8").splitlines()
        if line.startswith("__version__ = ")
    )
    return {
        "VERSION": version,
        "HOME_URL": home,
        "APP_ID": f"{host}.{owner}.{name}".lower(),
        "MAINTAINER": f"{NAME} <{owner}@users.noreply.{place.hostname}>",
        "PUBLISHER": NAME,
        "DEVELOPER": f"{host}.{owner}".lower(),
        "PICTURES": f"{home}/raw/v{version}/.github",
    }


def refusals(address: str, tag: str) -> list[str]:
    """Returns why no release of a tag may be made from the repository with this address; empty if one may."""
    home = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]["Homepage"]
    version = project()["VERSION"]
    found = []
    if home.endswith(PLACEHOLDER):
        found.append(f"the project's address in pyproject.toml is a placeholder ({home}): put this repository's there")
    elif home != address:
        found.append(f"the project's address in pyproject.toml is {home}, but this repository is {address}")
    if tag != f"v{version}":
        found.append(f"the tag is {tag}, but the version in lrstudio/__init__.py is {version}")
    if not notes():
        found.append(f"CHANGELOG.md has no part about {version}")
    return found


def notes() -> str:
    """Returns the changelog's part about this version; "" if it has none."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    parts = re.split(r"^## \[(.+?)\].*$", text, flags=re.MULTILINE)  # before, version, part, version, part, ...
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(project()["VERSION"], "").strip()


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["check"]:
        wrong = refusals(*arguments[1:])
        print("\n".join(wrong), file=sys.stderr, end="\n" * bool(wrong))
        return 1 if wrong else 0
    print(notes() if arguments else "\n".join(f"{key}={shlex.quote(value)}" for key, value in project().items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
