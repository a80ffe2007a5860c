# Handshakes in orders that the RFCs forbid, and that both peers accept: no library does, so peers/order.py is both sides.
# shellcheck shell=bash disable=SC2034,SC2154

# order VERSION STEP...
order() {
    serve 443 python3 "$here/peers/order.py" server 443 "$KEYS" "$PKI" "$@"
    in_c timeout 10 python3 "$here/peers/order.py" client "$S4" 443 "$KEYS" "$PKI" "$@"
    end
}

skipped=handshake-step-skipped,!unexpected-message
unasked=unexpected-message,!handshake-step-skipped
well='!handshake-step-skipped,!unexpected-message'
end12='c:ccs c:finished s:ccs s:finished c:data s:data'
server13='s:extensions s:certificate s:verify s:finished'

scene_order12() {
    take order-12-resumed-nothing "ServerHello, ChangeCipherSpec, Finished, and no session was offered (SKIP-TLS); TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello s:hello s:ccs s:finished c:ccs c:finished c:data s:data
    take order-12-resumed-fine "The same, and the ClientHello has a ticket; TLS 1.2" || return
    cause none sees=$well
    order 1.2 c:hello+ticket s:hello s:ccs s:finished c:ccs c:finished c:data s:data
    take order-12-resumed-id-fine "The same by session id, and with a new ticket; TLS 1.2" || return
    cause none sees=$well
    order 1.2 c:hello+ticket+session s:hello+session+ticket s:ticket s:ccs s:finished c:ccs c:finished c:data s:data
    take order-12-no-certificate "No server Certificate with ECDHE_RSA; TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello s:hello s:key_exchange s:hello_done c:key_exchange $end12
    take order-12-no-key-exchange "No ServerKeyExchange with ECDHE_RSA; TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello s:hello s:certificate s:hello_done c:key_exchange $end12
    take order-12-temporary-rsa "A temporary RSA key in ServerKeyExchange, with a suite that is not exportable (FREAK); TLS 1.2" || return
    cause none sees=$unasked
    order 1.2 c:hello s:hello+rsa s:certificate s:key_exchange+rsa s:hello_done c:key_exchange+rsa $end12
    take order-12-no-client-certificate "The client leaves out the Certificate that it was asked for; TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello s:hello s:certificate s:key_exchange s:certificate_request s:hello_done c:key_exchange $end12
    take order-10-no-client-certificate-fine "The same in TLS 1.0, where RFC 2246 says should" || return
    cause none sees=$well
    order 1.0 c:hello s:hello+rsa s:certificate s:certificate_request s:hello_done c:key_exchange+rsa $end12
    take order-12-no-verify "A client certificate, and no CertificateVerify; TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello s:hello s:certificate s:key_exchange s:certificate_request s:hello_done c:certificate c:key_exchange $end12
    take order-12-client-certificate-fine "A client certificate with its CertificateVerify; TLS 1.2" || return
    cause none sees=$well
    order 1.2 c:hello s:hello s:certificate s:key_exchange s:certificate_request s:hello_done c:certificate c:key_exchange c:verify $end12
    take order-12-no-ticket "The ServerHello promises a ticket that never comes; TLS 1.2" || return
    cause none sees=$skipped
    order 1.2 c:hello+ticket s:hello+ticket s:certificate s:key_exchange s:hello_done c:key_exchange $end12
    take order-12-second-ccs "The server changes its keys a second time, after the handshake; TLS 1.2" || return
    cause none sees=$unasked
    order 1.2 c:hello s:hello s:certificate s:key_exchange s:hello_done c:key_exchange $end12 s:ccs s:data
}

scene_order13() {
    take order-13-no-client-certificate "The client leaves out the Certificate that it was asked for; TLS 1.3" || return
    cause none sees=$well
    keyed none sees=$skipped
    order 1.3 c:hello s:hello s:extensions s:certificate_request s:certificate s:verify s:finished c:finished c:data s:data
    take order-13-no-verify "A client certificate, and no CertificateVerify; TLS 1.3" || return
    keyed none sees=$skipped
    order 1.3 c:hello s:hello s:extensions s:certificate_request s:certificate s:verify s:finished c:certificate c:finished c:data s:data
    take order-13-empty-certificate-fine "An empty client Certificate, and no CertificateVerify; TLS 1.3" || return
    keyed none sees=$well
    order 1.3 c:hello s:hello s:extensions s:certificate_request s:certificate s:verify s:finished c:certificate+empty c:finished c:data s:data
    take order-13-no-end-of-early-data "Early data are accepted, and no EndOfEarlyData comes; TLS 1.3" || return
    keyed none sees=$skipped
    order 1.3 c:hello+psk+early c:data s:hello+psk s:extensions+early s:finished c:end_of_early_data+never c:finished c:data s:data
    take order-13-early-fine "Early data are accepted, and ended; TLS 1.3" || return
    keyed none sees=$well
    order 1.3 c:hello+psk+early c:data s:hello+psk s:extensions+early s:finished c:end_of_early_data c:finished c:data s:data
    take order-13-end-of-refused "EndOfEarlyData although the early data are refused; TLS 1.3" || return
    keyed none sees=$unasked
    order 1.3 c:hello+psk+early s:hello+psk s:extensions s:finished c:end_of_early_data c:finished c:data s:data
    take order-13-unasked-certificate "The client sends a certificate after the handshake, unasked; TLS 1.3" || return
    keyed none sees=unexpected-message
    order 1.3 c:hello+post_auth s:hello $server13 c:finished c:data s:data c:certificate+empty c:data
    take order-13-request-unoffered "The server asks for a certificate after the handshake, without post_handshake_auth; TLS 1.3" || return
    keyed none sees=$unasked
    order 1.3 c:hello s:hello $server13 c:finished s:data s:certificate_request c:data
}

scene_order_retry() {
    take order-13-two-retries "A second HelloRetryRequest, which the client refuses; TLS 1.3" || return
    cause malformed-message sees=unexpected-message wire=client:unexpected_message
    order 1.3 c:hello s:retry c:hello s:retry c:alert10
    take order-13-retry-fine "One HelloRetryRequest; TLS 1.3" || return
    cause none sees=$well,!client-hello-reordered,!malformed-message
    keyed none sees=$well,!client-hello-reordered,!malformed-message
    order 1.3 c:hello s:retry c:hello s:hello $server13 c:finished s:ticket c:data s:data
    take client-hello-reordered "After a HelloRetryRequest the client's psk_key_exchange_modes is the first of its extensions, no more the last; the server goes on; TLS 1.3" || return
    cause none sees=client-hello-reordered,!malformed-message,!unexpected-message
    keyed none sees=client-hello-reordered,!malformed-message
    order 1.3 c:hello s:retry c:hello+moved s:hello $server13 c:finished s:ticket c:data s:data
    take client-hello-reordered-refused "The same, and the server refuses it; TLS 1.3" || return
    cause malformed-message sees=!client-hello-reordered,!unexpected-message wire=server:illegal_parameter
    order 1.3 c:hello s:retry c:hello+moved s:alert47
}
