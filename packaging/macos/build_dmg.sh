#!/usr/bin/env bash
# build_dmg.sh [OUTPUT-FOLDER]: leave LR-Studio-VERSION-ARCH.dmg there. Runs on macOS with Python 3.11 to 3.14.
# Signed for this machine only (ad hoc) unless SIGN_AS names a Developer ID; CERTIFICATE (a .p12 in base64) and
# CERTIFICATE_PASSWORD bring that along. NOTARY_APPLE_ID, NOTARY_TEAM_ID and NOTARY_PASSWORD let Apple notarise the image.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=${PYTHON:-python3}
out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
eval "$("$python" "$root/packaging/project.py")"
work=$(mktemp -d)
trap 'security delete-keychain "$work/signing.keychain" 2>/dev/null || true; rm -rf "$work"' EXIT

"$python" "$root/packaging/freeze.py" "$work"
mkdir "$work/dmg"
mv "$work/LR Studio.app" "$work/dmg"
app="$work/dmg/LR Studio.app"
binaries() { find "$app/Contents" -type f \( -perm -u+x -o -name '*.dylib' -o -name '*.so' \) -exec sh -c 'file -b "$1" | grep -q Mach-O' - {} \; -print0; }

# Info.plist says which macOS is needed: no part of the program may need a newer one.
least=$(/usr/libexec/PlistBuddy -c "Print LSMinimumSystemVersion" "$app/Contents/Info.plist")
binaries | while IFS= read -r -d '' file; do
    for needed in $(otool -l "$file" | awk '$1 == "minos" { print $2 }'); do
        [ "$(printf '%s\n' "$least" "$needed" | sort -V | tail -n 1)" = "$least" ] || { echo "$file needs macOS $needed" >&2; exit 1; }
    done
done

if [ -n "${CERTIFICATE:-}" ]; then
    password=$(uuidgen)
    security create-keychain -p "$password" "$work/signing.keychain"
    security unlock-keychain -p "$password" "$work/signing.keychain"
    base64 --decode <<<"$CERTIFICATE" >"$work/signing.p12"
    security import "$work/signing.p12" -k "$work/signing.keychain" -P "${CERTIFICATE_PASSWORD:-}" -T /usr/bin/codesign
    security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$work/signing.keychain" >/dev/null
    security list-keychains -d user -s "$work/signing.keychain" login.keychain
fi
signing=(--force --options runtime --sign "${SIGN_AS:--}")
[ -z "${SIGN_AS:-}" ] || signing+=(--timestamp)
binaries | xargs -0 codesign "${signing[@]}" # from the inside out: libraries, then the program, which alone is entitled
codesign "${signing[@]}" --entitlements "$root/packaging/macos/entitlements.plist" "$app"
codesign --verify --deep --strict "$app"

ln -s /Applications "$work/dmg/Applications"
image=$out/LR-Studio-$VERSION-$(uname -m).dmg
hdiutil create -quiet -volname "LR Studio" -srcfolder "$work/dmg" -fs HFS+ -format ULMO -ov "$image"
if [ -n "${SIGN_AS:-}" ]; then
    codesign --force --timestamp --sign "$SIGN_AS" "$image"
    if [ -n "${NOTARY_PASSWORD:-}" ]; then
        xcrun notarytool submit "$image" --apple-id "$NOTARY_APPLE_ID" --team-id "$NOTARY_TEAM_ID" --password "$NOTARY_PASSWORD" --wait
        xcrun stapler staple "$image"
    fi
fi
echo "$image"
