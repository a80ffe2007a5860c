# What keys are tried on: every suite that the peers have, ways of laying out records, RSA keys and PSKs to open with.
# shellcheck shell=bash

# A line each way through every suite of a list. TLS 1.2's tickets and the chain are left out: they say nothing here.
ossl_suites() {                                  # VERSION CIPHER-STRING...
    local v=$1 flag=-tls1_${1#*.} s more
    [ "$v" != 1.0 ] || flag=-tls1
    shift
    for s in $(openssl ciphers -s $flag -psk "$*:@SECLEVEL=0" | tr : ' '); do
        case $s in TLS_*) continue ;; esac
        more=confirmed=hellos                    # tshark's library has no ARIA: the peers' word must do
        case $s in *ARIA*) ;; *) more= ;; esac
        conn $OPENSSL $OPENSSL version="TLS $v" cipher_suite=$(iana $s) $more
        case $s in *PSK*) more="-psk $PSK" ;; *) more= ;; esac
        case $s in *ECDSA*) more="$more -connect $S4:444" ;; esac
        ossl $flag -no_ticket $more -cipher $s:@SECLEVEL=0
    done
}

ossl_suites_serve() {
    ossl_serve 443 -no_ticket -cipher $ALL -cert "$PKI/rsa.pem" -key "$PKI/rsa.key" -dcert "$PKI/dsa.pem" -dkey "$PKI/dsa.key" -psk $PSK "$@"
    ossl_serve 444 -no_ticket -cipher $ALL -cert "$PKI/p256.pem" -key "$PKI/p256.key" "$@"
}

scene_suites_openssl() {
    local PAUSE=0.12
    begin suites-openssl.pcapng.zst "OpenSSL, TLS 1.2: every suite it has, one connection each" || return
    ossl_suites_serve -tls1_2
    ossl_suites 1.2 ALL:eNULL
    end
    beside psk rsa
}

scene_suites_openssl_old() {
    local PAUSE=0.12 v
    begin suites-openssl-old.pcap.zst "OpenSSL, TLS 1.0 and 1.1: every suite it has there, one connection each" || return
    ossl_suites_serve
    for v in 1.0 1.1; do ossl_suites $v ALL:eNULL; done
    end
    beside psk rsa
}

# GnuTLS's own names of its suites, as code point, version, key exchange, cipher and MAC of a priority string.
gnutls_suites() {
    LC_ALL=C gnutls-cli --list | awk '
        /^TLS_/ && !/GOST/ && !/^TLS_AES|^TLS_CHACHA/ {
            name = substr($1, 5); id = $2 $3; gsub(/,|0x/, "", id); kx = ""
            n = split("DHE_DSS DHE_RSA ECDHE_RSA ECDHE_ECDSA ECDHE_PSK RSA_PSK DHE_PSK DH_ANON ECDH_ANON SRP_SHA_DSS SRP_SHA_RSA SRP_SHA PSK RSA", all, " ")
            for (i = 1; i <= n; i++) if (index(name, all[i] "_") == 1) { kx = all[i]; break }
            rest = substr(name, length(kx) + 2)
            if (rest ~ /CHACHA|CCM|GCM/) { mac = "AEAD"; sub(/_SHA[0-9]*$/, "", rest) }
            else { mac = rest; sub(/.*_/, "", mac); sub(/_[^_]*$/, "", rest) }
            sub(/^DH_ANON$/, "ANON-DH", kx); sub(/^ECDH_ANON$/, "ANON-ECDH", kx); sub(/SRP_SHA/, "SRP", kx)
            sub(/3DES_EDE/, "3DES", rest)
            gsub(/_/, "-", kx); gsub(/_/, "-", rest)
            print "0x" id, substr($4, 4), kx, rest, mac
        }'
}

gcall() {                                        # ARGUMENT...: peers/gnutls_client.py
    in_c timeout 10 python3 "$here/peers/gnutls_client.py" "$@"
}

gcall_suites() {                                 # VERSION LAST-VERSION-OF-SUITES
    local id since kx cipher mac more=+SIGN-ALL:+SIGN-DSA-SHA256:+SIGN-DSA-SHA1:+COMP-NULL:+CTYPE-ALL
    more=$more:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-FFDHE2048
    while read -r id since kx cipher mac; do
        [ "$since" = 1.0 ] || [ "$since" = "$2" ] || continue
        conn $GNUTLS $GNUTLS version="TLS $1" cipher_suite_id=$id
        gcall --priority "NONE:+VERS-TLS$1:+$kx:+$cipher:+$mac:$more" \
            --psk Client_identity:$PSK --srp user:password $S4 443 </dev/null
    done < <(gnutls_suites)
}

scene_suites_gnutls() {
    local all=NORMAL:+VERS-TLS1.1:+VERS-TLS1.0:+SIGN-ALL:+SIGN-DSA-SHA256:+SIGN-DSA-SHA1
    all=$all:+ANON-DH:+ANON-ECDH:+DHE-DSS:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK:+SRP:+SRP-RSA:+SRP-DSS
    all=$all:+CIPHER-ALL:+3DES-CBC:+ARCFOUR-128:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+CAMELLIA-256-GCM:+CAMELLIA-128-GCM
    all=$all:+AES-128-CCM:+AES-256-CCM:+AES-128-CCM-8:+AES-256-CCM-8:+NULL:+MD5:+SHA256:+SHA384
    begin suites-gnutls.pcapng.zst "GnuTLS: every suite it has, in TLS 1.2 and the older ones in 1.0 and 1.1 as well, one connection each" || return
    gtls_serve 443 --noticket --priority "$all:%VERIFY_ALLOW_SIGN_RSA_MD5" \
        --x509certfile "$PKI/rsa.pem" --x509keyfile "$PKI/rsa.key" --x509certfile "$PKI/p256.pem" --x509keyfile "$PKI/p256.key" \
        --x509certfile "$PKI/dsa.pem" --x509keyfile "$PKI/dsa.key" \
        --pskpasswd "$PKI/psk.txt" --srppasswd "$PKI/srp.gnutls" --srppasswdconf "$PKI/srp.conf"
    gcall_suites 1.2 1.2
    gcall_suites 1.1 none
    gcall_suites 1.0 none
    end
    beside psk rsa
}

# All of NSS's suites with RSA key exchange; for the others Debian's NSS gives no secrets.
scene_suites_nss() {
    local v s name
    begin suites-nss.pcapng.zst "NSS, RSA key exchange: every suite it has, SSL 3.0 to TLS 1.2, one connection each" || return
    nss_serve 443 -V ssl3:tls1.2 -c :0001:0002:0004:0005:0009:000A:002F:0035:003B:003C:003D:0041:0084:0096:009C:009D
    for v in ssl3 tls1.0 tls1.1 tls1.2; do
        for s in 0001 0002 0004 0005 0009 000A 002F 0035 0041 0084 0096 003B 003C 003D 009C 009D; do
            case $v:$s in tls1.2:*|*:00[0-2]*|*:0035|*:0041|*:0084|*:0096) ;; *) continue ;; esac
            case $v in ssl3) name='SSL 3.0' ;; *) name="TLS ${v#tls}" ;; esac
            conn $NSS $NSS version="$name" cipher_suite_id=0x${s,,}
            nss -V $v:$v -c :$s
        done
    done
    end rsa
    beside rsa
}

# Client certificates under RSA key exchange: what CertificateVerify signs changed with each version.
scene_client_certificates_old() {
    local v k name
    begin client-certificates-old.pcapng "NSS, RSA key exchange with client certificates (RSA, ECDSA): SSL 3.0 to TLS 1.2" || return
    nss_serve 443 -V ssl3:tls1.2 -rr -c :002F
    for v in ssl3 tls1.0 tls1.1 tls1.2; do
        case $v in ssl3) name='SSL 3.0' ;; *) name="TLS ${v#tls}" ;; esac
        for k in rsa p256; do
            conn $NSS $NSS version="$name" client_certificates=1
            nss -V $v:$v -c :002F -n client-$k
        done
    done
    end rsa
    beside rsa
}

# Signed key exchanges of the old versions: they can be verified without any secret.
scene_signatures_old() {
    local v k name id
    begin signatures-old.pcapng "NSS, SSL 3.0 to TLS 1.2: DHE with RSA and DSA, ECDHE with RSA and ECDSA; no key log, the signatures need none" || return
    nss_serve 443 -V ssl3:tls1.2 -n rsa -e p256 -S dsa -c :0033:0032:C013:C009
    for v in ssl3 tls1.0 tls1.1 tls1.2; do
        case $v in ssl3) name='SSL 3.0' ;; *) name="TLS ${v#tls}" ;; esac
        for id in 0033 0032 C013 C009; do
            case $v:$id in ssl3:C*) continue ;; esac
            conn $NSS $NSS keys=none version="$name" cipher_suite_id=0x${id,,}
            nss -V $v:$v -c :$id
        done
    done
    end
}

scene_rsa_key() {
    local v p
    begin rsa-key.pcapng "RSA key exchange, TLS 1.0 to 1.2: with extended_master_secret and without, resumed by session id and by ticket: the server's key opens all" || return
    gtls_serve 443 --priority $GALL $(gtls_with rsa)
    gtls_serve 444 --priority $GALL --noticket $(gtls_with rsa)
    for v in 1.0 1.2; do
        for p in '' :%NO_SESSION_HASH; do
            p=NONE:+VERS-TLS$v:+RSA:+AES-128-CBC:+SHA1:+SIGN-ALL:+COMP-NULL:+CTYPE-ALL$p
            conn $GNUTLS $GNUTLS version="TLS $v"
            conn $GNUTLS $GNUTLS version="TLS $v" resumption=ticket resumed_from=$((stream - 1))
            gtls -r --priority $p
            conn $GNUTLS $GNUTLS version="TLS $v"
            conn $GNUTLS $GNUTLS version="TLS $v" resumption=session_id resumed_from=$((stream - 1))
            gtls -r -p 444 --priority $p
        done
    done
    unserve
    ossl_serve 443 -tls1_2 -cipher AES256-GCM-SHA384
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2 -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.2' resumption=ticket resumed_from=$((stream - 1))
    ossl -tls1_2 -sess_in "$work/ticket"
    end
    beside rsa
}

scene_records() {
    local s
    begin records.pcapng "Record layout: TLS 1.3 padding (OpenSSL both ways, GnuTLS), small fragments, max_fragment_length, record_size_limit, encrypt_then_mac on and off, extended_master_secret on and off" || return
    ossl_serve 443 -record_padding 256 -cipher $ALL
    ossl_serve 444 -tls1_2 -max_send_frag 512 -split_send_frag 512 -cipher $ALL -cert "$PKI/rsa.pem" -key "$PKI/rsa.key"
    gtls_serve 454 --priority $GALL:+3DES-CBC:+SHA256 $(gtls_with p256) $(gtls_with rsa) --recordsize 600
    for s in TLS_AES_128_GCM_SHA256 TLS_CHACHA20_POLY1305_SHA256; do
        conn $OPENSSL $OPENSSL version='TLS 1.3' cipher_suite=$s
        ossl -ciphersuites $s -record_padding 512
    done
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    PAUSE=0.4 long_line ossl -connect $S4:444 -tls1_2 -maxfraglen 512 -cipher AES128-SHA
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    PAUSE=0.4 long_line ossl -connect $S4:444 -tls1_2 -max_send_frag 600 -cipher ECDHE-RSA-AES128-GCM-SHA256
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    gcall --priority NORMAL --pad 1,100,1000 $S4 454
    conn $GNUTLS $GNUTLS version='TLS 1.3'
    gcall --priority NORMAL --max 512 --long 1500 $S4 454
    conn $GNUTLS $GNUTLS version='TLS 1.2'
    gcall --priority NORMAL:-VERS-TLS1.3 --max 512 --long 1500 $S4 454
    for s in AES-128-CBC:+SHA1 AES-256-CBC:+SHA256 3DES-CBC:+SHA1 AES-128-CBC:+SHA1:%NO_ETM AES-256-CBC:+SHA256:%NO_ETM 3DES-CBC:+SHA1:%NO_ETM AES-128-CBC:+SHA1:%NO_SESSION_HASH; do
        conn $GNUTLS $GNUTLS version='TLS 1.2'
        gcall --priority "NONE:+VERS-TLS1.2:+RSA:+SIGN-ALL:+COMP-NULL:+CTYPE-ALL:+$s" $S4 454
    done
    end
}

long_line() {                                    # COMMAND...: with a client that says 1500 bytes at once
    local line
    line=$(printf 'line %03d of the client, and so on\n' $(seq 44) | tr '\n' ' ')
    say() { sleep $PAUSE; printf '%s\n' "$line"; sleep $PAUSE; }
    "$@"
    say() { sleep $PAUSE; printf 'ping from the client\n'; sleep $PAUSE; }
}

scene_key_updates() {
    local s
    begin key-updates.pcapng "TLS 1.3 KeyUpdate twice in a connection, GnuTLS: the client's own keys, then both sides'; each suite" || return
    gtls_serve 443 --priority NORMAL $(gtls_with p256)
    for s in AES-128-GCM AES-256-GCM CHACHA20-POLY1305 AES-128-CCM; do
        conn $GNUTLS $GNUTLS version='TLS 1.3' key_updates=2
        gcall --priority "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+$s" --update own $S4 443
        conn $GNUTLS $GNUTLS version='TLS 1.3' key_updates=3
        gcall --priority "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+$s" --update both $S4 443
    done
    end
}

scene_early_data_retry() {
    begin early-data-retry.pcapng "TLS 1.3 0-RTT: a full handshake; early data accepted; early data sent to a server that answers with HelloRetryRequest: rejected" || return
    printf 'early from the client\n' >"$work/early"
    serve 443 openssl s_server -accept 443 $(ossl_with rsa) -early_data -no_anti_replay -groups P-384 -keylogfile "$KEYS"
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -groups P-384:X25519 -sess_out "$work/ticket"
    conn $OPENSSL $OPENSSL version='TLS 1.3' resumption=psk resumed_from=0 early_data=accepted
    ossl -groups P-384:X25519 -sess_in "$work/ticket" -early_data "$work/early"
    conn $OPENSSL $OPENSSL version='TLS 1.3' resumption=psk early_data=rejected hello_retry_request=yes
    ossl -groups X25519:P-384 -sess_in "$work/ticket" -early_data "$work/early"
    end
}

# OpenSSL takes a PSK that allows early data as a session: here one of a connection that nobody captured.
scene_early_data_psk() {
    begin early-data-psk.pcapng "TLS 1.3 0-RTT under an external PSK: psk_dhe_ke (the PSK alone opens the early data), then psk_ke (it opens all)" || return
    printf 'early from the client\n' >"$work/early"
    rm -f "$work/session"
    serve 9 openssl s_server -accept 9 $(ossl_with rsa) -early_data
    say | in_s timeout 5 openssl s_client -connect localhost:9 -sess_out "$work/session" -ciphersuites TLS_AES_128_GCM_SHA256
    : >"$KEYS"
    [ -s "$work/session" ] || return
    serve 443 openssl s_server -accept 443 $(ossl_with rsa) -early_data -no_anti_replay -psk_session "$work/session" \
        -psk_identity Client_identity -keylogfile "$KEYS"
    serve 444 openssl s_server -accept 444 $(ossl_with rsa) -early_data -no_anti_replay -psk_session "$work/session" \
        -psk_identity Client_identity -keylogfile "$KEYS" -allow_no_dhe_kex -groups P-384
    conn $OPENSSL $OPENSSL version='TLS 1.3' external_psk=yes early_data=accepted
    ossl -ciphersuites TLS_AES_128_GCM_SHA256 -psk_session "$work/session" \
        -psk_identity Client_identity -early_data "$work/early"
    conn $OPENSSL $OPENSSL version='TLS 1.3' external_psk=yes early_data=accepted
    ossl -connect $S4:444 -groups X25519 -ciphersuites TLS_AES_128_GCM_SHA256 -psk_session "$work/session" \
        -psk_identity Client_identity -early_data "$work/early" -allow_no_dhe_kex
    end
    PSK=$(openssl sess_id -in "$work/session" -noout -text | sed -n 's/.*Resumption PSK: //p' | tr A-F a-f) beside psk
}

# Files of several kinds and sizes, kept alike on every run, so that what is read out can be compared with what was served.
served() {                                       # FOLDER
    printf 'The first file is short.\n' >"$1/short.txt"
    seq -f 'line %g of a text that compresses well' 400 >"$1/text.txt"
    head -c 20011 <(openssl enc -aes-128-ctr -nosalt -K 00 -iv 00 </dev/zero 2>/dev/null) >"$1/noise.bin"
    : >"$1/empty.txt"
    chmod 644 "$1"/*
}

scene_downloads() {
    local v h f html=$work/nginx.443/html all
    begin downloads.pcapng.zst "curl and nginx: files over HTTP/1.1 and HTTP/2, TLS 1.2 and 1.3; then gzip, POST, HEAD, a range, 404" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl http2;
        ssl_certificate $PKI/p256.pem;
        ssl_certificate_key $PKI/p256.key;
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_session_tickets off;
        location /gzip/ { alias $html/; gzip on; gzip_min_length 1; gzip_types text/plain; }
        location /post { return 200 'taken\n'; }
CONF
    served "$html"
    for f in short.txt text.txt noise.bin empty.txt; do
        printf '/%s\t%d\t%s\n' $f "$(stat -c %s "$html/$f")" "$(sha256sum <"$html/$f" | cut -c1-64)"
    done >"$work/served"
    for v in 1.2 1.3; do
        for h in http1.1 http2; do
            case $h in http2) f=alpn=h2 ;; *) f=alpn=http/1.1 ;; esac
            conn $CURL/$OPENSSL $NGINX/$OPENSSL version="TLS $v" $f sni=$NAME
            all=()
            for f in short.txt text.txt noise.bin empty.txt; do all+=(--next --$h --tls-max $v https://$NAME/$f); done
            fetch_all "${all[@]}"
        done
    done
    for h in http1.1 http2; do
        conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3' sni=$NAME
        fetch_all --next --$h --compressed https://$NAME/gzip/text.txt --next --$h --data-binary @"$html/text.txt" https://$NAME/post \
            --next --$h -I https://$NAME/text.txt --next --$h -r 100-299 https://$NAME/text.txt --next --$h https://$NAME/none
    done
    end
    cp "$work/served" "$here/$file.served"
}

fetch_all() {                                    # --next ARGUMENT... URL --next ...: one curl, so one connection
    local arg all=()
    shift
    set -- "$@" --next
    local common=(-sS --max-time 10 --insecure --resolve "$NAME:443:$S4" -o /dev/null)
    all=("${common[@]}")
    while [ $# -gt 1 ]; do
        arg=$1
        shift
        all+=("$arg")
        [ "$arg" != --next ] || all+=("${common[@]}")
    done
    in_c curl "${all[@]}"
}
