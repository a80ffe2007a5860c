# Connections that come to nothing, each for one reason; and the ways a connection may end.
# shellcheck shell=bash

scene_alerts_negotiation() {
    begin alerts-negotiation.pcapng "Nothing in common: version, cipher suite, group, signature scheme, ALPN, server name; and a downgrade refused" || return
    ossl_serve 443 -min_protocol TLSv1.3
    ossl_serve 444 -max_protocol TLSv1.2 -cipher ECDHE-RSA-AES128-GCM-SHA256
    ossl_serve 454 -alpn h2 -groups P-384
    gtls_serve 446 --sni-hostname other.example.net --sni-hostname-fatal --alpn h2 --alpn-fatal
    nginx_serve 447 <<CONF || return
        listen 447 ssl;
        ssl_reject_handshake on;
CONF
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:protocol_version
    ossl -tls1_2
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:protocol_version
    ossl -connect $S4:444 -tls1_3
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:handshake_failure
    ossl -connect $S4:444 -cipher AES256-SHA
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:handshake_failure
    ossl -connect $S4:454 -groups X25519
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:handshake_failure
    ossl -sigalgs ECDSA+SHA256
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:no_application_protocol
    ossl -connect $S4:454 -alpn http/1.1
    conn $GNUTLS $GNUTLS state=failed alerts=server:fatal:unrecognized_name
    gtls -p 446
    conn $GNUTLS $GNUTLS state=failed alerts=server:fatal:no_application_protocol
    gtls -p 446 --sni-hostname other.example.net --alpn http/1.1
    conn $OPENSSL $NGINX/$OPENSSL state=failed alerts=server:fatal:unrecognized_name
    ossl -connect $S4:447
    conn $OPENSSL $OPENSSL state=failed alerts=server:fatal:inappropriate_fallback
    ossl -connect $S4:454 -tls1_2 -fallback_scsv
    end
}

scene_alerts_server_certificate() {
    local v k alert
    begin alerts-server-certificate.pcapng "Clients that reject the server's certificate: expired, not yet valid, self-signed, wrong name, chain incomplete, unknown root" || return
    for k in expired:443 future:444 other:454; do ossl_serve ${k#*:} $(ossl_with ${k%:*}); done
    ossl_serve 446 -cert "$PKI/selfsigned.pem" -key "$PKI/selfsigned.key"
    ossl_serve 447 -cert "$PKI/rsa.pem" -key "$PKI/rsa.key"
    ossl_serve 448
    for v in 1_2 1_3; do
        for k in 443:certificate_expired 444:bad_certificate 454:bad_certificate 446:unknown_ca 447:unknown_ca; do
            conn $OPENSSL $OPENSSL version="TLS ${v/_/.}" state=failed alerts=client:fatal:${k#*:}
            ossl -connect $S4:${k%:*} -tls$v -verify_return_error -verify_hostname $NAME
        done
    done
    conn $OPENSSL $OPENSSL state=failed version='TLS 1.3' alerts=client:fatal:unknown_ca
    ossl -connect $S4:448 -CAfile "$PKI/client-ca.pem" -verify_return_error
    conn $CURL/$OPENSSL $OPENSSL state=failed version='TLS 1.3'
    fetch --resolve $NAME:443:$S4 https://$NAME:443/
    conn $NSS $OPENSSL state=failed version='TLS 1.3'
    printf 'GET / HTTP/1.0\r\n\r\n' >"$work/request"
    in_c timeout 10 tstclnt -h $S4 -p 443 -a $NAME -A "$work/request" -d "$work/nss-client" </dev/null
    conn $GNUTLS $OPENSSL state=failed version='TLS 1.3'
    gtls
    end
}

scene_alerts_client_certificate() {
    local v
    begin alerts-client-certificate.pcapng "Servers that reject the client: no certificate, an expired one, one of an unknown issuer; TLS 1.2 and 1.3" || return
    ossl_serve 443 -Verify 3 -verify_return_error -CAfile "$PKI/client-ca.pem"
    for v in 1_2 1_3; do
        case $v in
        1_2) conn $OPENSSL $OPENSSL version='TLS 1.2' state=failed alerts=server:fatal:handshake_failure client_certificates=0 ;;
        1_3) conn $OPENSSL $OPENSSL version='TLS 1.3' state=failed alerts=server:fatal:certificate_required client_certificates=0 ;;
        esac
        ossl -tls$v
        conn $OPENSSL $OPENSSL version="TLS ${v/_/.}" state=failed alerts=server:fatal:certificate_expired client_certificates=1
        ossl -tls$v -cert "$PKI/client-expired.pem" -key "$PKI/client-expired.key"
        conn $OPENSSL $OPENSSL version="TLS ${v/_/.}" state=failed alerts=server:fatal:unknown_ca client_certificates=1
        ossl -tls$v -cert "$PKI/rsa.pem" -key "$PKI/rsa.key"
    done
    end
}

scene_wrong_secrets() {
    begin wrong-secrets.pcap "A PSK the server does not know, one of another value (1.2 and 1.3), a wrong SRP password, a record changed on the way" || return
    gtls_serve 443 --priority NORMAL:-KX-ALL:+PSK:+ECDHE-PSK:+DHE-PSK:+SRP --pskpasswd "$PKI/psk.txt" --nocert \
        --srppasswd "$PKI/srp.gnutls" --srppasswdconf "$PKI/srp.conf"
    ossl_serve 444
    serve 454 python3 "$here/peers/odd.py" 454 flip 444 3
    serve 446 python3 "$here/peers/odd.py" 446 flip 444 4
    conn $GNUTLS $GNUTLS state=failed
    gtls --priority NORMAL:-VERS-TLS1.3:-KX-ALL:+PSK --pskusername stranger --pskkey $PSK
    conn $GNUTLS $GNUTLS state=failed keys=wrong
    gtls --priority NORMAL:-VERS-TLS1.3:-KX-ALL:+PSK --pskusername Client_identity --pskkey ${PSK}ff
    conn $GNUTLS $GNUTLS state=failed
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK --pskusername Client_identity --pskkey ${PSK}ff
    conn $GNUTLS $GNUTLS state=failed keys=wrong
    gtls --priority NORMAL:-VERS-TLS1.3:-KX-ALL:+SRP --srpusername user --srppasswd wrong
    conn $OPENSSL $OPENSSL state=failed version='TLS 1.2'
    ossl -connect $S4:446 -tls1_2
    conn $OPENSSL $OPENSSL state=failed version='TLS 1.3'
    ossl -connect $S4:454 -tls1_3
    conn $OPENSSL $OPENSSL state=established version='TLS 1.3'
    ossl -connect $S4:446 -tls1_3
    end
}

scene_transport_failures() {
    local m
    begin transport-failures.pcapng "No TLS at the other end: refused, reset, closed, silent, HTTP, SSH, SMTP; plain HTTP to a TLS server; cut in the handshake" || return
    for m in reset:444 close:454 silent:446 banner:22; do serve ${m#*:} python3 "$here/peers/odd.py" ${m#*:} ${m%:*}; done
    nginx_serve 80 <<CONF || return
        listen 80;
        listen 443 ssl;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    serve 447 python3 "$here/peers/odd.py" 447 cut 443 1500
    serve 448 python3 "$here/peers/odd.py" 448 fin 443 120
    serve 25 python3 "$here/peers/starttls.py" smtp 25 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    conn $OPENSSL none protocol=none state=
    ossl -connect $S4:9
    conn $OPENSSL $PYTHON state=failed
    ossl -connect $S4:444
    conn $OPENSSL $PYTHON state=failed
    ossl -connect $S4:454
    conn $OPENSSL $PYTHON state=failed
    say | in_c timeout 2 openssl s_client -connect $S4:446 -servername $NAME
    conn $OPENSSL $NGINX state=failed
    ossl -connect $S4:80
    conn $OPENSSL $PYTHON state=failed
    ossl -connect $S4:22
    conn $OPENSSL $PYTHON state=failed
    ossl -connect $S4:25
    conn $CURL $NGINX/$OPENSSL protocol=none state=
    fetch http://$S4:443/
    conn $OPENSSL $NGINX/$OPENSSL state=failed version='TLS 1.2'
    ossl -connect $S4:447 -tls1_2
    conn $OPENSSL $NGINX/$OPENSSL state=failed
    ossl -connect $S4:448
    end
}

scene_endings() {
    local v
    begin endings.pcap "Ways to end: close_notify of both; FIN without close_notify; RST after the data; the server first" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl;
        ssl_certificate $PKI/p256.chain.pem;
        ssl_certificate_key $PKI/p256.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    ossl_serve 444
    for v in 1.2 1.3; do
        conn $OPENSSL $OPENSSL version="TLS $v"
        ossl -connect $S4:444 -tls${v/./_}
        for how in --truncate --reset; do
            conn $PYTHON/$OPENSSL $NGINX/$OPENSSL version="TLS $v"
            in_c python3 "$here/peers/client.py" --keylog "$KEYS" --max $v $how $S4 443 $NAME
        done
        conn $PYTHON/$OPENSSL $NGINX/$OPENSSL version="TLS $v"
        in_c python3 "$here/peers/client.py" --keylog "$KEYS" --max $v --wait $S4 443 $NAME
    done
    end
}
