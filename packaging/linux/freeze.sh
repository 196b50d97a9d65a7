# shellcheck shell=bash disable=SC2034,SC1091
# Sourced by the build scripts for Linux: `require PACKAGES`, then `freeze FOLDER` leaves the program in FOLDER/lrstudio.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PYTHON=${PYTHON:-/usr/bin/python3} # the distribution's own: a private one brings libraries of its own
eval "$("$PYTHON" "$ROOT/packaging/project.py")"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$ROOT" log -1 --format=%ct 2>/dev/null || date +%s)}
DATE=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
GLIBC=2.35 # of Ubuntu 22.04: what is frozen must need no newer one
export SOURCE_DATE_EPOCH
umask 022

PYTHON_VERSION=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
FREEZING=("python$PYTHON_VERSION-venv" "libpython$PYTHON_VERSION" binutils icu-devtools)
LIBRARIES=( # what Qt loads; there, so that it is found
    libgl1 libegl1 libxkbcommon0 libxkbcommon-x11-0 libfontconfig1 libfreetype6 libdbus-1-3 libglib2.0-0 libcups2 libx11-xcb1
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0 libxcb-render0 libxcb-shape0
    libxcb-shm0 libxcb-sync1 libxcb-util1 libxcb-xfixes0 libxcb-xkb1 libwayland-client0 libwayland-cursor0 libwayland-egl1
)

require() { # install the Debian packages that are missing, where we may
    local missing=() package prefix=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return
    [ "$(id -u)" = 0 ] || prefix=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    local apt=("${prefix[@]}" apt-get -qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60)
    if ! { "${apt[@]}" update; "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >&2; then
        echo "Please install first: ${missing[*]}" >&2
        exit 69 # EX_UNAVAILABLE
    fi
}

freeze() { # freeze FOLDER
    "$PYTHON" "$ROOT/packaging/freeze.py" "$1"
    bash "$ROOT/packaging/pyinstaller/small_icu.sh" "$1/lrstudio"
    find "$1/lrstudio" -name '_libwasmtime.so' -exec strip --strip-unneeded {} + # 6 MB of names of functions
    needs_only_glibc "$GLIBC" "$1/lrstudio"
}

owner() { # owner FILE: the Debian package it is of; merged systems know it by either name
    { dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "/usr${1#/usr}"; } | cut -d: -f1
}

needs_only_glibc() { # needs_only_glibc VERSION FOLDER [EXCEPT]: fails and names the libraries that need a newer one, but for paths like EXCEPT
    local file newest
    find "$2" -type f \( -name '*.so*' -o -perm -u+x \) ! -regex "${3:-}" | while read -r file; do
        newest=$(objdump -T "$file" 2>/dev/null | { grep -o 'GLIBC_[0-9.]*' || true; } | sort -Vu | tail -n 1)
        [ "$(printf '%s\n' "GLIBC_$1" "$newest" | sort -V | tail -n 1)" = "GLIBC_$1" ] || echo "$file needs $newest" >&2
    done 2>&1 | { ! grep .; }
}

filled() { # a template with its names filled in
    sed -e "s|@VERSION@|$VERSION|g; s|@DATE@|$DATE|g; s|@HOME@|$HOME_URL|g; s|@ID@|$APP_ID|g" \
        -e "s|@PICTURES@|$PICTURES|g; s|@DEVELOPER@|$DEVELOPER|g; s|@DESKTOP@|lrstudio|g; s|@ICON@|lrstudio|g" "$1"
}

install_desktop() { # install_desktop SHARE: menu entry, file type, icons and man page
    local share=$1 picture
    install -Dm644 "$ROOT/packaging/linux/lrstudio.desktop" "$share/applications/lrstudio.desktop"
    install -Dm644 "$ROOT/packaging/linux/lrstudio-mime.xml" "$share/mime/packages/lrstudio.xml"
    install -Dm644 "$ROOT/resources/icons/app.svg" "$share/icons/hicolor/scalable/apps/lrstudio.svg"
    install -Dm644 "$ROOT/packaging/icons/document.svg" "$share/icons/hicolor/scalable/mimetypes/application-x-lrstudio.svg"
    for picture in "$ROOT"/packaging/icons/*x*.png; do
        install -Dm644 "$picture" "$share/icons/hicolor/$(basename "$picture" .png)/apps/lrstudio.png"
    done
}
