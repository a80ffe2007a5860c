#include "datagrams.h"

#include "registry/registry.h"
#include "wiretale/keys.h"

#include <inttypes.h>

enum { HEADS = 28, LINKTYPE_RAW = 101 };

/* --- what is told ------------------------------------------------------------------------------------------------- */

static void hex_of(char *out, struct wt_span s)
{
    for (size_t i = 0; i < s.n; i++)
        (void)sprintf(out + 2 * i, "%02x", s.p[i]);
    out[2 * s.n] = 0;
}

static void take_story(struct told *t, const struct wt_dtls_story *d)
{
    t->dtls = *d;
    hex_of(t->cookie, d->cookie);
    hex_of(t->client_cid, d->client_cid);
    hex_of(t->server_cid, d->server_cid);
    (void)snprintf(t->inside, sizeof t->inside, "%s", d->inside ? d->inside : "");
    for (size_t i = 0; i < d->list_count && i < sizeof t->list / sizeof *t->list; i++)
        t->list[i] = d->list[i];
}

static void take(void *context, const struct wt_connection *c)
{
    struct world *w = context;
    if (w->told_count >= TOLD_MOST || !c->dtls)
        return;
    struct told *t = &w->told[w->told_count++];
    t->c = *c;
    take_story(t, c->dtls);
    (void)snprintf(t->ja4, sizeof t->ja4, "%s", c->ja4 ? c->ja4 : "");
    (void)snprintf(t->ja4_string, sizeof t->ja4_string, "%s", c->ja4_string ? c->ja4_string : "");
    (void)snprintf(t->sni, sizeof t->sni, "%.*s", (int)c->sni.n, c->sni.n ? (const char *)c->sni.p : "");
    for (size_t i = 0; i < c->message_count && i < MESSAGES_MOST; i++) {
        const struct wt_message *m = &c->messages[i];
        t->messages[i].from = m->from;
        t->messages[i].content_type = m->content_type;
        t->messages[i].type = m->type;
        t->messages[i].flags = m->flags;
        t->messages[i].message_seq = m->message_seq;
        t->messages[i].records = m->records;
        t->messages[i].frame = m->frame;
        t->messages[i].length = m->length;
        t->messages[i].epoch = m->epoch;
        for (size_t k = 0; k < m->piece_count && k < PIECES_MOST; k++) {
            const struct wt_message_piece *p = &m->pieces[k];
            assert_int_equal(p->place_count, 1);
            t->messages[i].pieces[k] = (struct told_piece){p->places[0], p->record, p->inside, p->length, p->opened};
            t->messages[i].piece_count = k + 1;
        }
        t->message_count = i + 1;
    }
    for (size_t i = 0; i < c->finding_count && i < FINDINGS_MOST; i++) {
        (void)snprintf(t->findings[i], sizeof t->findings[i], "%s", c->findings[i].id);
        (void)snprintf(t->text[i], sizeof t->text[i], "%s", c->findings[i].text);
        t->finding_frame[i] = c->findings[i].frame;
        t->finding_count = i + 1;
    }
}

static void hear(void *context, const struct wt_plaintext *p)
{
    struct world *w = context;
    assert_true(wt_buffer_add(&w->said[p->from], p->bytes.p, p->bytes.n));
}

void world_begin(struct world *w, const char *keylog)
{
    *w = (struct world){.now = INT64_C(1700000000000000000), .client_port = CLIENT_PORT};
    if (keylog) {
        w->keys = wt_keys_new(NULL, NULL);
        assert_non_null(w->keys);
        struct wt_keys_log *log = wt_keys_log_open(w->keys, "keys", false);
        assert_non_null(log);
        wt_keys_log_feed(log, keylog, strlen(keylog));
        wt_keys_log_close(log);
    }
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = take,
                                                .context = w,
                                                .keep_messages = true,
                                                .max_memory = 1u << 30,
                                                .keys = w->keys,
                                                .plaintext = w->keys ? hear : NULL};
    w->observer = wt_observer_new(&options, NULL);
    assert_non_null(w->observer);
    wt_observer_file(w->observer, "capture");
}

const struct told *world_finish(struct world *w)
{
    wt_observer_finish(w->observer);
    const struct wt_summary *s = wt_observer_summary(w->observer);
    for (size_t i = 0; i < s->undecoded_count; i++)
        w->lost += s->undecoded[i].count;
    return w->told_count ? &w->told[0] : NULL;
}

void world_end(struct world *w)
{
    wt_observer_free(w->observer);
    wt_keys_free(w->keys);
    wt_buffer_free(&w->said[0]);
    wt_buffer_free(&w->said[1]);
}

/* --- packets ------------------------------------------------------------------------------------------------------ */

static void put(uint8_t *p, uint32_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

void send_cut(struct world *w, unsigned from, struct wt_span bytes, size_t kept)
{
    uint8_t *p = calloc(1, HEADS + bytes.n);
    assert_non_null(p);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(HEADS + bytes.n), 2);
    p[8] = 64;
    p[9] = 17;
    put(p + 12, 0xc0000201 + from, 4);
    put(p + 16, 0xc0000201 + !from, 4);
    put(p + 20, from ? SERVER_PORT : w->client_port, 2);
    put(p + 22, from ? w->client_port : SERVER_PORT, 2);
    put(p + 24, (uint32_t)(8 + bytes.n), 2);
    memcpy(p + HEADS, bytes.p, bytes.n);
    /* exactly as long, for who looks for bytes read beyond */
    uint8_t *exact = malloc(HEADS + kept);
    assert_non_null(exact);
    memcpy(exact, p, HEADS + kept);
    const struct wt_packet packet = {.frame = ++w->frame,
                                     .link = LINKTYPE_RAW,
                                     .time = {w->now += 1000000, 6},
                                     .length = (uint32_t)(HEADS + kept),
                                     .original = (uint32_t)(HEADS + bytes.n),
                                     .data = exact};
    wt_observer_packet(w->observer, &packet);
    free(exact);
    free(p);
}

void send_bytes(struct world *w, unsigned from, struct wt_span bytes)
{
    send_cut(w, from, bytes, bytes.n);
}

void send_buffer(struct world *w, unsigned from, struct wt_buffer *bytes)
{
    send_bytes(w, from, wt_buffer_span(bytes));
    bytes->n = 0;
}

/* --- records ------------------------------------------------------------------------------------------------------ */

void record(struct wt_buffer *out, uint8_t type, uint16_t version, uint16_t epoch, uint64_t sequence,
            struct wt_span content)
{
    uint8_t room[13];
    struct wt_writer writer = wt_writer_start(room, sizeof room);
    const struct wt_dtls_record in = {.type = type, .version = version, .epoch = epoch, .sequence = sequence};
    wt_dtls_record_write(&writer, &in, content.n);
    struct wt_span header;
    assert_int_equal(wt_writer_done(&writer, &header), WT_OK);
    assert_true(wt_buffer_add(out, header.p, header.n));
    assert_true(wt_buffer_add(out, content.p, content.n));
}

void fragment(struct wt_buffer *out, uint8_t type, uint16_t message_seq, struct wt_span body, size_t at, size_t n)
{
    uint8_t *room = malloc(12 + n);
    assert_non_null(room);
    struct wt_writer writer = wt_writer_start(room, 12 + n);
    const struct wt_dtls_fragment in = {.type = type,
                                        .length = (uint32_t)body.n,
                                        .message_seq = message_seq,
                                        .fragment_offset = (uint32_t)at,
                                        .bytes = wt_span_cut(body, at, n)};
    wt_dtls_fragment_write(&writer, &in);
    struct wt_span all;
    assert_int_equal(wt_writer_done(&writer, &all), WT_OK);
    assert_true(wt_buffer_add(out, all.p, all.n));
    free(room);
}

void handshake(struct wt_buffer *out, uint64_t sequence, uint8_t type, uint16_t message_seq, struct wt_span body)
{
    struct wt_buffer content = {0};
    fragment(&content, type, message_seq, body, 0, body.n);
    record(out, WT_CONTENT_HANDSHAKE, WT_DTLS12, 0, sequence, wt_buffer_span(&content));
    wt_buffer_free(&content);
}

static void add(struct wt_buffer *b, const void *p, size_t n)
{
    assert_true(wt_buffer_add(b, p, n));
}

static void add16(struct wt_buffer *b, unsigned v)
{
    const uint8_t two[2] = {(uint8_t)(v >> 8), (uint8_t)v};
    add(b, two, 2);
}

static void add_extensions(struct wt_buffer *b, struct wt_span extensions)
{
    if (!extensions.n)
        return;
    add16(b, (unsigned)extensions.n);
    add(b, extensions.p, extensions.n);
}

struct wt_span client_hello(struct wt_buffer *room, uint8_t random, const char *cookie, struct wt_span extensions)
{
    uint8_t randoms[32];
    const uint8_t none = 0, cookie_n = (uint8_t)strlen(cookie);
    memset(randoms, random, sizeof randoms);
    room->n = 0;
    add16(room, WT_DTLS12);
    add(room, randoms, sizeof randoms);
    add(room, &none, 1);
    add(room, &cookie_n, 1);
    add(room, cookie, cookie_n);
    add(room, "\0\6\x13\x01\xc0\x2b\x00\x9c\1\0", 10);
    add_extensions(room, extensions);
    return wt_buffer_span(room);
}

struct wt_span server_hello(struct wt_buffer *room, uint16_t suite, struct wt_span extensions)
{
    uint8_t random[32];
    memset(random, 0x53, sizeof random);
    room->n = 0;
    add16(room, WT_DTLS12);
    add(room, random, sizeof random);
    add(room, "\0", 1);
    add16(room, suite);
    add(room, "\0", 1);
    add_extensions(room, extensions);
    return wt_buffer_span(room);
}

struct wt_span verify_request(struct wt_buffer *room, const char *cookie)
{
    const uint8_t n = (uint8_t)strlen(cookie);
    room->n = 0;
    add16(room, WT_DTLS10);
    add(room, &n, 1);
    add(room, cookie, n);
    return wt_buffer_span(room);
}

/* --- what was told ------------------------------------------------------------------------------------------------ */

int finding(const struct told *t, const char *id)
{
    for (size_t i = 0; i < t->finding_count; i++)
        if (strcmp(t->findings[i], id) == 0)
            return (int)i;
    return -1;
}

const char *messages_of(const struct told *t)
{
    static char text[4096];
    size_t n = 0;
    text[0] = 0;
    for (size_t i = 0; i < t->message_count; i++) {
        const bool typed =
            t->messages[i].flags & WT_MESSAGE_TYPED && t->messages[i].content_type == WT_CONTENT_HANDSHAKE;
        const char *name = typed ? wt_registry_name(WT_REG_HANDSHAKE_TYPE, t->messages[i].type)
                                 : wt_registry_name(WT_REG_CONTENT_TYPE, t->messages[i].content_type);
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%c%s", n ? ", " : "",
                              t->messages[i].from == WT_CLIENT ? '>' : '<', name);
        if (typed)
            n += (size_t)snprintf(text + n, sizeof text - n, " %u", t->messages[i].message_seq);
    }
    return text;
}
