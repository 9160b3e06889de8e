#!/bin/sh
# Makes certificates for servers: `certs.sh DIR NAME[=ALSO,ALSO]...` writes, for each server, DIR/NAME/tls.crt, tls.key and
# ca.crt, good for its name, for localhost, and for the other names and addresses that are given. DIR/ca.crt is what clients
# trust; DIR/ca.key signs, and stays where it was made. What is there already stays, so that a server can be added later.
#
#   certs.sh certs nats-1=10.0.0.1,nats-1.example.com nats-2=10.0.0.2 nats-3=10.0.0.3
#
# SHOAL_CERT_DAYS: how long a server's certificate is good (default 397; the authority's is good for ten years).
set -euf

usage="usage: certs.sh DIR NAME[=ALSO,ALSO]..."
directory=${1:?"$usage"}
shift
[ $# -gt 0 ] || { echo "$usage" >&2; exit 2; }
command -v openssl >/dev/null || { echo "certs.sh: there is no openssl" >&2; exit 1; }

umask 077
mkdir -p "$directory"
new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

# Says who a certificate is for, and what it may be used for.
request() {
  cat <<END
[req]
distinguished_name = subject
prompt = no
[subject]
CN = $1
[extensions]
$2
END
}

if [ ! -s "$directory/ca.crt" ]; then
  new_key "$directory/ca.key"
  request "shoal mesh" "basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash" >"$directory/request.cnf"
  openssl req -x509 -new -key "$directory/ca.key" -sha256 -days 3650 -config "$directory/request.cnf" \
    -extensions extensions -out "$directory/ca.crt"
  rm "$directory/request.cnf"
  chmod 644 "$directory/ca.crt"
fi

# A name, or an address, as a certificate says it.
alt() {
  case $1 in
    *[!0-9.]*) case $1 in *:*) echo "IP:$1" ;; *) echo "DNS:$1" ;; esac ;;
    *) echo "IP:$1" ;;
  esac
}

for server in "$@"; do
  name=${server%%=*}
  folder="$directory/$name"
  [ ! -s "$folder/tls.crt" ] || continue
  mkdir -p "$folder"
  names="DNS:$name,DNS:localhost,IP:127.0.0.1"
  [ "$server" = "$name" ] || for also in $(echo "${server#*=}" | tr , ' '); do names="$names,$(alt "$also")"; done
  new_key "$folder/tls.key"
  # A server is also a client, of the other servers.
  request "$name" "basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth,clientAuth
subjectAltName = $names" >"$folder/request.cnf"
  openssl req -new -key "$folder/tls.key" -sha256 -config "$folder/request.cnf" -out "$folder/request.csr"
  openssl x509 -req -in "$folder/request.csr" -CA "$directory/ca.crt" -CAkey "$directory/ca.key" -sha256 \
    -CAserial "$directory/ca.srl" -CAcreateserial -days "${SHOAL_CERT_DAYS:-397}" \
    -extfile "$folder/request.cnf" -extensions extensions -out "$folder/tls.crt" 2>/dev/null
  rm "$folder/request.cnf" "$folder/request.csr"
  cp "$directory/ca.crt" "$folder/ca.crt"
  chmod 644 "$folder/tls.crt" "$folder/ca.crt"
  echo "$folder: $names"
done
