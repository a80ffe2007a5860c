# The same observations from other peers, protocols and versions.
# shellcheck shell=bash disable=SC2154

scene_more_closing() {
    local v
    for v in 12 13; do
        take truncated-by-server-$v-fine "The server sends its data and FIN, and no close_notify; Python and curl, TLS 1.${v#1}" || return
        cause none sees=truncated-close wire=server:fin
        keyed none sees=truncated-close wire=server:fin
        serve 443 python3 "$here/peers/rude.py" 443 "$PKI/p256.chain.pem" "$PKI/p256.key" 1.${v#1} cut
        fetch https://$NAME/
        end
        take truncated-answered-$v-fine "The server says close_notify, the client FIN alone: what comes behind it cuts nothing; TLS 1.${v#1}" || return
        cause none sees='!truncated-close'
        keyed none sees='!truncated-close' wire='server:close_notify client:fin'
        ngx p256 'keepalive_timeout 0;' || return
        in_c timeout 10 python3 "$here/peers/silent_client.py" $S4 443 $NAME 1.${v#1} "$KEYS"
        end
    done
}

scene_more_versions() {
    take deprecated-tls11-gnutls "TLS 1.1 by GnuTLS" || return
    cause none sees=deprecated-version
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.1
    end
    take deprecated-ssl3-nss "SSL 3.0 by NSS on both sides" || return
    cause none sees=deprecated-version
    nss_serve 443 -V ssl3:tls1.2
    nss -V ssl3:ssl3
    end
    take deprecated-offered-fine "A GnuTLS client of TLS 1.0 to 1.2 gets TLS 1.2; its record says 1.0" || return
    cause none sees='!deprecated-version,!downgrade-detected'
    ossl_serve 443 $(ossl_with p256) -max_protocol TLSv1.2
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0
    end
}

scene_more_suites() {
    take weak-suite-rc4 "RC4 by GnuTLS; TLS 1.2" || return
    cause none sees='weak-cipher-suite,!no-forward-secrecy'
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-TLS1.3:+ARCFOUR-128:+SHA1
    gtls --priority NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+ARCFOUR-128:+SHA1
    end
    take weak-suite-null "A suite that does not encrypt: TLS_RSA_WITH_NULL_SHA256; OpenSSL, TLS 1.2" || return
    cause none sees=weak-cipher-suite,no-forward-secrecy
    ossl_serve 443 -tls1_2 -cipher $ALL
    ossl -tls1_2 -cipher NULL-SHA256:@SECLEVEL=0
    end
    take weak-suite-offered-fine "3DES, RC4 and NULL are offered, AES-GCM is chosen; TLS 1.2" || return
    cause none sees='!weak-cipher-suite,!no-forward-secrecy'
    ossl_serve 443 -tls1_2
    ossl -tls1_2 -cipher $ALL
    end
    take weak-key-dh "A DH group of 1024 bits that the client takes; TLS 1.2" || return
    cause none sees='weak-key,!no-forward-secrecy,!weak-dh'
    ossl_serve 443 -dhparam "$PKI/dh1024.pem" -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0 -tls1_2
    ossl -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0
    end
}

scene_more_retries() {
    take hello-retry-cookie "HelloRetryRequest for a cookie alone: s_server -stateless, which then closes; TLS 1.3" || return
    cause closed-during-handshake sees=hello-retry wire=server:fin
    serve 443 openssl s_server -accept 443 $(ossl_with p256) -stateless -keylogfile "$KEYS"
    ossl -tls1_3
    end
    take hello-retry-nss "NSS, whose share is X25519, meets a server of P-384 alone; TLS 1.3" || return
    cause none sees=hello-retry
    ossl_serve 443 $(ossl_with p256) -groups P-384
    nss -V tls1.3:tls1.3
    end
    take hello-retry-two-shares-fine "GnuTLS sends shares for secp256r1 and x25519, the server takes the second; TLS 1.3" || return
    cause none sees='!hello-retry'
    ossl_serve 443 $(ossl_with p256) -groups X25519
    gtls --priority NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1:+GROUP-X25519
    end
}

scene_more_renegotiations() {
    take client-renegotiation-gnutls "GnuTLS's client asks for a renegotiation and gets it; TLS 1.2" || return
    cause none sees=client-renegotiation
    keyed none sees=client-renegotiation wire='client:finished server:finished'
    gtls_serve 443 $(gtls_with p256) --priority NORMAL:-VERS-TLS1.3
    gtls -e --priority NORMAL:-VERS-TLS1.3
    end
    take client-renegotiation-nss "NSS's client asks for a renegotiation, resuming, and gets it; TLS 1.2, without keys" || return
    cause none sees=client-renegotiation
    nss_serve 443 -V tls1.2:tls1.2
    nss -V tls1.2:tls1.2 -r 1
    end
    take key-update-fine "TLS 1.3: the client updates its keys, twice: no renegotiation" || return
    cause none sees='!client-renegotiation'
    keyed none sees='!client-renegotiation,!unexpected-message'
    ossl_serve 443 $(ossl_with p256)
    { sleep 0.3; echo K; sleep 0.3; echo k; sleep 0.3; echo Q; } | in_c timeout 5 openssl s_client -connect $S4:443 -servername $NAME \
        -CAfile "$PKI/root.pem" -keylogfile "$KEYS" -tls1_3
    end
}

scene_more_http() {
    take sni-mismatch-host-h2 "HTTP/2: :authority is another name than the SNI; curl and nginx" || return
    keyed none sees=sni-mismatch-host
    ngx p256 'listen 443 ssl http2;' || { sed -i 's/listen 443 ssl;//' "$work/ngx.lines"; nginx_serve 443 <"$work/ngx.lines"; } || return
    fetch --http2 -H 'Host: api.example.com' https://$NAME/
    end
    take sni-mismatch-host-h2-fine "HTTP/2: :authority is the SNI, with its port" || return
    keyed none sees='!sni-mismatch-host'
    nginx_serve 443 <"$work/ngx.lines" || return
    fetch --http2 -H "Host: $NAME:443" https://$NAME/
    end
    take early-data-gnutls "A line of no known protocol in early data; GnuTLS" || return
    keyed none stream=1 sees=early-data-replayable
    printf 'early from the client\n' >"$work/early"
    gtls_serve 443 $(gtls_with p256) --earlydata --maxearlydata 1024 --priority NORMAL
    gtls -r --waitresumption --earlydata "$work/early"
    end
    take early-data-none-fine "The same server, resumed without early data" || return
    cause none stream=1 sees='!early-data-replayable'
    gtls_serve 443 $(gtls_with p256) --earlydata --maxearlydata 1024 --priority NORMAL
    gtls -r --waitresumption
    end
}

scene_more_starttls() {
    take plaintext-before-starttls-imap "A command in the clear behind STARTTLS; IMAP" || return
    cause none sees=plaintext-before-starttls
    serve 143 python3 "$here/peers/pipelining.py" server 143 "$PKI/p256.chain.pem" "$PKI/p256.key" imap
    in_c timeout 10 python3 "$here/peers/pipelining.py" client $S4 143 $NAME imap 'b LOGIN mallory secret\r\n'
    end
    take plaintext-before-starttls-server "An answer in the clear behind the server's go-ahead; SMTP" || return
    cause none sees=plaintext-before-starttls
    serve 25 python3 "$here/peers/pipelining.py" server 25 "$PKI/p256.chain.pem" "$PKI/p256.key" smtp '250 mail.example.net\r\n'
    in_c timeout 10 python3 "$here/peers/pipelining.py" client $S4 25 $NAME smtp
    end
    take plaintext-before-starttls-imap-fine "The same IMAP client and server without it" || return
    cause none sees='!plaintext-before-starttls,!starttls-refused'
    serve 143 python3 "$here/peers/pipelining.py" server 143 "$PKI/p256.chain.pem" "$PKI/p256.key" imap
    in_c timeout 10 python3 "$here/peers/pipelining.py" client $S4 143 $NAME imap
    end
}
