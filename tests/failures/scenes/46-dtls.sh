# DTLS that fails, and what comes near it. Names begin with dtls-, by which expected.py knows the protocol.
# shellcheck shell=bash disable=SC2154,SC2086

strict=(-verify_return_error -verify_hostname www.example.com)
dtls_with() { printf -- '-cert %s -key %s -cert_chain %s' "$PKI/$1.pem" "$PKI/$1.key" "$PKI/${2:-intermediate}.pem"; }

scene_dtls_certificates() {
    take_udp dtls-certificate-expired "The certificate expired in 2021" || return
    cause certificate-expired wire=client:certificate_expired
    dtls_serve 443 $(dtls_with expired)
    dtls "${strict[@]}"
    end
    take_udp dtls-certificate-unknown-issuer "The certificate is of a stranger's CA" || return
    cause certificate-unknown-issuer wire=client:unknown_ca
    dtls_serve 443 $(dtls_with stranger stranger-ca)
    dtls "${strict[@]}"
    end
    take_udp dtls-certificate-chain-incomplete "The server leaves out the intermediate" || return
    cause certificate-chain-incomplete wire=client:unknown_ca
    dtls_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key"
    dtls "${strict[@]}"
    end
    take_udp dtls-certificate-self-signed "The certificate is self-signed" || return
    cause certificate-self-signed
    dtls_serve 443 -cert "$PKI/selfsigned.pem" -key "$PKI/selfsigned.key"
    dtls "${strict[@]}"
    end
    take_udp dtls-certificate-host-mismatch "The certificate is for other.example.net" || return
    cause certificate-host-mismatch wire=client:bad_certificate
    dtls_serve 443 $(dtls_with other)
    dtls "${strict[@]}"
    end
    take_udp dtls-client-certificate-missing "The server wants a certificate of the client's, which has none" || return
    cause client-certificate-missing
    dtls_serve 443 -Verify 2 -CAfile "$PKI/client-ca.pem"
    dtls
    end
    take_udp dtls-client-certificate-fine "The server wants a certificate of the client's, and gets it" || return
    cause none sees='!client-certificate-missing'
    keyed none sees='!client-certificate-missing' wire=server:finished
    dtls_serve 443 -Verify 2 -CAfile "$PKI/client-ca.pem"
    dtls -cert "$PKI/client-p256.pem" -key "$PKI/client-p256.key"
    end
}

scene_dtls_negotiation() {
    take_udp dtls-no-shared-version "A client of DTLS 1.2 only, a server of DTLS 1.0 only" || return
    cause no-shared-version
    dtls_serve 443 -dtls1 -cipher DEFAULT:@SECLEVEL=0
    dtls -dtls1_2
    end
    take_udp dtls-no-shared-cipher-suite "The client has AES-128-GCM only, the server AES-256-GCM only" || return
    cause no-shared-cipher-suite wire=server:handshake_failure
    dtls_serve 443 -cipher ECDHE-ECDSA-AES256-GCM-SHA384
    dtls -cipher ECDHE-ECDSA-AES128-GCM-SHA256
    end
    take_udp dtls-no-shared-group "The client has X25519 and P-384, the server P-521 only" || return
    cause no-shared-group or='no-shared-cipher-suite' wire=server:handshake_failure
    dtls_serve 443 $(dtls_with rsa) -groups P-521 -cipher ECDHE-RSA-AES128-GCM-SHA256
    dtls -groups X25519:P-384 -cipher ECDHE-RSA-AES128-GCM-SHA256
    end
    take_udp dtls-no-shared-alpn "The client speaks coap, the server webrtc" || return
    cause no-shared-alpn wire=server:no_application_protocol
    dtls_serve 443 -alpn webrtc
    dtls -alpn coap
    end
    take_udp dtls-alpn-fine "Both speak webrtc" || return
    cause none sees='!no-shared-alpn'
    dtls_serve 443 -alpn webrtc
    dtls -alpn coap,webrtc
    end
    take_udp dtls-psk-unknown-identity "The client has a key that the server does not know by this name; GnuTLS" || return
    cause psk-unknown-identity or='psk-mismatch|rejected-by-server'
    printf 'somebody:%s\n' 0123456789abcdef >"$work/psk"
    gtls_serve 443 --udp --nocert --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK --pskpasswd "$work/psk"
    gtls --udp --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+PSK --pskusername nobody --pskkey 0123456789abcdef
    end
}

scene_dtls_path() {
    take_udp dtls-refused "Nobody listens on the server's port" || return
    cause tcp-refused or='no-answer-to-client-hello|udp-refused' wire=icmp
    DTLS_WAIT=2 DTLS_TIME=4 dtls
    end
    take_udp dtls-no-answer "The server takes the ClientHello and stays silent; the client repeats it" || return
    cause no-answer-to-client-hello sees=dtls-retransmissions wire=client:hello
    serve 443 python3 "$here/peers/datagrams.py" 443 silent
    DTLS_WAIT=5 DTLS_TIME=5 dtls
    end
    take_udp dtls-flight-lost "Datagrams of more than 600 bytes do not arrive: the server's flight with its certificates does not" || return
    cause handshake-stalled or=no-answer-to-client-hello sees=dtls-cookie-exchange wire=server:verify_request
    dtls_serve 4443 $(dtls_with rsa) -listen
    between drop:server:larger=600
    DTLS_WAIT=5 DTLS_TIME=5 dtls
    end
    take_udp dtls-flight-lost-captured "The same, captured before the place where they are lost" || return
    cause handshake-stalled sees=dtls-retransmissions
    dtls_serve 443 $(dtls_with rsa)
    beyond drop:server:larger=600
    DTLS_AT=127.0.0.1 DTLS_WAIT=5 DTLS_TIME=5 dtls
    end
    take_udp dtls-cookie-loop "A byte of the cookie is changed on its way back, whatever the client tries" || return
    cause handshake-stalled or='no-answer-to-client-hello|rejected-by-server|closed-during-handshake|client-hello-refused' sees=dtls-cookie-exchange wire=server:verify_request
    dtls_serve 4443 -listen
    between flip=66:client:2-9 drop:client:10-
    DTLS_WAIT=4 DTLS_TIME=4 dtls
    end
    take_udp dtls-psk-mismatch "Both know the name, and each has another key; libcoap" || return
    cause psk-mismatch or='handshake-stalled|closed-during-handshake|finished-mismatch'
    serve 443 coap-server-gnutls -A "$S4" -p 442 -k 0123456789abcdef -h hint
    in_c timeout 6 coap-client-gnutls -m get -B 5 -u somebody -k fedcba9876543210 "coaps://$S4:443/"
    end
}

scene_dtls_endings() {
    take_udp dtls-fine "Nothing is wrong" || return
    cause none sees='!dtls-retransmissions,!dtls-replay,!no-answer-to-client-hello'
    keyed none sees='!dtls-retransmissions,!dtls-replay,!handshake-stalled' wire=server:finished
    dtls_serve 443
    dtls
    end
    take_udp dtls-retransmissions-fine "The client's last flight is lost once, and sent again" || return
    cause none sees='dtls-retransmissions,!dtls-replay,!handshake-stalled'
    keyed none sees='dtls-retransmissions,!dtls-replay,!handshake-stalled' wire=server:finished
    dtls_serve 4443
    between drop:client:3
    DTLS_WAIT=2 dtls
    end
    take_udp dtls-replay-fine "A datagram of the client's that holds data is on the wire a second time, behind the next" || return
    keyed none sees='dtls-replay,!dtls-retransmissions' wire=server:finished
    dtls_serve 443
    beyond again=5:client:4
    DTLS_AT=127.0.0.1 dtls
    end
    take_udp dtls-cookie-fine "The server asks for a cookie and gets it back" || return
    cause none sees=dtls-cookie-exchange wire=server:verify_request
    dtls_serve 443 -listen
    dtls
    end
    take_udp dtls-no-cookie-fine "The server asks for none; GnuTLS" || return
    keyed none sees='!dtls-cookie-exchange,!dtls-retransmissions' wire=server:finished
    gtls_serve 443 --udp --nocookie $(gtls_with p256) --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2
    gtls --udp --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2
    end
    take_udp dtls-closed-gnutls "GnuTLS's client does not take the certificate of a stranger's CA" || return
    cause certificate-unknown-issuer
    gtls_serve 443 --udp $(gtls_with stranger) --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2
    gtls --udp --priority NORMAL:-VERS-ALL:+VERS-DTLS1.2
    end
}
