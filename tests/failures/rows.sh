# What a scene says of its captures: the rows of EXPECTED.tsv. Said from what the peers were told to do, before anything reads it.
# shellcheck shell=bash disable=SC2034,SC2154

CA='--ca-file pki/root.pem'                      # what the clients here trust, too

# take NAME SENTENCE [OPTION...]: begins the capture NAME.pcapng; NAME.zst makes it NAME.pcapng.zst.
take() {
    local name=${1%.zst}.pcapng sentence=$2
    [ "$1" = "${1%.zst}" ] || name=$name.zst
    shift 2
    rows=$work/rows/$name
    mkdir -p "$work/rows"
    : >"$rows"
    about=$sentence
    begin "$name" "$sentence" "$@"
    rm -rf "$work/facts"
}

# The same of a capture of UDP, and of what ICMP says about it.
take_udp() {
    local TAP_FILTER='udp or icmp'
    take "$@"
}

# play PROGRAM NAME SENTENCE WORD...: a capture NAME.pcap that a program of the build's tests writes, without peers. Its rows,
# and then: played.
play() {
    local program=$1 name=$2.pcap sentence=$3 path
    shift 3
    path=$(find "${WIRETALE_BUILD:-$here/../../build}/tests" -name "$program" -type f -perm -u+x | head -n 1)
    [ -n "$path" ] || { echo "make: no $program (WIRETALE_BUILD names the build)" >&2; return 1; }
    file=$name about=$sentence rows=$work/rows/$name
    mkdir -p "$work/rows"
    : >"$rows"
    rm -f "$here/$file" "$here/$file".keys
    command=("$path" "$@" "$here/$file")
}
played() { "${command[@]}"; chmod 644 "$here/$file"*; }

# cause ID [stream=N] [or=ID|ID] [options=...] [sees=ID,ID] [wire=WORD]: what is to be named without keys; none on a twin.
# keyed ...: the same, with the key log. wire= is a word that tshark's account of the connection must hold.
cause() { row - "$@"; }
keyed() { row "$file.keys" "$@"; }
row() {
    local keys=$1 id=$2 stream=0 or=- options=$CA sees=- wire=- arg
    shift 2
    for arg; do
        case $arg in
        stream=*) stream=${arg#*=} ;;
        or=*) or=${arg#*=} ;;
        options=*) options=${arg#*=} ;;
        sees=*) sees=${arg#*=} ;;
        wire=*) wire=${arg#*=} ;;
        *) echo "make: what is $arg?" >&2; return 1 ;;
        esac
    done
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$file" "$stream" "$id" "$or" "$keys" "$options" "$sees" "$wire" "$about" >>"$rows"
}

run_scene() {
    printf '%-24s ' "$1"
    file=
    "scene_$1" >"$work/$1.out" 2>&1
    stop_all
    [ -n "$file" ] || { echo "failed:"; tail -5 "$work/$1.out"; return 1; }
    local bad=0 name
    for name in "$work"/rows/*; do
        PYTHONDONTWRITEBYTECODE=1 python3 "$here/expected.py" "$here" "$name" || bad=1
        rm -f "$name"
    done
    [ $bad -eq 0 ] && echo ok
    return $bad
}

# Shorter words for what most scenes need.
between() { serve 443 python3 "$captures/peers/datagram_relay.py" 443 "$S4:4443" "$@"; } # what the network does to datagrams
beyond() {                                       # the same within the client: the capture is between it and the server
    background "$NS_C" "$work/$cap.beyond" python3 "$captures/peers/datagram_relay.py" 443 "$S4:443" "$@"
    await 5 ip netns exec "$NS_C" bash -c '[ -n "$(ss -Hlun sport = :443)" ]'
}
relay() { serve "$1" python3 "$here/peers/relay.py" "$@"; }
scripted() { serve "$1" python3 "$here/peers/scripted.py" server "$@"; }
as_client() { in_c timeout 10 python3 "$here/peers/scripted.py" client "$S4" "$@"; }
odd() { serve "$1" python3 "$captures/peers/odd.py" "$@"; }
python_client() { in_c timeout 15 python3 "$captures/peers/client.py" --keylog "$KEYS" "$@"; }
ngx() {                                          # CERTIFICATE [LINE...]: nginx at 443
    local name=$1
    shift
    { printf '        %s\n' 'listen 443 ssl;' "ssl_certificate $PKI/$name.chain.pem;" "ssl_certificate_key $PKI/$name.key;" \
        'ssl_protocols TLSv1.2 TLSv1.3;' "$@"; } >"$work/ngx.lines"
    nginx_serve 443 <"$work/ngx.lines"
}
checks=(-verify_return_error -verify_hostname www.example.com)
