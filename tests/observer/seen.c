#include "seen.h"

#include "conclusions.h"

#include "capture/packet.h"

enum { LINKTYPE_RAW = 101, HEADS = 40 };

/* --- what is told --------------------------------------------------------------------------------------------------
 */

static void add(char *to, size_t size, const char *text)
{
    size_t n = strlen(to);
    assert_true(n + strlen(text) < size);
    strcpy(to + n, text);
}

static void add_ids(char *to, size_t size, const struct wt_told_step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_non_null(steps[i].step.id);
        assert_true(steps[i].side <= 2);
        if (strlen(to) + 64 < size) {
            add(to, size, steps[i].step.id);
            add(to, size, " ");
        }
    }
}

static void on_connection(void *context, const struct wt_connection *c)
{
    struct seen *s = context;
    assert_true(s->n < TOLD);
    struct told *t = &s->told[s->n++];
    t->c = *c;
    (void)snprintf(t->why, sizeof t->why, "%s", c->not_decrypted ? c->not_decrypted : "");
    for (size_t i = 0; i < c->finding_count; i++) {
        if (is_conclusion(c->findings[i].id))
            continue; /* for the tests that are about that */
        char severity[4] = {'/', "nwef"[c->findings[i].severity], ' ', 0};
        add(t->findings, sizeof t->findings, c->findings[i].id);
        add(t->findings, sizeof t->findings, severity);
        (void)snprintf(t->text, sizeof t->text, "%s", c->findings[i].text);
    }
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++) {
        /* what is well, or was not there, needs no words; the rest does */
        assert_int_equal(c->proofs[i].reason != NULL, c->proofs[i].result >= WT_PROOF_BAD);
        (void)snprintf(t->reasons[i], sizeof t->reasons[i], "%s", c->proofs[i].reason ? c->proofs[i].reason : "");
    }
    add_ids(t->steps, sizeof t->steps, c->derivation, c->derivation_count);
    add_ids(t->record, sizeof t->record, c->record_steps, c->record_step_count);
    t->has_key_log = c->key_log;
    if (c->key_log)
        assert_true(wt_buffer_add(&t->key_log, c->key_log, strlen(c->key_log) + 1));
}

static void on_plaintext(void *context, const struct wt_plaintext *piece)
{
    struct seen *s = context;
    size_t n = strlen(s->said);
    assert_true(n + piece->bytes.n + 8 < sizeof s->said);
    assert_int_equal(piece->client.port, s->port);
    assert_int_equal(piece->server.port, 443);
    if (piece->end) {
        assert_int_equal(piece->bytes.n, 0);
        strcat(s->said, ".");
        return;
    }
    assert_true(piece->bytes.n > 0);
    assert_false(piece->early && piece->from == WT_SERVER);
    (void)snprintf(s->said + n, sizeof s->said - n, "%s%.*s;",
                   piece->from == WT_SERVER ? "<"
                   : piece->early           ? ">>"
                                            : ">",
                   (int)piece->bytes.n, (const char *)piece->bytes.p);
}

void see(struct seen *s, const char *log, struct wt_observer_options options)
{
    options.size = sizeof options;
    memset(s, 0, sizeof *s);
    s->keys = options.keys;
    s->now = 1700000000000000000;
    s->port = 40000;
    if (log) {
        if (!s->keys)
            s->keys = wt_keys_new(NULL, NULL);
        struct wt_keys_log *l = wt_keys_log_open(s->keys, "keys", false);
        assert_non_null(l);
        wt_keys_log_feed(l, log, strlen(log));
        wt_keys_log_close(l);
        assert_int_equal(wt_keys_count(s->keys).faults, 0);
    }
    options.connection = on_connection;
    options.plaintext = on_plaintext;
    options.context = s;
    options.keys = s->keys;
    assert_non_null(s->observer = wt_observer_new(&options, NULL));
    wt_observer_file(s->observer, "capture");
}

void see_no_more(struct seen *s)
{
    for (size_t i = 0; i < s->n; i++)
        wt_buffer_free(&s->told[i].key_log);
    wt_observer_free(s->observer);
    wt_keys_free(s->keys);
    memset(s, 0, sizeof *s);
}

/* --- telling --------------------------------------------------------------------------------------------------------
 */

/* The number of the record that passes at place `i`. */
static size_t at(const struct peers *p, enum order order, size_t i)
{
    if (order == AS_PASSED || i < p->hellos)
        return i;
    size_t left = i - p->hellos;
    for (unsigned turn = 0; turn < 2; turn++)
        for (size_t k = p->hellos; k < p->n; k++)
            if ((p->pieces[k].from == (order == CLIENT_FIRST ? WT_CLIENT : WT_SERVER)) == (turn == 0) && left-- == 0)
                return k;
    return SIZE_MAX;
}

void see_stream(struct seen *s, const struct peers *p, enum order order, size_t piece, enum ending ending)
{
    struct wt_address client = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 1}, (uint16_t)s->port},
                      server = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 192, 0, 2, 2}, 443};
    struct wt_stream *stream = wt_observer_stream(s->observer, &client, &server);
    struct wt_time time = {s->now, 9};
    assert_non_null(stream);
    for (size_t i = 0; i < p->n; i++) {
        const struct piece *record = &p->pieces[at(p, order, i)];
        struct wt_span rest = wt_buffer_span(&record->b);
        time.ns += 1000000;
        while (rest.n) {
            struct wt_span now = wt_span_cut(rest, 0, piece ? piece : rest.n);
            uint8_t *copy = malloc(now.n);
            assert_non_null(copy);
            memcpy(copy, now.p, now.n);
            wt_stream_bytes(stream, record->from, time, copy, now.n);
            free(copy);
            rest = wt_span_cut(rest, now.n, rest.n);
        }
    }
    if (ending == OPEN)
        wt_observer_finish(s->observer);
    wt_stream_close(stream, time, ending == RST);
    s->now = time.ns;
}

static void put(uint8_t *p, uint32_t v, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        p[i] = (uint8_t)(v >> (8 * (width - 1 - i)));
}

static void segment(struct seen *s, enum wt_side from, unsigned flags, const uint32_t next[2], struct wt_span bytes)
{
    size_t n = HEADS + bytes.n;
    uint8_t *p = calloc(1, n);
    assert_non_null(p);
    p[0] = 0x45;
    put(p + 2, (uint32_t)n, 2);
    p[9] = 6;
    put(p + 12, 0xc0000201 + (from == WT_SERVER), 4);
    put(p + 16, 0xc0000201 + (from == WT_CLIENT), 4);
    put(p + 20, from == WT_CLIENT ? s->port : 443, 2);
    put(p + 22, from == WT_CLIENT ? 443 : s->port, 2);
    put(p + 24, next[from], 4);
    put(p + 28, next[!from], 4);
    p[32] = 0x50;
    p[33] = (uint8_t)flags;
    if (bytes.n)
        memcpy(p + HEADS, bytes.p, bytes.n);
    struct wt_packet packet = {.frame = ++s->frame,
                               .link = LINKTYPE_RAW,
                               .time = {s->now += 1000000, 6},
                               .length = (uint32_t)n,
                               .original = (uint32_t)n,
                               .data = p};
    wt_observer_packet(s->observer, &packet);
    free(p);
}

void see_packets(struct seen *s, const struct peers *p, enum wt_side from, uint64_t lost)
{
    static const struct wt_span nothing;
    uint32_t next[2] = {1000, 5000};
    unsigned number[2] = {0};
    segment(s, WT_CLIENT, WT_TCP_SYN, next, nothing);
    next[WT_CLIENT]++;
    segment(s, WT_SERVER, WT_TCP_SYN | WT_TCP_ACK, next, nothing);
    next[WT_SERVER]++;
    for (size_t i = 0; i < p->n; i++) {
        enum wt_side side = p->pieces[i].from;
        struct wt_span bytes = wt_buffer_span(&p->pieces[i].b);
        number[side]++;
        if (side != from || number[side] > 63 || !(lost >> number[side] & 1))
            segment(s, side, WT_TCP_ACK | WT_TCP_PSH, next, bytes);
        next[side] += (uint32_t)bytes.n;
    }
    for (unsigned side = 0; side < 2; side++) {
        segment(s, side, WT_TCP_ACK | WT_TCP_FIN, next, nothing);
        next[side]++;
    }
    segment(s, WT_CLIENT, WT_TCP_ACK, next, nothing);
    segment(s, WT_SERVER, WT_TCP_ACK, next, nothing);
    wt_observer_finish(s->observer);
}

/* --- the whole -----------------------------------------------------------------------------------------------------
 */

/* What either side said, whatever the order between them. */
static void sorted(const char *said, char out[8192])
{
    size_t n = 0;
    for (unsigned turn = 0; turn < 2; turn++)
        for (const char *a = said; *a;) {
            const char *end = strchr(a, ';');
            if (!end)
                break;
            if ((*a == '<') == turn) {
                memcpy(out + n, a, (size_t)(end + 1 - a));
                n += (size_t)(end + 1 - a);
            }
            a = end + 1;
        }
    out[n] = 0;
}

static void compare(const struct seen *a, const struct seen *b)
{
    char said[2][8192];
    const struct told *x = &a->told[0], *y = &b->told[0];
    assert_int_equal(b->n, a->n);
    sorted(a->said, said[0]);
    sorted(b->said, said[1]);
    assert_string_equal(said[1], said[0]);
    assert_string_equal(y->findings, x->findings);
    assert_string_equal(y->why, x->why);
    assert_int_equal(y->c.state, x->c.state);
    assert_int_equal(y->c.decryption, x->c.decryption);
    assert_int_equal(y->c.early_data, x->c.early_data);
    for (unsigned i = 0; i < WT_PROOF_COUNT; i++)
        assert_int_equal(y->c.proofs[i].result, x->c.proofs[i].result);
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(y->c.plaintext[side].bytes, x->c.plaintext[side].bytes);
        assert_int_equal(y->c.plaintext[side].opened, x->c.plaintext[side].opened);
        assert_int_equal(y->c.plaintext[side].failed, x->c.plaintext[side].failed);
        assert_memory_equal(y->c.plaintext[side].sha256, x->c.plaintext[side].sha256, 32);
    }
}

const struct told *see_one(struct seen *s, const char *log, const struct peers *p, enum ending ending)
{
    static struct seen other;
    const struct wt_observer_options options = {
        .size = sizeof options, .digest_plaintext = true, .keep_messages = true};
    see(s, log, options);
    see_stream(s, p, AS_PASSED, 0, ending);
    assert_int_equal(s->n, 1);
    for (unsigned turn = 0; turn < 6; turn++) {
        see(&other, log, options);
        see_stream(&other, p, (enum order)(turn % 3), turn / 3 ? 1 + turn : 0, ending);
        compare(s, &other);
        see_no_more(&other);
    }
    see(&other, log, options);
    see_stream(&other, p, AS_PASSED, 1, ending);
    compare(s, &other);
    see_no_more(&other);
    return &s->told[0];
}

const struct told *see_whole(struct seen *s, const struct peers *p, enum ending ending)
{
    struct wt_buffer log = {0};
    assert_true(wt_buffer_add(&log, p->log.p, p->log.n) && wt_buffer_add_char(&log, 0));
    const struct told *t = see_one(s, (const char *)log.p, p, ending);
    wt_buffer_free(&log);
    return t;
}
