# QUIC that fails, and what comes near it. Names begin with quic-, by which expected.py knows the protocol.
# shellcheck shell=bash disable=SC2154,SC2086

GROUPS_X25519='-GROUP-ALL:+GROUP-X25519' GROUPS_P384='-GROUP-ALL:+GROUP-SECP384R1'
SUITES='NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+'
nothing_fatal='!version-negotiation-failed,!quic-stateless-reset,!quic-connection-id-mismatch,!quic-retry-bad-tag,!quic-hello-changed-after-retry,!quic-protocol-violation,!quic-version-negotiation,!peer-unreachable'

scene_quic_negotiation() {
    take_udp quic-no-shared-cipher-suite "The client has AES-128-CCM only, the server AES-256-GCM only" || return
    cause no-shared-cipher-suite wire=server:close-0x128
    quic_serve 443 --ciphers "${SUITES}AES-256-GCM"
    quic --ciphers "${SUITES}AES-128-CCM"
    end
    take_udp quic-no-shared-group "The client has X25519 only, the server secp384r1 only" || return
    cause no-shared-group or=no-shared-cipher-suite
    quic_serve 443 --groups $GROUPS_P384
    quic --groups $GROUPS_X25519
    end
    take_udp quic-no-shared-alpn "The client speaks hx, the server h3" || return
    cause no-shared-alpn or=rejected-by-server
    # ngtcp2's examples have no option for it
    sed 's/\x02h3/\x02hx/' "$(command -v gtlsclient)" >"$work/gtlsclient" && chmod +x "$work/gtlsclient"
    quic_serve 443
    QUIC_CLIENT=$work/gtlsclient quic
    end
    take_udp quic-version-negotiation-failed "The server has none but versions that nobody has" || return
    cause version-negotiation-failed or=no-shared-version wire=server:version_negotiation
    serve 443 python3 "$here/peers/datagrams.py" 443 versions
    QUIC_TIME=3 quic
    end
}

# Chromium's user has our root among those that it trusts.
trusting() {
    mkdir -p "$work/.pki/nssdb"
    certutil -N -d "sql:$work/.pki/nssdb" --empty-password 2>/dev/null
    certutil -A -d "sql:$work/.pki/nssdb" -n root -t C,, -i "$PKI/root.pem"
}
by_browser() { STRICT=--disable-features=HttpsUpgrades browse https://$NAME/page --origin-to-force-quic-on=$NAME:443; }

scene_quic_certificates() {
    local name sentence
    trusting
    while read -r name finding sentence; do
        take_udp quic-$finding "$sentence; Chromium" || return
        keyed $finding wire=client:close-0x12e
        QUIC_IDENTITY=$name quic_serve 443
        by_browser
        end
    done <<ROWS
expired certificate-expired The certificate expired in 2021
other certificate-host-mismatch The certificate is for other.example.net
stranger certificate-unknown-issuer The certificate is of a stranger's CA
selfsigned certificate-self-signed The certificate is self-signed
ROWS
    take_udp quic-certificate-fine "A certificate that nothing is wrong with; Chromium" || return
    keyed none sees="!certificate-expired,!certificate-host-mismatch,!certificate-unknown-issuer,$nothing_fatal" wire=server:finished
    quic_serve 443
    by_browser
    end
}

scene_quic_path() {
    take_udp quic-refused "Nobody listens on the server's port" || return
    cause tcp-refused or='no-answer-to-client-hello|udp-refused' wire=icmp
    QUIC_TIME=3 quic --handshake-timeout=2s
    end
    take_udp quic-no-answer "The server takes the Initial and stays silent" || return
    cause no-answer-to-client-hello wire=client:hello
    serve 443 python3 "$here/peers/datagrams.py" 443 silent
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-no-answer-large "Datagrams of more than 1,000 bytes do not arrive" || return
    cause no-answer-to-client-hello wire=client:hello
    quic_serve 4443
    between drop:client:larger=1000
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-fine "Nothing is wrong" || return
    keyed none sees="!quic-retry,!quic-amplification-stall,!quic-idle-timeout,!quic-path-not-validated,!segmentation-offload,$nothing_fatal" wire=server:finished
    quic_serve 443
    quic
    end
}

# More than three times the 1,200 bytes of the client's: RFC 9000, 8.1. A certificate of many names.
long_chain() {
    local names
    names=$(for n in $(seq 160); do printf ',DNS:host-%03d.of-many.example.com' "$n"; done)
    printf 'subjectAltName=DNS:%s%s\nextendedKeyUsage=serverAuth\n' "$NAME" "$names" >"$work/long.ext"
    cp "$PKI/p256.key" "$PKI/long.key"
    openssl req -new -key "$PKI/long.key" -subj "/CN=$NAME" |
        openssl x509 -req -CA "$PKI/intermediate.pem" -CAkey "$PKI/intermediate.key" -set_serial 77 -days 3650 -extfile "$work/long.ext" >"$PKI/long.pem" 2>/dev/null
    cat "$PKI/long.pem" "$PKI/intermediate.pem" >"$PKI/long.chain.pem"
}

scene_quic_endings() {
    take_udp quic-retry-fine "The server wants a proof of the client's address" || return
    keyed none sees="quic-retry,$nothing_fatal" wire=server:retry
    quic_serve 443 -V
    quic
    end
    take_udp quic-retry-refused "A byte of the token is changed on its way back, and the server refuses it" || return
    cause rejected-by-server or='quic-protocol-violation|no-answer-to-client-hello|handshake-stalled' sees=quic-retry wire=server:retry
    quic_serve 4443 -V
    between flip=60:client:2-
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-migration-fine "The client moves to another port" || return
    keyed none sees="!quic-path-not-validated,$nothing_fatal" wire=server:finished
    quic_serve 443
    quic --change-local-addr=50ms --delay-stream=200ms
    end
}

# A round trip more: what the server asks for, and versions.
scene_quic_again() {
    take_udp quic-hello-retry-fine "The client has a share of secp256r1 and secp384r1 without one, which the server asks for" || return
    keyed none sees="hello-retry,!no-shared-group,$nothing_fatal" wire=server:finished
    quic_serve 443 --groups $GROUPS_P384
    quic --groups -GROUP-ALL:+GROUP-SECP256R1:+GROUP-SECP384R1
    end
    take_udp quic-version-negotiation-fine "The client begins with a version that nobody has, and goes on with v1 from another port" || return
    keyed none sees='quic-version-negotiation,!version-negotiation-failed,!no-shared-version' wire=server:version_negotiation
    keyed none stream=1 sees='!quic-version-negotiation,!version-negotiation-failed,!no-shared-version' wire=server:finished
    quic_serve 443
    quic -v 0x1a2a3a4a --preferred-versions v1
    end
}

# Who is waited for, and whose packets do not arrive: with the key log and without.
stalled() { cause handshake-stalled "$@"; keyed handshake-stalled "$@"; }

scene_quic_stalls() {
    take_udp quic-handshake-stalled "Nothing of the client's arrives behind its first Initial" || return
    stalled sees='!quic-amplification-stall,!quic-idle-timeout'
    quic_serve 4443
    between drop:client:2-
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-handshake-stalled-amplification "A chain of 6 KB, and nothing of the client's arrives behind its first Initial" || return
    stalled sees=quic-amplification-stall
    long_chain
    QUIC_IDENTITY=long quic_serve 4443
    between drop:client:2-
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-amplification-fine "A chain of 6 KB: the server waits for the client's word, which comes late, and the handshake comes up" || return
    keyed none sees="quic-amplification-stall,$nothing_fatal" wire=server:finished
    QUIC_IDENTITY=long quic_serve 4443
    between drop:client:2-7
    quic
    end
    rm -f "$PKI"/long.*
    take_udp quic-flight-lost "Nothing of the server's arrives behind its first datagram; captured before the place where it is lost" || return
    stalled
    quic_serve 443
    beyond drop:server:2-
    QUIC_AT=127.0.0.1 QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-flight-large "Datagrams of the server's of 1,200 bytes and more do not arrive; captured before the place where they are lost" || return
    stalled
    quic_serve 443
    beyond drop:server:larger=1199
    QUIC_AT=127.0.0.1 QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-client-gone "Nothing of the server's arrives at the client, and nothing of the client's is to be seen behind its first Initial" || return
    stalled
    quic_serve 443
    beyond drop:server:1- drop:client:2-
    QUIC_AT=127.0.0.1 QUIC_TIME=5 quic --handshake-timeout=3s
    quic                                         # by which the silence of the other shows
    end
    take_udp quic-server-gone "Nothing is to be seen of the server behind its first datagram" || return
    stalled
    quic_serve 4443
    between drop:server:2-
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
    take_udp quic-retry-bad-tag "A byte of the Retry's tag is changed on its way" || return
    cause quic-retry-bad-tag sees='!quic-retry' wire=server:retry
    quic_serve 4443 -V
    between flip=-3:server:1-
    QUIC_TIME=5 quic --handshake-timeout=3s
    end
}

# After the handshake: what passes later shows how long the silence was.
scene_quic_silence() {
    local client
    take_udp quic-idle-timeout "The client's max_idle_timeout is one second, and nobody has anything to say" || return
    keyed none sees="quic-idle-timeout,$nothing_fatal" wire=server:finished
    quic_serve 443
    QUIC_TIME=3 quic --timeout=1s --delay-stream=5s
    quic
    end
    take_udp quic-path-not-validated "The client moves to another port, from which nothing arrives" || return
    keyed none sees=quic-path-not-validated wire=server:finished
    quic_serve 4443
    between stay
    QUIC_TIME=5 quic --change-local-addr=50ms --delay-stream=200ms
    end
    take_udp quic-peer-unreachable "The server is killed, and its host says so" || return
    keyed none sees='peer-unreachable,!quic-idle-timeout,!quic-stateless-reset' wire=icmp
    quic_serve 443
    QUIC_TIME=4 quic --delay-stream=1s &
    client=$!
    sleep 0.6
    unserve
    wait $client
    end
    take_udp quic-stateless-reset "The server is killed, and its successor answers with a stateless reset" || return
    keyed none sees='quic-stateless-reset,!quic-idle-timeout,!peer-unreachable' wire=server:finished
    cc -shared -fPIC -o "$work/static_secret.so" "$here/peers/static_secret.c" || return
    LD_PRELOAD=$work/static_secret.so quic_serve 443
    # a client that has moved goes by a newer id, whose token is made of the secret; that of the first is drawn
    QUIC_TIME=6 quic --change-local-addr=100ms --delay-stream=2s &
    client=$!
    sleep 0.6
    unserve
    serve 443 python3 "$here/peers/datagrams.py" 443 reset
    wait $client
    end
    take_udp quic-segmentation-offload "The server hands several packets to the kernel in one piece, and so they are captured" || return
    keyed none sees=segmentation-offload
    in_s ethtool -K s0 tx on sg on tx-udp-segmentation on gso on >/dev/null 2>&1
    mkdir -p "$work/quic.443" && head -c 20000 /dev/zero >"$work/quic.443/large"
    serve 443 gtlsserver -q --no-quic-dump --no-http-dump -d "$work/quic.443" "$S4" 443 "$PKI/p256.key" "$PKI/p256.chain.pem"
    in_c timeout 5 gtlsclient -q --no-quic-dump --no-http-dump --exit-on-all-streams-close $NAME 443 "https://$NAME/large"
    end
    quiet_device "$NS_S" s0
}

# What no program does, sealed by our own functions: both sides are tests/observer/quic/captures.c.
scene_quic_made() {
    made() { play quic_captures "quic-$1" "$2" "$3" "$PKI"; }
    made hello-changed-after-retry "The ClientHello after a Retry is another" hello-changed || return
    keyed none sees='quic-retry,quic-hello-changed-after-retry' wire=server:retry
    played
    made hello-same-after-retry-fine "The ClientHello after a Retry is the same" hello-same || return
    keyed none sees='quic-retry,!quic-hello-changed-after-retry,!quic-connection-id-mismatch,!quic-retry-bad-tag' wire=server:retry
    played
    made connection-id-mismatch "The server names another original_destination_connection_id; the client closes for it" id-mismatch || return
    keyed quic-connection-id-mismatch sees='!quic-protocol-violation' wire=client:close-0x8
    played
    made protocol-violation "The client says HANDSHAKE_DONE, and the server closes for it" violation || return
    keyed none sees='quic-protocol-violation,!quic-connection-id-mismatch' wire=server:close-0xa
    played
    made protocol-violation-early "The client sends a STREAM frame in a Handshake packet, and the server closes for it" violation-early || return
    keyed quic-protocol-violation wire=server:close-0xa
    played
    made end-of-early-data "The client sends EndOfEarlyData in place of its Finished, and the server closes for it" end-of-early-data || return
    keyed quic-protocol-violation sees='!unexpected-message,!handshake-step-skipped' wire=server:close-0x10a
    played
    made reset-unknown-fine "What looks like a stateless reset ends with a token that nobody gave" reset-unknown || return
    keyed none sees='!quic-stateless-reset,!quic-protocol-violation,!quic-idle-timeout'
    played
}
