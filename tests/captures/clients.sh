# The peers with the arguments every scene repeats. Each client says one line and hears one line.
# shellcheck shell=bash disable=SC2034

version_of() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null | sed 's/^[0-9]*://; s/[-+].*//'; }
OPENSSL=OpenSSL-$(openssl version 2>/dev/null | cut -d' ' -f2)
GNUTLS=GnuTLS-$(version_of libgnutls30)
NSS=NSS-$(version_of libnss3)
CURL=curl-$(version_of curl)
NGINX=nginx-$(version_of nginx)
CHROMIUM=Chromium-$(version_of chromium)
PYTHON=Python-$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null)

ALL='ALL:eNULL:COMPLEMENTOFALL:@SECLEVEL=0'      # every suite OpenSSL has, weak keys and SHA-1 allowed
GALL=NORMAL:+VERS-TLS1.0:+VERS-TLS1.1:+SIGN-ALL:%VERIFY_ALLOW_SIGN_RSA_MD5

PAUSE=0.25
say() { sleep $PAUSE; printf 'ping from the client\n'; sleep $PAUSE; }

# OpenSSL. The server answers each line with the same line reversed.
ossl_serve() {                                   # PORT ARGUMENT...; without -cert: the RSA chain
    local port=$1
    shift
    case " $* " in *' -cert '*|*' -nocert '*) ;; *) set -- -cert "$PKI/rsa.pem" -key "$PKI/rsa.key" \
        -cert_chain "$PKI/intermediate.pem" "$@" ;; esac
    serve "$port" openssl s_server -accept "$port" -rev -keylogfile "$KEYS" "$@"
}
ossl_with() { printf -- '-cert %s -key %s -cert_chain %s' "$PKI/$1.pem" "$PKI/$1.key" "$PKI/intermediate.pem"; }

ossl() {                                         # ARGUMENT...: to port 443 of the server unless -connect is given
    case " $* " in *' -connect '*) ;; *) set -- -connect "$S4:443" "$@" ;; esac
    case " $* " in *' -servername '*|*' -noservername '*) ;; *) set -- -servername $NAME "$@" ;; esac
    say | in_c timeout 10 openssl s_client -CAfile "$PKI/root.pem" -keylogfile "$KEYS" -nocommands "$@"
}

# GnuTLS. The server echoes.
gtls_serve() {                                   # PORT ARGUMENT...
    local port=$1
    shift
    case " $* " in *' --x509certfile'*|*' --nocert '*|*' --rawpk'*) ;;
    *) set -- --x509certfile "$PKI/rsa.chain.pem" --x509keyfile "$PKI/rsa.key" "$@" ;; esac
    local args=() arg
    for arg; do [ "$arg" = --nocert ] || args+=("$arg"); done
    case " ${args[*]} " in *' -r '*|*' --require-client-cert '*|*' --ask '*) ;; *) args+=(-a) ;; esac
    serve "$port" gnutls-serv --echo -q -p "$port" "${args[@]}"
}
gtls_with() { printf -- '--x509certfile %s --x509keyfile %s' "$PKI/$1.chain.pem" "$PKI/$1.key"; }

gtls() {                                         # ARGUMENT...
    local port=443
    case " $* " in *' -p '*) port= ;; esac
    say | in_c timeout 10 gnutls-cli --x509cafile "$PKI/root.pem" --sni-hostname $NAME --verify-hostname $NAME \
        ${port:+-p $port} "$@" $S4
}

# NSS. The server answers a request with a short page.
nss_serve() {                                    # PORT ARGUMENT...
    local port=$1
    shift
    case " $* " in *' -n '*|*' -e '*|*' -S '*) ;; *) set -- -n rsa "$@" ;; esac
    serve "$port" selfserv -d "$work/nss" -p "$port" "$@"
}

nss() {                                          # ARGUMENT...
    printf 'GET / HTTP/1.0\r\n\r\n' >"$work/request"
    case " $* " in *' -d '*|*' -D '*) ;; *) set -- -d "$work/nss-client" "$@" ;; esac
    in_c timeout 10 tstclnt -h $S4 -p 443 -a $NAME -A "$work/request" -o "$@" </dev/null
}

# QUIC, by ngtcp2 on GnuTLS. The server has one page; its chain is that of $QUIC_IDENTITY.
quic_serve() {                                   # PORT OPTION...
    local port=$1 dir=$work/quic.$1 identity=${QUIC_IDENTITY:-p256}
    shift
    mkdir -p "$dir" && printf 'Hello from the server.\n' >"$dir/page"
    serve "$port" gtlsserver -q --max-gso-dgrams=1 --no-quic-dump --no-http-dump -d "$dir" "$@" "$S4" "$port" "$PKI/$identity.key" "$PKI/$identity.chain.pem"
}

quic() {                                         # OPTION...: one request, to port 443
    in_c timeout "${QUIC_TIME:-6}" "${QUIC_CLIENT:-gtlsclient}" -q --no-quic-dump --no-http-dump --exit-on-all-streams-close "$@" "${QUIC_AT:-$NAME}" 443 "https://$NAME/page"
}

# DTLS, by OpenSSL. Each side says a line.
dtls_serve() {                                   # PORT OPTION...
    local port=$1
    shift
    case " $* " in *' -cert '*|*' -nocert '*) ;; *) set -- -cert "$PKI/p256.pem" -key "$PKI/p256.key" -cert_chain "$PKI/intermediate.pem" "$@" ;; esac
    case " $* " in *' -dtls'*) ;; *) set -- -dtls1_2 "$@" ;; esac
    serve "$port" openssl s_server -accept "$port" -quiet -mtu 1400 -keylogfile "$KEYS" "$@"
}

dtls() {                                         # OPTION...
    case " $* " in *' -dtls'*) ;; *) set -- -dtls1_2 "$@" ;; esac
    case " $* " in *' -servername '*|*' -psk '*) ;; *) set -- -servername $NAME "$@" ;; esac
    { sleep "${DTLS_WAIT:-0.5}"; echo 'ping from the client'; sleep $PAUSE; echo Q; } |
        in_c timeout "${DTLS_TIME:-6}" openssl s_client -connect "${DTLS_AT:-$S4}:443" -CAfile "$PKI/root.pem" -timeout -keylogfile "$KEYS" "$@"
}

# nginx: the http block's server lines are the arguments' standard input.
nginx_serve() {                                  # PORT, on stdin: lines for the server block
    local port=$1 dir=$work/nginx.$1
    rm -rf "$dir"
    mkdir -p "$dir/html"
    printf '<!doctype html>\n<title>wiretale</title>\n<p>Hello from the server.</p>\n' >"$dir/html/index.html"
    chmod -R a+rX "$work"
    cat >"$dir/nginx.conf" <<CONF
daemon off;
user root;
worker_processes 1;
pid $dir/pid;
error_log $dir/error.log info;
events { worker_connections 512; }
http {
    access_log off;
    server_tokens off;
    client_body_temp_path $dir; proxy_temp_path $dir; fastcgi_temp_path $dir; uwsgi_temp_path $dir; scgi_temp_path $dir;
    server {
        server_name $NAME;
        root $dir/html;
$(cat)
    }
}
CONF
    serve "$port" nginx -c "$dir/nginx.conf" -p "$dir"
}

fetch() {                                        # curl ARGUMENT...
    in_c curl -sS -o /dev/null --max-time 10 --cacert "$PKI/root.pem" \
        --resolve "$NAME:443:$S4" --resolve "$NAME:8443:$S4" "$@"
}

browse() {                                       # URL [OPTION...]: Chromium, a fresh profile, nothing but this page
    local url=$1
    shift
    [ $# -gt 0 ] || set -- --disable-quic
    rm -rf "$work/profile"
    HOME=$work in_c timeout 40 chromium --headless --no-sandbox --disable-gpu --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --disable-default-apps \
        --disable-extensions --disable-domain-reliability --no-pings --metrics-recording-only \
        --user-data-dir="$work/profile" --ssl-key-log-file="$KEYS" ${STRICT:---ignore-certificate-errors} \
        --host-resolver-rules="MAP $NAME $S4, MAP * ~NOTFOUND" --virtual-time-budget=2000 --dump-dom "$@" "$url"
}

iana() { openssl ciphers -stdname "$1:@SECLEVEL=0" | awk -v s="$1" '$3 == s { print $1; exit }'; }

# GnuTLS offers nothing but what follows: g12 KX CIPHER MAC [MORE]
g12() { echo "NONE:+VERS-TLS1.2:+$1:+$2:+$3:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:+CTYPE-ALL${4:+:$4}"; }
