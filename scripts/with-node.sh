#!/usr/bin/env bash
# with-node.sh VERSION SCRIPT ARGS…: runs a script under another Node, taken from the npm package `node`.
set -euo pipefail
version=$1
shift
dir=${TSDIG_NODE_CACHE:-${TMPDIR:-/tmp}/tsdig-node}/$version
if [ ! -x "$dir/node_modules/node/bin/node" ]; then
  mkdir -p "$dir"
  npm install --silent --no-audit --no-fund --no-save --prefix "$dir" "node@$version" --allow-scripts=node >/dev/null 2>&1 ||
    npm install --silent --no-audit --no-fund --no-save --prefix "$dir" "node@$version"
fi
node=$(find "$dir/node_modules" -path '*/bin/node' -type f | head -n 1)
TSDIG_REQUIRE_LIVE=0 exec "$node" "$@"
