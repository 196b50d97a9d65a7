#!/usr/bin/env bash
# build_portable.sh [OUTPUT-FOLDER]: leave one .tar.xz there (here, if nothing is said) that runs without being installed
# and without root. Installs what it needs to build.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/linux/freeze.sh"

out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
require "${FREEZING[@]}" "${LIBRARIES[@]}" xz-utils
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
freeze "$work"

name=lrstudio-$VERSION-linux-$(uname -m)
tree=$work/$name
mkdir "$tree"
mv "$work/lrstudio" "$tree/program"
install -m755 "$ROOT/packaging/linux/portable/lrstudio" "$ROOT/packaging/linux/portable/add-to-menu" "$tree"
install -m644 "$ROOT/packaging/linux/portable/README.txt" "$tree"
install -m644 "$ROOT/packaging/linux/portable/fonts.conf" "$tree/program"
install_desktop "$tree/share"

# Beside the program, each in a folder of its own: what a system without a desktop may lack. (glibc every system has.)
glibc='lib(c|m|dl|rt|pthread|resolv|util)\.so\.|ld-linux'
texts=$tree/program/_internal/licenses/debian
mkdir "$texts"
find "$tree/program" -type f -name '*.so*' ! -name 'libcups*' -exec ldd {} + 2>/dev/null |
    awk '$2 == "=>" && $3 ~ "^/(usr/)?lib" { print $3 }' | sort -u | grep -vE "/($glibc)" >"$work/libraries"
while read -r library; do
    install -Dm644 "$library" "$tree/fallback/$(basename "$library")/$(basename "$library")"
    package=$(owner "$library")
    echo "$package" >>"$work/packages"
    install -m644 "/usr/share/doc/${package%:*}/copyright" "$texts/${package%:*}.txt"
done <"$work/libraries"
# What Debian's texts refer to other systems do not have. Of the libraries these two alone need more than the program.
grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[0-9A-Za-z]' "$texts" | sort -u | xargs cp -Lt "$texts"
needs_only_glibc "$GLIBC" "$tree/fallback" '.*/lib\(expat\|stdc\+\+\)\.so\..*'
needs_only_glibc 2.36 "$tree/fallback"
sort -u "$work/packages" | xargs "$work/venv/bin/python" "$ROOT/packaging/sbom.py" "$tree/program/_internal/licenses/lrstudio.cdx.json"

filter=() # machine code becomes a tenth smaller with it, and every xz unpacks it
[ "$(uname -m)" = x86_64 ] && filter=(--x86)
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
    xz -T1 "${filter[@]}" --lzma2=preset=9 >"$out/$name.tar.xz"
echo "$out/$name.tar.xz"
