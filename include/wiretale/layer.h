/* What a TCP segment is wrapped in, for "where TLS sits in the stack of this connection". */
#ifndef WIRETALE_LAYER_H
#define WIRETALE_LAYER_H

#include <stdint.h>

enum wt_layer {
    WT_LAYER_NONE = 0,
    WT_LAYER_ETHERNET,
    WT_LAYER_VLAN,
    WT_LAYER_MPLS,
    WT_LAYER_PPPOE,
    WT_LAYER_PPP,
    WT_LAYER_COOKED, /* Linux cooked capture: the link header was thrown away */
    WT_LAYER_RAW,
    WT_LAYER_LOOPBACK,
    WT_LAYER_IPV4,
    WT_LAYER_IPV6,
    WT_LAYER_GRE,
    WT_LAYER_VXLAN,
    WT_LAYER_GENEVE,
    WT_LAYER_UDP,
    WT_LAYER_TCP,
    WT_LAYER_OTHER,
    WT_LAYER_MPTCP, /* Multipath TCP (RFC 8684): the stream may pass over several TCP connections */
    WT_LAYER_COUNT
};

/* One header of a packet, by its bytes. */
struct wt_layer_place {
    uint8_t layer;           /* enum wt_layer */
    uint32_t offset, length; /* bytes, from the packet's start */
};

#endif
