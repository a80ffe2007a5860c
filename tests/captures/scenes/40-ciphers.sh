# One small connection for each cipher family and each way of protecting a record.
# shellcheck shell=bash

scene_ciphers_openssl() {
    local s
    begin ciphers-openssl.pcap "OpenSSL, TLS 1.2, RSA certificate: a table of ciphers, one connection each" || return
    ossl_serve 443 -tls1_2 -cipher $ALL
    for s in AES128-SHA AES256-SHA256 ECDHE-RSA-AES256-SHA384 AES256-GCM-SHA384 DHE-RSA-AES128-CCM AES128-CCM8 \
             ECDHE-RSA-CHACHA20-POLY1305 CAMELLIA128-SHA ECDHE-RSA-CAMELLIA256-SHA384 ARIA128-GCM-SHA256 \
             ECDHE-ARIA256-GCM-SHA384 NULL-SHA256 NULL-MD5 ECDHE-RSA-NULL-SHA; do
        case $s in          # tshark's library has no ARIA: the peers' word must do
        *ARIA*) conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=$(iana $s) confirmed=hellos ;;
        *) conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=$(iana $s) ;;
        esac
        ossl -tls1_2 -cipher $s:@SECLEVEL=0
    done
    end
}

scene_ciphers_tls13() {
    local s
    begin ciphers-tls13.pcap "OpenSSL, TLS 1.3: its five suites" || return
    ossl_serve 443 -ciphersuites TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256
    for s in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256 TLS_AES_128_CCM_8_SHA256; do
        conn $OPENSSL $OPENSSL version='TLS 1.3' cipher_suite=$s
        ossl -ciphersuites $s
    done
    end
}

scene_ciphers_gnutls() {
    local s
    begin ciphers-gnutls.pcapng "GnuTLS, TLS 1.2: CBC with encrypt_then_mac and without, 3DES, RC4, Camellia, CCM, NULL" || return
    gtls_serve 443 --priority "NORMAL:+SIGN-ALL:+3DES-CBC:+ARCFOUR-128:+CAMELLIA-128-CBC:+CAMELLIA-256-GCM:+CAMELLIA-128-GCM:+AES-256-CCM:+AES-256-CCM-8:+NULL:+MD5:+SHA256"
    for s in 'AES-128-CBC SHA1' 'AES-256-CBC SHA256' 'AES-128-CBC SHA1 %NO_ETM' '3DES-CBC SHA1' '3DES-CBC SHA1 %NO_ETM' 'ARCFOUR-128 SHA1' \
             'ARCFOUR-128 MD5' 'CAMELLIA-128-CBC SHA1' 'CAMELLIA-256-GCM AEAD' 'AES-256-CCM AEAD' 'AES-256-CCM-8 AEAD' \
             'CHACHA20-POLY1305 AEAD' 'NULL SHA1' 'NULL MD5'; do
        conn $GNUTLS $GNUTLS version='TLS 1.2'
        case $s in
        CHACHA*) gtls --priority "$(g12 ECDHE-RSA $s)" ;;
        *) gtls --priority "$(g12 RSA $s)" ;;
        esac
    done
    end
}

# The MAC, padding and IV rules changed with each version: the same CBC suite under all of them.
scene_ciphers_cbc_versions() {
    local v
    begin ciphers-cbc-versions.pcap "AES-CBC, 3DES and RC4 in TLS 1.0 (chained IV), 1.1 and 1.2 (explicit IV), with and without encrypt_then_mac" || return
    gtls_serve 443 --priority "$GALL:+3DES-CBC:+ARCFOUR-128"
    for v in 1.0 1.1 1.2; do
        for s in 'AES-128-CBC' 'AES-128-CBC:%NO_ETM' '3DES-CBC:%NO_ETM' 'ARCFOUR-128'; do
            conn $GNUTLS $GNUTLS version="TLS $v"
            gtls --priority "NONE:+VERS-TLS$v:+RSA:+SHA1:+SIGN-ALL:+COMP-NULL:+CTYPE-ALL:+$s"
        done
    done
    end
}

# Debian's NSS writes no key log, but with RSA key exchange the server's key opens the premaster secret.
scene_ciphers_nss() {
    local s id
    begin ciphers-nss.pcapng "NSS, RSA key exchange: SSL 3.0 and TLS 1.0 with RC4, DES, 3DES, AES, NULL; TLS 1.2 with SEED" || return
    nss_serve 443 -V ssl3:tls1.2 -c :0004:0005:0009:000A:002F:0002:0001:0035:003C:0041:0096
    for s in ssl3:0004:TLS_RSA_WITH_RC4_128_MD5 ssl3:0005:TLS_RSA_WITH_RC4_128_SHA ssl3:0009:TLS_RSA_WITH_DES_CBC_SHA \
             ssl3:000A:TLS_RSA_WITH_3DES_EDE_CBC_SHA ssl3:002F:TLS_RSA_WITH_AES_128_CBC_SHA ssl3:0002:TLS_RSA_WITH_NULL_SHA \
             tls1.0:0005:TLS_RSA_WITH_RC4_128_SHA tls1.0:0009:TLS_RSA_WITH_DES_CBC_SHA tls1.1:000A:TLS_RSA_WITH_3DES_EDE_CBC_SHA \
             tls1.2:003C:TLS_RSA_WITH_AES_128_CBC_SHA256 tls1.2:0096:TLS_RSA_WITH_SEED_CBC_SHA; do
        id=${s#*:}
        case $s in ssl3*) conn $NSS $NSS version='SSL 3.0' cipher_suite=${id#*:} ;;
        tls*) conn $NSS $NSS version="TLS ${s:3:3}" cipher_suite=${id#*:} ;; esac
        nss -V ${s%%:*}:${s%%:*} -c :${id%:*}
    done
    end rsa
    beside rsa
}
