# Both speak TLS and have nothing in common; or one of them will not have what the other chose.
# shellcheck shell=bash disable=SC2154

# What was refused is known for certain where the same server took a broader offer before: stream 0 is that one.
scene_versions() {
    take no-shared-version-server-13 "A TLS 1.2 client, a server of TLS 1.3 only" || return
    cause no-shared-version wire=server:protocol_version
    ossl_serve 443 $(ossl_with p256) -min_protocol TLSv1.3
    ossl -tls1_2
    end
    take no-shared-version-client-13 "A client of TLS 1.3 only, a TLS 1.2 server" || return
    cause no-shared-version wire=server:protocol_version
    ossl_serve 443 $(ossl_with p256) -max_protocol TLSv1.2
    ossl -tls1_3
    end
    take no-shared-version-nginx "curl with --tls-max 1.2, nginx with ssl_protocols TLSv1.3" || return
    cause no-shared-version wire=server:protocol_version
    printf '        %s\n' 'listen 443 ssl;' "ssl_certificate $PKI/p256.chain.pem;" "ssl_certificate_key $PKI/p256.key;" \
        'ssl_protocols TLSv1.3;' >"$work/ngx.lines"
    nginx_serve 443 <"$work/ngx.lines" || return
    fetch --tls-max 1.2 https://$NAME/
    end
    take no-shared-version-gnutls "GnuTLS of TLS 1.2 only, a GnuTLS server of TLS 1.3 only" || return
    cause no-shared-version or=no-shared-cipher-suite wire=server:handshake_failure
    gtls_serve 443 $(gtls_with p256) --priority NORMAL:-VERS-ALL:+VERS-TLS1.3
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.2
    end
    take no-shared-version-ssl3 "NSS with SSL 3.0 only, OpenSSL's server from TLS 1.2 on" || return
    cause no-shared-version
    ossl_serve 443 $(ossl_with rsa)
    nss -V ssl3:ssl3
    end
    take no-shared-version-by-client "The server chooses TLS 1.0, the client does not take it" || return
    cause no-shared-version wire=client:protocol_version
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-ALL:+VERS-TLS1.0
    ossl -min_protocol TLSv1.2
    end
    take no-shared-version-fine "A TLS 1.2 client, a server of TLS 1.2 and 1.3" || return
    cause none sees='!no-shared-version,!downgrade-detected'
    keyed none sees='!no-shared-version,!downgrade-detected' wire=server:finished
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    end
    take no-shared-version-10-fine "TLS 1.0 with NSS and GnuTLS: old, but it comes up" || return
    cause none sees='deprecated-version,!no-shared-version,!weak-signature'
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-ALL:+VERS-TLS1.0
    nss -V tls1.0:tls1.0
    end
}

scene_suites() {
    take no-shared-cipher-suite-12 "TLS 1.2: the client has AES-256-GCM only, the server AES-128-GCM only" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    ossl_serve 443 -max_protocol TLSv1.2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
    end
    take no-shared-cipher-suite-12-known "The same; the server took AES-128-GCM from another client" || return
    cause none stream=0
    cause no-shared-cipher-suite stream=1 wire=server:handshake_failure
    ossl_serve 443 -max_protocol TLSv1.2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2
    ossl -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
    end
    take no-shared-cipher-suite-ecdsa "TLS 1.2: the client has ECDSA suites only, the server an RSA key" || return
    cause none stream=0
    cause no-shared-cipher-suite stream=1 wire=server:handshake_failure
    ngx rsa || return
    fetch --tls-max 1.2 https://$NAME/
    fetch --tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384 https://$NAME/
    end
    take no-shared-cipher-suite-13 "TLS 1.3: the client has ChaCha20 only, the server AES-256-GCM only" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    ossl_serve 443 $(ossl_with p256) -ciphersuites TLS_AES_256_GCM_SHA384
    ossl -tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256
    end
    take no-shared-cipher-suite-gnutls "GnuTLS: CBC suites only; the server has AEAD only" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM
    gtls --priority NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-CBC:+AES-256-CBC
    end
    take no-shared-cipher-suite-nss "NSS: static RSA key exchange with 3DES only; nginx's default suites" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    ngx rsa || return
    nss -V tls1.2:tls1.2 -c :000A
    end
    take no-shared-cipher-suite-fine "One suite in common, the client's last" || return
    cause none sees='!no-shared-cipher-suite'
    keyed none sees='!no-shared-cipher-suite' wire=server:finished
    ossl_serve 443 -max_protocol TLSv1.2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2 -cipher ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256
    end
}

scene_groups() {
    take no-shared-group-13 "TLS 1.3: the client has X25519 only, the server P-384 only" || return
    cause no-shared-group wire=server:handshake_failure
    ossl_serve 443 $(ossl_with p256) -groups P-384
    ossl -tls1_3 -groups X25519
    end
    take no-shared-group-13-known "The same; the server took P-384 from another client" || return
    cause none stream=0
    cause no-shared-group stream=1 wire=server:handshake_failure
    ossl_serve 443 $(ossl_with p256) -groups P-384
    ossl -tls1_3 -groups P-384:X25519
    ossl -tls1_3 -groups X25519
    end
    take no-shared-group-12 "TLS 1.2: ECDHE with P-521 only, the server has P-256 only" || return
    cause none stream=0
    cause no-shared-group stream=1 wire=server:handshake_failure
    ossl_serve 443 -groups P-256 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2 -groups P-521 -cipher ECDHE-RSA-AES128-GCM-SHA256
    end
    take no-shared-group-gnutls "TLS 1.3: GnuTLS with X448 only to nginx with prime256v1 only" || return
    cause no-shared-group wire=server:handshake_failure
    ngx p256 'ssl_ecdh_curve prime256v1;' || return
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X448
    end
    take no-shared-group-fine "TLS 1.3: the server has P-384 only, which the client offers last: a HelloRetryRequest" || return
    cause none sees='hello-retry,!no-shared-group'
    keyed none sees='hello-retry,!no-shared-group' wire=server:finished
    ossl_serve 443 $(ossl_with p256) -groups P-384
    ossl -tls1_3 -groups X25519:P-256:P-384
    end
}

scene_schemes() {
    take no-shared-signature-scheme-13 "TLS 1.3: the client takes ECDSA with P-256 only, the server's key is RSA" || return
    cause no-shared-signature-scheme wire=server:handshake_failure
    ossl_serve 443
    ossl -tls1_3 -sigalgs ECDSA+SHA256
    end
    take no-shared-signature-scheme-13-known "The same; another client was shown the RSA key's signature" || return
    cause none stream=0
    cause no-shared-signature-scheme stream=1 wire=server:handshake_failure
    keyed none stream=0
    keyed no-shared-signature-scheme stream=1
    ossl_serve 443
    ossl -tls1_3
    ossl -tls1_3 -sigalgs ECDSA+SHA256
    end
    take no-shared-signature-scheme-12 "TLS 1.2: RSA suites, but ECDSA schemes only; the server's key is RSA" || return
    cause none stream=0
    cause no-shared-signature-scheme stream=1 wire=server:handshake_failure
    ngx rsa || return
    fetch --tls-max 1.2 --ciphers ECDHE-RSA-AES128-GCM-SHA256 https://$NAME/
    gtls --priority NORMAL:-VERS-TLS1.3:-KX-ALL:+ECDHE-RSA:-SIGN-ALL:+SIGN-ECDSA-SHA256
    end
    take no-shared-signature-scheme-fine "TLS 1.3: the client takes RSA-PSS with SHA-512 only, and the server can" || return
    cause none sees='!no-shared-signature-scheme'
    keyed none sees='!no-shared-signature-scheme' wire=server:finished
    ossl_serve 443
    ossl -tls1_3 -sigalgs RSA-PSS+SHA512
    end
}

scene_alpn() {
    take no-shared-alpn-openssl "The client wants http/1.1, the server has h2 only; TLS 1.3" || return
    cause no-shared-alpn wire=server:no_application_protocol
    ossl_serve 443 $(ossl_with p256) -alpn h2
    ossl -alpn http/1.1
    end
    take no-shared-alpn-nginx "Python wants imap, nginx has http/1.1 only; TLS 1.2" || return
    cause no-shared-alpn wire=server:no_application_protocol
    ngx p256 || return
    python_client --max 1.2 --alpn imap $S4 443 $NAME
    end
    take no-shared-alpn-gnutls "GnuTLS, with --alpn-fatal" || return
    cause no-shared-alpn wire=server:no_application_protocol
    gtls_serve 443 $(gtls_with p256) --alpn h2 --alpn-fatal
    gtls --alpn http/1.1
    end
    take no-shared-alpn-fine "h2 and http/1.1 offered, http/1.1 chosen" || return
    cause none sees='!no-shared-alpn'
    keyed none sees='!no-shared-alpn' wire=server:finished
    ngx p256 || return
    fetch https://$NAME/
    end
    take no-shared-alpn-ignored-fine "Nothing in common, and GnuTLS's server goes on without ALPN" || return
    cause none sees='!no-shared-alpn'
    gtls_serve 443 $(gtls_with p256) --alpn h2
    gtls --alpn http/1.1
    end
}

scene_names() {
    take unrecognized-server-name-nginx "nginx with ssl_reject_handshake for names it does not know" || return
    cause unrecognized-server-name wire=server:unrecognized_name
    nginx_serve 443 <<<'        listen 443 ssl; ssl_reject_handshake on;' || return
    fetch https://$NAME/
    end
    take unrecognized-server-name-gnutls "GnuTLS's server with another name, --sni-hostname-fatal" || return
    cause unrecognized-server-name wire=server:unrecognized_name
    gtls_serve 443 $(gtls_with p256) --sni-hostname other.example.net --sni-hostname-fatal
    gtls
    end
    take unrecognized-server-name-openssl "OpenSSL's server with another name, -servername_fatal" || return
    cause unrecognized-server-name wire=server:unrecognized_name
    ossl_serve 443 $(ossl_with p256) -servername other.example.net -cert2 "$PKI/other.pem" -key2 "$PKI/other.key" -servername_fatal
    ossl -tls1_2
    end
    take unrecognized-server-name-fine "The same without -servername_fatal: a warning, and the handshake goes on" || return
    cause none sees='!unrecognized-server-name' wire=server:unrecognized_name
    ossl_serve 443 $(ossl_with p256) -servername other.example.net -cert2 "$PKI/other.pem" -key2 "$PKI/other.key"
    ossl -tls1_2
    end
}

scene_downgrade() {
    take downgrade-refused-openssl "TLS_FALLBACK_SCSV with TLS 1.2 to a server of TLS 1.3" || return
    cause downgrade-refused wire=server:inappropriate_fallback
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 -fallback_scsv
    end
    take downgrade-refused-gnutls "The same with GnuTLS and nginx" || return
    cause downgrade-refused wire=server:inappropriate_fallback
    ngx p256 || return
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:%FALLBACK_SCSV
    end
    take downgrade-refused-fine "TLS_FALLBACK_SCSV to a server that has no more than TLS 1.2" || return
    cause none sees='!downgrade-refused'
    ossl_serve 443 $(ossl_with p256) -max_protocol TLSv1.2
    ossl -tls1_2 -fallback_scsv
    end
    take downgrade-detected-openssl "Something on the way takes supported_versions out of the ClientHello: the server says TLS 1.2, its random that it has more" || return
    cause downgrade-detected wire=client:illegal_parameter
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_hello without 43'
    ossl
    end
    take downgrade-detected-gnutls "The same with GnuTLS" || return
    cause downgrade-detected
    ngx_444
    relay 443 444 'client client_hello without 43'
    gtls
    end
    take downgrade-detected-fine "A TLS 1.2 client and a TLS 1.3 server: the sentinel stands in the random, and nobody took anything away" || return
    cause none sees='!downgrade-detected'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    end
}
ngx_444() {
    { printf '        %s\n' 'listen 444 ssl;' "ssl_certificate $PKI/p256.chain.pem;" "ssl_certificate_key $PKI/p256.key;" \
        'ssl_protocols TLSv1.2 TLSv1.3;'; } >"$work/ngx.lines"
    nginx_serve 444 <"$work/ngx.lines"
}

# A server answers what it cannot choose from with what it takes the hello for, or with an alert that is meant for something else.
scene_refusals() {
    take no-shared-version-gnutls-12 "A client of TLS 1.3 only; GnuTLS's server of TLS 1.2 sees an older hello without a suite that it knows" || return
    cause no-shared-version wire=server:handshake_failure
    gtls_serve 443 $(gtls_with p256) --priority NORMAL:-VERS-TLS1.3
    ossl -tls1_3
    end
    take no-shared-group-unexpected "TLS 1.3: the client has X448 only; the server answers its first message with unexpected_message (the relay says it, as JSSE does)" || return
    cause no-shared-group wire=server:unexpected_message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello alert 2 10'
    ossl -tls1_3 -groups X448
    end
    take malformed-message-unexpected-hello "The same alert to a hello in which nothing stands out" || return
    cause malformed-message wire=server:unexpected_message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello alert 2 10'
    ossl
    end
    take no-shared-signature-scheme-12-suites "TLS 1.2: ECDSA schemes only, for which OpenSSL drops its RSA suites as well; the server's key is RSA" || return
    cause none stream=0
    cause no-shared-signature-scheme stream=1 wire=server:handshake_failure
    ngx rsa || return
    fetch --tls-max 1.2 https://$NAME/
    ossl -tls1_2 -sigalgs ECDSA+SHA256
    end
}

# Both lists are narrow: which one stands out more?
scene_narrow() {
    take no-shared-group-12-one "TLS 1.2: one suite, which the server has, and one group, which it has not" || return
    cause no-shared-group wire=server:handshake_failure
    ossl_serve 443 -tls1_2 -groups P-256 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl -tls1_2 -groups P-384 -cipher ECDHE-RSA-AES128-GCM-SHA256
    end
    take no-shared-cipher-suite-13-two "TLS 1.3: the client has two suites, the server the third" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    ossl_serve 443 $(ossl_with p256) -tls1_3 -ciphersuites TLS_AES_256_GCM_SHA384
    ossl -tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256
    end
}
