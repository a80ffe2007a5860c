#include "report/json/pattern.h"

#include "base/digits.h"
#include "base/fold.h"
#include "base/memory.h"
#include "base/span_hash.h"
#include "codec/codec.h"
#include "registry/limits.h"

#include <stdlib.h>

/* Bytes of the message that may be others, and where their text goes. */
struct hole {
    uint16_t at, n;  /* in the message */
    uint16_t before; /* bytes of text before it, after the hole before */
    bool number;
};

/* What a body is decoded by, beside its bytes. */
struct kind {
    struct wt_shape shape;
    uint32_t length;
    uint8_t type, from;
};

struct pattern {
    struct kind kind;
    uint8_t *bytes; /* the message's, then the text without what is in holes; NULL: none is kept here */
    uint16_t text;  /* bytes of that text */
    uint16_t most;  /* bytes that the whole text can have */
    uint16_t count;
    uint32_t used; /* when it was last */
    struct hole holes[WT_JSON_MARKS];
};

enum { WAYS = 4, SETS = WT_LIMIT_JSON_PATTERNS / WAYS, MISSED = 8 };

/* Messages of one kind share a set. A message is kept when it comes for the second time: of a stream in which each is
 * different nothing is. */
struct set {
    struct pattern ways[WAYS];
    uint64_t missed[MISSED]; /* the newest that were not known, without their holes, by hash */
    unsigned oldest;         /* of these */
};

struct wt_json_patterns {
    struct set sets[SETS];
    uint32_t clock;
};

struct wt_json_patterns *wt_json_patterns_new(void)
{
    return wt_calloc(1, sizeof(struct wt_json_patterns));
}

void wt_json_patterns_free(struct wt_json_patterns *patterns)
{
    for (size_t i = 0; patterns && i < SETS; i++)
        for (size_t k = 0; k < WAYS; k++)
            free(patterns->sets[i].ways[k].bytes);
    free(patterns);
}

static struct kind kind_of(const struct wt_message *m)
{
    return (struct kind){m->shape, (uint32_t)m->body.n, m->type, m->from};
}

static bool same_kind(const struct kind *a, const struct kind *b)
{
    return a->length == b->length && a->type == b->type && a->from == b->from && a->shape.version == b->shape.version &&
           a->shape.kx == b->shape.kx && a->shape.certificate_type == b->shape.certificate_type;
}

static struct set *set_of(struct wt_json_patterns *p, const struct kind *k)
{
    return &p->sets[(k->length ^ (uint32_t)k->type << 2 ^ k->shape.kx) % SETS];
}

/* Where opaque bytes decide how a message is read. A ServerHello's random makes it a HelloRetryRequest (RFC
 * 8446, 4.1.3), and a draft's form of it, without a session id, is told by trying. What a CompressedCertificate holds
 * is decoded. */
static bool may_be_kept(const struct wt_message *m)
{
    if (m->body.n > WT_LIMIT_JSON_PATTERN_BYTES ||
        m->flags & (WT_MESSAGE_SSL2 | WT_MESSAGE_MALFORMED | WT_MESSAGE_CUT) ||
        m->type == WT_HANDSHAKE_COMPRESSED_CERTIFICATE)
        return false;
    if (m->type != WT_HANDSHAKE_SERVER_HELLO)
        return true;
    return m->body.n > 2 + sizeof wt_hello_retry_random && wt_get16(m->body.p) <= WT_TLS12 &&
           memcmp(m->body.p + 2, wt_hello_retry_random, sizeof wt_hello_retry_random) != 0;
}

static bool matches(const struct pattern *p, struct wt_span body)
{
    size_t at = 0;
    for (size_t i = 0; i < p->count; i++) {
        const struct hole *h = &p->holes[i];
        if (memcmp(p->bytes + at, body.p + at, h->at - at) != 0)
            return false;
        at = (size_t)h->at + h->n;
    }
    return at == body.n || memcmp(p->bytes + at, body.p + at, body.n - at) == 0; /* an empty body has no address */
}

static char *put_hole(char *to, const struct hole *h, struct wt_span body)
{
    const struct wt_span bytes = wt_span_of(body.p + h->at, h->n);
    if (h->number)
        return wt_digits_decimal(to, wt_get32(bytes.p));
    *to++ = '"';
    to = wt_digits_hex(to, bytes);
    *to++ = '"';
    return to;
}

static void write(struct wt_json *j, const struct pattern *p, struct wt_span body)
{
    const uint8_t *text = p->bytes + body.n;
    char *const start = wt_json_room(j, p->most), *to = start;
    size_t left = p->text;
    for (size_t i = 0; i < p->count; i++) {
        const size_t n = p->holes[i].before;
        memcpy(to, text, n);
        to = put_hole(to + n, &p->holes[i], body);
        text += n;
        left -= n;
    }
    memcpy(to, text, left);
    wt_json_wrote(j, (size_t)(to + left - start));
}

bool wt_json_pattern_write(struct wt_json_patterns *patterns, struct wt_json *j, const struct wt_message *message)
{
    if (!may_be_kept(message))
        return false;
    const struct kind kind = kind_of(message);
    struct set *set = set_of(patterns, &kind);
    for (size_t i = 0; i < WAYS; i++) {
        struct pattern *p = &set->ways[i];
        if (!p->bytes || !same_kind(&p->kind, &kind) || !matches(p, message->body))
            continue;
        p->used = ++patterns->clock;
        write(j, p, message->body);
        return true;
    }
    return false;
}

bool wt_json_pattern_begin(struct wt_json *j, const struct wt_message *message, struct wt_json_marks *marks,
                           size_t *start)
{
    if (!may_be_kept(message))
        return false;
    *start = (size_t)(wt_json_room(j, WT_LIMIT_JSON_PATTERN_BYTES) - j->room);
    marks->count = 0;
    marks->lost = false;
    j->marks = marks;
    return true;
}

/* Of all that has to be the same. */
static uint64_t hash_of(const struct wt_message *m, const struct wt_json_marks *marks)
{
    size_t at = 0;
    uint64_t hash = m->shape.version;
    for (size_t i = 0; i < marks->count; i++) {
        const size_t to = (size_t)(marks->list[i].bytes.p - m->body.p);
        hash = wt_fold(hash + to, wt_span_hash(wt_span_cut(m->body, at, to - at)));
        at = to + marks->list[i].bytes.n;
    }
    return wt_fold(hash + m->type, wt_span_hash(wt_span_cut(m->body, at, SIZE_MAX)));
}

static bool was_missed(struct set *set, uint64_t hash)
{
    for (size_t i = 0; i < MISSED; i++)
        if (set->missed[i] == hash)
            return true;
    set->missed[set->oldest] = hash;
    set->oldest = (set->oldest + 1) % MISSED;
    return false;
}

/* In the place of the one that was used longest ago. */
static struct pattern *place_in(struct set *set)
{
    struct pattern *p = &set->ways[0];
    for (size_t i = 1; i < WAYS && p->bytes; i++)
        if (!set->ways[i].bytes || set->ways[i].used < p->used)
            p = &set->ways[i];
    return p;
}

/* The bytes and the text around the holes, in one block. */
static void keep(struct pattern *p, const struct wt_message *m, const char *text, size_t n,
                 const struct wt_json_marks *marks, size_t start)
{
    uint8_t *bytes = wt_malloc(m->body.n + n + 1), *to;
    if (!bytes)
        return;
    free(p->bytes);
    if (m->body.n)
        memcpy(bytes, m->body.p, m->body.n);
    *p = (struct pattern){.kind = kind_of(m), .bytes = bytes, .count = (uint16_t)marks->count, .most = (uint16_t)n};
    to = bytes + m->body.n;
    size_t at = 0;
    for (size_t i = 0; i < marks->count; i++) {
        const struct wt_json_mark *mark = &marks->list[i];
        const size_t before = mark->text - start - at;
        p->holes[i] = (struct hole){(uint16_t)(mark->bytes.p - m->body.p), (uint16_t)mark->bytes.n, (uint16_t)before,
                                    mark->number};
        p->most = (uint16_t)(p->most + (mark->number ? WT_DECIMAL_MOST : 0));
        memcpy(to, text + at, before);
        to += before;
        at += before + mark->n;
    }
    memcpy(to, text + at, n - at);
    p->text = (uint16_t)(to + (n - at) - (bytes + m->body.n));
}

void wt_json_pattern_end(struct wt_json_patterns *patterns, struct wt_json *j, const struct wt_message *message,
                         size_t start, bool whole)
{
    const struct wt_json_marks *marks = j->marks;
    j->marks = NULL;
    if (!whole || marks->lost || message->body.n + (j->n - start) > WT_LIMIT_JSON_PATTERN_BYTES)
        return;
    const struct kind kind = kind_of(message);
    struct set *set = set_of(patterns, &kind);
    if (!was_missed(set, hash_of(message, marks)))
        return;
    struct pattern *p = place_in(set);
    keep(p, message, j->room + start, j->n - start, marks, start);
    p->used = ++patterns->clock;
}
