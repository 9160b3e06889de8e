#!/bin/sh
# Makes a key for each role: `keys.sh DIR` writes DIR/ROLE.nk, the secret that its holder alone needs, and DIR/keys.conf,
# the public halves, for the servers. What is there already stays. Needs the `nats` command (`$SHOAL_NATS_CLI`).
set -eu

directory=${1:?"usage: keys.sh DIR"}
nats=${SHOAL_NATS_CLI:-nats}
command -v "$nats" >/dev/null || { echo "keys.sh: there is no \`nats\` command: see docs/nats-cli.md" >&2; exit 1; }

umask 077
mkdir -p "$directory"
lines=
for role in sys node metrics client cli operator staging-node staging-client; do
  seed="$directory/$role.nk"
  [ -s "$seed" ] || "$nats" auth nkey gen user >"$seed"
  public=$("$nats" auth nkey show "$seed")
  name=$(echo "$role" | tr a-z- A-Z_)
  lines="$lines${name}_KEY: $public
"
done
printf '%s' "$lines" >"$directory/keys.conf"
chmod 644 "$directory/keys.conf"
echo "keys in $directory: keys.conf is for the servers; each .nk is its holder's secret"
