# Something on the way flips bits, changes hellos, leaves messages out; or a peer's parameters or insides are no good.
# shellcheck shell=bash disable=SC2154

# OpenSSL without extended_master_secret, so that the hellos do not go into the keys.
no_ems() {
    printf '%s\n' 'openssl_conf = a' '[a]' 'ssl_conf = b' '[b]' 'system_default = c' '[c]' 'Options = -ExtendedMasterSecret' >"$work/openssl.cnf"
    export OPENSSL_CONF=$work/openssl.cnf
    "$@"
    unset OPENSSL_CONF
}

# The relay stands at 443, the server at 444 behind it: what is captured at c0 is what the client sees, at lo what the server sees.
scene_signature() {
    take signature-mismatch-rsa "A bit of the ServerKeyExchange's signature is flipped on the way; RSA, TLS 1.2" || return
    cause signature-mismatch wire=client:decrypt_error
    ossl_serve 444
    relay 443 444 'server server_key_exchange flip -3'
    ossl -tls1_2
    end
    take signature-mismatch-dh "A byte of the server's DH key is changed on the way; the signature does not cover it any more; TLS 1.2" || return
    cause signature-mismatch wire=client:decrypt_error
    ossl_serve 444 -cipher DHE-RSA-AES128-GCM-SHA256
    relay 443 444 'server server_key_exchange flip 400'
    ossl -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256
    end
    take signature-mismatch-gnutls "A bit of the ServerKeyExchange's signature is flipped on the way; GnuTLS, ECDSA, TLS 1.2" || return
    cause signature-mismatch
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_key_exchange flip -3'
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take signature-mismatch-random "The ServerHello's random is another than the server's own: what it signed is not what passed; TLS 1.2" || return
    cause signature-mismatch wire=client:decrypt_error
    ossl_serve 444
    relay 443 444 'server server_hello flip 10'
    ossl -tls1_2
    end
    take signature-mismatch-client "A bit of the client's CertificateVerify is flipped on the way; TLS 1.2, captured at the client" || return
    cause signature-mismatch or='finished-mismatch' wire=server:decrypt_error
    ossl_serve 444 -Verify 3 -verify_return_error -CAfile "$PKI/client-ca.pem"
    relay 443 444 'client certificate_verify flip -3'
    ossl -tls1_2 $(client_cert rsa)
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take signature-mismatch-client-server \
        "A bit of the client's CertificateVerify is flipped on the way; TLS 1.2, captured at the server" || return
    cause signature-mismatch wire=server:decrypt_error
    ossl_serve 444 -Verify 3 -verify_return_error -CAfile "$PKI/client-ca.pem"
    relay 443 444 'client certificate_verify flip -3'
    ossl -tls1_2 $(client_cert rsa)
    end
    take signature-mismatch-fine "The same relay changes nothing; its framing does no harm" || return
    cause none sees='!signature-mismatch,!malformed-message'
    keyed none wire=server:finished
    ossl_serve 444
    relay 443 444 'server server_key_exchange delay 0'
    ossl -tls1_2
    end
}

scene_finished() {
    take finished-mismatch-openssl "The SNI is changed on the way to the server: its transcript is not the client's; OpenSSL without extended_master_secret, TLS 1.2" || return
    cause finished-mismatch wire=server:decrypt_error
    keyed finished-mismatch
    no_ems ossl_serve 444
    relay 443 444 'client client_hello extension 0 001200000f7777772e6578616d706c652e6e6574'
    ossl -tls1_2
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take finished-mismatch-openssl-server "The same, captured at the server: with keys the Finished can be proved wrong" || return
    cause finished-mismatch wire=server:decrypt_error
    keyed finished-mismatch
    no_ems ossl_serve 444
    relay 443 444 'client client_hello extension 0 001200000f7777772e6578616d706c652e6e6574'
    ossl -tls1_2
    end
    take finished-mismatch-gnutls "The SNI is changed on the way to the server; GnuTLS without extended_master_secret, TLS 1.2" || return
    cause finished-mismatch
    gtls_serve 444 $(gtls_with rsa)
    relay 443 444 'client client_hello extension 0 001200000f7777772e6578616d706c652e6e6574'
    gtls --priority NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH
    end
    take finished-mismatch-fine "OpenSSL without extended_master_secret, and nothing changed on the way" || return
    cause none sees='!finished-mismatch'
    keyed none sees='!finished-mismatch,no-extended-master-secret' wire='client:finished server:finished'
    no_ems ossl_serve 444
    relay 443 444 'client client_hello delay 0'
    ossl -tls1_2
    end
    # With extended_master_secret the master secret is another for each: the Finished does not even open.
    take finished-mismatch-ems "The SNI is changed on the way to the server; with extended_master_secret, TLS 1.2: the Finished does not open" || return
    cause finished-mismatch or=record-corrupted wire=server:bad_record_mac
    ossl_serve 444
    relay 443 444 'client client_hello extension 0 001200000f7777772e6578616d706c652e6e6574'
    ossl -tls1_2
    end
}

scene_corrupted() {
    take record-corrupted-finished-12 "A bit of the client's Finished record is flipped on the way; TLS 1.2" || return
    cause record-corrupted wire=server:bad_record_mac
    keyed record-corrupted
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client record4 flip -1'
    ossl -tls1_2
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take record-corrupted-finished-server "The same, captured at the server" || return
    cause record-corrupted wire=server:bad_record_mac
    keyed record-corrupted
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client record4 flip -1'
    ossl -tls1_2
    end
    take record-corrupted-data-12 "A bit of the server's data is flipped on the way; TLS 1.2" || return
    keyed record-corrupted wire=client:bad_record_mac
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record8 flip -1'
    ossl -tls1_2
    end
    take record-corrupted-flight-13 "A bit of the server's encrypted flight is flipped on the way; TLS 1.3" || return
    cause record-corrupted or=finished-mismatch wire=client:bad_record_mac
    keyed record-corrupted
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record3 flip -1'
    ossl -tls1_3
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take record-corrupted-finished-13 "A bit of the client's Finished record is flipped on the way; TLS 1.3, captured at the server" || return
    cause rejected-by-server
    keyed record-corrupted wire=server:bad_record_mac
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client record3 flip -1'
    ossl -tls1_3
    end
    take record-corrupted-data-13 "A bit of the server's data is flipped on the way; GnuTLS and OpenSSL, TLS 1.3" || return
    keyed record-corrupted or=none sees=record-corrupted
    ossl_serve 444 $(ossl_with p256) -num_tickets 0
    relay 443 444 'server record7 flip -1'
    gtls
    end
}

scene_corrupted_fine() {
    local v
    for v in 12 13; do
        take record-corrupted-$v-fine "The same relay, which changes no record; TLS 1.${v#1}" || return
        cause none
        keyed none sees='!record-corrupted,!keys-do-not-fit' wire='client:finished'
        ossl_serve 444 $(ossl_with p256)
        relay 443 444 'client record4 delay 0' 'server record3 delay 0'
        ossl -tls1_${v#1}
        end
    done
}

scene_weak_dh() {
    local n
    for n in 512 768 1024; do
        take weak-dh-$n "A DH group of $n bits, which OpenSSL's client does not take; TLS 1.2" || return
        cause weak-dh wire=client:handshake_failure
        # OpenSSL's server refuses less than 1024 at every security level; GnuTLS's believes its file.
        if [ $n = 1024 ]; then ossl_serve 443 -dhparam "$PKI/dh$n.pem" -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -tls1_2
        else gtls_serve 443 $(gtls_with rsa) --dhparams "$PKI/dh$n.pem" --priority NORMAL:-VERS-TLS1.3:-GROUP-ALL:-KX-ALL:+DHE-RSA; fi
        ossl -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256
        end
    done
    take weak-dh-gnutls "A DH group of 1024 bits, and GnuTLS's client with %PROFILE_MEDIUM; TLS 1.2" || return
    cause weak-dh wire=client:insufficient_security
    ossl_serve 443 -dhparam "$PKI/dh1024.pem" -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -tls1_2
    gtls --priority NORMAL:-VERS-TLS1.3:-KX-ALL:+DHE-RSA:%PROFILE_MEDIUM
    end
    take weak-dh-fine "A DH group of 2048 bits" || return
    cause none sees='!weak-dh,!weak-key'
    keyed none sees='!weak-dh,!weak-key' wire=server:finished
    ossl_serve 443 -dhparam "$PKI/dh2048.pem" -cipher DHE-RSA-AES128-GCM-SHA256 -tls1_2
    ossl -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256
    end
}

scene_malformed() {
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take malformed-message-hello "The ClientHello's extensions claim more bytes than there are, TLS 1.2; captured at the server" || return
    cause malformed-message wire=server:decode_error
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_hello extension 10 00ff001d'
    ossl -tls1_2
    end
    take malformed-message-suite "The ServerHello names a cipher suite that was not offered; TLS 1.2" || return
    cause malformed-message wire=client:illegal_parameter
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello suite 009c'
    ossl -tls1_2 -cipher ECDHE+AESGCM -no_ticket
    end
    take malformed-message-suite-gnutls "The same to GnuTLS's client; TLS 1.2" || return
    cause malformed-message
    ossl_serve 444
    relay 443 444 'server server_hello suite 009c'
    gtls --priority NORMAL:-VERS-TLS1.3:-RSA
    end
    take malformed-message-suite-nss "The same to NSS's client; TLS 1.2" || return
    cause malformed-message
    ossl_serve 444
    relay 443 444 'server server_hello suite c0ac'
    nss -V tls1.2:tls1.2
    end
    take malformed-message-compression "The ServerHello chooses DEFLATE, which was not offered; TLS 1.2" || return
    cause malformed-message sees='!compression-enabled' wire=client:illegal_parameter
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello set 37 01'
    ossl -tls1_2
    end
    take malformed-message-version "The ServerHello's supported_versions names 3.5, which was not offered; TLS 1.3" || return
    cause malformed-message or=no-shared-version
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello extension 43 0305'
    ossl -tls1_3
    end
    take malformed-message-share "The ServerHello's key share is for x448, for which the client sent none; TLS 1.3" || return
    cause malformed-message wire=client:illegal_parameter
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 "server server_hello extension 51 001e0038$(printf '%0112d' 5)"
    ossl -tls1_3 -groups X25519:X448
    end
    take malformed-message-extension-gnutls "The ServerHello answers an extension that was not offered; GnuTLS, TLS 1.2" || return
    cause malformed-message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello retype 65281 15'
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take malformed-message-extension-unasked "The ServerHello answers an extension that was not offered; TLS 1.2" || return
    cause malformed-message wire=client:illegal_parameter
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello retype 65281 21'
    ossl -tls1_2
    end
    take malformed-message-order "The server's Certificate is left out on the way: ServerKeyExchange comes where it has no place; TLS 1.2" || return
    cause malformed-message sees='handshake-step-skipped,!unexpected-message' wire=client:unexpected_message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server certificate drop'
    ossl -tls1_2
    end
    take malformed-message-twice "The ServerHello comes twice; TLS 1.2" || return
    cause malformed-message sees=unexpected-message wire=client:unexpected_message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello twice'
    ossl -tls1_2
    end
    take malformed-message-certificate "The Certificate message claims a list longer than itself; GnuTLS, TLS 1.2" || return
    cause malformed-message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server certificate set 0 00ffff'
    gtls --priority NORMAL:-VERS-TLS1.3
    end
}

scene_internal() {
    take peer-internal-error-nginx "nginx has no certificate file for the name asked for; TLS 1.3" || return
    cause peer-internal-error wire=server:internal_error
    { printf '        %s\n' 'listen 443 ssl;' "ssl_certificate $PKI/\$ssl_server_name.pem;" "ssl_certificate_key $PKI/\$ssl_server_name.key;"; } >"$work/ngx.lines"
    nginx_serve 443 <"$work/ngx.lines" || return
    fetch https://$NAME/
    end
    take peer-internal-error-fine "The same nginx, and a name that has a file" || return
    cause none sees='!peer-internal-error'
    { printf '        %s\n' 'listen 443 ssl;' "ssl_certificate $PKI/\$ssl_server_name.pem;" "ssl_certificate_key $PKI/\$ssl_server_name.key;"; } >"$work/ngx.lines"
    nginx_serve 443 <"$work/ngx.lines" || return
    ossl -tls1_2 -servername p256
    end
    take peer-internal-error-scripted "The server answers the ClientHello with internal_error" || return
    cause peer-internal-error wire=server:internal_error
    scripted 443 hear alert:2:80
    ossl
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take peer-internal-error-canceled "The client's key exchange is replaced by user_canceled; TLS 1.2, captured at the server" || return
    cause peer-internal-error wire=client:user_canceled
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_key_exchange cancel'
    ossl -tls1_2
    end
}

# What is broken is seen, whatever the alert says of it.
scene_broken() {
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take malformed-message-keys-left-out \
        "The ClientKeyExchange is left out on the way; TLS 1.2, captured at the server" || return
    cause malformed-message sees=handshake-step-skipped wire=server:unexpected_message
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_key_exchange drop'
    ossl -tls1_2
    end
    take certificate-wrong-purpose-usage-gnutls "keyUsage lacks digitalSignature, which the key exchange needs; GnuTLS's client says internal_error; TLS 1.2" || return
    cause certificate-wrong-purpose wire=client:internal_error
    CA_NAME=intermediate openssl x509 -req -in <(openssl req -new -key "$PKI/rsa.key" -subj '/CN=www.example.com') -CA "$PKI/intermediate.pem" \
        -CAkey "$PKI/intermediate.key" -set_serial 77 -days 3000 -out "$work/usage.pem" \
        -extfile <(printf '%s\n' keyUsage=critical,cRLSign subjectAltName=DNS:www.example.com) || return
    ossl_serve 443 -cert "$work/usage.pem" -key "$PKI/rsa.key" -cert_chain "$PKI/intermediate.pem"
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take finished-mismatch-failure "The server answers the client's Finished with handshake_failure (the relay says it, as Go does); TLS 1.2" || return
    cause finished-mismatch wire=server:handshake_failure
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server new_session_ticket alert 2 40' 'server record6 close'
    ossl -tls1_2
    end
    take psk-unknown-identity-openssl-13 "The server knows another identity and has no certificate: handshake_failure; TLS 1.3" || return
    cause psk-unknown-identity wire=server:handshake_failure
    ossl_serve 443 -nocert -psk $PSK -psk_identity other
    ossl -tls1_3 -psk $PSK -psk_identity stranger
    end
}
