#!/usr/bin/env bash
# Runs the README's two commands on a bare machine: a Debian root made by debootstrap --variant=minbase, with this machine's Node and npm
# added and nothing else, so that whatever the project needs must come with its packages.
#
# Usage, as root, with debootstrap installed:  tools/bare_machine.sh [folder for the root, a new one in /tmp unless given]
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
root=${1:-$(mktemp -d /tmp/bare-machine.XXXXXX)}
[ "$(id -u)" = 0 ] || { echo "bare_machine.sh makes a chroot: run it as root" >&2; exit 2; }
command -v debootstrap > /dev/null || { echo "bare_machine.sh needs debootstrap" >&2; exit 2; }

debootstrap --variant=minbase stable "$root" > "$root.log" 2>&1 || { tail -5 "$root.log" >&2; exit 1; }

# Node is one file; npm is a folder of scripts.
node=$(readlink -f "$(command -v node)")
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
install -D "$node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -r "$npm" "$root/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

# The way to the registry is this machine's.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
if [ -n "${NODE_EXTRA_CA_CERTS:-}" ]; then install -D "$NODE_EXTRA_CA_CERTS" "$root/etc/bare-machine-certificates.crt"; fi
git clone --quiet "$project" "$root/project"

mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
trap 'umount "$root/dev" "$root/proc"' EXIT

inside() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin CI=true \
    npm_config_registry="$(cd / && npm config get registry 2> /dev/null)" \
    ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS=/etc/bare-machine-certificates.crt} \
    bash -c "cd /project && $1"
}

inside 'npm ci && npm run restore'
inside 'npm ci && npm test'
