#include "redact/headers.h"

#include "codec/header_fields.h"

enum { FIELDS = 128 };

struct header {
    struct wt_standins *s;
    uint8_t layer;
    struct wt_span in, source, destination; /* of IP, for the clocks and numbers of its two hosts */
    uint16_t port[2];
    uint8_t *out;
};

static const char *const stay[] = {"Type",
                                   "Version, Type",
                                   "Code",
                                   "Length",
                                   "Protocol",
                                   "Protocol Family",
                                   "Version, IHL",
                                   "DSCP, ECN",
                                   "Total Length",
                                   "Flags, Fragment Offset",
                                   "Time to Live",
                                   "Payload Length",
                                   "Next Header",
                                   "Hop Limit",
                                   "Data Offset, Control Bits",
                                   "Window",
                                   "Urgent Pointer",
                                   "Flags, Version",
                                   "Protocol Type",
                                   "Flags",
                                   "Version, Options Length, Flags"};
/* Over bytes that are others now. RFC 768: "An all zero transmitted checksum value means that the transmitter generated
 * no checksum". */
static const char *const zero[] = {"Header Checksum", "Checksum"};

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

/* Numbers of a stream are moved by what is drawn for the sender: their differences stay. */
static uint32_t stream_of(const struct header *h, bool answered)
{
    uint8_t key[2 * 16 + 4] = {0};
    const struct wt_span *ends[2] = {&h->source, &h->destination};
    for (unsigned i = 0; i < 2; i++) {
        const struct wt_span end = *ends[i ^ answered];
        if (end.n)
            memcpy(key + 16 * i, end.p, end.n < 16 ? end.n : 16);
        key[32 + 2 * i] = (uint8_t)(h->port[i ^ answered] >> 8);
        key[33 + 2 * i] = (uint8_t)h->port[i ^ answered];
    }
    return wt_standin_shift(h->s, wt_span_of(key, sizeof key));
}

/* RFC 7323, 3.2: a host's clock. 0 is what a SYN echoes. */
static void timestamps(const struct header *h, struct wt_span in, uint8_t *out)
{
    const struct wt_span hosts[2] = {h->source, h->destination};
    memset(out, 0, in.n);
    memcpy(out, in.p, in.n < 2 ? in.n : 2);
    for (unsigned i = 0; i < 2 && in.n == 10; i++)
        if (wt_get32(in.p + 2 + 4 * i))
            put32(out + 2 + 4 * i, wt_get32(in.p + 2 + 4 * i) + wt_standin_shift(h->s, hosts[i]));
}

/* RFC 2018, 3: edges of blocks of the other side's stream. */
static void sack(const struct header *h, struct wt_span in, uint8_t *out)
{
    memset(out, 0, in.n);
    memcpy(out, in.p, in.n < 2 ? in.n : 2);
    for (size_t at = 2; at + 4 <= in.n; at += 4)
        put32(out + at, wt_get32(in.p + at) + stream_of(h, true));
}

/* RFC 9293, 3.2, RFC 7323, 2.2, RFC 2018, 2: each of these options has one length. One of another length, and what
 * fills the header up behind the last, may hold anything. False: it is none of them. */
static bool is_fixed_option(const char *name, struct wt_span in, uint8_t *out)
{
    static const struct {
        const char *name;
        size_t length;
    } options[] = {{"End of Option List", 1},
                   {"No-Operation", 1},
                   {"Maximum Segment Size", 4},
                   {"Window Scale", 3},
                   {"SACK Permitted", 2}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (strcmp(options[i].name, name) == 0) {
            const size_t kind = options[i].length > 1 ? 2 : 1; /* and its length */
            memset(out, 0, in.n);
            memcpy(out, in.p, in.n == options[i].length ? in.n : in.n < kind ? in.n : kind);
            return true;
        }
    return false;
}

/* Linux's cooked header: an address of the link in 8 bytes, and how many of them it takes (LINKTYPE_LINUX_SLL, _SLL2).
 */
static void cooked(const struct header *h, struct wt_span in, uint8_t *out)
{
    const size_t address = in.n == 16 ? 6 : in.n == 20 ? 12 : 0;
    memset(out, 0, in.n);
    if (!address)
        return;
    memcpy(out, in.p, in.n);
    memset(out + address, 0, 8);
    wt_standin_mac(h->s, in.p + address, out + address);
    if (in.n == 20)
        memset(out + 4, 0, 4); /* the number of an interface */
}

static uint16_t *port_of(struct header *h, const char *name)
{
    return strcmp(name, "Source Port") == 0 ? &h->port[0] : strcmp(name, "Destination Port") == 0 ? &h->port[1] : NULL;
}

static void numbers(const struct header *h, const struct wt_trail_event *e, struct wt_span in, uint8_t *out)
{
    if (strcmp(e->field, "Sequence Number") == 0 && in.n == 4)
        put32(out, (uint32_t)e->value + stream_of(h, false));
    else if (strcmp(e->field, "Acknowledgment Number") == 0 && in.n == 4)
        put32(out, e->value ? (uint32_t)e->value + stream_of(h, true) : 0);
    else if (strcmp(e->field, "Timestamps") == 0)
        timestamps(h, in, out);
    else if (strcmp(e->field, "SACK") == 0)
        sack(h, in, out);
    else
        wt_standin_bytes(h->s, in, out);
}

static void field(struct header *h, const struct wt_trail_event *e)
{
    const struct wt_span in = wt_span_cut(h->in, e->offset, e->length);
    uint8_t *out = h->out + e->offset;
    const bool ip = h->layer == WT_LAYER_IPV4 || h->layer == WT_LAYER_IPV6;
    uint16_t *port = port_of(h, e->field);
    /* TCP's options are listed one by one; an IP header's may name hosts */
    if (!in.n || e->form == WT_TRAIL_LIST)
        return;
    if (is_one_of(e->field, zero, sizeof zero / sizeof *zero)) {
        memset(out, 0, in.n);
    } else if (is_one_of(e->field, stay, sizeof stay / sizeof *stay)) {
        memcpy(out, in.p, in.n);
    } else if (is_fixed_option(e->field, in, out)) {
        return;
    } else if (port && in.n == 2) {
        const uint16_t other = wt_standin_port(h->s, *port = wt_get16(in.p));
        out[0] = (uint8_t)(other >> 8);
        out[1] = (uint8_t)other;
    } else if (strstr(e->field, " Address") && in.n == 6) {
        wt_standin_mac(h->s, in.p, out);
    } else if (strstr(e->field, " Address") && in.n == 4) {
        wt_standin_ipv4(h->s, in.p, out);
    } else if (strstr(e->field, " Address") && in.n == 16) {
        wt_standin_address(h->s, in.p, out);
    } else if (strcmp(e->field, "Cooked Header") == 0) {
        cooked(h, in, out);
    } else if (strcmp(e->field, "Version, Traffic Class, Flow Label") == 0 && in.n == 4) {
        wt_standin_bytes(h->s, in, out);
        put32(out, (wt_get32(out) & 0xfffff) | (wt_get32(in.p) & 0xfff00000));
    } else {
        numbers(h, e, in, out);
    }
    if (ip && strcmp(e->field, "Source Address") == 0)
        h->source = in;
    else if (ip && strcmp(e->field, "Destination Address") == 0)
        h->destination = in;
}

void wt_redact_headers(struct wt_standins *s, const struct wt_packet_headers *p, uint8_t *out)
{
    struct header h = {.s = s};
    wt_standin_bytes(s, p->bytes, out);
    for (size_t i = 0; i < p->layer_count; i++) {
        struct wt_trail_event events[FIELDS];
        struct wt_trail trail = {.events = events, .cap = FIELDS};
        const struct wt_layer_place *l = &p->layers[i];
        if (l->offset > p->bytes.n)
            break;
        h.layer = l->layer;
        h.in = wt_span_cut(p->bytes, l->offset, l->length);
        h.out = out + l->offset;
        wt_header_fields((enum wt_layer)l->layer, h.in, &trail);
        for (size_t k = 0; k < trail.n; k++)
            field(&h, &events[k]);
    }
}
