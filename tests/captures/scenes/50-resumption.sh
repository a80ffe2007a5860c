# Sessions taken up again, and sessions that should have been but were not.
# shellcheck shell=bash

scene_resumption_tls12() {
    begin resumption-tls12.pcapng "TLS 1.2: full, then resumed by ticket; full, then resumed by session id; then each refused by a restarted server" || return
    ossl_serve 443 -tls1_2
    ossl_serve 444 -tls1_2 -no_ticket
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2 -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.2' resumption=ticket resumed_from=0
    ossl -tls1_2 -sess_in "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -connect $S4:444 -tls1_2 -sess_out "$work/session"
    conn $OPENSSL $OPENSSL version='TLS 1.2' resumption=session_id resumed_from=2
    ossl -connect $S4:444 -tls1_2 -sess_in "$work/session"
    unserve                                      # new ticket keys, an empty cache
    ossl_serve 443 -tls1_2
    ossl_serve 444 -tls1_2 -no_ticket
    conn $OPENSSL $OPENSSL version='TLS 1.2' offered=ticket
    ossl -tls1_2 -sess_in "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.2' offered=session_id
    ossl -connect $S4:444 -tls1_2 -sess_in "$work/session"
    end
}

scene_resumption_tls13() {
    begin resumption-tls13.pcap "TLS 1.3: full, resumed by PSK ticket with (EC)DHE, resumed with psk_ke alone, ticket refused by a restarted server" || return
    ossl_serve 443 -allow_no_dhe_kex
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.3' resumption=psk resumed_from=0
    ossl -sess_in "$work/ticket" -sess_out "$work/ticket2"
    conn $OPENSSL $OPENSSL version='TLS 1.3' resumption=psk
    ossl -sess_in "$work/ticket2" -allow_no_dhe_kex
    unserve
    ossl_serve 443
    conn $OPENSSL $OPENSSL version='TLS 1.3' offered=psk
    ossl -sess_in "$work/ticket"
    end
}

scene_resumption_gnutls() {
    begin resumption-gnutls.pcapng "GnuTLS resuming: TLS 1.2 by ticket, TLS 1.2 by session id, TLS 1.3 by PSK" || return
    gtls_serve 443 --priority NORMAL
    gtls_serve 444 --priority NORMAL --noticket
    local v12=NORMAL:-VERS-ALL:+VERS-TLS1.2
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    conn $GNUTLS $GNUTLS version='TLS 1.2' resumption=ticket resumed_from=0
    gtls -r --priority $v12
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    conn $GNUTLS $GNUTLS version='TLS 1.2' resumption=session_id resumed_from=2
    gtls -r -p 444 --priority $v12
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    conn $GNUTLS $GNUTLS version='TLS 1.3' resumption=psk resumed_from=4
    gtls -r --waitresumption
    end
}

scene_resumption_nss() {
    begin resumption-nss.pcap "NSS without key log: SSL 3.0 and TLS 1.2 resumed by session id, TLS 1.2 by ticket, TLS 1.3 by PSK" || return
    nss_serve 443 -V ssl3:tls1.2
    nss_serve 444 -V tls1.2:tls1.3 -u
    conn $NSS $NSS keys=none version='SSL 3.0'
    conn $NSS $NSS keys=none version='SSL 3.0' resumption=session_id resumed_from=0
    nss -V ssl3:ssl3 -L 2
    conn $NSS $NSS keys=none version='TLS 1.2'
    conn $NSS $NSS keys=none version='TLS 1.2' resumption=session_id resumed_from=2
    nss -V tls1.2:tls1.2 -L 2
    conn $NSS $NSS keys=none version='TLS 1.2'
    conn $NSS $NSS keys=none version='TLS 1.2' resumption=ticket resumed_from=4
    nss -p 444 -V tls1.2:tls1.2 -u -L 2
    conn $NSS $NSS keys=none version='TLS 1.3'
    conn $NSS $NSS keys=none version='TLS 1.3' resumption=psk
    nss -p 444 -V tls1.3:tls1.3 -u -L 2
    end
}

scene_early_data() {
    begin early-data.pcapng "TLS 1.3 0-RTT: a full handshake, early data accepted, early data rejected by a server that has stopped taking it" || return
    printf 'early from the client\n' >"$work/early"
    serve 443 openssl s_server -accept 443 $(ossl_with rsa) -early_data -no_anti_replay -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.3' resumption=psk resumed_from=0 early_data=accepted
    ossl -sess_in "$work/ticket" -early_data "$work/early"
    unserve
    ossl_serve 443
    conn $OPENSSL $OPENSSL version='TLS 1.3' early_data=rejected offered=psk
    ossl -sess_in "$work/ticket" -early_data "$work/early"
    end
}

scene_early_data_gnutls() {
    begin early-data-gnutls.pcap "GnuTLS 0-RTT: a full handshake, then early data accepted on resumption" || return
    printf 'early from the client\n' >"$work/early"
    gtls_serve 443 --earlydata --maxearlydata 1024 --priority NORMAL
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    conn $GNUTLS $GNUTLS version='TLS 1.3' resumption=psk resumed_from=0 early_data=accepted
    gtls -r --waitresumption --earlydata "$work/early"
    end
}
