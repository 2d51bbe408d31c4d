#!/bin/sh
# The first process of the enclave. Only nsm-bridge and the sockets to the parent need root; the worker runs without.
set -eu

# From the parent comes what it may choose: three lines, the worker's key, the deployment file and worker.json. Each
# becomes a plain file, so that the parent cannot bring a journal of its own, which would make the worker sign results
# that it never computed. worker.json says /journal for its directory and http://127.0.0.1:8545 for its node.
SETTINGS_PORT=7001
NODE_PORT=8545
PARENT=3

/tools/vsock loopback
/tools/nsm-bridge /run/nsm.sock &
/tools/vsock forward $NODE_PORT $PARENT $NODE_PORT &

umask 077
/tools/vsock receive $SETTINGS_PORT > /run/settings
{
  IFS= read -r ASSAY_PRIVATE_KEY
  IFS= read -r deployment
  IFS= read -r worker
} < /run/settings
rm /run/settings
install -d -m 700 -o 1000 -g 1000 /run/assay
printf '%s\n' "$deployment" > /run/assay/deployment.json
printf '%s\n' "$worker" > /run/assay/worker.json
chown 1000:1000 /run/assay/deployment.json /run/assay/worker.json

export ASSAY_PRIVATE_KEY HOME=/journal
cd /journal
exec setpriv --reuid=1000 --regid=1000 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
  node /app/workers/cli/main.ts worker /run/assay/worker.json
