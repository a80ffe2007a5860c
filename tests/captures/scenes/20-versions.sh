# Every version each library still speaks, each with itself and with another.
# shellcheck shell=bash

scene_versions_openssl() {
    local v
    begin versions-openssl.pcap "OpenSSL with itself: TLS 1.0, 1.1, 1.2, 1.3" || return
    ossl_serve 443 -cipher $ALL
    for v in 1.0 1.1 1.2 1.3; do
        conn $OPENSSL $OPENSSL version="TLS $v" sni=$NAME
        case $v in 1.0) ossl -tls1 -cipher $ALL ;; *) ossl -tls${v/./_} -cipher $ALL ;; esac
    done
    end
}

scene_versions_gnutls() {
    local v
    begin versions-gnutls.pcap "GnuTLS with itself: TLS 1.0, 1.1, 1.2, 1.3" --time-stamp-precision=nano || return
    gtls_serve 443 --priority $GALL
    for v in 1.0 1.1 1.2 1.3; do
        conn $GNUTLS $GNUTLS version="TLS $v" sni=$NAME
        gtls --priority "$GALL:-VERS-ALL:+VERS-TLS$v"
    done
    end
}

scene_versions_nss() {
    local v
    begin versions-nss.pcapng "NSS with itself: SSL 3.0, TLS 1.0, 1.1, 1.2, 1.3" || return
    nss_serve 443 -V ssl3:tls1.2
    for v in ssl3 tls1.0 tls1.1 tls1.2 tls1.3; do
        [ $v != tls1.3 ] || { unserve; nss_serve 443 -V tls1.2:tls1.3; }
        case $v in ssl3) conn $NSS $NSS keys=none version="SSL 3.0" ;; *) conn $NSS $NSS keys=none version="TLS ${v#tls}" sni=$NAME ;; esac
        nss -V $v:$v
    done
    end
}

scene_versions_mixed() {
    begin versions-mixed.pcapng "Each library's client with another's server, on unusual ports" || return
    ossl_serve 4433 -cipher $ALL
    gtls_serve 5556 --priority $GALL
    nss_serve 8445 -V tls1.0:tls1.3
    conn $NSS $OPENSSL version='TLS 1.2' sni=$NAME
    nss -p 4433 -V tls1.0:tls1.2
    conn $NSS $OPENSSL version='TLS 1.3' sni=$NAME
    nss -p 4433 -V tls1.2:tls1.3
    conn $GNUTLS $OPENSSL version='TLS 1.2' sni=$NAME
    gtls -p 4433 --priority $GALL:-VERS-TLS1.3
    conn $GNUTLS $OPENSSL version='TLS 1.3' sni=$NAME
    gtls -p 4433
    conn $OPENSSL $GNUTLS version='TLS 1.1' sni=$NAME
    ossl -connect $S4:5556 -tls1_1 -cipher $ALL
    conn $NSS $GNUTLS version='TLS 1.3' sni=$NAME keys=none
    nss -p 5556 -V tls1.2:tls1.3
    conn $GNUTLS $NSS version='TLS 1.3' sni=$NAME
    gtls -p 8445
    conn $OPENSSL $NSS version='TLS 1.2' sni=$NAME
    ossl -connect $S4:8445 -tls1_2
    conn $OPENSSL $NSS version='TLS 1.3' sni=$NAME
    ossl -connect $S4:8445
    conn $PYTHON/$OPENSSL $NSS version='TLS 1.3' sni=$NAME
    in_c python3 "$here/peers/client.py" --ca "$PKI/root.pem" --keylog "$KEYS" $S4 8445 $NAME
    end
}

scene_ssl2_hello() {
    begin ssl2-hello.pcap "An SSL 2.0 ClientHello that leads to TLS 1.0 (OpenSSL's server)" || return
    ossl_serve 443 -cipher $ALL -min_protocol TLSv1 -max_protocol TLSv1
    conn $PYTHON $OPENSSL version='TLS 1.0' cipher_suite=TLS_RSA_WITH_NULL_SHA
    in_c python3 "$here/peers/v2hello.py" $S4 443 "$PKI/rsa.pub" "$KEYS"
    end
}
