# What only TLS 1.3 has, and what happens in the middle of a connection.
# shellcheck shell=bash

scene_hello_retry() {
    begin hello-retry.pcapng "TLS 1.3 HelloRetryRequest: the server wants another group (OpenSSL, GnuTLS, NSS as clients), also with resumption" || return
    ossl_serve 443 -groups P-384
    conn $OPENSSL $OPENSSL version='TLS 1.3' group=secp384r1 hello_retry_request=yes
    ossl -groups X25519:P-384 -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.3' group=secp384r1 hello_retry_request=yes resumption=psk resumed_from=0
    ossl -groups X25519:P-384 -sess_in "$work/ticket"
    conn $GNUTLS $OPENSSL version='TLS 1.3' group=secp384r1 hello_retry_request=yes
    gtls --priority NORMAL
    conn $NSS $OPENSSL version='TLS 1.3' group=secp384r1 hello_retry_request=yes
    nss -V tls1.3:tls1.3 -I x25519,P384
    end
}

scene_key_update() {
    begin key-update.pcap "TLS 1.3 KeyUpdate: the client's alone, the client's with an answer asked for, the server's" || return
    serve 443 openssl s_server -accept 443 $(ossl_with rsa) -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.3' key_updates=4
    { sleep 0.3; for line in before k one K two; do printf '%s\n' $line; sleep 0.15; done
      tell 443 'from the server'; sleep 0.1; tell 443 k; sleep 0.1; tell 443 'and after'; sleep 0.3; } |
        in_c openssl s_client -connect $S4:443 -servername $NAME -keylogfile "$KEYS"
    end
}

scene_ocsp_stapling() {
    begin ocsp-stapling.pcapng "Stapled OCSP answers in TLS 1.2 and 1.3: good (OpenSSL, GnuTLS), revoked, asked for but not given" || return
    ossl_serve 443 -status_file "$PKI/rsa.ocsp"
    ossl_serve 444 $(ossl_with revoked) -status_file "$PKI/revoked.ocsp"
    gtls_serve 454 --ocsp-response "$PKI/rsa.ocsp" --ignore-ocsp-response-errors
    ossl_serve 446
    conn $OPENSSL $OPENSSL version='TLS 1.2' ocsp=good
    ossl -tls1_2 -status
    conn $OPENSSL $OPENSSL version='TLS 1.3' ocsp=good
    ossl -status
    conn $OPENSSL $OPENSSL version='TLS 1.2' ocsp=revoked
    ossl -connect $S4:444 -tls1_2 -status
    conn $GNUTLS $GNUTLS version='TLS 1.2' ocsp=good
    gtls -p 454 --priority NORMAL:-VERS-TLS1.3
    conn $GNUTLS $GNUTLS version='TLS 1.3' ocsp=good
    gtls -p 454
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -connect $S4:446 -status
    end
}

scene_certificate_types() {
    local k
    begin certificate-types.pcapng "TLS 1.3 and 1.2 with server keys of each type: RSA, RSA-PSS, P-256, P-384, P-521, Ed25519, Ed448; DSA in 1.2" || return
    local port=450
    for k in rsa rsa-pss p256 p384 p521 ed25519 ed448 dsa; do
        ossl_serve $port $(ossl_with $k) -cipher $ALL
        case $k in dsa) ;; *)
            conn $OPENSSL $OPENSSL version='TLS 1.3'
            ossl -connect $S4:$port ;;
        esac
        conn $OPENSSL $OPENSSL version='TLS 1.2'
        ossl -connect $S4:$port -tls1_2 -cipher $ALL
        port=$((port + 1))
    done
    end
}
