# Clients that show a certificate, are asked and show none, or are asked only later.
# shellcheck shell=bash

scene_client_certificates() {
    local v
    begin client-certificates.pcapng "Client certificates in TLS 1.2 and 1.3: sent (RSA, ECDSA, Ed25519), and asked for but none sent" || return
    ossl_serve 443 -verify 3 -CAfile "$PKI/client-ca.pem" -verify_return_error
    for v in 1.2 1.3; do
        for k in rsa p256 ed25519; do
            conn $OPENSSL $OPENSSL version="TLS $v" client_certificates=1
            ossl -tls${v/./_} -cert "$PKI/client-$k.pem" -key "$PKI/client-$k.key"
        done
        conn $OPENSSL $OPENSSL version="TLS $v" client_certificates=0
        ossl -tls${v/./_}
    done
    end
}

scene_client_certificates_mixed() {
    begin client-certificates-mixed.pcap "Client certificates with nginx and curl, GnuTLS, and NSS over SSL 3.0 to TLS 1.3" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_client_certificate $PKI/client-ca.pem;
        ssl_verify_client on;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    gtls_serve 444 -r --x509cafile "$PKI/client-ca.pem"
    nss_serve 454 -V ssl3:tls1.2 -rr
    nss_serve 446 -V tls1.2:tls1.3 -rr
    conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3' client_certificates=1
    fetch --cert "$PKI/client-p256.pem" --key "$PKI/client-p256.key" https://$NAME/
    conn $GNUTLS $GNUTLS version='TLS 1.2' client_certificates=1
    gtls -p 444 --priority NORMAL:-VERS-TLS1.3 --x509certfile "$PKI/client-rsa.pem" --x509keyfile "$PKI/client-rsa.key"
    conn $GNUTLS $GNUTLS version='TLS 1.3' client_certificates=1
    gtls -p 444 --x509certfile "$PKI/client-rsa.pem" --x509keyfile "$PKI/client-rsa.key"
    conn $NSS $NSS keys=none version='SSL 3.0' client_certificates=1
    nss -p 454 -V ssl3:ssl3 -n client-rsa
    conn $NSS $NSS keys=none version='TLS 1.0' client_certificates=1
    nss -p 454 -V tls1.0:tls1.0 -n client-rsa
    conn $NSS $NSS keys=none version='TLS 1.3'
    nss -p 446 -V tls1.3:tls1.3 -n client-p256
    end
}

scene_post_handshake_auth() {
    begin post-handshake-auth.pcapng "TLS 1.3: the server asks for a certificate after the handshake; the client sends one, then another has none to send" || return
    serve 443 openssl s_server -accept 443 $(ossl_with rsa) -CAfile "$PKI/client-ca.pem" -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.3' client_certificates=1
    { sleep 0.3; tell 443 c; sleep 0.4; } &
    PAUSE=0.5 ossl -enable_pha -cert "$PKI/client-p256.pem" -key "$PKI/client-p256.key"
    wait $!
    conn $OPENSSL $OPENSSL version='TLS 1.3' client_certificates=0
    { sleep 0.3; tell 443 c; sleep 0.4; } &
    PAUSE=0.5 ossl -enable_pha
    wait $!
    end
}

# Messages larger than a record and far larger than a segment: 250 CA names, a certificate with 600 names.
scene_large_handshake() {
    local i
    begin large-handshake.pcapng "A CertificateRequest of 250 CA names and a client certificate of 600: handshake messages over many records and segments" || return
    : >"$work/many.pem"
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/many.key"
    for ((i = 0; i < 250; i++)); do
        openssl req -new -x509 -key "$work/many.key" -days 9000 \
            -subj "/C=XX/O=wiretale tests/OU=one of many, to fill a list/CN=wiretale test authority number $i" >>"$work/many.pem"
    done 2>/dev/null
    cat "$PKI/client-ca.pem" >>"$work/many.pem"
    openssl req -new -x509 -CA "$PKI/client-ca.pem" -CAkey "$PKI/client-ca.key" -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
        -nodes -keyout "$work/large.key" -days 9000 -subj '/C=XX/O=wiretale tests/CN=client of many names' -out "$work/large.pem" \
        -addext "subjectAltName=$(printf 'DNS:client-%d.clients.example.com,' $(seq 600))DNS:example.com"
    ossl_serve 443 -Verify 3 -CAfile "$work/many.pem" -cipher $ALL
    for v in 1 1_2 1_3; do
        conn $OPENSSL $OPENSSL client_certificates=1
        ossl -tls$v -cipher $ALL -cert "$work/large.pem" -key "$work/large.key"
    done
    end
}
