#!/usr/bin/env bash
# build_dmg.sh [OUTPUT-FOLDER]: leave LR-Studio-VERSION-ARCH.dmg there. Runs on macOS with Python 3.11 or newer.
# Signed for this machine only (ad hoc) unless SIGN_AS names a Developer ID; without one, macOS asks at the first start.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$root/lrstudio/__init__.py")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" "$root/packaging/freeze.py" "$work"
mkdir "$work/dmg"
mv "$work/LR Studio.app" "$work/dmg"
codesign --force --deep --options runtime --entitlements "$root/packaging/macos/entitlements.plist" \
    --sign "${SIGN_AS:--}" "$work/dmg/LR Studio.app"
codesign --verify --deep --strict "$work/dmg/LR Studio.app"
ln -s /Applications "$work/dmg/Applications"
image=$out/LR-Studio-$version-$(uname -m).dmg
hdiutil create -quiet -volname "LR Studio" -srcfolder "$work/dmg" -fs HFS+ -format ULMO -ov "$image"
echo "$image"
