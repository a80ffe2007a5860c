# The stage: two namespaces joined by one wire, captures, servers, and what a scene says about itself.
# shellcheck shell=bash disable=SC2034

C4=192.0.2.10 S4=192.0.2.80                      # RFC 5737, RFC 3849: documentation addresses
C6=2001:db8::10 S6=2001:db8::80
NS_C=wtcap-client-$$ NS_S=wtcap-server-$$
NAME=www.example.com

need() {
    local tool missing=()
    for tool; do command -v "$tool" >/dev/null || missing+=("$tool"); done
    [ ${#missing[@]} -eq 0 ] || { echo "make: missing: ${missing[*]}" >&2; exit 77; }
}

list_scenes() { declare -F | sed -n 's/^declare -f scene_//p'; }

in_c() { ip netns exec "$NS_C" "$@"; }
in_s() { ip netns exec "$NS_S" "$@"; }

quiet_device() {                                 # NAMESPACE DEVICE: packets on the tap are packets on the wire
    ip netns exec "$1" ethtool -K "$2" tso off gso off gro off lro off tx off rx off sg off >/dev/null 2>&1
    ip netns exec "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.router_solicitations=0"
}

net_up() {
    # programs that take a name and no address beside it: `ip netns exec` puts this in the place of /etc/hosts
    mkdir -p "/etc/netns/$NS_C" && printf '127.0.0.1 localhost\n%s %s\n' "$S4" "$NAME" >"/etc/netns/$NS_C/hosts" || exit 1
    ip netns add "$NS_C" && ip netns add "$NS_S" || exit 1
    ip -n "$NS_C" link add c0 type veth peer name s0 netns "$NS_S" || exit 1
    quiet_device "$NS_C" c0
    quiet_device "$NS_S" s0
    ip -n "$NS_C" link set c0 address 02:00:5e:00:53:10
    ip -n "$NS_S" link set s0 address 02:00:5e:00:53:80
    ip -n "$NS_C" addr add $C4/24 dev c0
    ip -n "$NS_S" addr add $S4/24 dev s0
    ip -n "$NS_C" addr add $C6/64 dev c0 nodad
    ip -n "$NS_S" addr add $S6/64 dev s0 nodad
    local ns
    for ns in "$NS_C" "$NS_S"; do
        ip -n "$ns" link set lo up
        ip netns exec "$ns" sysctl -qw net.ipv4.ip_unprivileged_port_start=0
        ip netns exec "$ns" sysctl -qw net.ipv4.tcp_tw_reuse=1
    done
    ip -n "$NS_C" link set c0 up
    ip -n "$NS_S" link set s0 up
}

finish() {
    stop_all
    ip netns del "$NS_C" 2>/dev/null
    ip netns del "$NS_S" 2>/dev/null
    rm -rf "/etc/netns/$NS_C"
    rmdir /etc/netns 2>/dev/null
    if [ "$keep" = yes ]; then echo "work folder: $work"; else rm -rf "$work"; fi
}

# --- processes ---------------------------------------------------------------------------------

pids=()
background() {                                   # NAMESPACE LOG COMMAND...: its own process group; pid in $!
    local ns=$1 log=$2
    shift 2
    setsid ip netns exec "$ns" "$@" >"$log" 2>&1 &
    pids+=($!)
}

stop() {                                         # PID...: the whole process group
    local pid
    for pid; do
        kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null
    done
    for pid; do wait "$pid" 2>/dev/null; done
}

stop_all() {
    [ ${#pids[@]} -eq 0 ] || stop "${pids[@]}"
    pids=()
    rm -f "$work"/stdin.*
}

await() {                                        # SECONDS COMMAND...: until it succeeds
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { echo "make: waited in vain for: $*" >&2; return 1; }
        sleep 0.05
    done
}

listening() { [ -n "$(ip netns exec "$NS_S" ss -Hltun "sport = :$1")" ]; }

# serve PORT COMMAND...: a server in the server's namespace, ready when this returns. Its standard input is
# a fifo kept open ($work/stdin.PORT), so that `tell PORT TEXT` reaches servers that take commands.
serve() {
    local port=$1 fifo=$work/stdin.$1
    shift
    rm -f "$fifo" && mkfifo "$fifo"
    printf '%q ' "$@" >>"$work/$cap.log"; echo >>"$work/$cap.log"
    background "$NS_S" "$work/$cap.server.$port" bash -c 'exec 9<>"$0"; exec "$@" <&9' "$fifo" "$@"
    await 10 listening "$port"
}

tell() { printf '%s\n' "$2" >"$work/stdin.$1"; }

unserve() {                                      # stops the servers, not the capture
    local keep_pid=${tap_pid:-none} pid rest=()
    for pid in "${pids[@]}"; do
        if [ "$pid" = "$keep_pid" ]; then rest+=("$pid"); else stop "$pid"; fi
    done
    pids=("${rest[@]}")
}

# --- captures ----------------------------------------------------------------------------------

# begin FILE SENTENCE [OPTION...]: starts the capture. The name's end chooses the tool: .pcap tcpdump,
# .pcapng dumpcap, a further .gz .zst .lz4 compresses afterwards. Options go to the tool; TAP (interface),
# TAP_NS and TAP_FILTER override the client's wire and the filter "tcp".
begin() {
    file=$1 cap=${1%%.*} stream=0
    local plain=$work/raw.${1#*.}
    raw=${plain%.gz}; raw=${raw%.zst}; raw=${raw%.lz4}
    KEYS=$work/keys
    : >"$KEYS"; : >"$work/$cap.log"
    export SSLKEYLOGFILE=$KEYS
    rm -f "$raw" "$here/$file" "$here/$file".{keys,psk,rsa,served}
    describe "$2"
    shift 2
    local log=$work/$cap.tap if=${TAP:-c0} ns=${TAP_NS:-$NS_C}
    case $raw in
    *.pcapng) background "$ns" "$log" dumpcap -q -i "$if" -f "${TAP_FILTER-tcp}" -w "$raw" "$@"
              tap_pid=$!; await 10 grep -q 'File:' "$log" ;;
    *)        background "$ns" "$log" tcpdump -Z root -U --immediate-mode -n -i "$if" -w "$raw" "$@" "${TAP_FILTER-tcp}"
              tap_pid=$!; await 10 grep -q 'listening on' "$log" ;;
    esac || return 1
    sleep 0.1
}

end() {                                          # [rsa]: premaster secrets by the server's RSA key
    sleep 0.4                                    # the last ACKs, and the capture's own buffering
    kill -INT "$tap_pid" 2>/dev/null
    wait "$tap_pid" 2>/dev/null
    stop_all
    unset SSLKEYLOGFILE
    [ "${1:-}" != rsa ] || python3 "$here/peers/rsa_keylog.py" "$raw" "$PKI/rsa.key" >>"$KEYS"
    keep_capture
}

keep_capture() {
    case $file in
    *.gz)  gzip -9nc "$raw" >"$here/$file" ;;
    *.zst) zstd -q -19 -c "$raw" >"$here/$file" ;;
    *.lz4) lz4 -q -9 -c "$raw" >"$here/$file" ;;
    *)     cp "$raw" "$here/$file" ;;
    esac
    awk '/^(CLIENT|SERVER|EARLY|RSA)/ && !seen[$0]++' "$KEYS" >"$here/$file.keys"
    [ -s "$here/$file.keys" ] || rm -f "$here/$file.keys"
    chmod 644 "$here/$file"*
}

# beside psk|rsa...: says in a file beside the capture what else than the key log opens it, or a part of it.
beside() {
    local what
    for what; do
        case $what in
        psk) printf 'Client_identity:%s\n' "$PSK" >"$here/$file.psk" ;;
        rsa) echo pki/rsa.key >"$here/$file.rsa" ;;
        esac
        chmod 644 "$here/$file.$what"
    done
}

describe() {                                     # SENTENCE: what $file shows
    mkdir -p "$work/facts"
    printf -- '-\t%s\n' "$1" >"$work/facts/$file"
}

# conn CLIENT SERVER FACT...: what the next TCP connection of the capture shows, said before it is made.
# Facts are key=value with SCHEMA's keys; state=established unless said otherwise.
conn() {
    local client=$1 server=$2 facts
    shift 2
    case " $* " in *' state='*) ;; *) set -- state=established "$@" ;; esac
    facts=$(printf '%s;' "$@")
    printf '%s\t%s\t%s\t%s\n' "$stream" "$client" "$server" "${facts%;}" >>"$work/facts/$file"
    [ "$stream" = '*' ] || stream=$((stream + 1))
}

# rest CLIENT SERVER FACT...: all further connections of the capture show this (a browser opens as many as it likes).
rest() {
    stream='*'
    conn "$@"
    stream='*'
}

# derive FILE SENTENCE COMMAND...: a capture cut from the last one, by COMMAND IN OUT; its key log comes along.
derive() {
    local from=$here/$file keys=$here/$file.keys
    file=$1 stream=0
    describe "$2"
    shift 2
    rm -f "$here/$file" "$here/$file.keys"
    "$@" "$from" "$here/$file" || return 1
    [ ! -e "$keys" ] || cp "$keys" "$here/$file.keys"
}

run_scene() {
    printf '%-28s ' "$1"
    cap=$1 file=
    "scene_$1" >"$work/$1.out" 2>&1
    local made=$? bad=0 line
    stop_all
    if [ $made -ne 0 ] || [ -z "$file" ]; then
        echo "failed:"; tail -5 "$work/$1.out"
        return 1
    fi
    for line in "$work"/facts/*; do
        python3 "$here/index.py" "$here/${line##*/}" "$line" || bad=1
        PYTHONDONTWRITEBYTECODE=1 python3 "$here/plaintext.py" "$here" "${line##*/}" || bad=1
        rm -f "$line"
    done
    [ $bad -eq 0 ] && echo ok
    return $bad
}
