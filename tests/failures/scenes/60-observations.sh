# What is worth knowing of connections that came up, and near misses of it; the rest of the catalogue stands beside the failures.
# shellcheck shell=bash disable=SC2154

scene_observations() {
    take observed-weak-suites "TLS 1.2 with 3DES and static RSA key exchange; both come up" || return
    cause none sees=weak-cipher-suite,no-forward-secrecy
    gtls_serve 443 $(gtls_with rsa) --priority NORMAL:-VERS-TLS1.3:+3DES-CBC:+RSA
    gtls --priority NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+3DES-CBC:-KX-ALL:+RSA
    end
    take observed-anonymous "Anonymous Diffie-Hellman" || return
    cause none sees=weak-cipher-suite options=-
    ossl_serve 443 -tls1_2 -nocert -cipher ADH-AES128-GCM-SHA256:@SECLEVEL=0
    ossl -tls1_2 -cipher ADH-AES128-GCM-SHA256:@SECLEVEL=0
    end
    take observed-no-ems "GnuTLS without extended_master_secret and without secure renegotiation" || return
    cause none sees=no-extended-master-secret,no-secure-renegotiation
    gtls_serve 443 $(gtls_with p256) --priority NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION
    gtls --priority NORMAL:-VERS-TLS1.3:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION
    end
    take observed-nothing "TLS 1.3, X25519, AES-GCM, a name, close_notify from both: nothing to be warned of" || return
    cause none sees='!weak-cipher-suite,!no-forward-secrecy,!no-extended-master-secret,!no-secure-renegotiation,!truncated-close,!deprecated-version,!sni-missing,!hello-retry,!slow-handshake'
    keyed none sees='!weak-cipher-suite,!no-forward-secrecy,!truncated-close,!certificate-weak,!weak-key,!weak-signature,!certificate-expires-soon'
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_3
    end
    take observed-sni-missing "The client says no name" || return
    cause none sees=sni-missing
    ossl_serve 443 $(ossl_with p256)
    ossl -tls1_2 -noservername
    end
    take observed-tls10 "TLS 1.0, signed over MD5 and SHA-1" || return
    cause none sees=deprecated-version
    ossl_serve 443 -cipher ALL:@SECLEVEL=0
    ossl -tls1 -cipher ALL:@SECLEVEL=0
    end
}
