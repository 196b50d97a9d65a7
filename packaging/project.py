"""What packages say about the project, of pyproject.toml and lrstudio/__init__.py.

    python packaging/project.py                    prints it as assignments of a shell: VERSION, HOME_URL, APP_ID, ...
    python packaging/project.py check ADDRESS      refuses a release unless this is the project's address

The address of the project stands in pyproject.toml alone; everything else is made of it.
"""

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
        "PICTURES": f"{home}/raw/v{version}/.github",
    }


def refusal(address: str) -> str:
    """Returns why no release may be made from the repository with this address; "" if one may."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    home = tomllib.loads(text)["project"]["urls"]["Homepage"]
    if home.endswith(PLACEHOLDER):
        return f"the project's address in pyproject.toml is a placeholder ({home}): put this repository's there"
    if home != address:
        return f"the project's address in pyproject.toml is {home}, but this repository is {address}"
    return ""


if __name__ == "__main__":
    if sys.argv[1:2] == ["check"]:
        sys.exit(refusal(sys.argv[2]) or 0)
    for key, value in project().items():
        print(f"{key}={shlex.quote(value)}")
