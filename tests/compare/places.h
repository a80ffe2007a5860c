/* One connection as two places see it. A dialogue passes both: A at the client, B three routers behind it; a test then
 * changes what one of them saw, and looks at what is told. */
#ifndef WT_TESTS_COMPARE_PLACES_H
#define WT_TESTS_COMPARE_PLACES_H

#include "../observer/streams.h"

#include "capture/packet.h"
#include "wiretale/compare.h"

enum { A = 1, B = 2, BOTH = 3, PASSED = 96, THERE = 7, BACK = 5, MS = 1000000 };

/* One packet at one place. */
struct passed {
    int64_t ns;
    uint32_t seq, ack;
    uint8_t side, flags, ttl, conversation;
    uint16_t mss;
    uint8_t *bytes; /* of its own */
    size_t n;
    bool absent;
};

struct place_seen {
    struct passed list[PASSED];
    size_t n;
    uint32_t shift[2];             /* added to the sequence numbers of a side */
    uint32_t client_ip, server_ip; /* server_ip 0: 192.0.2.80 */
    uint16_t client_port;
    int64_t clock;     /* ahead */
    size_t snaplen;    /* 0: whole */
    bool window_scale; /* the SYNs have that option, too */
};

struct places {
    struct place_seen at[2];
    uint32_t next[2];
    uint8_t conversation;
    int64_t now;
    uint32_t noise;
};

static inline void begin(struct places *s)
{
    memset(s, 0, sizeof *s);
    for (unsigned k = 0; k < 2; k++) {
        s->at[k].client_ip = 0xc000020a;
        s->at[k].client_port = 40000;
    }
    s->next[WT_CLIENT] = 1000;
    s->next[WT_SERVER] = 500000;
    s->now = 1000000000ll * MS;
    s->noise = 1;
}

static inline void end(struct places *s)
{
    for (unsigned k = 0; k < 2; k++)
        for (size_t i = 0; i < s->at[k].n; i++)
            free(s->at[k].list[i].bytes);
}

/* A segment that `places` see; gives its index, which is the same at both. */
static inline size_t send_to(struct places *s, unsigned places, unsigned side, unsigned flags, const void *bytes,
                             size_t n)
{
    size_t at = s->at[0].n;
    assert_in_range(at, 0, PASSED - 1);
    assert_int_equal(at, s->at[1].n);
    for (unsigned k = 0; k < 2; k++) {
        bool far = (k == 1) == (side == WT_CLIENT); /* it has come through the routers */
        struct passed *p = &s->at[k].list[s->at[k].n++];
        *p = (struct passed){.ns = s->now + (far ? (side == WT_CLIENT ? THERE : BACK) * MS : 0),
                             .seq = s->next[side],
                             .ack = s->next[1 - side],
                             .side = (uint8_t)side,
                             .flags = (uint8_t)flags,
                             .ttl = far ? 61 : 64,
                             .conversation = s->conversation,
                             .mss = flags & WT_TCP_SYN ? 1460 : 0,
                             .bytes = malloc(n + 1),
                             .n = n,
                             .absent = !(places & 1u << k)};
        assert_non_null(p->bytes);
        if (n)
            memcpy(p->bytes, bytes, n);
    }
    s->next[side] += (uint32_t)n + (flags & WT_TCP_SYN ? 1 : 0) + (flags & WT_TCP_FIN ? 1 : 0);
    s->now += 20 * MS;
    return at;
}

static inline size_t send_both(struct places *s, unsigned side, unsigned flags, const void *bytes, size_t n)
{
    return send_to(s, BOTH, side, flags, bytes, n);
}

/* Bytes as if encrypted: they repeat nothing. */
static inline void noise(struct places *s, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s->noise = s->noise * 1664525u + 1013904223u;
        out[i] = (uint8_t)(s->noise >> 24);
    }
}

static inline size_t send_data(struct places *s, unsigned side, size_t n)
{
    uint8_t bytes[2048] = {WT_CONTENT_APPLICATION_DATA, 3, 3, (uint8_t)((n - 5) >> 8), (uint8_t)(n - 5)};
    assert_in_range(n, 5, sizeof bytes);
    noise(s, bytes + 5, n - 5);
    return send_both(s, side, WT_TCP_ACK, bytes, n);
}

static inline size_t send_flight(struct places *s, unsigned side, struct flight *f)
{
    size_t at = send_both(s, side, WT_TCP_ACK, f->b.p, f->b.n);
    wt_buffer_free(&f->b);
    return at;
}

/* Where each part of talk() stands. */
enum { SYN, SYN_ACK, ACK, CLIENT_HELLO, SERVER_FLIGHT, CLIENT_FLIGHT, SERVER_FINISHED, REQUEST, ANSWER, MORE, FINS };

static inline void open_tcp(struct places *s)
{
    send_both(s, WT_CLIENT, WT_TCP_SYN, NULL, 0);
    send_both(s, WT_SERVER, WT_TCP_SYN | WT_TCP_ACK, NULL, 0);
    send_both(s, WT_CLIENT, WT_TCP_ACK, NULL, 0);
}

static inline void close_tcp(struct places *s)
{
    send_both(s, WT_CLIENT, WT_TCP_FIN | WT_TCP_ACK, NULL, 0);
    send_both(s, WT_SERVER, WT_TCP_FIN | WT_TCP_ACK, NULL, 0);
    send_both(s, WT_CLIENT, WT_TCP_ACK, NULL, 0);
}

static inline void shake(struct places *s)
{
    struct flight f = {{0}};
    const struct hello h = {.sni = "www.example.com"};
    client_hello(&f, h);
    send_flight(s, WT_CLIENT, &f);
    server_hello(&f, h);
    certificate(&f);
    server_key_exchange(&f);
    server_hello_done(&f);
    send_flight(s, WT_SERVER, &f);
    client_key_exchange(&f);
    change_cipher_spec(&f);
    uint8_t finished[45] = {WT_CONTENT_HANDSHAKE, 3, 3, 0, 40};
    noise(s, finished + 5, 40);
    wt_buffer_add(&f.b, finished, sizeof finished);
    send_flight(s, WT_CLIENT, &f);
    change_cipher_spec(&f);
    noise(s, finished + 5, 40);
    wt_buffer_add(&f.b, finished, sizeof finished);
    send_flight(s, WT_SERVER, &f);
}

static inline void talk(struct places *s)
{
    open_tcp(s);
    shake(s);
    send_data(s, WT_CLIENT, 300);
    send_data(s, WT_SERVER, 1200);
    send_data(s, WT_SERVER, 900);
    close_tcp(s);
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

struct told {
    unsigned connections;
    struct wt_compared c; /* the last one; no pointer of it holds */
    size_t count;
    struct {
        char id[32], text[700];
        uint8_t from, severity;
        bool probable, has_range;
        uint32_t frame[2];
        uint64_t offset, length;
    } differences[64];
    char ids[1024]; /* of all, a blank behind each */
    char text[16384], json[16384];
    uint64_t left_out;
};

static inline bool append(void *context, const char *bytes, size_t n)
{
    char *to = context;
    size_t at = strlen(to);
    if (at + n >= 16384)
        n = 16383 - at;
    memcpy(to + at, bytes, n);
    to[at + n] = 0;
    return true;
}

static inline void on_compared(void *context, const struct wt_compared *c)
{
    struct told *t = context;
    const struct wt_text_options look = {.size = sizeof look, .columns = 100};
    t->connections++;
    t->c = *c;
    for (size_t i = 0; i < c->difference_count && t->count < 64; i++, t->count++) {
        const struct wt_compare_difference *d = &c->differences[i];
        (void)snprintf(t->differences[t->count].id, 32, "%s", d->id);
        (void)snprintf(t->differences[t->count].text, 700, "%s", d->text);
        t->differences[t->count].from = d->from;
        t->differences[t->count].severity = d->severity;
        t->differences[t->count].probable = d->probable;
        t->differences[t->count].has_range = d->has_range;
        t->differences[t->count].offset = d->offset;
        t->differences[t->count].length = d->length;
        memcpy(t->differences[t->count].frame, d->frame, sizeof d->frame);
        if (strlen(t->ids) + strlen(d->id) + 2 < sizeof t->ids)
            strcat(strcat(t->ids, d->id), " ");
    }
    struct wt_output output = {append, t->text, false};
    wt_report_text_compared(&output, c, &look);
    output.context = t->json;
    wt_report_json_compared(&output, c);
}

static inline uint8_t *put(uint8_t *p, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        p[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return p + bytes;
}

/* IPv4 and TCP, without a link layer. */
static inline size_t frame_of(const struct place_seen *at, const struct passed *p, uint8_t *out)
{
    const uint32_t server = at->server_ip ? at->server_ip : 0xc0000250, client = at->client_ip;
    unsigned head = p->mss ? at->window_scale ? 28 : 24 : 20;
    uint16_t port = (uint16_t)(at->client_port + p->conversation);
    bool from_client = p->side == WT_CLIENT;
    memset(out, 0, 48);
    put(out, 0x4500, 2);
    put(out + 2, 20 + head + p->n, 2);
    out[8] = p->ttl;
    out[9] = 6;
    put(out + 12, from_client ? client : server, 4);
    put(out + 16, from_client ? server : client, 4);
    uint8_t *tcp = out + 20;
    put(tcp, from_client ? port : 443, 2);
    put(tcp + 2, from_client ? 443 : port, 2);
    put(tcp + 4, p->seq + at->shift[p->side], 4);
    put(tcp + 8, p->flags & WT_TCP_ACK ? p->ack + at->shift[1 - p->side] : 0, 4);
    tcp[12] = (uint8_t)(head / 4 << 4);
    tcp[13] = p->flags;
    if (p->mss)
        put(tcp + 20, 0x02040000u | p->mss, 4);
    if (head == 28)
        put(tcp + 24, 0x01030307, 4);
    memcpy(tcp + head, p->bytes, p->n);
    return 20 + head + p->n;
}

static inline void feed(struct wt_compare *c, unsigned side, const struct place_seen *at)
{
    uint8_t room[4096];
    struct wt_packet packet = {.link = 101};
    for (size_t i = 0; i < at->n; i++) {
        const struct passed *p = &at->list[i];
        if (p->absent)
            continue;
        size_t n = frame_of(at, p, room);
        packet.frame++;
        packet.time = (struct wt_time){p->ns + at->clock, 9};
        packet.original = (uint32_t)n;
        packet.length = (uint32_t)(at->snaplen && at->snaplen < n ? at->snaplen : n);
        packet.data = room;
        wt_compare_packet(c, side, &packet);
    }
}

/* `first` is the capture that comes first on the command line. */
static inline void compare_as(struct told *t, const struct places *s, unsigned first)
{
    struct wt_compare *c = wt_compare_new();
    assert_non_null(c);
    memset(t, 0, sizeof *t);
    feed(c, 0, &s->at[first]);
    feed(c, 1, &s->at[1 - first]);
    wt_compare_finish(c, on_compared, t);
    t->left_out = wt_compare_left_out(c);
    wt_compare_free(c);
}

static inline void compare(struct told *t, const struct places *s)
{
    compare_as(t, s, 0);
}

/* Packet number of what has this index at a place. */
static inline uint32_t number_of(const struct place_seen *at, size_t index)
{
    uint32_t n = 0;
    for (size_t i = 0; i <= index; i++)
        n += !at->list[i].absent;
    return n;
}

/* Bytes of a packet at one place are replaced: `less` of them at `offset` by others. What the side sends behind them
 * moves, as with a box that rewrites. */
static inline void rewrite(struct places *s, unsigned place, size_t index, size_t offset, size_t less,
                           const void *bytes, size_t n)
{
    struct place_seen *at = &s->at[place];
    struct passed *p = &at->list[index];
    uint8_t *now = malloc(p->n + n + 1);
    assert_non_null(now);
    assert_in_range(offset + less, 0, p->n);
    memcpy(now, p->bytes, offset);
    memcpy(now + offset, bytes, n);
    memcpy(now + offset + n, p->bytes + offset + less, p->n - offset - less);
    free(p->bytes);
    p->bytes = now;
    p->n = p->n - less + n;
    for (size_t i = index + 1; i < at->n; i++) {
        if (at->list[i].side == p->side)
            at->list[i].seq += (uint32_t)n - (uint32_t)less;
        else
            at->list[i].ack += (uint32_t)n - (uint32_t)less;
    }
}

static inline const void *find_in(const struct passed *p, const char *text)
{
    return memmem(p->bytes, p->n, text, strlen(text));
}

static inline size_t where_in(const struct passed *p, const char *text)
{
    const uint8_t *at = find_in(p, text);
    assert_non_null(at);
    return (size_t)(at - p->bytes);
}

/* The only difference of this kind. */
static inline int only_one(const struct told *t, const char *id)
{
    int found = -1;
    for (size_t i = 0; i < t->count; i++)
        if (strcmp(t->differences[i].id, id) == 0) {
            assert_int_equal(found, -1);
            found = (int)i;
        }
    if (found < 0)
        fail_msg("no %s in: %s", id, t->ids);
    return found;
}

#endif
