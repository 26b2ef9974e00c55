#!/bin/sh
# Makes the certificates of tests/reliability/tls.toml anew: right and wrong
# ones under one authority, all for the key in key.pem. Nothing but tests trusts
# them, so their keys are no secret. Valid for 80 years. Needs openssl.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
days=29000

# The authority, and the one key that all leaves have.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/ca.key" -out ca.pem -days $days \
    -subj '/CN=ropc rows' -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem

# issue FILE ISSUER SUBJECT KEY DIGEST EXTENSION...: a certificate.
issue() {
    file=$1 issuer=$2 subject=$3 key=$4 digest=$5
    shift 5
    printf '%s\n' "$@" > "$work/extensions"
    openssl req -new -key "$key" -subj "$subject" -out "$work/request"
    openssl x509 -req -in "$work/request" -CA "$issuer.pem" -CAkey "$work/$(basename "$issuer").key" -CAcreateserial \
        -CAserial "$work/serial" -days $days "-$digest" -extfile "$work/extensions" -out "$file" 2>/dev/null
}

# leaf NAME SUBJECT-ALTERNATIVE-NAME [EXTENSION...]: of the authority.
leaf() {
    name=$1 names=$2
    shift 2
    issue "$name.pem" ca "/CN=$name" key.pem sha256 "subjectAltName=$names" extendedKeyUsage=serverAuth "$@"
}

leaf good DNS:localhost,IP:127.0.0.1
leaf longer_name DNS:localhost.evil.test
leaf longer_word DNS:notlocalhost
leaf star 'DNS:*'
leaf star_dot 'DNS:*.localhost'
leaf address_only IP:127.0.0.1
leaf name_only DNS:localhost
leaf address_as_name DNS:127.0.0.1
leaf is_ca DNS:localhost basicConstraints=critical,CA:TRUE

# chain NAME DIGEST EXTENSION KEY-OPTION...: through an intermediate with this
# key and extension, which signs with this digest.
chain() {
    chain=$1 signed=$2 extension=$3
    shift 3
    openssl genpkey "$@" -out "$work/$chain.key" 2>/dev/null
    issue "$work/$chain.pem" ca "/CN=$chain" "$work/$chain.key" sha256 "$extension"
    issue "$work/leaf" "$work/$chain" '/CN=behind it' key.pem "$signed" subjectAltName=DNS:localhost \
        extendedKeyUsage=serverAuth
    cat "$work/leaf" "$work/$chain.pem" > "$chain.pem"
}

ca=basicConstraints=critical,CA:TRUE
chain rsa1024 sha256 $ca -algorithm RSA -pkeyopt rsa_keygen_bits:1024
chain rsa2048 sha256 $ca -algorithm RSA -pkeyopt rsa_keygen_bits:2048
chain sha1 sha1 $ca -algorithm RSA -pkeyopt rsa_keygen_bits:2048
chain no_issuer sha256 basicConstraints=critical,CA:FALSE -algorithm EC -pkeyopt ec_paramgen_curve:P-256
