/* Reads one capture: the observer makes its stories, and beside it the segments are written down. */
#include "base/array.h"
#include "base/memory.h"
#include "capture/fragment.h"
#include "compare/compare.h"
#include "compare/match.h"
#include "compare/pair.h"
#include "registry/limits.h"
#include "registry/registry.h"

#include <stdlib.h>
#include <sys/random.h>

#define FIRST_SLOTS 1024u

/* --- conversations ------------------------------------------------------------------------------------------------ */

static bool same_end(const struct wt_address *a, const struct wt_address *b)
{
    return a->port == b->port && memcmp(a->ip, b->ip, 16) == 0;
}

/* Which end of a conversation sends from `from` to `to`; -1 when it is another conversation. */
static int end_of(const struct wt_conversation_seen *c, const struct wt_address *from, const struct wt_address *to)
{
    if (same_end(&c->end[0], from) && same_end(&c->end[1], to))
        return 0;
    return same_end(&c->end[1], from) && same_end(&c->end[0], to) ? 1 : -1;
}

static uint32_t *slot_of(const struct wt_seen_capture *k, const struct wt_address *from, const struct wt_address *to)
{
    uint64_t h = wt_compare_hash_ends(from, to, k->key);
    for (;; h++) {
        uint32_t *slot = &k->slots[h & k->mask];
        if (*slot == 0 || end_of(k->list[*slot - 1], from, to) >= 0)
            return slot;
    }
}

static bool grow(struct wt_seen_capture *k)
{
    uint32_t slots = k->slots ? 2 * (k->mask + 1) : FIRST_SLOTS;
    void *list = wt_realloc(k->list, slots / 2 * sizeof(void *));
    if (list)
        k->list = list;
    uint32_t *table = list ? wt_calloc(slots, sizeof *table) : NULL;
    if (!table)
        return false;
    free(k->slots);
    k->slots = table;
    k->mask = slots - 1;
    k->capacity = slots / 2;
    for (uint32_t i = 0; i < k->count; i++) /* of those with the same ends the newest stays */
        *slot_of(k, &k->list[i]->end[0], &k->list[i]->end[1]) = i + 1;
    return true;
}

static struct wt_conversation_seen *begin(struct wt_seen_capture *k, const struct wt_address *from,
                                          const struct wt_address *to)
{
    if (k->count >= WT_LIMIT_COMPARE_CONVERSATIONS || (k->count == k->capacity && !grow(k)) || !k->slots)
        return NULL;
    struct wt_conversation_seen *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    uint32_t *slot = slot_of(k, from, to);
    c->end[0] = *from;
    c->end[1] = *to;
    c->older = *slot;
    k->list[k->count] = c;
    *slot = ++k->count;
    return c;
}

/* A SYN with another number, when the one before was used, begins a new conversation between the same ends. */
static bool begins_anew(const struct wt_conversation_seen *c, unsigned end, const struct wt_segment *s)
{
    const struct wt_seen_stream *stream = &c->stream[end];
    if ((s->flags & (WT_TCP_SYN | WT_TCP_ACK)) != WT_TCP_SYN || !stream->started)
        return false;
    return !stream->syn || stream->reference != s->sequence + 1;
}

/* --- streams ------------------------------------------------------------------------------------------------------ */

static void cover(struct wt_conversation_seen *v, struct wt_seen_ranges *r, uint32_t from, uint32_t to)
{
    uint32_t i = r->count, last;
    while (i > 0 && r->list[i - 1].to >= from)
        i--; /* list[i] is the first that touches or comes after */
    for (last = i; last < r->count && r->list[last].from <= to; last++) {
        from = r->list[last].from < from ? r->list[last].from : from;
        to = r->list[last].to > to ? r->list[last].to : to;
    }
    if (last == i) {
        if (!wt_array_grow_within(&r->list, r->count, &r->capacity, sizeof *r->list, 4, WT_LIMIT_COMPARE_RANGES)) {
            v->cut = v->fewer = true;
            return;
        }
        memmove(&r->list[i + 1], &r->list[i], (r->count - i) * sizeof *r->list);
        r->count++;
    } else if (last > i + 1) {
        memmove(&r->list[i + 1], &r->list[last], (r->count - last) * sizeof *r->list);
        r->count -= last - i - 1;
    }
    r->list[i] = (struct wt_seen_range){from, to};
}

/* Bytes come into the place that is theirs; what was there first stays. False: there is no room for them. */
static bool keep(struct wt_compare *c, struct wt_seen_stream *s, uint32_t at, struct wt_span bytes)
{
    size_t until = at + bytes.n;
    s->longer |= until > WT_LIMIT_COMPARE_STREAM;
    if (at >= WT_LIMIT_COMPARE_STREAM)
        return true;
    if (until > WT_LIMIT_COMPARE_STREAM)
        until = WT_LIMIT_COMPARE_STREAM;
    if (until > s->bytes.n) {
        size_t more = until - s->bytes.n;
        uint8_t *room = c->stream_bytes + more <= WT_LIMIT_COMPARE_BYTES ? wt_buffer_room(&s->bytes, more) : NULL;
        if (!room)
            return false;
        memset(room, 0, more);
        s->bytes.n = until;
        c->stream_bytes += more;
    }
    const struct wt_seen_ranges *r = &s->kept;
    for (uint32_t i = 0, p = at; p < until; p++) {
        while (i < r->count && r->list[i].to <= p)
            i++;
        if (i < r->count && r->list[i].from <= p)
            p = r->list[i].to - 1; /* they are there */
        else
            s->bytes.p[p] = bytes.p[p - at];
    }
    return true;
}

static uint16_t mss_of(struct wt_span o)
{
    for (size_t i = 0; i + 1 < o.n && o.p[i] != 0;) {
        if (o.p[i] == 1) {
            i++;
            continue;
        }
        if (o.p[i] == 2 && o.p[i + 1] == 4 && i + 4 <= o.n)
            return wt_get16(o.p + i + 2);
        i += o.p[i + 1] < 2 ? o.n : o.p[i + 1];
    }
    return 0;
}

static void stream_segment(struct wt_compare *c, struct wt_conversation_seen *v, unsigned end,
                           const struct wt_segment *s)
{
    struct wt_seen_stream *stream = &v->stream[end], *back = &v->stream[1 - end];
    uint32_t sequence = s->sequence + ((s->flags & WT_TCP_SYN) != 0);
    if (s->flags & WT_TCP_RST)
        return; /* its number may be anything */
    if (!stream->started) {
        stream->started = true;
        stream->reference = sequence;
    }
    if (s->flags & WT_TCP_SYN && !stream->syn) {
        stream->syn = true;
        stream->options = wt_arena_copy(&c->arena, s->options);
        v->cut = v->cut || !stream->options.p;
        stream->mss = mss_of(s->options);
    }
    if (s->flags & WT_TCP_ACK && back->started) {
        uint32_t acked = s->acknowledgment - back->reference;
        if (acked < 1u << 30 && (!back->has_ack || acked > back->acked)) {
            back->acked = acked;
            back->has_ack = true;
        }
    }
    uint32_t at = sequence - stream->reference;
    if (at >= 1u << 31) { /* before the first that was seen */
        v->cut = v->cut || s->length > 0;
        return;
    }
    if (at + s->length + s->missing > stream->reached)
        stream->reached = at + s->length + s->missing;
    if (s->flags & WT_TCP_FIN) {
        stream->fin = true;
        stream->end = at + s->length + s->missing;
    }
    /* a keep-alive may carry a byte that is none of the stream's (RFC 9293, 3.8.4: "one garbage octet") */
    if (s->length == 1 && stream->has_ack && at < stream->acked && !(s->flags & (WT_TCP_SYN | WT_TCP_FIN)))
        return;
    stream->cut += s->missing;
    if (s->length + s->missing)
        cover(v, &stream->passed, at, at + s->length + s->missing);
    if (s->length) {
        if (keep(c, stream, at, wt_span_of(s->data, s->length)))
            cover(v, &stream->kept, at, at + s->length);
        else
            v->cut = true;
    }
}

/* --- segments ----------------------------------------------------------------------------------------------------- */

/* Times are what a file says: within these bounds (1970 to 2116) the difference of two differences is a number. */
static int64_t bounded(int64_t ns)
{
    const int64_t most = INT64_MAX / 2;
    return ns < 0 ? 0 : ns > most ? most : ns;
}

static void note(struct wt_compare *c, struct wt_conversation_seen *v, unsigned end, const struct wt_packet *packet,
                 const struct wt_segment *s)
{
    if (c->segments >= WT_LIMIT_COMPARE_SEGMENTS ||
        !wt_array_grow(&v->segments, v->count, &v->capacity, sizeof *v->segments, 16)) {
        v->cut = v->fewer = true;
        return;
    }
    c->segments++;
    v->segments[v->count++] = (struct wt_seen_segment){
        .ns = bounded(packet->time.ns),
        .frame = packet->frame,
        .sequence = s->sequence,
        .acknowledgment = s->acknowledgment,
        .length = s->length + s->missing,
        .flags = s->flags,
        .ttl = s->ttl,
        .end = (uint8_t)end,
    };
}

static void segment(struct wt_seen_capture *k, const struct wt_packet *packet, const struct wt_segment *s)
{
    struct wt_address from = {.port = s->source_port}, to = {.port = s->target_port};
    struct wt_conversation_seen *v = NULL;
    memcpy(from.ip, s->source, 16);
    memcpy(to.ip, s->target, 16);
    uint32_t slot = k->slots ? *slot_of(k, &from, &to) : 0;
    int end = 0;
    if (slot) {
        v = k->list[slot - 1];
        end = end_of(v, &from, &to);
    }
    if (!v || begins_anew(v, (unsigned)end, s)) {
        v = begin(k, &from, &to);
        end = 0;
        if (!v) {
            k->compare->left_out++;
            return;
        }
        v->first_frame = packet->frame;
    }
    v->last_frame = packet->frame;
    if (s->flags & WT_TCP_SYN && !v->client_known) {
        v->client = (uint8_t)(s->flags & WT_TCP_ACK ? 1 - end : end);
        v->client_known = v->client_sure = true;
    }
    note(k->compare, v, (unsigned)end, packet, s);
    stream_segment(k->compare, v, (unsigned)end, s);
}

/* --- stories ------------------------------------------------------------------------------------------------------ */

static bool is_kept(const struct wt_message *m)
{
    return m->body.n && !(m->flags & (WT_MESSAGE_ENCRYPTED | WT_MESSAGE_AFTER_GAP | WT_MESSAGE_CUT)) &&
           (m->content_type == WT_CONTENT_HANDSHAKE || m->content_type == WT_CONTENT_ALERT);
}

/* Empty where there is no room. */
static struct wt_span copy(struct wt_compare *c, struct wt_seen_tls *t, struct wt_span s)
{
    struct wt_span kept = s.n ? wt_arena_copy(&c->arena, s) : wt_span_of(NULL, 0);
    t->cut = t->cut || kept.n != s.n;
    return kept;
}

static void keep_messages(struct wt_compare *c, struct wt_seen_tls *t, const struct wt_connection *told)
{
    size_t n = 0;
    for (size_t i = 0; i < told->message_count; i++)
        n += is_kept(&told->messages[i]);
    if (n > WT_LIMIT_COMPARE_MESSAGES) {
        n = WT_LIMIT_COMPARE_MESSAGES;
        t->cut = true;
    }
    t->messages = n ? wt_arena_alloc(&c->arena, n * sizeof *t->messages) : NULL;
    t->cut = t->cut || (n && !t->messages);
    for (size_t i = 0; t->messages && i < told->message_count && t->count < n; i++) {
        const struct wt_message *m = &told->messages[i];
        if (!is_kept(m))
            continue;
        struct wt_seen_message *k = &t->messages[t->count];
        *k = (struct wt_seen_message){m->frame, m->from,  m->content_type,    m->type,
                                      m->flags, m->shape, copy(c, t, m->body)};
        if (!k->body.n)
            return;
        t->count++;
        /* both hellos: version(2), random(32) */
        bool hello = m->content_type == WT_CONTENT_HANDSHAKE && !(m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_RETRY)) &&
                     m->type == (m->from == WT_CLIENT ? WT_HANDSHAKE_CLIENT_HELLO : WT_HANDSHAKE_SERVER_HELLO);
        if (hello && !t->has_random[m->from] && m->body.n >= 34) {
            t->has_random[m->from] = true;
            memcpy(t->random[m->from], m->body.p + 2, 32);
        }
    }
}

/* When the ClientHello was sent: by the first segment of its packet. */
static int64_t asked_at(const struct wt_conversation_seen *v, const struct wt_seen_tls *t)
{
    uint32_t frame = 0;
    for (size_t i = 0; t->messages && i < t->count && !frame; i++)
        if (t->messages[i].from == WT_CLIENT)
            frame = t->messages[i].frame;
    for (uint32_t i = 0; frame && t->has_random[WT_CLIENT] && i < v->count; i++)
        if (v->segments[i].frame == frame)
            return v->segments[i].ns;
    return 0;
}

static void on_story(void *context, const struct wt_connection *told)
{
    struct wt_seen_capture *k = context;
    struct wt_compare *c = k->compare;
    uint32_t slot = k->slots ? *slot_of(k, &told->client, &told->server) : 0;
    struct wt_conversation_seen *v = slot ? k->list[slot - 1] : NULL;
    while (v && told->first_frame < v->first_frame)
        v = v->older ? k->list[v->older - 1] : NULL;
    if (!v || v->tls)
        return;
    struct wt_seen_tls *t = wt_calloc(1, sizeof *t); /* however little room there is: else it were no TLS */
    if (!t)
        return;
    t->stream = told->stream;
    t->sni = copy(c, t, told->sni);
    if (told->certificate_count[WT_SERVER] && told->certificates[WT_SERVER][0]->issuer) {
        const struct wt_certificate_facts *leaf = told->certificates[WT_SERVER][0];
        t->issuer = copy(c, t, wt_span_text(leaf->issuer));
        memcpy(t->leaf, leaf->sha256, sizeof t->leaf);
    }
    v->client = (uint8_t)(end_of(v, &told->client, &told->server) == 1);
    v->client_known = true;
    v->tls = t;
    keep_messages(c, t, told);
    t->asked_ns = asked_at(v, t);
    v->client_sure = v->client_sure || t->has_random[WT_CLIENT];
}

/* --- its life ----------------------------------------------------------------------------------------------------- */

struct wt_compare *wt_compare_new(void)
{
    struct wt_compare *c = wt_calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->arena.limit = WT_LIMIT_COMPARE_BYTES;
    for (unsigned i = 0; i < 2; i++) {
        struct wt_seen_capture *k = &c->capture[i];
        struct wt_observer_options o = {
            .size = sizeof o, .connection = on_story, .context = k, .keep_messages = true, .verify = WT_VERIFY_NONE};
        k->compare = c;
        if (getrandom(&k->key, sizeof k->key, GRND_NONBLOCK) != (ssize_t)sizeof k->key)
            k->key = (uint64_t)(uintptr_t)c;
        k->observer = wt_observer_new(&o, NULL);
        k->fragments = wt_fragments_new();
        if (!k->observer || !k->fragments) {
            wt_compare_free(c);
            return NULL;
        }
        wt_observer_file(k->observer, wt_pair_capture_name(i));
    }
    return c;
}

void wt_compare_packet(struct wt_compare *c, unsigned side, const struct wt_packet *packet)
{
    struct wt_seen_capture *k = &c->capture[side != 0];
    struct wt_segment s;
    enum wt_packet_reason reason = wt_packet_decode(k->fragments, packet, &s);
    for (;; reason = wt_packet_next(k->fragments, packet, &s)) {
        if (reason == WT_PACKET_TCP)
            segment(k, packet, &s);
        if (!(s.notes & WT_NOTE_MORE))
            break;
    }
    wt_observer_packet(k->observer, packet);
    int64_t ns = bounded(packet->time.ns);
    if (!k->any || ns < k->first)
        k->first = ns;
    if (!k->any || ns > k->last)
        k->last = ns;
    k->any = true;
}

uint64_t wt_compare_left_out(const struct wt_compare *c)
{
    return c->left_out;
}

void wt_compare_free(struct wt_compare *c)
{
    for (unsigned i = 0; c && i < 2; i++) {
        struct wt_seen_capture *k = &c->capture[i];
        wt_observer_free(k->observer);
        wt_fragments_free(k->fragments);
        for (uint32_t n = 0; n < k->count; n++) {
            for (unsigned end = 0; end < 2; end++) {
                free(k->list[n]->stream[end].passed.list);
                free(k->list[n]->stream[end].kept.list);
                wt_buffer_free(&k->list[n]->stream[end].bytes);
            }
            free(k->list[n]->tls);
            free(k->list[n]->segments);
            free(k->list[n]);
        }
        free(k->list);
        free(k->slots);
    }
    if (c)
        wt_arena_free(&c->arena);
    free(c);
}
