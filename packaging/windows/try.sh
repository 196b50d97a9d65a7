#!/usr/bin/env bash
# try.sh: compiles the setup here and tries it with 64-bit wine on a stand-in for the program: silent installation, start
# menu, file type, installing over itself, uninstalling. Installs what it needs (Debian: nsis, wine64).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../linux/freeze.sh"

require nsis wine wine64
work=$(mktemp -d)
export WINEPREFIX=$work/prefix WINEDEBUG=-all
wine() { timeout 120 /usr/lib/wine/wine64 "$@"; }
trap 'WINEPREFIX=$WINEPREFIX /usr/lib/wine/wineserver64 -k || true; rm -rf "$work"' EXIT
say() { echo "ok: $1"; }
fail() { echo "FAILED: $1" >&2; exit 1; }
value() { wine reg query "$@" 2>/dev/null | tr -d '\r'; }

mkdir -p "$work/payload/_internal"
echo new >"$work/payload/_internal/new.txt"
cp /usr/lib/x86_64-linux-gnu/wine/x86_64-windows/notepad.exe "$work/payload/LR Studio.exe"
cp "$work/payload/LR Studio.exe" "$work/payload/lrstudio-cli.exe"
makensis -V2 -WX -DVERSION="$VERSION" -DPAYLOAD="$work/payload" -DOUT="$work/try-32-bit.exe" "$ROOT/packaging/windows/lrstudio.nsi"
makensis -V2 -WX -DVERSION="$VERSION" -DPAYLOAD="$work/payload" -DOUT="$work/try-64-bit.exe" -DTARGET=amd64-unicode \
    "$ROOT/packaging/windows/lrstudio.nsi"
say "compiled without a warning"

wine wineboot -i >/dev/null 2>&1
user=$(echo "$WINEPREFIX"/drive_c/users/*/AppData | head -1)
folder="$user/Local/Programs/LR Studio"
wine "$work/try-64-bit.exe" /S
if [ ! -f "$folder/LR Studio.exe" ] || [ ! -f "$folder/_internal/new.txt" ]; then fail "files"; fi
find "$WINEPREFIX/drive_c" -name 'LR Studio.lnk' | grep -q 'Start Menu' || fail "start menu"
say "installed silently, with an entry in the start menu"
value 'HKCU\Software\Classes\.lrs' /ve | grep -q LRStudio.Session || fail "file type"
value 'HKCU\Software\Classes\LRStudio.Session\shell\open\command' /ve | grep -qF 'LR Studio.exe" "%1"' || fail "command"
value 'HKCU\Software\Classes\.lrlesson' /ve | grep -q LRStudio.Lessons || fail "file type of lessons"
value 'HKCU\Software\Classes\LRStudio.Lessons\shell\open\command' /ve | grep -qF 'LR Studio.exe" "%1"' || fail "command of lessons"
say "sessions and lessons are opened with it"

echo old >"$folder/_internal/old.txt"
echo mine >"$folder/mine.txt"
wine "$work/try-64-bit.exe" /S
[ ! -e "$folder/_internal/old.txt" ] || fail "installing over an older one"
say "an older version makes room"

wine "$folder/uninstall.exe" /S # goes on in a copy of itself
for _ in $(seq 100); do [ -e "$folder/uninstall.exe" ] && sleep 0.3; done
/usr/lib/wine/wineserver64 -w
[ "$(ls "$folder")" = mine.txt ] || fail "left behind: $(ls "$folder")"
value 'HKCU\Software\Classes\.lrs' >/dev/null && fail "file type left behind"
value 'HKCU\Software\Classes\.lrlesson' >/dev/null && fail "file type of lessons left behind"
value 'HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\LRStudio' >/dev/null && fail "entry left behind"
find "$WINEPREFIX/drive_c" -name 'LR Studio.lnk' | grep -q . && fail "start menu left behind"
say "uninstalled; what the user put there stays"
