# What a capture holds: packets cut, left out, or from before it began; and captures that only look so.
# shellcheck shell=bash disable=SC2034,SC2154

scene_capture_cut() {
    take capture-truncated "Every packet cut to 160 bytes by the capture's snaplen" -s 160 || return
    cause none or=- sees=capture-truncated-packets wire=syn
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 -noservername
    end
    take capture-truncated-fine "A snaplen that is larger than any packet" -s 2000 || return
    cause none sees='!capture-truncated-packets,!capture-gap'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    end
}

scene_capture_late() {
    cap=capture-late KEYS=$work/keys.before
    : >"$KEYS"
    ossl_serve 443 $(ossl_with p256)
    { local i; for i in 1 2 3 4; do echo "ping $i"; sleep 0.6; done; } |
        in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 -nocommands &
    local client=$!
    sleep 0.9
    take capture-starts-late "The capture begins within a connection: neither hello is in it" || return
    cause none sees=capture-starts-late
    wait $client
    end
    # The connection is there, and the client has yet to speak: nothing of TLS is missing.
    cap=capture-late-fine
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_hello delay 1.5'
    { sleep 2; echo ping; sleep 0.3; } |
        in_c timeout 10 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 -nocommands &
    client=$!
    sleep 0.6
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take capture-starts-late-fine \
        "The capture begins between SYN and ClientHello" || return
    cause none sees='!capture-starts-late,!capture-gap'
    wait $client
    end
}

scene_capture_gap() {
    TAP_FILTER='tcp and less 800' take capture-gap "Packets of more than 800 bytes are not in the capture: the server's certificates are not" || return
    cause none sees='capture-gap,!capture-truncated-packets'
    ossl_serve 443
    ossl -tls1_2
    end
    # The first of the ClientHello's two segments is lost on the way, and comes when TCP sends it again.
    TAP=s0 TAP_NS=$NS_S take capture-gap-fine "A segment is lost before the capture, its successor comes first, and it is sent again" || return
    cause none sees='!capture-gap,!tcp-overlap-conflict'
    ossl_serve 443 $(ossl_with p256)
    large_path on
    { sleep 0.5; large_path off; } &
    say | in_c timeout 8 openssl s_client -connect $S4:443 -servername $NAME -alpn "$(long_alpn)" -nocommands
    wait $!
    end
}

# The ClientHello's first segment is lost on the way; while TCP waits for it, somebody repeats the second.
scene_capture_overlap() {
    local how
    for how in other same; do
        case $how in
        other) TAP=s0 TAP_NS=$NS_S take tcp-overlap-conflict "A copy of the ClientHello's second segment is injected, its last byte another, before the first has come" || return
               cause none sees=tcp-overlap-conflict ;;
        same)  TAP=s0 TAP_NS=$NS_S take tcp-overlap-fine "The same, with the same bytes" || return
               cause none sees='!tcp-overlap-conflict' ;;
        esac
        ossl_serve 443 $(ossl_with p256)
        large_path on
        background "$NS_C" "$work/inject" python3 "$here/peers/inject.py" c0 443 $how 1000
        await 5 grep -q ready "$work/inject"
        { sleep 0.5; large_path off; } &
        say | in_c timeout 8 openssl s_client -connect $S4:443 -servername $NAME -alpn "$(long_alpn)" -nocommands
        wait $!
        end
    done
}

scene_capture_records() {
    take record-boundary-lost "Twelve bytes of no record pass before the server's data; TLS 1.2" || return
    cause none sees=record-boundary-lost
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record8 junk 4a554e4b204a554e4b204a55'
    ossl -tls1_2
    end
    take record-boundary-fine "A record's header comes in two segments" || return
    cause none sees='!record-boundary-lost'
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record8 split 3'
    ossl -tls1_2
    end
    take message-too-long "The Certificate's header claims 15 MiB; TLS 1.2" || return
    cause malformed-message sees=message-too-long
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server certificate length 15728640'
    ossl -tls1_2
    end
    take message-too-long-fine.zst "A Certificate of 70 KB: the intermediate a hundred times over" || return
    cause none sees='!message-too-long,!malformed-message,!certificate-chain-incomplete'
    local i
    for i in {1..100}; do cat "$PKI/intermediate.pem"; done >"$work/hundred.pem"
    ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key" -cert_chain "$work/hundred.pem"
    ossl -tls1_2
    end
}

scene_capture_keys() {
    take keys-do-not-fit "The key log's secret for this connection's random is another's" || return
    cause none sees='!keys-do-not-fit'
    keyed none sees='keys-do-not-fit,!record-corrupted'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    end
    damage_keys 's/0$/1/; t; s/[1-9a-f]$/0/'
    take keys-do-not-fit-13 "The same, TLS 1.3: the traffic secrets of both sides are others'" || return
    keyed none sees='keys-do-not-fit,!record-corrupted'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_3
    end
    damage_keys 's/0$/1/; t; s/[1-9a-f]$/0/'
    take keys-do-not-fit-fine "The key log knows other connections only" || return
    keyed none sees='!keys-do-not-fit,!record-corrupted'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    end
    damage_keys 's/^\(CLIENT_RANDOM\) [0-9a-f]\{8\}/\1 00000000/'
}
damage_keys() { sed -i "$1" "$here/$file.keys"; }
