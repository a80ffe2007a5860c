# TLS that begins in the middle: after a plaintext dialogue, or through a proxy.
# shellcheck shell=bash

scene_starttls() {
    local p port name
    begin starttls.pcapng "TLS after a plaintext dialogue: SMTP, LMTP, IMAP, POP3, FTP, NNTP, Sieve, IRC, XMPP, LDAP, PostgreSQL, MySQL" || return
    for p in smtp:25 lmtp:24 imap:143 pop3:110 ftp:21 nntp:119 sieve:4190 irc:6667 xmpp:5222 ldap:389 postgres:5432 mysql:3306; do
        port=${p#*:} p=${p%:*} name=${p%:*}
        [ $p != postgres ] || name=postgresql
        serve $port python3 "$here/peers/starttls.py" $p $port "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
        conn $OPENSSL $PYTHON/$OPENSSL version='TLS 1.3' starttls=$name
        ossl -connect $S4:$port -starttls $p -name example.com -xmpphost example.com
    done
    end
}

scene_starttls_other_ports() {
    local p
    begin starttls-other-ports.pcap "The same dialogues on ports that say nothing: SMTP, IMAP, PostgreSQL, TLS 1.2; and SMTP that refuses" || return
    for p in smtp:40025 imap:40143 postgres:45432; do
        serve ${p#*:} python3 "$here/peers/starttls.py" ${p%:*} ${p#*:} "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
        case $p in postgres*) conn $OPENSSL $PYTHON/$OPENSSL version='TLS 1.2' starttls=postgresql ;;
        *) conn $OPENSSL $PYTHON/$OPENSSL version='TLS 1.2' starttls=${p%:*} ;; esac
        ossl -connect $S4:${p#*:} -starttls ${p%:*} -tls1_2
    done
    serve 587 python3 "$here/peers/starttls.py" smtp-refused 587 "$PKI/p256.chain.pem" "$PKI/p256.key" "$KEYS"
    conn $CURL $PYTHON protocol=none state=
    fetch --ssl-reqd smtp://$S4:587/
    end
}

scene_proxies() {
    begin proxies.pcapng "HTTPS through HTTP CONNECT (also with a 407 first), SOCKS 4, 4a, 5 and 5 with a password" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl;
        ssl_certificate $PKI/rsa.chain.pem;
        ssl_certificate_key $PKI/rsa.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    serve 8080 python3 "$here/peers/proxy.py" 8080 127.0.0.1 443
    serve 3128 python3 "$here/peers/proxy.py" 3128 127.0.0.1 443 user:password
    serve 1080 python3 "$here/peers/proxy.py" 1080 127.0.0.1 443
    serve 9050 python3 "$here/peers/proxy.py" 9050 127.0.0.1 443 user:password
    set -- $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3'
    conn "$@" starttls=http_connect sni=$NAME
    fetch -p -x http://$S4:8080 https://$NAME/
    conn "$@" starttls=http_connect sni=$NAME
    fetch -p --proxy-anyauth -U user:password -x http://$S4:3128 https://$NAME/
    conn "$@" starttls=socks sni=$NAME
    fetch --socks4 $S4:1080 https://$NAME/
    conn "$@" starttls=socks sni=$NAME
    fetch --socks4a $S4:1080 https://$NAME/
    conn "$@" starttls=socks sni=$NAME
    fetch --socks5-hostname $S4:1080 https://$NAME/
    conn "$@" starttls=socks sni=$NAME
    fetch --socks5 user:password@$S4:9050 https://$NAME/
    end
}
