# The test PKI: one root, one intermediate, leaves of every key type; a second CA for clients.
# Committed under pki/, because captures and later tests need the same certificates and (test!) keys.
# shellcheck shell=bash

PKI=$here/pki
SINCE=20200101000000Z UNTIL=20491231235959Z

pki_ready() {                                    # yes: make anew
    if [ "$1" = yes ] || [ ! -e "$PKI/complete" ]; then
        rm -rf "$PKI"
        mkdir -p "$PKI"
        (pki_make) >"$work/pki.log" 2>&1 || { tail -20 "$work/pki.log" >&2; echo "make: PKI failed" >&2; exit 1; }
        echo "PKI made"
    fi
    pki_nss >"$work/nss.log" 2>&1 || { tail -20 "$work/nss.log" >&2; exit 1; }
}

pki_key() {                                      # NAME TYPE
    case $2 in
    rsa)     openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 ;;
    rsa-pss) openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 ;;
    p256)    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 ;;
    p384)    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 ;;
    p521)    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 ;;
    ed25519) openssl genpkey -algorithm ED25519 ;;
    ed448)   openssl genpkey -algorithm ED448 ;;
    dsa)     openssl genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -pkeyopt dsa_paramgen_q_bits:256 \
                 -out "$work/dsa.params" && openssl genpkey -paramfile "$work/dsa.params" ;;
    esac >"$PKI/$1.key"
}

pki_config() {
    cat >"$work/ca.cnf" <<CNF
[ca]
default_ca = x
[x]
dir = $work/ca
database = \$dir/\$ENV::CA_NAME.index
new_certs_dir = \$dir
serial = \$dir/\$ENV::CA_NAME.serial
default_md = sha256
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://pki.example.com/root.crl
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:http://ocsp.example.com/, caIssuers;URI:http://pki.example.com/intermediate.cer
subjectAltName = \$ENV::SAN
[client]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = \$ENV::SAN
CNF
    mkdir -p "$work/ca"
}

# pki_cert NAME TYPE CA SECTION SUBJECT SAN [SINCE UNTIL]
pki_cert() {
    export CA_NAME=$3 SAN=$6
    [ -e "$work/ca/$3.index" ] || { : >"$work/ca/$3.index"; echo 1000 >"$work/ca/$3.serial"; }
    pki_key "$1" "$2" || return 1
    openssl req -new -config "$work/ca.cnf" -key "$PKI/$1.key" -subj "$5" -out "$work/$1.csr" || return 1
    local sign=(-cert "$PKI/$3.pem" -keyfile "$PKI/$3.key")
    [ "$1" != "$3" ] || sign=(-selfsign -keyfile "$PKI/$1.key")
    openssl ca -batch -notext -config "$work/ca.cnf" -extensions "$4" "${sign[@]}" -startdate "${7:-$SINCE}" \
        -enddate "${8:-$UNTIL}" -in "$work/$1.csr" -out "$PKI/$1.pem" || return 1
    case $4 in
    server) cat "$PKI/$1.pem" "$PKI/intermediate.pem" >"$PKI/$1.chain.pem" ;;
    client) cat "$PKI/$1.pem" >"$PKI/$1.chain.pem" ;;
    esac
}

pki_ocsp() {                                     # NAME: a stapled answer, signed by the intermediate
    openssl ocsp -index "$work/ca/intermediate.index" -CA "$PKI/intermediate.pem" -rsigner "$PKI/intermediate.pem" \
        -rkey "$PKI/intermediate.key" -issuer "$PKI/intermediate.pem" -cert "$PKI/$1.pem" -ndays 9000 -resp_no_certs \
        -reqout "$work/ocsp.req" -no_nonce 2>/dev/null
    openssl ocsp -issuer "$PKI/intermediate.pem" -cert "$PKI/$1.pem" -no_nonce -reqout "$work/ocsp.req" || return 1
    openssl ocsp -index "$work/ca/intermediate.index" -CA "$PKI/intermediate.pem" -rsigner "$PKI/intermediate.pem" \
        -rkey "$PKI/intermediate.key" -ndays 9000 -resp_no_certs -reqin "$work/ocsp.req" -respout "$PKI/$1.ocsp"
}

pki_make() {
    local o='/C=XX/O=wiretale tests' type
    local names=DNS:www.example.com,DNS:example.com,DNS:*.example.com
    pki_config
    pki_cert root rsa root root "$o/CN=wiretale test root" none || return 1
    pki_cert intermediate rsa root intermediate "$o/CN=wiretale test intermediate" none || return 1
    pki_cert rsa rsa intermediate server "$o/CN=www.example.com" $names || return 1
    for type in rsa-pss p256 p384 p521 ed25519 ed448 dsa; do
        pki_cert $type $type intermediate server "$o/OU=$type/CN=www.example.com" $names || return 1
    done
    pki_cert other p256 intermediate server "$o/CN=other.example.net" DNS:other.example.net || return 1
    pki_cert expired p256 intermediate server "$o/OU=expired/CN=www.example.com" $names $SINCE 20210101000000Z || return 1
    pki_cert future p256 intermediate server "$o/OU=future/CN=www.example.com" $names 20480101000000Z || return 1
    pki_cert revoked p256 intermediate server "$o/OU=revoked/CN=www.example.com" $names || return 1
    CA_NAME=intermediate SAN=none openssl ca -config "$work/ca.cnf" -cert "$PKI/intermediate.pem" \
        -keyfile "$PKI/intermediate.key" -revoke "$PKI/revoked.pem" -crl_reason keyCompromise || return 1
    pki_cert client-ca p256 client-ca root "$o/CN=wiretale test client CA" none || return 1
    for type in rsa p256 ed25519; do
        pki_cert client-$type $type client-ca client "$o/OU=$type/CN=client" email:client@example.com || return 1
    done
    pki_cert client-expired p256 client-ca client "$o/OU=expired/CN=client" email:client@example.com $SINCE 20210101000000Z || return 1
    pki_key selfsigned p256
    openssl req -new -x509 -config "$work/ca.cnf" -key "$PKI/selfsigned.key" -subj "$o/OU=self-signed/CN=www.example.com" \
        -days 9000 -out "$PKI/selfsigned.pem" || return 1
    cat "$PKI/rsa.chain.pem" "$PKI/root.pem" >"$PKI/rsa.chain3.pem"
    cat "$PKI/rsa.pem" >"$PKI/rsa.leaf.pem"
    for type in rsa p256 revoked; do pki_ocsp $type || return 1; done
    for type in rsa p256; do openssl pkey -in "$PKI/$type.key" -pubout -out "$PKI/$type.pub" || return 1; done
    pki_secrets || return 1
    : >"$PKI/complete"
}

# Shared secrets: the PSK as GnuTLS reads it; an SRP verifier of user/password.
pki_secrets() {
    printf 'Client_identity:%s\n' "$PSK" >"$PKI/psk.txt"
    srptool --create-conf "$PKI/srp.conf" || return 1
    printf 'password\npassword\n' | setsid srptool --passwd "$PKI/srp.gnutls" --passwd-conf "$PKI/srp.conf" -u user -i 3 || return 1
    chmod 644 "$PKI"/*
}

# The same certificates as NSS wants them: a database in the work folder.
pki_nss() {
    local name
    mkdir -p "$work/nss" "$work/nss-client"
    certutil -N -d "$work/nss" --empty-password && certutil -N -d "$work/nss-client" --empty-password || return 1
    certutil -A -d "$work/nss" -n root -t CT,C,C -i "$PKI/root.pem" || return 1
    certutil -A -d "$work/nss-client" -n root -t CT,C,C -i "$PKI/root.pem" || return 1
    certutil -A -d "$work/nss-client" -n intermediate -t ,, -i "$PKI/intermediate.pem" || return 1
    certutil -A -d "$work/nss" -n intermediate -t ,, -i "$PKI/intermediate.pem" || return 1
    certutil -A -d "$work/nss" -n client-ca -t CT,C,C -i "$PKI/client-ca.pem" || return 1
    for name in rsa rsa-pss p256 p384 dsa; do
        openssl pkcs12 -export -in "$PKI/$name.pem" -inkey "$PKI/$name.key" -name $name -passout pass: -out "$work/$name.p12" &&
            pk12util -d "$work/nss" -i "$work/$name.p12" -W '' -K '' || echo "not for NSS: $name"
    done
    for name in client-rsa client-p256; do
        openssl pkcs12 -export -in "$PKI/$name.pem" -inkey "$PKI/$name.key" -name $name -passout pass: -out "$work/$name.p12" &&
            pk12util -d "$work/nss-client" -i "$work/$name.p12" -W '' -K '' || return 1
    done
}

PSK=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
