# The server will not have the client: no certificate, an expired one, one of a stranger; PSKs; renegotiation.
# shellcheck shell=bash disable=SC2154

client_cert() { printf -- '-cert %s -key %s' "$PKI/client-$1.pem" "$PKI/client-$1.key"; }

scene_client_certificates() {
    local v c server=(-Verify 3 -verify_return_error -CAfile "$PKI/client-ca.pem")
    for v in 12 13; do
        take client-certificate-missing-openssl-$v "The server requires a client certificate, the client has none; OpenSSL, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause client-certificate-missing wire=server:handshake_failure; else
            cause rejected-by-server
            keyed client-certificate-missing wire=server:certificate_required
        fi
        ossl_serve 443 $(ossl_with p256) "${server[@]}"
        ossl -tls1_${v#1}
        end
        for c in expired:certificate_expired stranger:unknown_ca; do
            take client-certificate-rejected-${c%:*}-$v "The server refuses the client's certificate: ${c#*:}; OpenSSL, TLS 1.${v#1}" || return
            if [ $v = 12 ]; then cause client-certificate-rejected wire=server:${c#*:}; else
                cause rejected-by-server
                keyed client-certificate-rejected wire=server:${c#*:}
            fi
            ossl_serve 443 $(ossl_with p256) "${server[@]}"
            ossl -tls1_${v#1} $(client_cert ${c%:*})
            end
        done
        take client-certificate-$v-fine "The server requires a client certificate and gets it; TLS 1.${v#1}" || return
        cause none sees='!client-certificate-rejected,!client-certificate-missing,!rejected-by-server,!rejected-by-client'
        keyed none sees='!client-certificate-rejected,!client-certificate-missing,!rejected-by-server,!rejected-by-client' wire=server:finished
        ossl_serve 443 $(ossl_with p256) "${server[@]}"
        ossl -tls1_${v#1} $(client_cert p256)
        end
    done
    take client-certificate-missing-gnutls "GnuTLS's server requires a client certificate, the client has none; TLS 1.2" || return
    cause client-certificate-missing
    gtls_serve 443 $(gtls_with p256) -r --x509cafile "$PKI/client-ca.pem" --priority NORMAL:-VERS-TLS1.3
    gtls
    end
    take client-certificate-missing-nss "NSS's server requires a client certificate, OpenSSL has none; TLS 1.2" || return
    cause client-certificate-missing
    nss_serve 443 -V tls1.2:tls1.2 -rr
    ossl -tls1_2
    end
    take client-certificate-optional-fine "nginx asks for a client certificate, curl sends none, and nginx does not mind" || return
    cause none sees='!client-certificate-missing'
    keyed none sees='!client-certificate-missing' wire=server:finished
    ngx p256 'ssl_verify_client optional;' "ssl_client_certificate $PKI/client-ca.pem;" || return
    fetch https://$NAME/
    end
    # nginx ends the handshake and says 400 in HTTP: TLS is not what failed.
    take client-certificate-http-fine "nginx requires a client certificate, curl sends none: HTTP 400 over TLS that came up" || return
    cause none sees=client-certificate-missing
    keyed none sees=client-certificate-missing wire=server:finished
    ngx p256 'ssl_verify_client on;' "ssl_client_certificate $PKI/client-ca.pem;" || return
    fetch --tls-max 1.2 https://$NAME/
    end
}

scene_psk() {
    local v psk12=NORMAL:-VERS-TLS1.3:-KX-ALL:+PSK:+ECDHE-PSK
    take psk-unknown-identity-openssl "A PSK identity that the server does not know; OpenSSL, TLS 1.2" || return
    cause psk-unknown-identity wire=server:unknown_psk_identity
    serve 443 python3 "$here/peers/psk_server.py" 443 Client_identity $PSK
    ossl -tls1_2 -cipher PSK -psk $PSK -psk_identity stranger
    end
    # RFC 4279, 2: the server may go on as if the key were wrong, so as not to tell who is known. GnuTLS does.
    take psk-unknown-identity-gnutls "A PSK identity that the server does not know; GnuTLS, which does not tell; TLS 1.2" || return
    cause psk-unknown-identity or=psk-mismatch wire=server:bad_record_mac
    gtls_serve 443 --nocert --priority $psk12 --pskpasswd "$PKI/psk.txt"
    gtls --priority $psk12 --pskusername stranger --pskkey $PSK
    end
    take psk-mismatch-openssl-12 "The two sides have different keys for one identity; OpenSSL, TLS 1.2" || return
    cause psk-mismatch
    ossl_serve 443 -nocert -psk $PSK -tls1_2 -cipher PSK
    ossl -tls1_2 -cipher PSK -psk ${PSK}ff
    end
    take psk-mismatch-gnutls-12 "The two sides have different keys for one identity; GnuTLS, TLS 1.2" || return
    cause psk-mismatch
    gtls_serve 443 --nocert --priority $psk12 --pskpasswd "$PKI/psk.txt"
    gtls --priority $psk12 --pskusername Client_identity --pskkey ${PSK}ff
    end
    take psk-mismatch-openssl-13 "The binder of the ClientHello is made with another key than the server's; OpenSSL, TLS 1.3" || return
    cause psk-mismatch
    ossl_serve 443 -nocert -psk $PSK
    ossl -tls1_3 -psk ${PSK}ff
    end
    take psk-mismatch-gnutls-13 "The binder of the ClientHello is made with another key than the server's; GnuTLS, TLS 1.3" || return
    cause psk-mismatch
    gtls_serve 443 --nocert --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK:+PSK --pskpasswd "$PKI/psk.txt"
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK --pskusername Client_identity --pskkey ${PSK}ff
    end
    take psk-known-identity-fine "The same server, an identity that it knows" || return
    cause none sees='!psk-unknown-identity,!psk-mismatch' wire='client:finished server:finished'
    serve 443 python3 "$here/peers/psk_server.py" 443 Client_identity $PSK
    ossl -tls1_2 -cipher PSK -psk $PSK -psk_identity Client_identity
    end
    take psk-unknown-identity-gnutls-13 "A PSK identity that the server does not know; GnuTLS, TLS 1.3" || return
    cause psk-unknown-identity or=psk-mismatch
    gtls_serve 443 --nocert --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK:+PSK --pskpasswd "$PKI/psk.txt"
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK --pskusername stranger --pskkey $PSK
    end
    for v in 12 13; do
        take psk-$v-fine "A PSK that both know; OpenSSL, TLS 1.${v#1}" || return
        cause none sees='!psk-mismatch' wire=syn
        ossl_serve 443 -nocert -psk $PSK -cipher PSK
        ossl -tls1_${v#1} -cipher PSK -psk $PSK
        end
    done
}

scene_renegotiation() {
    take renegotiation-refused-openssl "The client asks for a renegotiation, the server has -no_renegotiation; TLS 1.2" || return
    cause renegotiation-refused or=none          # a handshake record after the handshake is seen, and alerts
    keyed renegotiation-refused wire=server:no_renegotiation
    ossl_serve 443 $(ossl_with p256) -no_renegotiation
    renegotiate
    end
    take renegotiation-refused-nginx "The client asks nginx for a renegotiation; TLS 1.2" || return
    cause renegotiation-refused or=none          # a handshake record after the handshake is seen, and alerts
    keyed renegotiation-refused
    ngx p256 || return
    renegotiate
    end
    take renegotiation-refused-fine "The client asks for a renegotiation and gets it; TLS 1.2" || return
    cause none sees='!renegotiation-refused,!unexpected-message,!handshake-step-skipped'
    keyed none sees='client-renegotiation,!renegotiation-refused,!unexpected-message,!handshake-step-skipped'
    ossl_serve 443 $(ossl_with p256) -client_renegotiation
    renegotiate
    end
}
renegotiate() {
    { sleep 0.3; echo R; sleep 0.6; echo Q; } | in_c timeout 5 openssl s_client -connect $S4:443 -servername $NAME \
        -CAfile "$PKI/root.pem" -keylogfile "$KEYS" -tls1_2
}
