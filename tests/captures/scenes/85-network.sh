# The same handshake under other link layers, in tunnels, in pieces, out of order, and in parts only.
# shellcheck shell=bash

W4C=198.51.100.10 W4S=198.51.100.80 W6C=2001:db8:1::10 W6S=2001:db8:1::80

# wire KIND [OPTION...]: joins the namespaces by peers/wire.py over c0 and s0; the ends are W4C, W6C and W4S, W6S.
wire() {
    local kind=$1 mtu=1400
    shift
    [ $kind != fragments ] && [ $kind != plain ] || mtu=1500
    local macs=(02:00:5e:00:53:f1 02:00:5e:00:53:f2)    # nobody's: so the kernel leaves the frames to wire.py
    [ $kind != fragments ] || macs=(02:00:5e:00:53:10 02:00:5e:00:53:80)    # here the kernel shall put them together
    wire_end "$NS_C" c0 "${macs[0]}" "${macs[1]}" $W4C $W4S $W6C $W6S "$@" &&
        wire_end "$NS_S" s0 "${macs[1]}" "${macs[0]}" $W4S $W4C $W6S $W6C "$@" || return 1
    sleep 0.2
}

wire_end() {                                     # NAMESPACE DEVICE MAC PEER-MAC IPV4 PEER IPV6 PEER [OPTION...]
    local ns=$1 dev=$2 mac=$3 peer=$4 v4=$5 v4peer=$6 v6=$7 v6peer=$8
    shift 8
    background "$ns" "$work/wire.$dev" python3 "$here/peers/wire.py" "$kind" "$dev" w0 "$mac" "$peer" "$@"
    wires+=($!)
    await 5 grep -q ready "$work/wire.$dev" || return 1
    ip netns exec "$ns" sysctl -qw net.ipv6.conf.w0.accept_dad=0 net.ipv6.conf.w0.router_solicitations=0
    ip -n "$ns" link set w0 mtu $mtu up
    ip -n "$ns" addr add "$v4" peer "$v4peer" dev w0
    ip -n "$ns" addr add "$v6/128" dev w0 nodad
    ip -n "$ns" route add "$v6peer" dev w0
    rm -f "$work/wire.$dev"
}

unwire() {
    stop "${wires[@]}"
    wires=()
}

# Both kinds of address, TLS 1.2 by each and 1.3 by each: what a link layer or tunnel is tried with.
over_wire() {                                    # [PORT]
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -connect $W4S:${1:-443} -tls1_2
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -connect "[$W6S]:${1:-443}"
}

tunnel() {                                       # NAME KIND SENTENCE
    local wires=()
    TAP_FILTER='' begin "$1" "$3" || return
    wire "$2" || return
    ossl_serve 443 $(ossl_with p256)
    over_wire
    end
}

scene_vlan()   { tunnel vlan.pcap vlan "Under an 802.1Q tag: IPv4 with TLS 1.2, IPv6 with TLS 1.3"; }
scene_qinq()   { tunnel qinq.pcapng qinq "Under two tags (802.1ad and 802.1Q)"; }
scene_mpls()   { tunnel mpls.pcap mpls "Under two MPLS labels"; }
scene_pppoe()  { tunnel pppoe.pcap.gz pppoe "In a PPPoE session"; }
scene_gre()    { tunnel gre.pcap gre "In GRE with a key"; }
scene_vxlan()  { tunnel vxlan.pcapng.zst vxlan "In VXLAN"; }
scene_geneve() { tunnel geneve.pcap.lz4 geneve "In GENEVE with an option"; }

scene_ip_in_ip() {
    local wires=()
    TAP_FILTER='' begin ip-in-ip.pcap "IPv4 in IPv4, then IPv6 in IPv4 (6in4)" || return
    ossl_serve 443 $(ossl_with p256)
    wire ipip || return
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -connect $W4S:443 -tls1_2
    unwire
    wire 6in4 || return
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl -connect "[$W6S]:443"
    end
}

scene_ipv6() {
    begin ipv6.pcapng.gz "IPv6: TLS 1.2 and 1.3 with curl and nginx" || return
    nginx_serve 443 <<CONF || return
        listen [::]:443 ssl;
        ssl_certificate $PKI/p256.chain.pem;
        ssl_certificate_key $PKI/p256.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.2' sni=$NAME alpn=http/1.1
    fetch --resolve "$NAME:443:$S6" --tls-max 1.2 https://$NAME/
    conn $CURL/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3' sni=$NAME alpn=http/1.1
    fetch --resolve "$NAME:443:$S6" https://$NAME/
    end
}

scene_cooked() {
    local v
    for v in 1 2; do
        case $v in 1) set -- LINUX_SLL ;; 2) set -- LINUX_SLL2 ;; esac
        TAP=any begin cooked-v$v.pcap "Captured on every interface at once: Linux cooked v$v" -y $1 || return
        ossl_serve 443 $(ossl_with p256)
        conn $OPENSSL $OPENSSL version='TLS 1.2'
        ossl -tls1_2
        conn $OPENSSL $OPENSSL version='TLS 1.3'
        ossl -connect "[$S6]:443"
        end
    done
}

scene_fragments() {
    local wires=()
    TAP_FILTER='' begin fragments.pcap "IPv4 and IPv6 fragments: each large segment in three, some of them out of order and twice" || return
    wire fragments --reorder 10 --duplicate 10 || return
    ossl_serve 443 -cipher $ALL
    over_wire
    end
}

scene_lossy() {
    local wires=()
    TAP_FILTER=tcp begin lossy.pcapng "A bad line: segments lost before the capture, sent twice, out of order; 12 connections" || return
    wire plain --loss 6 --duplicate 8 --reorder 12 || return
    ossl_serve 443
    for _ in 1 2 3 4 5 6; do over_wire; done
    end
}

scene_lossy_sender() {
    local wires=()
    cap=lossy-sender
    wire plain --loss 10 --duplicate 5 --reorder 10 --seed 7 || return
    TAP=w0 TAP_FILTER='tcp port 8443' begin lossy-sender.pcapng "The same, captured at the sender as raw IP: what is lost later is seen, and seen again" || return
    ossl_serve 8443
    for _ in 1 2 3; do over_wire 8443; done
    end
}

scene_one_sided() {
    TAP_FILTER="tcp and src host $C4" begin one-sided.pcap "Only what the client sent" || return
    ossl_serve 443
    conn $OPENSSL $OPENSSL state=incomplete keys=none
    ossl -tls1_2
    conn $OPENSSL $OPENSSL state=incomplete keys=none
    ossl
    end
}

scene_snaplen() {
    begin snaplen.pcap "Every packet cut to 160 bytes by the capture: hellos known, certificates not" -s 160 || return
    ossl_serve 443
    conn $OPENSSL $OPENSSL state=established confirmed=cut # both sides send application data
    ossl -tls1_2 -noservername
    conn $OPENSSL $OPENSSL state=incomplete confirmed=cut
    ossl -tls1_3 -noservername
    end
}

scene_parts() {
    begin whole.pcapng "One TLS 1.2 and one TLS 1.3 connection, whole: the next captures are cut from it" || return
    ossl_serve 443
    conn $OPENSSL $OPENSSL version='TLS 1.2'
    ossl -tls1_2
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    ossl
    end
    file=whole.pcapng
    derive starts-late.pcap "Starts in the middle: TLS 1.2 without its hellos, then TLS 1.3 whole" \
        cut_to pcap 10-1000
    conn $OPENSSL $OPENSSL state=established keys=none # both Finished are there
    conn $OPENSSL $OPENSSL version='TLS 1.3'
    file=whole.pcapng
    derive ends-early.pcapng "Ends after the server's flight of a TLS 1.2 handshake" cut_to pcapng 1-6
    conn $OPENSSL $OPENSSL state=incomplete version='TLS 1.2'
    file=whole.pcapng
    derive hole.pcapng "A hole: the packet with the server's certificate is missing" cut_out pcapng 6
    conn $OPENSSL $OPENSSL confirmed=cut
    conn $OPENSSL $OPENSSL version='TLS 1.3'
}
cut_to()  { editcap -F "$1" -r "$3" "$4" "$2"; }
cut_out() { editcap -F "$1" "$3" "$4" "$2"; }

scene_port_reuse() {
    begin port-reuse.pcap "The same four-tuple four times, each connection ended by RST" || return
    ossl_serve 443 $(ossl_with p256)
    for _ in 1 2 3 4; do conn $PYTHON/$OPENSSL $OPENSSL version='TLS 1.3'; done
    in_c python3 "$here/peers/client.py" --keylog "$KEYS" --times 4 --local-port 50000 --reset $S4 443 $NAME
    end
}

scene_concurrent() {
    begin concurrent.pcapng.zst "72 connections open at once, their packets mixed" || return
    nginx_serve 443 <<CONF || return
        listen 443 ssl backlog=128;
        ssl_certificate $PKI/p256.pem;
        ssl_certificate_key $PKI/p256.key;
        ssl_protocols TLSv1.2 TLSv1.3;
CONF
    local i
    for ((i = 0; i < 72; i++)); do conn $PYTHON/$OPENSSL $NGINX/$OPENSSL version='TLS 1.3' sni=$NAME; done
    in_c python3 "$here/peers/client.py" --keylog "$KEYS" --concurrent 72 $S4 443 $NAME
    end
}
