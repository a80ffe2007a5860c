# No TLS comes about: TCP fails, one side is silent, resets, closes or stops, or speaks something else.
# shellcheck shell=bash disable=SC2154

scene_tcp() {
    take tcp-refused-openssl "OpenSSL asks a port that nobody listens on" || return
    cause tcp-refused wire='syn server:rst'
    ossl
    end
    take tcp-refused-curl "curl asks a port that nobody listens on, over IPv6" || return
    cause tcp-refused wire='syn server:rst'
    fetch --resolve "$NAME:8443:$S6" https://$NAME:8443/
    end
    take tcp-refused-fine "curl is refused over IPv6 and comes up over IPv4" || return
    cause tcp-refused wire=server:rst
    cause none sees='!tcp-refused' stream=1
    ngx p256 || return
    fetch --resolve "$NAME:443:$S6,$S4" https://$NAME/
    end
    take tcp-no-answer-openssl "SYN repeated, dropped each time: nobody has the address, the frames still arrive" || return
    cause tcp-no-answer wire=syn
    ip -n "$NS_C" neigh replace 192.0.2.81 lladdr 02:00:5e:00:53:80 dev c0
    in_c timeout 5 openssl s_client -connect 192.0.2.81:443
    end
    take tcp-no-answer-fine "The first SYN is lost, the second is answered; the handshake comes up" || return
    cause none sees='!tcp-no-answer,!slow-handshake' wire='server:finished'
    keyed none sees='!tcp-no-answer,!slow-handshake'
    ossl_serve 443 $(ossl_with p256)
    { sleep 0.6; ip -n "$NS_S" addr add 192.0.2.81/32 dev s0; } &
    say | in_c timeout 8 openssl s_client -connect 192.0.2.81:443 -servername $NAME -keylogfile "$KEYS"
    wait $!
    ip -n "$NS_S" addr del 192.0.2.81/32 dev s0
    end
}

scene_no_answer() {
    take no-answer-to-client-hello-silent "The server takes the ClientHello and stays silent; the client gives up after 3 s" || return
    cause no-answer-to-client-hello wire='client:fin'
    odd 443 silent
    in_c timeout 3 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 < <(sleep 3)
    end
    take no-answer-to-client-hello-curl "The server takes the ClientHello and stays silent; curl's time is up" || return
    cause no-answer-to-client-hello wire='client:fin'
    odd 443 silent
    fetch --max-time 3 https://$NAME/
    end
    # The server's device takes no frame above 1000 bytes, and TCP was told otherwise: what a path of a smaller MTU does
    # whose ICMP is filtered.
    take no-answer-to-client-hello-large.zst "A ClientHello of two segments, of which the full one never arrives: a path MTU black hole" || return
    cause no-answer-to-client-hello
    ossl_serve 443 $(ossl_with p256)
    large_path on
    in_c timeout 4 openssl s_client -connect $S4:443 -servername $NAME -alpn "$(long_alpn)" < <(sleep 4)
    large_path off
    end
    take no-answer-to-client-hello-large-fine "A ClientHello of two segments that both arrive" || return
    cause none sees='!no-answer-to-client-hello' wire=server:finished
    keyed none sees='!no-answer-to-client-hello'
    ossl_serve 443 $(ossl_with p256)
    ossl -alpn "$(long_alpn)"
    end
    take no-answer-to-client-hello-slow-fine "The server's answer takes two seconds" || return
    cause none sees='slow-handshake,!no-answer-to-client-hello,!handshake-stalled'
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_hello delay 2'
    ossl -tls1_2
    end
}
long_alpn() { local i; for i in 1 2 3 4 5 6 7 8; do printf 'protocol-%d-%0200d,' $i 0; done; printf http/1.1; }
large_path() {
    case $1 in
    on)  ip -n "$NS_S" route replace 192.0.2.0/24 dev s0 src $S4 advmss 1460
         ip -n "$NS_S" link set s0 mtu 1000 ;;
    off) ip -n "$NS_S" link set s0 mtu 1500
         ip -n "$NS_S" route replace 192.0.2.0/24 dev s0 src $S4 ;;
    esac
}

scene_reset() {
    take reset-after-client-hello-openssl "The server answers the ClientHello with RST" || return
    cause reset-after-client-hello wire=server:rst
    odd 443 reset
    ossl
    end
    take reset-after-client-hello-curl "The same to curl, TLS 1.2 only" || return
    cause reset-after-client-hello wire=server:rst
    odd 443 reset
    fetch --tls-max 1.2 https://$NAME/
    end
    take reset-after-client-hello-fine "The client resets the connection, but after handshake and data" || return
    cause none sees='!reset-after-client-hello,!closed-during-handshake' wire=client:rst
    keyed none sees='!reset-after-client-hello,!closed-during-handshake' wire=client:rst
    ngx p256 || return
    python_client --max 1.2 --reset $S4 443 $NAME
    end
}

scene_closed() {
    take closed-after-client-hello "The server closes when it has read the ClientHello" || return
    cause closed-during-handshake wire=server:fin
    odd 443 close
    ossl
    end
    take closed-after-server-hello "The server closes after its ServerHello, TLS 1.2" || return
    cause closed-during-handshake wire=server:fin
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello close-after'
    ossl -tls1_2
    end
    take closed-after-server-flight "The server closes after its ServerHelloDone, TLS 1.2" || return
    cause closed-during-handshake
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_key_exchange close'
    ossl -tls1_2
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take closed-by-client-12 \
        "The client closes, without a word, after the server's whole flight; TLS 1.2, captured at the server" || return
    cause closed-during-handshake wire=client:fin
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_key_exchange close'
    ossl -tls1_2
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take closed-by-client-13 \
        "The client closes, without a word, after the server's whole flight; TLS 1.3, captured at the server" || return
    cause closed-during-handshake wire=client:fin
    keyed closed-during-handshake wire=client:fin
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client record2 close'
    ossl -tls1_3
    end
    take closed-reset-by-server "RST from the server's side in the middle of the handshake, TLS 1.2" || return
    cause closed-during-handshake wire=server:rst
    ossl_serve 444 $(ossl_with rsa)
    relay 443 444 'client client_key_exchange reset'
    ossl -tls1_2
    end
    take closed-reset-by-server-13 "RST from the server's side within its flight, TLS 1.3" || return
    cause closed-during-handshake wire=server:rst
    ossl_serve 444 $(ossl_with rsa)
    relay 443 444 'server record5 reset'
    ossl -tls1_3
    end
    local v
    for v in 12 13; do
        take closed-$v-fine "Python ends with FIN and no close_notify, after handshake and data; TLS 1.${v#1}" || return
        cause none sees='truncated-close,!closed-during-handshake,!left-after-handshake' wire=client:fin
        keyed none sees='truncated-close,!closed-during-handshake,!left-after-handshake'
        gtls_serve 443 $(gtls_with p256)
        python_client --max 1.${v#1} --truncate $S4 443 $NAME
        end
    done
}

scene_stalled() {
    take handshake-stalled-server-12 "The server stops after its ServerHello (TLS 1.2); the client gives up after 5 s" || return
    cause handshake-stalled wire='client:fin'
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server server_hello stall-after'
    in_c timeout 5 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 < <(sleep 5)
    end
    take handshake-stalled-finish-12 "Client key exchange and Finished are never answered (TLS 1.2); nobody gives up while another connection comes and goes" || return
    cause handshake-stalled
    cause none stream=1 wire=server:finished
    ngx_444 || return                            # s_server would not take another meanwhile
    relay 443 444 'client client_key_exchange stall'
    in_c timeout 7 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 < <(sleep 7) &
    sleep 5
    ossl -connect $S4:444
    tap_done                                     # before the first one ends
    wait $!
    end
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take handshake-stalled-client \
        "The client never answers the server's flight (TLS 1.2), captured at the server; another connection comes and goes" || return
    cause handshake-stalled
    cause none stream=1 wire=server:finished
    ngx_444 || return                            # s_server would not take another meanwhile
    relay 443 444 'client client_key_exchange stall'
    in_c timeout 7 openssl s_client -connect $S4:443 -servername $NAME -tls1_2 < <(sleep 7) &
    sleep 5
    in_s python3 "$captures/peers/client.py" --keylog "$KEYS" 127.0.0.1 444 $NAME
    tap_done
    wait $!
    end
    take handshake-stalled-13 "The server's ServerHello passes, the rest of its flight does not (TLS 1.3); curl's time is up" || return
    cause handshake-stalled wire=client:fin
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record3 stall'
    fetch --max-time 5 https://$NAME/
    end
    take handshake-stalled-fine "The server's Certificate comes two seconds after its ServerHello" || return
    cause none sees='slow-handshake,!handshake-stalled,!no-answer-to-client-hello'
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server certificate delay 2'
    ossl -tls1_2
    end
}
tap_done() { sleep 0.3; kill -INT "$tap_pid" 2>/dev/null; wait "$tap_pid" 2>/dev/null; }

scene_not_tls() {
    take peer-not-tls-http "OpenSSL speaks TLS to nginx's port 80" || return
    cause peer-not-tls
    nginx_serve 80 <<<'        listen 80;'
    ossl -connect $S4:80
    end
    take peer-not-tls-ssh "curl speaks TLS to an SSH server" || return
    cause peer-not-tls
    scripted 443 'text:SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n' hear
    fetch https://$NAME/
    end
    take peer-not-tls-smtp "OpenSSL speaks TLS at once where SMTP waits for STARTTLS" || return
    cause peer-not-tls
    serve 25 python3 "$captures/peers/starttls.py" smtp 25 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    ossl -connect $S4:25
    end
    take peer-not-tls-fine "The same server, asked with STARTTLS" || return
    cause none sees='!peer-not-tls,!client-not-tls,!plaintext-before-starttls'
    keyed none sees='!peer-not-tls,!client-not-tls,!plaintext-before-starttls' wire=server:finished
    serve 25 python3 "$captures/peers/starttls.py" smtp 25 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    ossl -connect $S4:25 -starttls smtp
    end
    take client-not-tls-nginx "curl speaks plain HTTP to nginx's TLS port: 400" || return
    cause client-not-tls
    ngx p256 || return
    fetch http://$S4:443/
    end
    take client-not-tls-openssl "TLS, then plain HTTP to the same s_server, which closes without a word" || return
    cause none wire=server:finished
    cause client-not-tls stream=1 wire=server:fin
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2
    fetch http://$S4:443/
    end
    take client-not-tls-gnutls "curl speaks plain HTTP to GnuTLS's server" || return
    cause client-not-tls
    gtls_serve 443 $(gtls_with p256)
    fetch --max-time 3 http://$S4:443/
    end
    take client-not-tls-ssh "TLS, then an SSH client's banner to nginx's TLS port" || return
    cause none
    cause client-not-tls stream=1
    ngx p256 || return
    fetch https://$NAME/
    as_client 443 'text:SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n' hear
    end
    take client-not-tls-fine "A PROXY protocol line goes before the ClientHello, and nginx wants it so" || return
    cause none sees='!client-not-tls'
    keyed none sees='!client-not-tls' wire=server:finished
    { printf '        %s\n' 'listen 443 ssl proxy_protocol;' "ssl_certificate $PKI/p256.chain.pem;" "ssl_certificate_key $PKI/p256.key;"; } >"$work/ngx.lines"
    nginx_serve 443 <"$work/ngx.lines" || return
    fetch --haproxy-protocol https://$NAME/
    end
}

scene_starttls() {
    local p
    take starttls-refused-smtp "SMTP: STARTTLS is answered 454" || return
    cause starttls-refused
    serve 25 python3 "$captures/peers/starttls.py" smtp-refused 25 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    ossl -connect $S4:25 -starttls smtp
    end
    take starttls-refused-postgres "PostgreSQL: SSLRequest is answered N" || return
    cause starttls-refused
    serve 5432 python3 "$captures/peers/starttls.py" postgres-refused 5432 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    ossl -connect $S4:5432 -starttls postgres
    end
    take starttls-refused-imap "IMAP: STARTTLS is answered NO" || return
    cause starttls-refused
    scripted 143 'text:* OK IMAP4rev1 ready\r\n' hear:CAPABILITY 'text:* CAPABILITY IMAP4rev1 STARTTLS\r\n. OK done\r\n' \
        hear:STARTTLS 'text:. NO TLS is not configured\r\n' hear
    ossl -connect $S4:143 -starttls imap
    end
    take starttls-refused-pop3 "POP3: STLS is answered -ERR" || return
    cause starttls-refused
    scripted 110 'text:+OK POP3 ready\r\n' hear:CAPA 'text:+OK\r\nUSER\r\nSTLS\r\n.\r\n' hear:STLS 'text:-ERR TLS not available\r\n' hear
    fetch --ssl-reqd -u user:password pop3://$S4/1
    end
    take starttls-refused-ldap "LDAP: StartTLS is answered unwilling to perform" || return
    cause starttls-refused
    serve 389 python3 "$captures/peers/starttls.py" ldap-refused 389 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    ossl -connect $S4:389 -starttls ldap
    end
    for p in smtp:25 postgres:5432 imap:143; do
        take starttls-refused-${p%:*}-fine "STARTTLS for ${p%:*}, granted" || return
        cause none sees='!starttls-refused'
        serve ${p#*:} python3 "$captures/peers/starttls.py" ${p%:*} ${p#*:} "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
        ossl -connect $S4:${p#*:} -starttls ${p%:*} -tls1_2
        end
    done
}
