#include "codec/header_fields.h"

#include "registry/registry.h"

static const struct {
    uint8_t layer, bytes, form;
    const char *name;
} rows[] = {
#define WT_HEADER_FIELD(layer, name, bytes, form) {WT_LAYER_##layer, bytes, WT_TRAIL_##form, name},
#include "codec/header_fields.def"
#undef WT_HEADER_FIELD
};

static const char *const names[WT_LAYER_COUNT] = {
    [WT_LAYER_ETHERNET] = "ethernet", [WT_LAYER_VLAN] = "vlan",         [WT_LAYER_MPLS] = "mpls",
    [WT_LAYER_PPPOE] = "pppoe",       [WT_LAYER_PPP] = "ppp",           [WT_LAYER_COOKED] = "cooked",
    [WT_LAYER_RAW] = "raw",           [WT_LAYER_LOOPBACK] = "loopback", [WT_LAYER_IPV4] = "ipv4",
    [WT_LAYER_IPV6] = "ipv6",         [WT_LAYER_GRE] = "gre",           [WT_LAYER_VXLAN] = "vxlan",
    [WT_LAYER_GENEVE] = "geneve",     [WT_LAYER_UDP] = "udp",           [WT_LAYER_TCP] = "tcp",
    [WT_LAYER_OTHER] = "other",
};

const char *wt_header_name(enum wt_layer layer)
{
    return layer < WT_LAYER_COUNT && names[layer] ? names[layer] : "other";
}

/* Bytes up to n belong to the field; as many as there are. */
static uint32_t add(struct wt_trail *trail, const char *name, struct wt_span header, uint32_t at, uint32_t n,
                    enum wt_trail_form form, uint8_t depth)
{
    struct wt_trail_event e = {.field = name, .offset = at, .depth = depth};
    if (at >= header.n)
        return at;
    const bool whole = header.n - at >= n;
    e.length = whole ? n : (uint32_t)header.n - at;
    e.form = (uint8_t)(whole ? form : WT_TRAIL_BYTES);
    for (uint32_t i = 0; e.form == WT_TRAIL_NUMBER && i < n; i++)
        e.value = e.value << 8 | header.p[at + i];
    (void)wt_trail_add(trail, e);
    return at + e.length;
}

enum { TCP_FIXED = 20 }; /* bytes before the options: RFC 9293, 3.1 */

/* RFC 9293, 3.1: kind, and for all but the first two a length that counts both. */
static uint32_t option_length(struct wt_span header, uint32_t at)
{
    const uint32_t left = (uint32_t)header.n - at;
    switch (header.p[at]) {
    case 0:
        return left; /* what is behind it is padding */
    case 1:
        return 1;
    default:
        return left >= 2 && header.p[at + 1] >= 2 && header.p[at + 1] < left ? header.p[at + 1] : left;
    }
}

static uint32_t option(struct wt_trail *trail, struct wt_span header, uint32_t at)
{
    static const char *const kinds[] = {[0] = "End of Option List", [1] = "No-Operation",  [2] = "Maximum Segment Size",
                                        [3] = "Window Scale",       [4] = "SACK Permitted", [5] = "SACK",
                                        [8] = "Timestamps"};
    const uint8_t kind = header.p[at];
    const char *name = kind < sizeof kinds / sizeof *kinds && kinds[kind] ? kinds[kind] : "Option";
    return add(trail, name, header, at, option_length(header, at), WT_TRAIL_BYTES, 1);
}

static void options(struct wt_trail *trail, struct wt_span header, uint32_t at)
{
    if (at >= header.n)
        return;
    (void)wt_trail_add(trail, (struct wt_trail_event){.field = "Options",
                                                      .offset = at,
                                                      .length = (uint32_t)header.n - at,
                                                      .form = WT_TRAIL_LIST});
    while (at < header.n)
        at = option(trail, header, at);
}

void wt_header_fields(enum wt_layer layer, struct wt_span header, struct wt_trail *trail)
{
    uint32_t at = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].layer == layer)
            at = add(trail, rows[i].name, header, at, rows[i].bytes ? rows[i].bytes : (uint32_t)header.n - at,
                     (enum wt_trail_form)rows[i].form, 0);
    if (layer == WT_LAYER_TCP)
        options(trail, header, at);
    else
        (void)add(trail, "rest", header, at, (uint32_t)header.n - at, WT_TRAIL_BYTES, 0);
}

void wt_header_shape(enum wt_layer layer, struct wt_span header, struct wt_buffer *shape)
{
    if (layer != WT_LAYER_TCP)
        return;
    for (uint32_t at = TCP_FIXED, n; at < header.n; at += n) {
        n = option_length(header, at);
        const uint8_t one[3] = {header.p[at], (uint8_t)(n >> 8), (uint8_t)n};
        (void)wt_buffer_add(shape, one, sizeof one);
    }
}

static void code(struct wt_trail *trail, const char *name, struct wt_span header, uint32_t at, uint32_t n,
                 enum wt_registry registry)
{
    const size_t before = trail->n;
    (void)add(trail, name, header, at, n, WT_TRAIL_NUMBER, 0);
    if (trail->n > before && trail->events[before].form == WT_TRAIL_NUMBER) {
        trail->events[before].form = WT_TRAIL_CODE;
        trail->events[before].kind = (uint8_t)registry;
    }
}

void wt_record_header_fields(struct wt_span header, struct wt_trail *trail)
{
    if (header.n != 5) { /* SSL 2.0's: two or three bytes, whose first bit says which */
        (void)add(trail, "length", header, 0, 2, WT_TRAIL_NUMBER, 0);
        (void)add(trail, "padding", header, 2, 1, WT_TRAIL_NUMBER, 0);
        return;
    }
    code(trail, "type", header, 0, 1, WT_REG_CONTENT_TYPE);
    code(trail, "legacy_record_version", header, 1, 2, WT_REG_VERSION);
    (void)add(trail, "length", header, 3, 2, WT_TRAIL_NUMBER, 0);
}

void wt_handshake_header_fields(struct wt_span header, struct wt_trail *trail)
{
    code(trail, "msg_type", header, 0, 1, WT_REG_HANDSHAKE_TYPE);
    (void)add(trail, "length", header, 1, 3, WT_TRAIL_NUMBER, 0);
}
