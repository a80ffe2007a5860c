# The PKI of the failures: small keys, fixed dates, and each certificate that a client or a server has a reason to refuse.
# The steps are tests/captures/pki.sh's; here is what is made with them.
# shellcheck shell=bash disable=SC2154

eval "captures_$(declare -f pki_key)"
pki_key() {                                      # NAME TYPE
    case $2 in
    rsa1024) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 >"$PKI/$1.key" ;;
    *) captures_pki_key "$@" ;;
    esac
}

pki_sections() {
    sed -i 's/^default_md = .*/default_md = $ENV::MD/' "$work/ca.cnf"
    cat >>"$work/ca.cnf" <<CNF
[client_only]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = \$ENV::SAN
[must_staple]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:http://ocsp.example.com/
tlsfeature = status_request
subjectAltName = \$ENV::SAN
CNF
}

chain() { cat "$PKI/$1.pem" "$PKI/${2:-intermediate}.pem" >"$PKI/$1.chain.pem"; }

pki_make() {
    local o='/C=XX/O=wiretale tests' names=DNS:www.example.com,DNS:example.com,DNS:*.example.com name
    export MD=sha256
    pki_config
    pki_sections
    pki_cert root p256 root root "$o/CN=wiretale failures root" none || return 1
    pki_cert intermediate p256 root intermediate "$o/CN=wiretale failures intermediate" none || return 1
    pki_cert rsa rsa intermediate server "$o/CN=www.example.com" $names || return 1
    pki_cert p256 p256 intermediate server "$o/OU=p256/CN=www.example.com" $names || return 1
    pki_cert other p256 intermediate server "$o/CN=other.example.net" DNS:other.example.net || return 1
    pki_cert expired p256 intermediate server "$o/OU=expired/CN=www.example.com" $names $SINCE 20210101000000Z || return 1
    pki_cert future p256 intermediate server "$o/OU=future/CN=www.example.com" $names 20480101000000Z || return 1
    pki_cert purpose p256 intermediate client_only "$o/OU=for clients/CN=www.example.com" $names && chain purpose || return 1
    pki_cert small rsa1024 intermediate server "$o/OU=RSA of 1024 bits/CN=www.example.com" $names || return 1
    MD=sha1 pki_cert sha1 p256 intermediate server "$o/OU=SHA-1/CN=www.example.com" $names || return 1
    pki_cert staple p256 intermediate must_staple "$o/OU=must staple/CN=www.example.com" $names && chain staple || return 1
    pki_cert revoked p256 intermediate server "$o/OU=revoked/CN=www.example.com" $names || return 1
    CA_NAME=intermediate SAN=none openssl ca -config "$work/ca.cnf" -cert "$PKI/intermediate.pem" \
        -keyfile "$PKI/intermediate.key" -revoke "$PKI/revoked.pem" -crl_reason keyCompromise || return 1
    CA_NAME=intermediate SAN=none openssl ca -config "$work/ca.cnf" -cert "$PKI/intermediate.pem" \
        -keyfile "$PKI/intermediate.key" -gencrl -crldays 9000 -out "$PKI/intermediate.crl" || return 1
    pki_cert stranger-root p256 stranger-root root "$o/CN=wiretale stranger root" none || return 1
    pki_cert stranger-ca p256 stranger-root intermediate "$o/CN=wiretale stranger intermediate" none || return 1
    pki_cert stranger p256 stranger-ca server "$o/OU=of a stranger/CN=www.example.com" $names && chain stranger stranger-ca || return 1
    pki_cert client-ca p256 client-ca root "$o/CN=wiretale failures client CA" none || return 1
    for name in rsa p256; do
        pki_cert client-$name $name client-ca client "$o/OU=$name/CN=client" email:client@example.com || return 1
    done
    pki_cert client-expired p256 client-ca client "$o/OU=expired/CN=client" email:client@example.com $SINCE 20210101000000Z || return 1
    pki_cert client-stranger p256 stranger-ca client "$o/OU=of a stranger/CN=client" email:client@example.com || return 1
    pki_key selfsigned p256
    SAN=$names openssl req -new -x509 -config "$work/ca.cnf" -key "$PKI/selfsigned.key" -subj "$o/OU=self-signed/CN=www.example.com" \
        -addext "subjectAltName=$names" -days 8000 -out "$PKI/selfsigned.pem" || return 1
    cp "$PKI/selfsigned.pem" "$PKI/selfsigned.chain.pem"
    cp "$PKI/p256.key" "$PKI/damaged.key"        # the same certificate, its signature's last byte another
    openssl x509 -in "$PKI/p256.pem" -outform DER |
        python3 -c 'import sys; d = bytearray(sys.stdin.buffer.read()); d[-1] ^= 1; sys.stdout.buffer.write(d)' |
        openssl x509 -inform DER -out "$PKI/damaged.pem" && chain damaged || return 1
    for name in p256 staple revoked; do pki_ocsp $name || return 1; done
    pki_ocsp_old staple || return 1
    for name in 512 768 1024 2048; do openssl dhparam -out "$PKI/dh$name.pem" $name || return 1; done
    printf 'Client_identity:%s\n' "$PSK" >"$PKI/psk.txt"
    rm -f "$PKI"/client-*.chain.pem "$PKI/stranger-root.key"
    chmod 644 "$PKI"/*
    : >"$PKI/complete"
}

pki_ocsp_old() {                                 # NAME: an answer that is valid for one minute
    openssl ocsp -issuer "$PKI/intermediate.pem" -cert "$PKI/$1.pem" -no_nonce -reqout "$work/ocsp.req" || return 1
    openssl ocsp -index "$work/ca/intermediate.index" -CA "$PKI/intermediate.pem" -rsigner "$PKI/intermediate.pem" \
        -rkey "$PKI/intermediate.key" -nmin 1 -resp_no_certs -reqin "$work/ocsp.req" -respout "$PKI/$1.old.ocsp"
}
