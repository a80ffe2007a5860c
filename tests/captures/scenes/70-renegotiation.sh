# Second handshakes inside the first connection's keys.
# shellcheck shell=bash

scene_renegotiation() {
    begin renegotiation.pcapng "TLS 1.2 renegotiation: asked for by the client; by the server (HelloRequest); by the server asking for a certificate (the resumed handshake passes over it)" || return
    serve 443 openssl s_server -accept 443 -tls1_2 $(ossl_with rsa) -CAfile "$PKI/client-ca.pem" -client_renegotiation -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.2' handshakes=2
    { sleep 0.3; printf 'before\n'; sleep 0.2; printf 'R\n'; sleep 0.3; printf 'after\n'; sleep 0.3; } |
        in_c openssl s_client -connect $S4:443 -servername $NAME -tls1_2 -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.2' handshakes=2
    { sleep 0.3; tell 443 r; sleep 0.5; } &
    PAUSE=0.5 ossl -tls1_2
    wait $!
    conn $OPENSSL $OPENSSL version='TLS 1.2' handshakes=2
    { sleep 0.3; tell 443 R; sleep 0.5; } &
    PAUSE=0.5 ossl -tls1_2 -cert "$PKI/client-rsa.pem" -key "$PKI/client-rsa.key"
    wait $!
    end
}

scene_renegotiation_others() {
    begin renegotiation-others.pcap "Renegotiation by GnuTLS's client, by NSS over SSL 3.0 (resuming inside), and refused with no_renegotiation" || return
    gtls_serve 443 --priority NORMAL:-VERS-TLS1.3
    nss_serve 444 -V ssl3:tls1.2
    serve 454 openssl s_server -accept 454 -tls1_2 $(ossl_with rsa) -no_renegotiation -keylogfile "$KEYS"
    conn $GNUTLS $GNUTLS version='TLS 1.2' handshakes=2
    gtls -e --priority NORMAL:-VERS-TLS1.3
    conn $NSS $NSS keys=none version='SSL 3.0'
    nss -p 444 -V ssl3:ssl3 -r 1
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    { sleep 0.3; printf 'before\n'; sleep 0.2; printf 'R\n'; sleep 0.3; printf 'after\n'; sleep 0.3; } |
        in_c openssl s_client -connect $S4:454 -servername $NAME -tls1_2 -keylogfile "$KEYS"
    end
}
