# Each key-exchange family, one connection each.
# shellcheck shell=bash

scene_kx_openssl() {
    local kx
    begin kx-openssl.pcap "OpenSSL, TLS 1.2: RSA, DHE, ECDHE, anonymous and PSK families, one connection each" || return
    ossl_serve 443 -tls1_2 -cipher $ALL -dcert "$PKI/dsa.pem" -dkey "$PKI/dsa.key" -psk $PSK
    ossl_serve 444 -tls1_2 $(ossl_with p256)
    for kx in AES128-SHA256 DHE-RSA-AES128-SHA256 DHE-DSS-AES128-SHA256 ADH-AES128-SHA256 ECDHE-RSA-AES128-SHA256 AECDH-AES128-SHA; do
        conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=$(iana $kx)
        ossl -tls1_2 -cipher $kx:@SECLEVEL=0
    done
    conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=$(iana ECDHE-ECDSA-AES128-SHA256)
    ossl -connect $S4:444 -tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256
    for kx in PSK-AES128-CBC-SHA256 DHE-PSK-AES128-CBC-SHA256 RSA-PSK-AES128-CBC-SHA256 ECDHE-PSK-AES128-CBC-SHA256; do
        conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=$(iana $kx)
        ossl -tls1_2 -psk $PSK -cipher $kx:@SECLEVEL=0
    done
    end
    beside psk rsa
}

scene_kx_gnutls() {
    local kx args DSA=+SIGN-DSA-SHA256:+SIGN-DSA-SHA1
    begin kx-gnutls.pcapng "GnuTLS, TLS 1.2: RSA, DHE, ECDHE, anonymous, PSK and SRP families, one connection each" || return
    gtls_serve 443 --priority "NORMAL:+ANON-DH:+ANON-ECDH:+DHE-DSS:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK:+SRP:+SRP-RSA:+SRP-DSS:+SIGN-ALL:$DSA" \
        $(gtls_with rsa) $(gtls_with p256) $(gtls_with dsa) --pskpasswd "$PKI/psk.txt" --pskhint wiretale \
        --srppasswd "$PKI/srp.gnutls" --srppasswdconf "$PKI/srp.conf"
    for kx in RSA DHE-RSA DHE-DSS ANON-DH ANON-ECDH ECDHE-RSA ECDHE-ECDSA PSK DHE-PSK RSA-PSK ECDHE-PSK SRP SRP-RSA SRP-DSS; do
        case $kx in
        DHE-PSK|ECDHE-PSK)       # gnutls-cli 3.7.9 crashes after these handshakes: OpenSSL's client then
            conn $OPENSSL $GNUTLS version='TLS 1.2' cipher_suite=$(iana $kx-AES128-CBC-SHA)
            ossl -tls1_2 -psk $PSK -cipher $kx-AES128-CBC-SHA
            continue ;;
        *PSK) args="--pskusername Client_identity --pskkey $PSK" ;;
        SRP*) args='--srpusername user --srppasswd password' ;;
        *) args= ;;
        esac
        conn $GNUTLS $GNUTLS version='TLS 1.2'
        gtls --priority "$(g12 $kx AES-128-CBC SHA1 $DSA)" $args
    done
    # No SRP with OpenSSL: 3.0's s_server loses the user's name, its client gives up after the group's parameters.
    end
    beside psk rsa
}

scene_groups_tls13() {
    local g
    begin groups-tls13.pcap "OpenSSL, TLS 1.3: one connection for each group, finite-field ones with their large shares" || return
    ossl_serve 443 -groups X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe3072:ffdhe4096
    for g in X25519=x25519 P-256=secp256r1 P-384=secp384r1 P-521=secp521r1 X448=x448 ffdhe2048=ffdhe2048 ffdhe3072=ffdhe3072; do
        conn $OPENSSL $OPENSSL version='TLS 1.3' group=${g#*=}
        ossl -groups ${g%=*}
    done
    end
}

scene_groups_tls12() {
    local g
    begin groups-tls12.pcap "OpenSSL, TLS 1.2 ECDHE: one connection for each curve, also Brainpool, Koblitz and binary ones" || return
    ossl_serve 443 -tls1_2 -cipher $ALL -groups X25519:P-256:P-384:P-521:X448:brainpoolP256r1:brainpoolP384r1:secp256k1:secp224r1:sect283k1
    for g in X25519=x25519 P-521=secp521r1 X448=x448 brainpoolP256r1 brainpoolP384r1 secp256k1 secp224r1 sect283k1; do
        conn $OPENSSL $OPENSSL version='TLS 1.2' group=${g#*=}
        ossl -tls1_2 -cipher ECDHE:@SECLEVEL=0 -groups ${g%=*}
    done
    end
}

scene_ffdhe_tls12() {
    begin ffdhe-tls12.pcap "TLS 1.2 DHE with a group negotiated by RFC 7919 (GnuTLS) and with a server's own 2048-bit group (OpenSSL)" || return
    gtls_serve 443 --priority "$(g12 DHE-RSA AES-128-GCM AEAD)"
    openssl dhparam -dsaparam -out "$work/dh.pem" 2048
    ossl_serve 444 -tls1_2 -dhparam "$work/dh.pem"
    conn $GNUTLS $GNUTLS version='TLS 1.2' cipher_suite=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 group=ffdhe3072
    gtls --priority "NONE:+VERS-TLS1.2:+DHE-RSA:+AES-128-GCM:+AEAD:+SIGN-ALL:+GROUP-FFDHE3072:+COMP-NULL:+CTYPE-ALL"
    conn $OPENSSL $OPENSSL version='TLS 1.2' cipher_suite=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256
    ossl -connect $S4:444 -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256
    end
}

scene_psk_tls13() {
    begin psk-tls13.pcapng "TLS 1.3 with an external PSK: psk_dhe_ke and psk_ke, OpenSSL and GnuTLS; and one the server does not know" || return
    ossl_serve 443 -psk $PSK -psk_identity Client_identity -allow_no_dhe_kex
    gtls_serve 444 --priority 'NORMAL:-KX-ALL:+PSK:+DHE-PSK:+ECDHE-PSK' --pskpasswd "$PKI/psk.txt" --nocert
    conn $OPENSSL $OPENSSL version='TLS 1.3' external_psk=yes
    ossl -tls1_3 -psk $PSK -ciphersuites TLS_AES_128_GCM_SHA256
    conn $GNUTLS $GNUTLS version='TLS 1.3' external_psk=yes
    gtls -p 444 --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+ECDHE-PSK' --pskusername Client_identity --pskkey $PSK
    conn $GNUTLS $GNUTLS version='TLS 1.3' external_psk=yes
    gtls -p 444 --priority 'NORMAL:-VERS-ALL:+VERS-TLS1.3:-KX-ALL:+PSK' --pskusername Client_identity --pskkey $PSK
    conn $OPENSSL $OPENSSL state=failed
    ossl -tls1_3 -psk ${PSK}ff -psk_identity Client_identity -ciphersuites TLS_AES_128_GCM_SHA256
    end
    beside psk
}

# Fixed ECDH: the server's certificate holds the share, signed by an RSA authority. Neither key log nor ServerKeyExchange.
scene_kx_fixed_ecdh() {
    local v
    begin kx-fixed-ecdh.pcapng "NSS: ECDH_RSA, the share fixed in the certificate, TLS 1.0 and 1.2; no key log" || return
    nss_serve 443 -V tls1.0:tls1.2 -e p256 -c :C00E
    for v in 1.0 1.2; do
        conn $NSS $NSS keys=none version="TLS $v" cipher_suite=TLS_ECDH_RSA_WITH_AES_128_CBC_SHA
        nss -V tls$v:tls$v -c :C00E
    done
    end
}
