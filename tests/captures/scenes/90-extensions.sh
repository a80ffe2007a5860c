# Extensions that only some peers have, and a browser.
# shellcheck shell=bash

scene_extensions_openssl() {
    begin extensions-openssl.pcapng "max_fragment_length, no encrypt_then_mac, ALPN h2, no SNI, fallback SCSV" || return
    ossl_serve 443 -alpn h2,http/1.1 -cipher $ALL
    ossl_serve 444 -tls1_2 -cipher $ALL -no_etm
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2 -maxfraglen 512
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -maxfraglen 1024
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -connect $S4:444 -tls1_2 -cipher AES128-SHA
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2 -no_etm -cipher AES128-SHA
    conn $OPENSSL $OPENSSL version='TLS 1.2' alpn=h2
    ossl -tls1_2 -alpn h2,http/1.1
    conn $OPENSSL $OPENSSL version='TLS 1.3' alpn=h2
    ossl -alpn h2,http/1.1
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -connect $S4:444 -tls1_2 -noservername -fallback_scsv -no_ticket -cipher $ALL
    end
}

scene_next_protocol() {
    begin next-protocol.pcapng "TLS 1.2 with next_protocol_negotiation, ALPN's predecessor: the encrypted NextProtocol message" || return
    ossl_serve 443 -tls1_2 -nextprotoneg http/1.1,spdy/3
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2 -nextprotoneg spdy/3,http/1.1
    end
}

scene_extensions_gnutls() {
    begin extensions-gnutls.pcapng "record_size_limit, heartbeat, raw public keys in 1.2 and 1.3, no extended_master_secret, no secure renegotiation, padding" || return
    gtls_serve 443 --priority NORMAL --recordsize 600
    gtls_serve 444 --priority NORMAL --heartbeat
    gtls_serve 454 --priority NORMAL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK --rawpkkeyfile "$PKI/p256.key" --rawpkfile "$PKI/p256.pub"
    gtls_serve 446 --priority NORMAL:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    gtls --priority NORMAL:-VERS-TLS1.3 --recordsize 600
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    gtls --recordsize 600
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    gtls -p 444 --priority NORMAL:-VERS-TLS1.3 --heartbeat
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    gtls -p 454 --priority NORMAL:-VERS-TLS1.3:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK --insecure
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    gtls -p 454 --priority NORMAL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK --insecure
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    gtls -p 446 --priority NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    gtls --alpn h2 --alpn http/1.1 --post-handshake-auth --srtp-profiles SRTP_AES128_CM_HMAC_SHA1_80 --priority NORMAL:%DUMBFW
    end
}

scene_nss_extras() {
    begin nss-extras.pcapng "NSS: Encrypted Client Hello by GREASE, external PSK, 0-RTT, delegated credentials asked for, exporters, fallback SCSV; no key log" || return
    nss_serve 443 -V tls1.0:tls1.3 -u -Z -z 0x$PSK
    conn $NSS $NSS keys=none version='TLS 1.3' sni=$NAME
    nss -V tls1.2:tls1.3 -i 100
    conn $NSS $NSS keys=none version='TLS 1.3' external_psk=yes
    nss -V tls1.3:tls1.3 -z 0x$PSK
    conn $NSS $NSS keys=none version='TLS 1.3'
    nss -V tls1.3:tls1.3 -B -T -U -e
    conn $NSS $NSS keys=none state=failed alerts=server:fatal:inappropriate_fallback
    nss -V tls1.0:tls1.2 -K
    end
}

scene_chromium() {
    begin chromium.pcapng "Chromium and nginx: GREASE, a hybrid post-quantum share, ECH GREASE, brotli certificate compression offered; h2 over TLS 1.3" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl http2;
        ssl_certificate $PKI/p256.chain.pem;
        ssl_certificate_key $PKI/p256.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    rest $CHROMIUM $NGINX/$OPENSSL version='TLS 1.3' sni=$NAME alpn=h2
    browse https://$NAME/
    end
}

scene_chromium_tls12() {
    begin chromium-tls12.pcapng "Chromium with a server that has TLS 1.2 only" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1.2;
CONF
    rest $CHROMIUM $NGINX/$OPENSSL version='TLS 1.2' sni=$NAME
    browse https://$NAME/
    end
}

scene_chromium_retry() {
    begin chromium-retry.pcapng "Chromium with a server that wants P-384: HelloRetryRequest after two shares that did not fit" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl http2;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1.3;
        ssl_ecdh_curve secp384r1;
CONF
    rest $CHROMIUM $NGINX/$OPENSSL version='TLS 1.3' sni=$NAME group=secp384r1 hello_retry_request=yes
    browse https://$NAME/
    end
}

scene_http2_curl() {
    begin http2-curl.pcapng "curl with HTTP/2 over TLS 1.2 and 1.3, two requests in one connection, with key log" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl http2;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.2' alpn=h2 sni=$NAME
    fetch --http2 --tls-max 1.2 https://$NAME/ -o /dev/null https://$NAME/none
    conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3' alpn=h2 sni=$NAME
    fetch --http2 https://$NAME/ -o /dev/null https://$NAME/none
    end
}
