# The same id for different reasons: whose fault it is and what to do about it hang on the reason.
# shellcheck shell=bash disable=SC2154

# issued_by NAME: a certificate for $NAME from a root of that name, which nobody trusts; in $work/issued.
issued_by() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/issuer.key" -out "$work/issuer.pem" \
        -days 9000 -subj "/C=XX/O=wiretale tests/CN=$1" &&
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/issued.key" -out "$work/issued.csr" \
            -subj "/CN=$NAME" &&
        openssl x509 -req -in "$work/issued.csr" -CA "$work/issuer.pem" -CAkey "$work/issuer.key" -days 9000 \
            -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$NAME") -out "$work/issued.pem"
}

scene_intercepted() {
    issued_by "PortSwigger CA" || return
    take tls-intercepted-openssl-12 "The certificate of a proxy that inspects TLS, by its issuer's name; OpenSSL, TLS 1.2" || return
    cause certificate-unknown-issuer sees=tls-intercepted wire=client:unknown_ca
    ossl_serve 443 -cert "$work/issued.pem" -key "$work/issued.key" -cert_chain "$work/issuer.pem"
    ossl -tls1_2 "${checks[@]}"
    end
    issued_by "Example Company Web Root" || return
    take tls-intercepted-fine "A private root whose name is no inspecting proxy's, and a client that goes on regardless" || return
    cause none sees='certificate-unknown-issuer,!tls-intercepted'
    ossl_serve 443 -cert "$work/issued.pem" -key "$work/issued.key" -cert_chain "$work/issuer.pem"
    ossl -tls1_2
    end
}

scene_client_chain() {
    local asks=(-Verify 2 -verify_return_error -CAfile "$PKI/root.pem")
    take client-certificate-rejected-chain-12 "The client leaves out its intermediate, which the server's own chain shows; OpenSSL, TLS 1.2" || return
    cause client-certificate-rejected wire=server:unknown_ca
    ossl_serve 443 $(ossl_with p256) "${asks[@]}"
    ossl -tls1_2 -cert "$PKI/purpose.pem" -key "$PKI/purpose.key"
    end
    take client-certificate-rejected-chain-fine "The client sends its intermediate, too" || return
    cause none sees='!client-certificate-rejected'
    ossl_serve 443 $(ossl_with p256) "${asks[@]}"
    ossl -tls1_2 -cert "$PKI/purpose.pem" -key "$PKI/purpose.key" -cert_chain "$PKI/intermediate.pem"
    end
}

scene_security_level() {
    take peer-internal-error-security-level "OpenSSL 3 as a server of TLS 1.0 at its default security level" || return
    cause peer-internal-error wire=server:internal_error
    ossl_serve 443 $(ossl_with rsa) -tls1
    ossl -tls1 -cipher DEFAULT@SECLEVEL=0
    end
    take peer-internal-error-security-level-fine "The same at security level 0" || return
    cause none sees='deprecated-version,!peer-internal-error'
    ossl_serve 443 $(ossl_with rsa) -tls1 -cipher DEFAULT@SECLEVEL=0
    ossl -tls1 -cipher DEFAULT@SECLEVEL=0
    end
}
