"""Start the program, or its tests, from a fresh checkout.

    python3 packaging/dev.py run [arguments of lrstudio]
    python3 packaging/dev.py test [arguments of pytest]

Makes .venv beside the sources, with the versions and hashes in requirements, and sees to the system packages of Qt.
Both commands may be repeated and interrupted at will: what is complete is not done again, what is not is made anew.
"""

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
if (
    not (3, 11) <= sys.version_info[:2] <= (3, 14)
):  # the syntax of this file is Python 3.6, so that an old one can say this
    found = [name for name in ("python3.14", "python3.13", "python3.12", "python3.11") if shutil.which(name)]
    advice = f"Type: {found[0]} {' '.join(sys.argv)}" if found else "Please install one of these beside it."
    print(f"LR Studio needs Python 3.11, 3.12, 3.13 or 3.14; this is Python {VERSION}. {advice}", file=sys.stderr)
    sys.exit(2)

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "packaging" / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
COMMANDS = ("run", "test")

# What Qt loads, and the package it is in: on Debian and Ubuntu, and on Arch. (rpm finds packages by what they hold.)
DRAWING = (
    ("libGL.so.1", "libgl1", "libglvnd"),
    ("libEGL.so.1", "libegl1", "libglvnd"),
    ("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon"),
    ("libfontconfig.so.1", "libfontconfig1", "fontconfig"),
    ("libdbus-1.so.3", "libdbus-1-3", "dbus"),
    ("libglib-2.0.so.0", "libglib2.0-0", "glib2"),
)
WINDOWS = {  # by the variable that tells of such a display
    "WAYLAND_DISPLAY": (
        ("libwayland-cursor.so.0", "libwayland-cursor0", "wayland"),
        ("libwayland-egl.so.1", "libwayland-egl1", "wayland"),
    ),
    "DISPLAY": (
        ("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor"),
        ("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm"),
        ("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms"),
        ("libxcb-shape.so.0", "libxcb-shape0", "libxcb"),
        ("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11"),
    ),
}
ALL_TESTS = ["-n", "auto", "--maxprocesses", "4", "--dist", "worksteal"]
"""Without arguments all tests are run, on all cores."""
FONT = ("font(dejavusans)", "fonts-dejavu-core", "ttf-dejavu")
PIP = ("python3-pip", f"python{VERSION}-venv", "python-pip")
NO_CONNECTION = (
    "connection broken by",
    "Failed to establish a new connection",
    "Temporary failure",
    "Could not connect to",
)
"""What pip and apt say, among others, where there is no network."""
INSTALL = {  # package manager: what to type before the names
    "apt-get": "apt-get install -y --no-install-recommends",
    "dnf": "dnf install -y",
    "zypper": "zypper install -y",
    "pacman": "pacman -S --needed",
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        say("usage: python3 packaging/dev.py run|test [arguments]")
        return 2
    command, *rest = arguments
    if command == "test":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    usable = venv_is_usable()
    missing = missing_packages(usable) if sys.platform == "linux" else []
    if missing and not install_packages(missing):
        return 2
    if not install_project(command, usable):
        say("Setting up .venv failed, see above. Once that is put right, type the same command again.")
        return 1
    if command == "test":
        os.chdir(ROOT)
        rest = rest or ALL_TESTS
        return start([str(PYTHON), "-m", "pytest", *rest])
    return start(
        [str(PYTHON), "-P", "-m", "lrstudio", *rest]
    )  # -P: the folder one is in may have a checkout of this name


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # stdout belongs to the program: `run run --csv -`


def start(command: list[str]) -> int:
    if os.name == "posix":
        os.execv(command[0], command)  # the program takes this one's place: signals and the exit code are its own
    return subprocess.call(command)


def missing_packages(venv_exists: bool) -> list[tuple[str, str, str]]:
    missing = [library for library in DRAWING if not loads(library[0])]
    if "QT_QPA_PLATFORM" not in os.environ:
        displays = [libraries for variable, libraries in WINDOWS.items() if os.environ.get(variable)]
        lacking = [[library for library in libraries if not loads(library[0])] for libraries in displays]
        missing += sorted(lacking, key=len)[0] if lacking else []  # one kind of window is enough
    if not has_font():
        missing.append(FONT)
    if not venv_exists and not importlib.util.find_spec("ensurepip"):
        missing.append(PIP)
    return missing


def loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def has_font() -> bool:
    home = os.environ.get("HOME", "/")
    folders = ("/usr/share/fonts", "/usr/local/share/fonts", f"{home}/.local/share/fonts", f"{home}/.fonts")
    files = (file for folder in folders for file in Path(folder).rglob("*"))
    return any(file.suffix.lower() in (".ttf", ".otf", ".ttc") for file in files)


def install_packages(packages: list[tuple[str, str, str]]) -> bool:
    """Where there is apt and the right to use it, install; else say what to type. Whether to go on."""
    manager = next((name for name in INSTALL if shutil.which(name)), None)
    if manager is None:
        say(f"These seem to be missing: {' '.join(package[0] for package in packages)}")
        return True  # a system this script does not know may keep them elsewhere; Qt will tell
    column = {"apt-get": 1, "pacman": 2}.get(manager)
    names = [package[column] if column else rpm_name(package[0]) for package in packages]
    line = f"{INSTALL[manager]} {' '.join(dict.fromkeys(names))}"
    if manager == "apt-get":
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        if not prefix or succeeds([*prefix, "true"], stderr=subprocess.DEVNULL):
            say(f"Installing system packages: {' '.join(names)} …")
            os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
            shown([*prefix, "apt-get", "update", "-qq"])  # one unreachable source is no reason to give up
            if shown([*prefix, *line.split()]):
                return True
        line = f"apt-get update && {line}"
    say("System packages are missing. Please type this line, then the same command again:")
    say("    " + as_root(line))
    return False


def rpm_name(held: str) -> str:
    return f"'{held}()(64bit)'" if held.startswith("lib") else f"'{held}'"


def as_root(line: str) -> str:
    if os.geteuid() == 0:
        return line
    return f"sudo {line.replace('&& ', '&& sudo ')}" if shutil.which("sudo") else f'su -c "{line}"'


def succeeds(command: list[str], stderr: int | None = None) -> bool:
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=stderr, check=False).returncode == 0
    except OSError:
        return False


def shown(command: list[str]) -> bool:
    """Whether a command succeeds, whose progress is shown; of its errors without a network one sentence is left."""
    errors: list[str] = []
    with subprocess.Popen(command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, errors="replace") as process:
        assert process.stderr is not None
        for line in process.stderr:
            if no_connection(line) and not any(map(no_connection, errors)):
                say("No connection, trying again …")
            errors.append(line)
    if process.returncode and any(map(no_connection, errors)):
        say("There is no connection to the internet. Setting up needs one, once.")
    else:
        sys.stderr.writelines(errors)
    return process.returncode == 0


def no_connection(line: str) -> bool:
    return any(sign in line for sign in NO_CONNECTION) and "SSL" not in line  # a proxy's certificate is another matter


def stamp(command: str) -> Path:
    """Written when an installation is complete, and removed before one begins."""
    return VENV / f"installed-for-{command}"


def venv_is_usable() -> bool:
    """Whether .venv was completed once, at this place and by this version of Python, and still starts."""
    if not any(stamp(command).exists() for command in COMMANDS):
        return False
    probe = "import sys, pip; print(*sys.version_info[:2], sep='.')"
    try:
        made_here = str(VENV) in (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
        answer = subprocess.run([str(PYTHON), "-I", "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return made_here and answer.stdout.strip() == VERSION


def install_project(command: str, venv_exists: bool) -> bool:
    files = [*sorted(REQUIREMENTS.glob("*.txt")), ROOT / "pyproject.toml"]
    wanted = hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    if venv_exists and stamp(command).exists() and stamp(command).read_text() == wanted:
        return True
    say("Bringing .venv up to date …" if venv_exists else "Setting up .venv (once, about a minute) …")
    for each in COMMANDS:
        if stamp(each).exists():
            stamp(each).unlink()
    if not venv_exists and not succeeds([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        return False
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--no-user"]
    # (some people's pip.conf says `user = true`, which no virtual environment can obey)
    if not shown([*pip, "--require-hashes", "-r", str(REQUIREMENTS / f"{command}.txt")]):
        return False
    if not shown([*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", str(ROOT)]):
        return False
    for each in {command, "run"}:  # with the tests' packages there are the program's
        stamp(each).write_text(wanted)
    return True


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:  # .venv belongs to somebody else, the disk is full
        sys.exit(str(error))
