# Dialogues before TLS and ends of TCP, of more kinds: refusals in other words, clients that go on without TLS, answers that come too
# late or get lost, and alerts that only echo a close or are padded.
# shellcheck shell=bash disable=SC2154

scene_spoken_instead() {
    take peer-not-tls-mysql "GnuTLS speaks TLS to a MySQL server, which greets in binary" || return
    cause peer-not-tls
    scripted 3306 'text:J\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00\xff\xff\xff\x02\x00\xff\xdf\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00ijklmnopqrst\x00caching_sha2_password\x00' hear
    gtls -p 3306
    end
    take peer-not-tls-turned-away "NSS speaks TLS to an SMTP server that turns it away with 554" || return
    cause peer-not-tls
    scripted 443 'text:554 mail.example.com no service for you\r\n' hear
    nss
    end
    take peer-not-tls-one-byte "Python speaks TLS to a server that answers with one letter" || return
    cause peer-not-tls
    scripted 443 hear text:N
    python_client $S4 443 $NAME
    end
    take peer-not-tls-behind-starttls "STARTTLS is granted, and then the server answers in text" || return
    cause peer-not-tls
    scripted 25 'text:220 mail ESMTP\r\n' 'hear:\n' 'text:250-mail\r\n250 STARTTLS\r\n' hear:STARTTLS 'text:220 go on\r\n' hear \
        'text:500 what?\r\n'
    ossl -connect $S4:25 -starttls smtp
    end
    take client-not-tls-header "curl sends a PROXY protocol header that nginx does not expect" || return
    cause client-not-tls
    ngx p256 || return
    fetch --haproxy-protocol https://$NAME/
    end
    take client-not-tls-http2 "curl speaks HTTP/2 in the clear to nginx's TLS port" || return
    cause client-not-tls
    ngx p256 || return
    fetch --http2-prior-knowledge http://$S4:443/
    end
    take client-not-tls-silent "curl speaks HTTP to NSS's server, which answers nothing" || return
    cause client-not-tls
    nss_serve 443
    fetch --max-time 3 http://$S4:443/
    end
}

scene_refusals() {
    take starttls-refused-ftp "FTP: AUTH TLS is answered 500; Python" || return
    cause starttls-refused
    scripted 21 'text:220 ready\r\n' hear:AUTH 'text:500 Unknown command\r\n' hear
    in_c python3 -c 'import ftplib, sys; s = ftplib.FTP_TLS(); s.connect(sys.argv[1], 21, 4); s.login("a", "b")' $S4
    end
    take starttls-refused-mysql "MySQL: SSLRequest is answered by an ERR packet" || return
    cause starttls-refused
    scripted 3306 'text:J\x00\x00\x00\x0a8.0.36\x00\x0b\x00\x00\x00abcdefgh\x00\xff\xff\xff\x02\x00\xff\xdf\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00ijklmnopqrst\x00caching_sha2_password\x00' \
        hear 'text:\x13\x00\x00\x02\xff\x13\x04#08S01Bad handshake'
    as_client 3306 hear 'text:\x20\x00\x00\x01\x05\xae\x0f\x00\x00\x00\x00\x01\x21\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00' hear
    end
    take starttls-refused-proxy "curl asks a proxy for port 443, and gets 403" || return
    cause starttls-refused
    scripted 3128 hear 'text:HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n' hear
    fetch -x http://$S4:3128 https://$NAME/
    end
    take starttls-refused-socks "curl asks a SOCKS proxy for port 443, which is refused there" || return
    cause starttls-refused
    scripted 1080 hear 'text:\x05\x00' hear 'text:\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00'
    fetch -x socks5h://$S4:1080 https://$NAME/
    end
    take starttls-refused-goes-on-fine "SMTP: STARTTLS is answered 454, and the client delivers in the clear; what there is not is no failed TLS" || return
    cause none
    scripted 25 'text:220 mail ESMTP\r\n' 'hear:\n' 'text:250 mail\r\n' hear:STARTTLS 'text:454 TLS not available\r\n' hear:MAIL 'text:250 ok\r\n' hear:QUIT \
        'text:221 bye\r\n' hear
    ossl_serve 443 $(ossl_with p256)             # the connection that the row is of
    ossl
    as_client 25 hear 'text:EHLO me\r\n' hear 'text:STARTTLS\r\n' hear 'text:MAIL FROM:<a@example.com>\r\n' hear 'text:QUIT\r\n' hear
    end
}

scene_late() {
    take no-answer-to-client-hello-late "The ClientHello waits four seconds on the way; curl has left when the answer comes" || return
    cause no-answer-to-client-hello wire=client:fin
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'client client_hello delay 4'
    fetch --max-time 2 https://$NAME/
    sleep 2.5
    end
    take handshake-stalled-13-certificate "The server's Certificate does not come (TLS 1.3); curl's time is up" || return
    cause handshake-stalled wire=client:fin
    keyed handshake-stalled
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record4 delay 8'
    fetch --max-time 3 https://$NAME/
    end
    take closed-echo-13 "The server closes behind its CertificateVerify; GnuTLS's alert is the echo of it; TLS 1.3" || return
    cause closed-during-handshake wire=server:fin
    keyed closed-during-handshake
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record5 close-after'
    gtls
    end
    # The client's device takes no frame above 1000 bytes, and TCP was told otherwise.
    take handshake-stalled-large "The full segments of the server's flight do not arrive: a path MTU black hole on the way back; TLS 1.2, captured at the client" || return
    cause handshake-stalled wire=client:fin
    large_answer
    end
    TAP=s0 TAP_NS=$NS_S take handshake-stalled-large-server "The same, captured at the server" || return
    cause handshake-stalled wire=client:fin
    large_answer
    end
}
large_answer() {
    cat "$PKI/intermediate.pem" "$PKI/rsa.pem" "$PKI/p256.pem" "$PKI/root.pem" >"$work/large.pem"
    ossl_serve 443 -cert "$PKI/rsa.pem" -key "$PKI/rsa.key" -cert_chain "$work/large.pem" -tls1_2
    ip -n "$NS_C" route replace 192.0.2.0/24 dev c0 src $C4 advmss 1460
    ip -n "$NS_C" link set c0 mtu 1000
    fetch --max-time 4 https://$NAME/
    ip -n "$NS_C" link set c0 mtu 1500
    ip -n "$NS_C" route replace 192.0.2.0/24 dev c0 src $C4
}

# RFC 8446, 5.4: records may be padded. Java's alerts are, by 16 zeros; a multiple of 19 makes OpenSSL's as long.
scene_padded() {
    take client-certificate-missing-padded "The server requires a client certificate, the client has none; the server pads its records; TLS 1.3" || return
    cause rejected-by-server
    keyed client-certificate-missing wire=server:certificate_required
    ossl_serve 443 $(ossl_with p256) -record_padding 19 -Verify 3 -verify_return_error -CAfile "$PKI/client-ca.pem"
    ossl -tls1_3
    end
    take client-certificate-padded-fine "A server that pads its records, sends no tickets, and closes in good order; TLS 1.3" || return
    cause none
    keyed none wire='server:finished server:close_notify'
    ossl_serve 443 $(ossl_with p256) -record_padding 19 -num_tickets 0
    ossl -tls1_3
    end
}

scene_elsewhere() {
    TAP=lo TAP_NS=$NS_S TAP_FILTER='tcp port 444' take record-corrupted-elsewhere \
        "A bit of the server's Finished is flipped on the way to GnuTLS; captured at the server, where all is whole; TLS 1.2" || return
    keyed record-corrupted wire=client:bad_record_mac
    ossl_serve 444 $(ossl_with p256)
    relay 443 444 'server record7 flip -1'
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take closed-during-handshake-upgrade "LMTP: STARTTLS is granted, and the server closes upon the ClientHello; OpenSSL's alert is the echo" || return
    cause closed-during-handshake wire=server:fin
    scripted 24 'text:220 mail LMTP\r\n' hear:LHLO 'text:250-mail\r\n250 STARTTLS\r\n' hear:STARTTLS 'text:220 go on\r\n' hear
    ossl -connect $S4:24 -starttls lmtp
    end
}
