#!/usr/bin/env bash
# build_wheel.sh [OUTPUT-FOLDER]: leave the wheel there (here, if nothing is said), whose description shows its pictures from
# the project's address.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/linux/freeze.sh"

out=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$PYTHON" -m venv "$work/venv"
sed -n '/^setuptools==/,/[^\\]$/p' "$ROOT/packaging/requirements/run.txt" >"$work/setuptools.txt" # it alone builds
"$work/venv/bin/python" -m pip --disable-pip-version-check install --quiet --require-hashes -r "$work/setuptools.txt"
mkdir "$work/source"
cp -r "$ROOT"/{lrstudio,resources,pyproject.toml,README.md,LICENSE} "$work/source"
find "$work/source" -name __pycache__ -prune -exec rm -rf {} +
chmod -R u=rwX,go=rX "$work/source" # whatever is usual for files of this user
sed -i "s|](\.github/|]($PICTURES/|g; s|](\([A-Za-z]*/*[A-Za-z]*\.md\))|]($HOME_URL/blob/v$VERSION/\1)|g" "$work/source/README.md"
"$work/venv/bin/python" -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation -w "$out" "$work/source"
ls "$out"/lrstudio-*.whl
