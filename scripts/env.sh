# Sourced by every script: the project's root, its packages, and the Node that comes with it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
export ONNXRUNTIME_NODE_INSTALL=skip

# Installs the packages when they are missing or older than the lock file; of several that start at once, one does.
ensure_packages() {
  if packages_are_there; then return; fi
  {
    # Other systems have no flock; there, two starts at once are not held apart.
    if command -v flock > /dev/null; then flock 9; fi
    if ! packages_are_there; then
      echo "installing packages (npm ci) ..." >&2
      npm ci --no-fund --no-audit --loglevel=error && touch node_modules/.package-lock.json
    fi
  } 9> "${TMPDIR:-/tmp}/matrixai-install-$(id -u).lock"
}

packages_are_there() {
  [ -e node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]
}

# The packaged Node first; another platform's own Node must be 22 or newer.
use_node() {
  export PATH="$root/node_modules/.bin:$PATH"
  # What Node made of our files at an earlier start; it notices by itself when they change.
  export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/node}"
  # The packaged one is new enough: asking it would take a start of Node for each command.
  if [ -x "$root/node_modules/.bin/node" ]; then return; fi
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  if [ "$major" -lt 22 ]; then
    echo "Node 22 or newer is needed, found $(node --version): install it from https://nodejs.org" >&2
    exit 1
  fi
}
