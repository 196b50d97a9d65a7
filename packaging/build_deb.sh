#!/usr/bin/env bash
# build_deb.sh [OUTPUT-FOLDER]: leave one .deb there (here, if nothing is said). Installs what it needs to build.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/linux/freeze.sh"

out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
require "${FREEZING[@]}" "${LIBRARIES[@]}" dpkg-dev desktop-file-utils appstream shared-mime-info
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
freeze "$work"

tree=$work/tree
program=$tree/usr/lib/lrstudio
mkdir -p "$tree/usr/lib" "$tree/usr/bin" "$tree/DEBIAN" "$work/debian"
mv "$work/lrstudio" "$program"
ln -s ../lib/lrstudio/lrstudio "$tree/usr/bin/lrstudio"
rm "$program"/_internal/licenses/{GPL-3,LGPL-3}.txt # every Debian has these
find "$program" -type f -exec chmod 644 {} +
chmod 755 "$program/lrstudio"
install_desktop "$tree/usr/share"
install -d "$tree/usr/share/metainfo" "$tree/usr/share/man/man1" "$tree/usr/share/doc/lrstudio" "$tree/usr/share/lintian/overrides"
filled "$ROOT/packaging/linux/metainfo.xml" >"$tree/usr/share/metainfo/$APP_ID.metainfo.xml"
filled "$ROOT/packaging/linux/lrstudio.1" | gzip -9n >"$tree/usr/share/man/man1/lrstudio.1.gz"
filled "$ROOT/packaging/linux/copyright" >"$tree/usr/share/doc/lrstudio/copyright"
install -m644 "$ROOT/packaging/linux/lintian-overrides" "$tree/usr/share/lintian/overrides/lrstudio"
printf 'lrstudio (%s) unstable; urgency=medium\n\n  * What is new stands in the file CHANGELOG.md of the sources.\n\n -- %s  %s\n' \
    "$VERSION" "$MAINTAINER" "$(date -uR -d "@$SOURCE_DATE_EPOCH")" |
    gzip -9n >"$tree/usr/share/doc/lrstudio/changelog.gz"

desktop-file-validate "$tree/usr/share/applications/lrstudio.desktop"
appstreamcli validate --no-net --no-color "$tree/usr/share/metainfo/$APP_ID.metainfo.xml" >&2

# What the libraries of the desktop are called is asked of this Debian. Printing is the only one that may be missing.
cd "$work"
printf 'Source: lrstudio\n\nPackage: lrstudio\nArchitecture: any\n' >debian/control
mapfile -t binaries < <(find "$program" -type f \( -name '*.so*' -o -name lrstudio \) ! -name 'libcups*')
private=$(find "$program" -name '*.so*' -printf '-l%h\n' | sort -u)
# shellcheck disable=SC2086
dpkg-shlibdeps --ignore-missing-info $private -Tsubstvars -xlrstudio \
    -dDepends "${binaries[@]}" -dRecommends "$program"/_internal/PySide6/Qt/plugins/printsupport/libcups*.so 2>shlibdeps.log ||
    { cat shlibdeps.log >&2; exit 1; }
depends=$(sed -n "s/libc6 (>= 2\.[0-9]*)/libc6 (>= $GLIBC)/; s/^shlibs:Depends=//p" substvars) # as freeze has made sure of
recommends=$(sed -n 's/^shlibs:Recommends=//p' substvars)

cat >"$tree/DEBIAN/control" <<END
Package: lrstudio
Version: $VERSION
Architecture: $(dpkg --print-architecture)
Maintainer: $MAINTAINER
Installed-Size: $(du -sk --apparent-size "$tree/usr" | cut -f1)
Depends: $depends, desktop-file-utils, hicolor-icon-theme, shared-mime-info
Recommends: fonts-noto-cjk | fonts-wqy-microhei${recommends:+, $recommends}
Section: education
Priority: optional
Homepage: $HOME_URL
Description: see, feel and understand what the learning rate does
 A desktop application for classrooms and curious people. Pick a problem and
 an optimizer, turn the learning rate, press Run, and watch weights, loss and
 rate stream onto the canvas. Three rates run side by side: one creeps, one
 arrives, one explodes.
 .
 It works without internet, and the same experiments run from the terminal.
END
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
package=$out/lrstudio_${VERSION}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group -Zxz --build "$tree" "$package"
