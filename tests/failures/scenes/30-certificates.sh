# The client will not have the server's certificate. In TLS 1.3 the certificate passes encrypted; GnuTLS's alert does, too, so that
# without keys only who and when is known. OpenSSL's client sends its alert in the clear at that point.
# shellcheck shell=bash disable=SC2154

# in_the_clear ID: what an alert of OpenSSL's in TLS 1.3 tells without keys: some name the reason, some leave more than one.
in_the_clear() {
    case $1 in
    certificate-expired|certificate-revoked) cause $1 ;;
    certificate-self-signed|certificate-chain-incomplete) cause rejected-by-client or="certificate-unknown-issuer|$1" ;;
    certificate-bad-signature) cause rejected-by-client or="$1|signature-mismatch" ;;
    *) cause rejected-by-client or=$1 ;;
    esac
}

# refused NAME CERTIFICATE SENTENCE ID [VALUE...]: OpenSSL's client over TLS 1.2 and 1.3; CLIENT and SERVER add arguments.
CLIENT=() SERVER=()
refused() {
    local name=$1 cert=$2 sentence=$3 id=$4 v
    shift 4
    for v in 12 13; do
        take $name-openssl-$v "$sentence; OpenSSL, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause $id "$@"; else
            in_the_clear $id
            keyed $id "$@"
        fi
        ossl_serve 443 $(ossl_with $cert) "${SERVER[@]}"
        ossl -tls1_${v#1} "${checks[@]}" "${CLIENT[@]}"
        end
    done
}

# gone_on NAME CERTIFICATE SENTENCE [VALUE...]: the same certificate, and a client that goes on regardless.
gone_on() {
    local name=$1 cert=$2 sentence=$3
    shift 3
    take $name-fine "$sentence" || return
    cause none "$@"
    keyed none "$@"
    ossl_serve 443 $(ossl_with $cert) "${SERVER[@]}"
    ossl -tls1_2
    end
}

# gnutls_refuses NAME CERTIFICATE SENTENCE ID [VALUE...]: GnuTLS's client over TLS 1.2 and 1.3.
gnutls_refuses() {
    local name=$1 cert=$2 sentence=$3 id=$4 v priority
    shift 4
    for v in 12 13; do
        priority=NORMAL:-VERS-ALL:+VERS-TLS1.${v#1}
        take $name-gnutls-$v "$sentence; GnuTLS, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause $id "$@"; else
            cause rejected-by-client
            keyed $id "$@"
        fi
        ossl_serve 443 $(ossl_with $cert) "${SERVER[@]}"
        gtls --priority "$priority" "${CLIENT[@]}"
        end
    done
}

scene_expired() {
    refused certificate-expired expired "The certificate expired in 2021" certificate-expired wire=client:certificate_expired
    refused certificate-not-yet-valid future "The certificate is valid from 2048 on" certificate-not-yet-valid wire=client:bad_certificate
    gnutls_refuses certificate-expired expired "The certificate expired in 2021" certificate-expired
    take certificate-expired-curl "The certificate expired in 2021; curl and nginx, TLS 1.2" || return
    cause certificate-expired wire=client:certificate_expired
    ngx expired || return
    fetch --tls-max 1.2 https://$NAME/
    end
    take certificate-expired-nss "The certificate expired in 2021; NSS, which says so under keys, behind its Finished; TLS 1.2" || return
    cause certificate-expired or='none|rejected-by-client' sees='certificate-expired,left-after-handshake'
    keyed certificate-expired sees='certificate-expired,!left-after-handshake' wire=client:certificate_expired
    ossl_serve 443 $(ossl_with expired)
    nss_strict -V tls1.2:tls1.2
    end
    take certificate-not-yet-valid-python "The certificate is valid from 2048 on; Python, TLS 1.3" || return
    in_the_clear certificate-not-yet-valid
    keyed certificate-not-yet-valid
    ngx future || return
    python_client --ca "$PKI/root.pem" $S4 443 $NAME
    end
    gone_on certificate-expired expired "Expired, and the client goes on regardless" sees=certificate-expired
    gone_on certificate-not-yet-valid future "Not yet valid, and the client goes on regardless" sees=certificate-not-yet-valid
}
nss_strict() {                                   # NSS, and what it thinks of the certificate counts
    printf 'GET / HTTP/1.0\r\n\r\n' >"$work/request"
    in_c timeout 10 tstclnt -h $S4 -p 443 -a $NAME -A "$work/request" -d "$work/nss-client" "$@" </dev/null
}

scene_issuers() {
    local v
    for v in 12 13; do
        take certificate-self-signed-openssl-$v "A self-signed certificate; OpenSSL, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause certificate-self-signed wire=client:unknown_ca; else
            in_the_clear certificate-self-signed
            keyed certificate-self-signed wire=client:unknown_ca
        fi
        ossl_serve 443 -cert "$PKI/selfsigned.pem" -key "$PKI/selfsigned.key"
        ossl -tls1_${v#1} "${checks[@]}"
        end
        take certificate-chain-incomplete-openssl-$v "The server leaves out the intermediate; OpenSSL, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause certificate-chain-incomplete wire=client:unknown_ca; else
            in_the_clear certificate-chain-incomplete
            keyed certificate-chain-incomplete wire=client:unknown_ca
        fi
        ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key"
        ossl -tls1_${v#1} "${checks[@]}"
        end
        take certificate-unknown-issuer-openssl-$v "A whole chain to a root that the client does not trust; OpenSSL, TLS 1.${v#1}" || return
        if [ $v = 12 ]; then cause certificate-unknown-issuer wire=client:unknown_ca; else
            in_the_clear certificate-unknown-issuer
            keyed certificate-unknown-issuer wire=client:unknown_ca
        fi
        ossl_serve 443 -cert "$PKI/stranger.pem" -key "$PKI/stranger.key" -cert_chain "$PKI/stranger-ca.pem"
        ossl -tls1_${v#1} "${checks[@]}"
        end
    done
    take certificate-self-signed-curl "A self-signed certificate; curl and nginx, TLS 1.2" || return
    cause certificate-self-signed wire=client:unknown_ca
    ngx selfsigned || return
    fetch --tls-max 1.2 https://$NAME/
    end
    take certificate-unknown-issuer-curl "The client trusts another CA than the server's root, which the reader knows well; curl and nginx, TLS 1.2" || return
    cause certificate-unknown-issuer wire=client:unknown_ca
    ngx p256 || return
    fetch --tls-max 1.2 --cacert "$PKI/client-ca.pem" https://$NAME/
    end
    take certificate-unknown-issuer-nss "The client has no root at all; NSS says so under keys, behind its Finished; TLS 1.2" || return
    cause none or='rejected-by-client|certificate-unknown-issuer'
    keyed certificate-unknown-issuer sees=certificate-unknown-issuer wire=client:unknown_ca
    ossl_serve 443 $(ossl_with p256)
    certutil -N -d "$work/nss-empty" --empty-password 2>/dev/null || { mkdir -p "$work/nss-empty" && certutil -N -d "$work/nss-empty" --empty-password; }
    nss_strict -V tls1.2:tls1.2 -d "$work/nss-empty"
    end
    take certificate-unknown-issuer-gnutls "A whole chain to an unknown root; GnuTLS, TLS 1.3" || return
    cause rejected-by-client
    keyed certificate-unknown-issuer
    ossl_serve 443 -cert "$PKI/stranger.pem" -key "$PKI/stranger.key" -cert_chain "$PKI/stranger-ca.pem"
    gtls
    end
    take certificate-chain-incomplete-python "The server leaves out the intermediate; Python and OpenSSL, TLS 1.2" || return
    cause certificate-chain-incomplete wire=client:unknown_ca
    ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key"
    python_client --max 1.2 --ca "$PKI/root.pem" $S4 443 $NAME
    end
    take certificate-chain-incomplete-gnutls "The server leaves out the intermediate; GnuTLS, TLS 1.2" || return
    cause certificate-chain-incomplete
    ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key"
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take certificate-chain-incomplete-fine "The server leaves out the intermediate, and the client (NSS) has it" || return
    cause none wire=server:finished
    ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key"
    nss_strict -V tls1.2:tls1.2
    end
    take certificate-self-signed-fine "A self-signed certificate that the client trusts" || return
    cause none options='--ca-file pki/selfsigned.pem' sees='!certificate-self-signed'
    ossl_serve 443 -cert "$PKI/selfsigned.pem" -key "$PKI/selfsigned.key"
    ossl -tls1_2 "${checks[@]}" -CAfile "$PKI/selfsigned.pem"
    end
    take certificate-fine "A certificate that nothing is wrong with; every check is on" || return
    cause none sees='!certificate-unknown-issuer,!certificate-chain-incomplete,!certificate-self-signed,!certificate-expired,!certificate-not-yet-valid,!certificate-host-mismatch,!certificate-wrong-purpose,!certificate-weak,!certificate-revoked,!certificate-bad-signature,!ocsp-staple-missing,!ocsp-staple-bad'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 "${checks[@]}"
    end
    take certificate-root-sent-fine "The server sends its root as well: needless, no fault" || return
    cause none sees='!certificate-self-signed,!certificate-unknown-issuer,!certificate-chain-incomplete'
    cat "$PKI/intermediate.pem" "$PKI/root.pem" >"$work/with-root.pem"
    ossl_serve 443 -cert "$PKI/p256.pem" -key "$PKI/p256.key" -cert_chain "$work/with-root.pem"
    ossl -tls1_2 "${checks[@]}"
    end
}

# TLS 1.3 without keys: what the length of the Certificate message says.
scene_alone() {
    local checks=(-verify_return_error -CAfile "$PKI/stranger-root.pem")
    take certificate-alone-rsa "An RSA certificate without its intermediate; OpenSSL, TLS 1.3" || return
    cause certificate-unknown-issuer or=certificate-chain-incomplete options=-
    ossl_serve 443 -cert "$PKI/rsa.pem" -key "$PKI/rsa.key"
    ossl -tls1_3 "${checks[@]}"
    end
    take certificate-alone-rsa-fine "The same with its intermediate, and the client trusts another root" || return
    cause certificate-unknown-issuer options=-
    ossl_serve 443 $(ossl_with rsa)
    ossl -tls1_3 "${checks[@]}"
    end
    take certificate-alone-gnutls "An RSA certificate without its intermediate, from GnuTLS; OpenSSL's client" || return
    cause certificate-unknown-issuer or=certificate-chain-incomplete options=-
    gtls_serve 443 --x509certfile "$PKI/rsa.pem" --x509keyfile "$PKI/rsa.key"
    ossl -tls1_3 "${checks[@]}"
    end
}

scene_host() {
    refused certificate-host-mismatch other "The certificate is for other.example.net" certificate-host-mismatch wire=client:bad_certificate
    gnutls_refuses certificate-host-mismatch other "The certificate is for other.example.net" certificate-host-mismatch
    take certificate-host-mismatch-python "The certificate is for other.example.net; Python and nginx, TLS 1.2" || return
    cause certificate-host-mismatch wire=client:bad_certificate
    ngx other || return
    in_c python3 "$here/peers/strict.py" "$PKI/root.pem" $S4 443 $NAME 1.2
    end
    take certificate-host-mismatch-no-sni "The certificate is for other.example.net; the client says no SNI, --host tells what it wanted; TLS 1.2" || return
    cause certificate-host-mismatch options="$CA --host $NAME" wire=client:bad_certificate
    ossl_serve 443 $(ossl_with other)
    ossl -tls1_2 -noservername "${checks[@]}"
    end
    # curl compares the name when the handshake is over: the connection came up, and is closed without a request.
    take certificate-host-mismatch-curl "The certificate is for other.example.net; curl, which looks when the handshake is done, TLS 1.2" || return
    cause certificate-host-mismatch or=none sees=certificate-host-mismatch
    ngx other || return
    fetch --tls-max 1.2 https://$NAME/
    end
    take certificate-host-mismatch-wildcard-fine "*.example.com covers api.example.com" || return
    cause none sees='!certificate-host-mismatch'
    ngx p256 || return
    fetch --tls-max 1.2 --resolve api.example.com:443:$S4 https://api.example.com/
    end
    take certificate-host-mismatch-deep "*.example.com does not cover a.b.example.com" || return
    cause certificate-host-mismatch wire=client:bad_certificate
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 -verify_return_error -servername a.b.example.com -verify_hostname a.b.example.com
    end
    gone_on certificate-host-mismatch other "The certificate is for another host, and the client goes on regardless" sees=certificate-host-mismatch
}
scene_purpose() {
    refused certificate-wrong-purpose purpose "The certificate's extended key usage allows clients only" certificate-wrong-purpose wire=client:unsupported_certificate
    take certificate-wrong-purpose-gnutls "The certificate's extended key usage allows clients only; GnuTLS, TLS 1.2" || return
    cause certificate-wrong-purpose
    ossl_serve 443 $(ossl_with purpose)
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    gone_on certificate-wrong-purpose purpose "A client's certificate for a server, and the client goes on regardless" sees=certificate-wrong-purpose
}

scene_weak() {
    local SERVER=(-cipher ALL:@SECLEVEL=0)
    refused certificate-weak-rsa-1024 small "An RSA key of 1024 bits" certificate-weak
    refused certificate-weak-sha1 sha1 "A certificate signed with SHA-1" certificate-weak
    take certificate-weak-gnutls "A certificate signed with SHA-1; GnuTLS, TLS 1.2" || return
    cause certificate-weak
    ossl_serve 443 $(ossl_with sha1) "${SERVER[@]}"
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take certificate-weak-rsa-1024-fine "An RSA key of 1024 bits, and a client that does not mind" || return
    cause none sees=weak-key
    ossl_serve 443 $(ossl_with small) "${SERVER[@]}"
    ossl -tls1_2 -cipher ALL:@SECLEVEL=0
    end
    take certificate-weak-sha1-fine "A certificate signed with SHA-1, and a client that does not mind" || return
    cause none sees=certificate-weak
    ossl_serve 443 $(ossl_with sha1) "${SERVER[@]}"
    ossl -tls1_2 -cipher ALL:@SECLEVEL=0
    end
}

scene_damaged() {
    refused certificate-bad-signature damaged "The certificate's signature has another last byte" certificate-bad-signature
    gnutls_refuses certificate-bad-signature damaged "The certificate's signature has another last byte" certificate-bad-signature
}

scene_revoked() {
    local CLIENT=(-crl_check -CRL "$PKI/intermediate.crl") SERVER=()
    refused certificate-revoked-crl revoked "The client's CRL has the certificate" certificate-revoked wire=client:certificate_revoked
    CLIENT=() SERVER=(-status_file "$PKI/revoked.ocsp")
    gnutls_refuses certificate-revoked-staple revoked "The stapled answer says revoked" certificate-revoked
    take certificate-revoked-staple-curl "The stapled answer says revoked; curl --cert-status, which looks when the handshake is done; TLS 1.2" || return
    cause certificate-revoked or=none sees=certificate-revoked
    ossl_serve 443 $(ossl_with revoked) "${SERVER[@]}"
    fetch --tls-max 1.2 --cert-status https://$NAME/
    end
    take certificate-revoked-fine "A stapled answer says good" || return
    cause none sees='!certificate-revoked,!ocsp-staple-bad'
    ossl_serve 443 $(ossl_with p256) -status_file "$PKI/p256.ocsp"
    gtls --priority NORMAL:-VERS-TLS1.3
    end
}

scene_staples() {
    local SERVER=()
    gnutls_refuses ocsp-staple-missing staple "The certificate demands a staple, and none is sent" ocsp-staple-missing
    take ocsp-staple-missing-curl "curl --cert-status, and no staple; it looks when the handshake is done; TLS 1.2" || return
    cause none or=ocsp-staple-missing
    ossl_serve 443 $(ossl_with p256)
    fetch --tls-max 1.2 --cert-status https://$NAME/
    end
    take ocsp-staple-missing-fine "The certificate demands a staple, and it is sent" || return
    cause none sees='!ocsp-staple-missing,!ocsp-staple-bad'
    ossl_serve 443 $(ossl_with staple) -status_file "$PKI/staple.ocsp"
    gtls --priority NORMAL:-VERS-TLS1.3
    end
    take ocsp-staple-missing-ignored-fine "The certificate demands a staple, none is sent, and the client goes on regardless" || return
    cause none sees=ocsp-staple-missing
    ossl_serve 443 $(ossl_with staple)
    ossl -tls1_2 -status
    end
    SERVER=(-status_file "$PKI/staple.old.ocsp")
    gnutls_refuses ocsp-staple-bad-old staple "The certificate demands a staple, and the one sent is out of date" ocsp-staple-bad
    SERVER=(-status_file "$PKI/p256.ocsp")
    gnutls_refuses ocsp-staple-bad-other staple "The staple is for another certificate" ocsp-staple-bad
    take ocsp-staple-bad-fine "A staple out of date, and the client goes on regardless" || return
    cause none sees=ocsp-staple-bad
    ossl_serve 443 $(ossl_with staple) -status_file "$PKI/staple.old.ocsp"
    ossl -tls1_2 -status
    end
}
