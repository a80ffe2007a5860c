# What is worth knowing of a connection, each id with a capture that shows it and one that only looks like it.
# shellcheck shell=bash disable=SC2154

scene_goodbye() {
    take rejected-by-client-fine "TLS 1.3: the client says goodbye as soon as the handshake is done; without keys its close_notify looks like any alert" || return
    cause none sees='!rejected-by-client,!truncated-close,!closed-during-handshake'
    keyed none wire='client:finished client:close_notify'
    ossl_serve 443 $(ossl_with p256)
    in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -keylogfile "$KEYS" </dev/null
    end
    take rejected-by-server-fine "TLS 1.3: the server ends as soon as it has answered; the client goes after it" || return
    cause none sees='!rejected-by-server,!truncated-close'
    keyed none wire='server:close_notify'
    ngx p256 'return 204;' 'keepalive_timeout 0;' || return
    fetch https://$NAME/
    end
}

# Certificates that the client takes regardless, those of 30-certificates.sh that are not there yet.
scene_gone_on() {
    local without=(-cert "$PKI/p256.pem" -key "$PKI/p256.key")
    take gone-on-self-signed-fine "A self-signed certificate, and curl --insecure; TLS 1.2" || return
    cause none sees='certificate-self-signed,!certificate-unknown-issuer,!certificate-chain-incomplete'
    ngx selfsigned || return
    fetch --tls-max 1.2 --insecure https://$NAME/
    end
    take gone-on-unknown-issuer-fine "A whole chain to a root that nobody here trusts, and curl --insecure; TLS 1.3" || return
    cause none sees='!certificate-unknown-issuer'
    keyed none sees='certificate-unknown-issuer,!certificate-chain-incomplete,!certificate-self-signed'
    ngx stranger || return
    fetch --insecure https://$NAME/
    end
    take gone-on-chain-incomplete-fine "No intermediate, and a client that checks nothing; TLS 1.2" || return
    cause none sees='certificate-chain-incomplete,!certificate-self-signed'
    ossl_serve 443 "${without[@]}"
    ossl -tls1_2
    end
    take gone-on-bad-signature-fine "The certificate's signature has another last byte, and a client that checks nothing; TLS 1.2" || return
    cause none sees=certificate-bad-signature
    ossl_serve 443 $(ossl_with damaged)
    ossl -tls1_2
    end
    take gone-on-revoked-fine "The stapled answer says revoked, and OpenSSL goes on; TLS 1.2" || return
    cause none sees='certificate-revoked,!ocsp-staple-bad'
    ossl_serve 443 $(ossl_with revoked) -status_file "$PKI/revoked.ocsp"
    ossl -tls1_2 -status
    end
}

soon_pki() {                                     # DAYS-AGO DAYS-LEFT: a certificate of the PKI's intermediate, in the work folder
    local dir=$work/soon names=DNS:$NAME
    rm -rf "$dir" && mkdir -p "$dir" && cp "$PKI"/{intermediate,root}.* "$dir"
    (work=$dir PKI=$dir
        export MD=sha256
        pki_config && pki_sections
        pki_cert soon p256 intermediate server "/C=XX/O=wiretale tests/OU=$1 days old, $2 left/CN=$NAME" $names \
            "$(date -u -d "$1 days ago" +%Y%m%d%H%M%SZ)" "$(date -u -d "$2 days" +%Y%m%d%H%M%SZ)") >>"$work/soon.log" 2>&1
}

scene_expires_soon() {
    local name days sentence sees
    while IFS='|' read -r name days sees sentence; do
        soon_pki $days || return
        take $name "$sentence" || return
        cause none sees="$sees"
        ossl_serve 443 -cert "$work/soon/soon.pem" -key "$work/soon/soon.key" -cert_chain "$PKI/intermediate.pem"
        ossl -tls1_2 "${checks[@]}"
        end
    done <<'ROWS'
certificate-expires-soon|85 5|certificate-expires-soon,!certificate-expired|A certificate of 90 days has 5 left
certificate-expires-soon-half-fine|30 60|!certificate-expires-soon|A certificate of 90 days has 60 left
certificate-expires-soon-short-fine|2 4|!certificate-expires-soon|A certificate of 6 days, as are given out now, has 4 left
ROWS
}

scene_weak_signature() {
    take weak-signature "The server signs its key exchange with rsa_pkcs1_sha1, the only scheme that the client offers; TLS 1.2" || return
    cause none sees='weak-signature,!certificate-weak'
    ossl_serve 443 -cipher ALL:@SECLEVEL=0
    ossl -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -sigalgs RSA+SHA1
    end
    take weak-signature-client "The client signs its CertificateVerify with SHA-1; TLS 1.2" || return
    cause none sees=weak-signature
    keyed none sees=weak-signature
    ossl_serve 443 -cipher ALL:@SECLEVEL=0 -Verify 3 -CAfile "$PKI/client-ca.pem" -client_sigalgs RSA+SHA1
    ossl -tls1_2 -cipher ALL:@SECLEVEL=0 -sigalgs RSA+SHA256:RSA+SHA1 $(client_cert rsa)
    end
    take weak-signature-fine "SHA-1 is offered, and nobody signs with it; TLS 1.2" || return
    cause none sees='!weak-signature'
    ossl_serve 443 -cipher ALL:@SECLEVEL=0
    ossl -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -sigalgs RSA+SHA256:RSA+SHA1
    end
}

# No library of Debian 12 has TLS compression any more: peers/deflate.py does both sides, and OpenSSL declines it.
scene_compression() {
    take compression-enabled "DEFLATE offered and chosen; TLS 1.2, TLS_PSK_WITH_NULL_SHA256" || return
    cause none sees=compression-enabled
    keyed none sees=compression-enabled wire='client:finished server:finished'
    serve 443 python3 "$here/peers/deflate.py" server 443 $PSK "$KEYS"
    in_c timeout 10 python3 "$here/peers/deflate.py" client $S4 443 $NAME $PSK "$KEYS"
    end
    take compression-declined-fine "DEFLATE offered to OpenSSL, which chooses null" || return
    cause none sees='!compression-enabled'
    keyed none sees='!compression-enabled' wire='client:finished server:finished'
    ossl_serve 443 -nocert -psk $PSK -tls1_2 -cipher PSK-NULL-SHA256:@SECLEVEL=0
    in_c timeout 10 python3 "$here/peers/deflate.py" client $S4 443 $NAME $PSK "$KEYS"
    end
}

scene_heartbleed() {
    take heartbleed-attempt "A scan for Heartbleed: 16384 bytes asked for, 3 sent, behind OpenSSL's ServerHelloDone, which answers with an alert" || return
    cause malformed-message sees='heartbleed-attempt,!heartbleed-leak' wire=server:unexpected_message
    ossl_serve 443
    as_client 443 client_hello:$NAME hear heartbeat:1:16384:3 hear
    end
    take heartbleed-leak.zst "The same scan, and a server that gives away 16 KB in answer" || return
    cause none or='closed-during-handshake|handshake-stalled' sees=heartbleed-attempt,heartbleed-leak
    scripted 443 hear server_hello certificate:"$PKI/rsa.chain.pem" server_hello_done hear heartbeat:2:16000:16016
    as_client 443 client_hello:$NAME 'hear:\x0e\x00\x00\x00' heartbeat:1:16384:3 hear
    end
    take heartbleed-fine "Heartbeats as they are meant: asked for with 16 bytes, answered with as many, padded" || return
    cause none or='closed-during-handshake|handshake-stalled' sees='!heartbleed-attempt,!heartbleed-leak'
    scripted 443 hear server_hello certificate:"$PKI/rsa.chain.pem" server_hello_done hear heartbeat:2:16:32
    as_client 443 client_hello:$NAME 'hear:\x0e\x00\x00\x00' heartbeat:1:16:32 hear
    end
    local v
    for v in 12 13; do
        take heartbeat-gnutls-$v-fine "GnuTLS's server sends a heartbeat of its own and has it answered; TLS 1.${v#1}" || return
        cause none
        keyed none sees='!heartbleed-attempt,!heartbleed-leak'
        gtls_serve 443 $(gtls_with p256) --heartbeat
        { sleep 0.4; echo '**HEARTBEAT**'; sleep 0.6; } | in_c timeout 10 gnutls-cli --x509cafile "$PKI/root.pem" \
            --sni-hostname $NAME --verify-hostname $NAME -p 443 --heartbeat --priority NORMAL:-VERS-ALL:+VERS-TLS1.${v#1} $S4
        end
    done
}

scene_sessions() {
    local v how
    for how in ticket id; do
        set --
        [ $how = ticket ] || set -- -no_ticket
        take session-reused-$how "A session made for www.example.com is taken up again for api.example.com, and the server resumes it: by $how; OpenSSL, TLS 1.2" || return
        cause none sees='!session-id-reused-across-hosts'
        cause none stream=1 sees=session-id-reused-across-hosts
        ossl_serve 443 $(ossl_with p256) -tls1_2 "$@"
        ossl -tls1_2 -sess_out "$work/session"
        ossl -tls1_2 -sess_in "$work/session" -servername api.example.com
        end
        take session-reused-$how-fine "A session is taken up again for the name that it was made for, spelled in capitals: by $how; TLS 1.2" || return
        cause none stream=1 sees='!session-id-reused-across-hosts'
        ossl_serve 443 $(ossl_with p256) -tls1_2 "$@"
        ossl -tls1_2 -sess_out "$work/session"
        ossl -tls1_2 -sess_in "$work/session" -servername WWW.example.com
        end
    done
    take session-offered-fine "A session made for www.example.com is offered for api.example.com to a server started anew, which begins afresh; TLS 1.2" || return
    cause none stream=1 sees='!session-id-reused-across-hosts'
    ossl_serve 443 $(ossl_with p256) -tls1_2
    ossl -tls1_2 -sess_out "$work/session"
    unserve
    ossl_serve 443 $(ossl_with p256) -tls1_2
    ossl -tls1_2 -sess_in "$work/session" -servername api.example.com
    end
}

scene_tickets() {
    local days
    for days in 30 7; do
        case $days in
        30) take ticket-lifetime-excessive "nginx with ssl_session_timeout 30d; TLS 1.2" || return
            cause none sees=ticket-lifetime-excessive ;;
        7)  take ticket-lifetime-fine "nginx with ssl_session_timeout 7d: as much as TLS 1.3 allows; TLS 1.2" || return
            cause none sees='!ticket-lifetime-excessive' ;;
        esac
        ngx p256 "ssl_session_timeout ${days}d;" || return
        ossl -tls1_2                             # curl offers no ticket
        end
    done
    take ticket-lifetime-13-fine "nginx with ssl_session_timeout 30d over TLS 1.3, where OpenSSL gives 7 days all the same" || return
    keyed none sees='!ticket-lifetime-excessive'
    ngx p256 'ssl_session_timeout 30d;' || return
    fetch https://$NAME/
    end
}

# early NAME SENTENCE REQUEST VALUE...: a request in early data to nginx, over the ticket of a connection before.
early() {
    local name=$1 sentence=$2 request=$3
    shift 3
    take "$name" "$sentence" || return
    cause none
    "${early_rows:-early_row}" "$@"
    ngx p256 'ssl_early_data on;' || return
    { printf 'GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' $NAME; sleep 0.5; } |
        in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -keylogfile "$KEYS" -nocommands -sess_out "$work/ticket"
    [ -z "${early_restart:-}" ] || { unserve; ngx p256 'ssl_early_data on;'; }
    printf '%b' "$request" >"$work/early"
    sleep 0.5 | in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_3 -keylogfile "$KEYS" -nocommands \
        -sess_in "$work/ticket" -early_data "$work/early"
    end
}
early_row() { keyed none stream=1 "$@"; }

scene_early_data() {
    local host="Host: $NAME\r\nConnection: close\r\n"
    early early-data-get "A GET in early data, which nginx accepts" "GET / HTTP/1.1\r\n$host\r\n" sees=early-data-replayable
    early early-data-post "A POST in early data, which nginx accepts" "POST / HTTP/1.1\r\n${host}Content-Length: 7\r\n\r\npay=100" sees=early-data-replayable
    early_restart=yes early early-data-rejected-fine "Early data that nginx, started anew, rejects" "POST / HTTP/1.1\r\n${host}Content-Length: 7\r\n\r\npay=100" \
        sees='!early-data-replayable'
}

scene_names() {
    take sni-mismatch-host "The handshake asks for www.example.com, the request within for api.example.com; curl and nginx" || return
    keyed none sees=sni-mismatch-host
    ngx p256 || return
    fetch -H 'Host: api.example.com' https://$NAME/
    end
    take sni-mismatch-host-fine "The request's host has capitals, a dot at its end, and a port" || return
    keyed none sees='!sni-mismatch-host,!sni-missing'
    ngx p256 || return
    fetch -H 'Host: WWW.Example.com.:443' https://$NAME/
    end
}

scene_before_starttls() {
    take plaintext-before-starttls "A command in the clear behind STARTTLS, in one segment with it; SMTP" || return
    cause none sees='plaintext-before-starttls,!client-not-tls'
    serve 25 python3 "$here/peers/pipelining.py" server 25 "$PKI/p256.chain.pem" "$PKI/p256.key" smtp
    in_c timeout 10 python3 "$here/peers/pipelining.py" client $S4 25 $NAME smtp 'RSET\r\nMAIL FROM:<mallory@example.com>\r\n'
    end
    take plaintext-before-starttls-fine "The same client and server without it" || return
    cause none sees='!plaintext-before-starttls,!starttls-refused'
    serve 25 python3 "$here/peers/pipelining.py" server 25 "$PKI/p256.chain.pem" "$PKI/p256.key" smtp
    in_c timeout 10 python3 "$here/peers/pipelining.py" client $S4 25 $NAME smtp
    end
}

scene_renegotiated() {
    take client-renegotiation-fine "The server asks for a renegotiation (HelloRequest), and the client follows; TLS 1.2" || return
    cause none
    keyed none sees='!client-renegotiation,!unexpected-message' wire='client:finished server:finished'
    serve 443 openssl s_server -accept 443 -tls1_2 $(ossl_with p256) -keylogfile "$KEYS"
    { sleep 0.4; tell 443 r; sleep 0.5; } &
    PAUSE=0.6 ossl -tls1_2
    wait $!
    end
    take no-secure-renegotiation-fine "The client has the signalling suite instead of renegotiation_info: GnuTLS; TLS 1.2" || return
    cause none sees='!no-secure-renegotiation,!client-renegotiation'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256
    end
}

scene_forward_secrecy() {
    take no-forward-secrecy-psk "A PSK over TLS 1.3 by psk_ke: no key exchange, the PSK alone; GnuTLS" || return
    cause none sees='no-forward-secrecy,!quantum-vulnerable-key-exchange'
    gtls_serve 443 --nocert --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK --pskpasswd "$PKI/psk.txt"
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK --pskusername Client_identity --pskkey $PSK
    end
    take no-forward-secrecy-fine "TLS 1.3 resumed by psk_dhe_ke" || return
    cause none stream=1 sees='!no-forward-secrecy,quantum-vulnerable-key-exchange'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_3 -sess_out "$work/ticket"
    ossl -tls1_3 -sess_in "$work/ticket"
    end
}

scene_slow() {
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take slow-handshake-client "The client takes 1.5 s to answer the server's flight; TLS 1.2, captured at the server" || return
    cause none sees=slow-handshake
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_key_exchange delay 1.5'
    ossl -tls1_2
    end
    take slow-handshake-fine "The handshake takes 0.3 s, the answer to the request two: that is the application" || return
    cause none sees='!slow-handshake'
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server certificate delay 0.3' 'server record8 delay 1.5'
    { sleep 0.6; echo ping; sleep 2; } | in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 -nocommands
    end
}

# Debian 12 has no server that knows a hybrid group: NODE=.../node, version 24 or later, stands in. Chromium is Debian's.
scene_hybrid() {
    local node=${NODE:-node}
    "$node" -e 'process.exit(Number(process.versions.node.split(".")[0]) < 24 ? 1 : 0)' || { echo 'needs Node 24 (NODE=)'; return 1; }
    take post-quantum.zst "Chromium and Node over TLS 1.3 with X25519MLKEM768" || return
    cause none sees='post-quantum-key-exchange,!quantum-vulnerable-key-exchange,!hello-retry,ech-offered'
    serve 443 "$node" "$here/peers/hybrid.js" 443 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    browse https://$NAME/
    end
    take post-quantum-offered-fine.zst "Chromium offers X25519MLKEM768, nginx knows X25519 alone" || return
    cause none sees='!post-quantum-key-exchange,quantum-vulnerable-key-exchange,!hello-retry'
    ngx p256 || return
    browse https://$NAME/
    end
}

scene_ech() {
    take ech-offered-nss "NSS with Encrypted Client Hello by GREASE; TLS 1.3" || return
    cause none sees=ech-offered
    ossl_serve 443 $(ossl_with p256)
    nss -V tls1.2:tls1.3 -i 100
    end
    take ech-offered-fine "NSS without it; TLS 1.3" || return
    cause none sees='!ech-offered'
    ossl_serve 443 $(ossl_with p256)
    nss -V tls1.2:tls1.3
    end
}
