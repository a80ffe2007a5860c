# Connections that end as soon as they are up: health checks, scanners, servers that have nothing to say. No failure; without keys
# TLS 1.3 hides which of its records is a goodbye.
# shellcheck shell=bash disable=SC2154

no_failure='!rejected-by-client,!rejected-by-server,!closed-during-handshake'

scene_probes() {
    local v how sees
    for v in 12 13; do
        for how in close goodbye reset; do
            take probe-$how-$v-fine "A handshake and no more, then $how; Python and nginx, TLS 1.${v#1}" || return
            sees=$no_failure
            [ $how = close ] && sees+=,left-after-handshake # nothing but a handshake, and no close_notify
            cause none sees=$sees
            keyed none sees=$sees
            ngx p256 || return
            in_c timeout 10 python3 "$here/peers/probe.py" $S4 443 $NAME 1.${v#1} $how "$KEYS"
            end
        done
        take probe-server-goodbye-$v-fine "The server says goodbye as soon as the client has; OpenSSL, TLS 1.${v#1}, no tickets" || return
        cause none sees=$no_failure
        ossl_serve 443 $(ossl_with p256) -num_tickets 0 -no_ticket
        in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_${v#1} -keylogfile "$KEYS" </dev/null
        end
    done
    take probe-gnutls-fine "A handshake and a goodbye; GnuTLS's client and server, TLS 1.3" || return
    cause none sees=$no_failure
    gtls_serve 443 $(gtls_with p256)
    in_c timeout 10 gnutls-cli --x509cafile "$PKI/root.pem" --sni-hostname $NAME --verify-hostname $NAME -p 443 $S4 </dev/null
    end
    take probe-nss-fine "A handshake and a goodbye; NSS's client (-Q) and nginx, TLS 1.3" || return
    cause none sees=$no_failure
    ngx p256 || return
    in_c timeout 10 tstclnt -h $S4 -p 443 -a $NAME -o -Q -V tls1.3:tls1.3 -d "$work/nss-client" </dev/null
    end
    take probe-asked-fine "The server asks for a client certificate without requiring it, gets none, and the client ends at once; OpenSSL, TLS 1.3" || return
    cause none sees="$no_failure,!client-certificate-missing"
    keyed none sees="$no_failure,!client-certificate-missing" wire=client:finished
    ossl_serve 443 $(ossl_with p256) -verify 3 -CAfile "$PKI/client-ca.pem"
    in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -keylogfile "$KEYS" </dev/null
    end
    take probe-server-cut-fine "The server says a line and goes, without close_notify: s_server's Q; TLS 1.3" || return
    cause none sees="$no_failure,truncated-close"
    serve 443 openssl s_server -accept 443 $(ossl_with p256) -naccept 1 -num_tickets 0
    { sleep 0.6; tell 443 'nothing here'; sleep 0.2; tell 443 Q; } &
    sleep 2 | in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -nocommands
    wait $!
    end
    # One alert of the server's behind the client's Finished: so it refuses a client certificate, too; but none was sent.
    take probe-server-goes-fine "The server says goodbye as soon as the handshake is done; Python, TLS 1.3, no tickets" || return
    cause none or=rejected-by-server
    keyed none sees=$no_failure wire=server:close_notify
    serve 443 python3 "$here/peers/rude.py" 443 "$PKI/p256.chain.pem" "$PKI/p256.key" 1.3 goodbye
    sleep 1 | in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -nocommands -keylogfile "$KEYS"
    end
}
