# The demonstration: one HTTPS connection from hello to goodbye, as the first tutorials tell it.
# shellcheck shell=bash

scene_article() {
    begin article.pcapng "TLS 1.2 as in a textbook: chain of three, stapled OCSP answer, session ticket, one GET, clean close" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl;
        ssl_certificate $PKI/rsa.chain3.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
        ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0;
        ssl_ecdh_curve prime256v1;
        ssl_stapling on;
        ssl_stapling_file $PKI/rsa.ocsp;
        ssl_session_tickets on;
        lingering_close always;              # or the client's close_notify meets a closed socket, and RST
CONF
    conn $OPENSSL $NGINX/$OPENSSL version='TLS 1.2' cipher_suite=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 \
        group=secp256r1 sni=$NAME alpn=http/1.1 ocsp=good server_certificates=3 signature_scheme=rsa_pkcs1_sha512
    { sleep 0.2; printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' $NAME; sleep 0.5; } |
        in_c openssl s_client -connect $S4:443 -servername $NAME -max_protocol TLSv1.2 -status -alpn http/1.1 \
            -sigalgs RSA+SHA512:RSA+SHA256:ECDSA+SHA256 -groups P-256:X25519:P-384 -CAfile "$PKI/root.pem" \
            -verify_return_error -keylogfile "$KEYS"
    end
}
