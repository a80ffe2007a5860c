/* Records and handshake messages out of one direction's bytes, whatever segments they come in.
 *
 * The first byte says how the stream begins, the second and third how it is cut and where a gap lies; the rest is the
 * stream. Held to: the same records, bodies and messages in one piece as in many (as long as no boundary was lost,
 * which is searched for inside segments); every byte of a stream without loss accounted for; wt_record_skips() never
 * changes anything. */
#include "mutate_tls.h"

#include "carriage/framing.h"
#include "carriage/record.h"

#include <stdio.h>
#include <stdlib.h>

/* Where two cursors are in the stream; how much of the last piece came after a header is the piece's own matter. */
static bool same_place(struct wt_record_cursor a, struct wt_record_cursor b)
{
    a.after = b.after = 0;
    return memcmp(&a, &b, sizeof a) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

static void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz_record: %s\n", what);
    abort();
}

struct told {
    struct wt_record_cursor cursor;
    struct wt_framing reader;
    uint64_t digest, messages;       /* of records and bodies, of messages: pieces may interleave the two */
    size_t headers, bodies, records; /* bytes, bytes, count */
    size_t here;                     /* bytes of the current body told */
    size_t broken;                   /* records that a gap ended */
    bool lost, open, wants_all, not_a_message;
};

static void mix(uint64_t *digest, uint64_t value)
{
    *digest = (*digest ^ value) * 0x100000001b3u;
}

static void on_message(void *context, uint8_t type, struct wt_span body, uint32_t length, unsigned records)
{
    struct told *t = context;
    hold(body.n == length || (body.n == 0 && length > WT_LIMIT_HANDSHAKE_MESSAGE), "a message cut without cause");
    hold(records > 0, "a message in no record");
    mix(&t->messages, type);
    mix(&t->messages, length);
    mix(&t->messages, records);
    for (size_t i = 0; i < body.n; i++)
        mix(&t->messages, body.p[i]);
}

static bool on_begin(void *context, const struct wt_record *r)
{
    struct told *t = context;
    hold(!t->open, "a record inside a record");
    const struct wt_record_cursor *c = &t->cursor;
    hold(r == &c->record, "a record that is not the cursor's");
    hold(r->number == t->records + t->broken + 1, "a record's number");
    const bool overlong = r->flags & WT_RECORD_OVERLONG;
    hold(r->flags & WT_RECORD_SSL2 || (r->length == c->left && (r->length > WT_LIMIT_RECORD) == overlong),
         "a length over the limit, or none where one is told");
    hold(r->length <= c->left && c->left <= (overlong ? 0xffff : 0x7fff), "a length over what is to come");
    hold(!overlong || r->number > 1, "a stream that begins with a record that is too long");
    t->open = true;
    t->here = 0;
    t->not_a_message = false;
    t->headers += r->flags & WT_RECORD_SSL2 ? (c->head[0] & 0x80 ? 2 : 3) : 5;
    t->bodies += c->left;
    mix(&t->digest, r->type);
    mix(&t->digest, r->version);
    mix(&t->digest, r->length);
    if (r->type == WT_CONTENT_HANDSHAKE && !(r->flags & WT_RECORD_SSL2)) {
        wt_framing_record(&t->reader);
        return true;
    }
    return t->wants_all || r->length % 2;
}

static void on_body(void *context, const struct wt_record *r, uint32_t at, struct wt_span piece)
{
    struct told *t = context;
    hold(t->open && t->cursor.state & WT_RECORD_WANTED, "a body that nobody wanted");
    hold(piece.n > 0, "an empty piece");
    hold(r->flags & (WT_RECORD_TORN | WT_RECORD_SSL2) || at == t->here, "a piece that does not follow the last");
    t->here += piece.n;
    for (size_t i = 0; i < piece.n; i++)
        mix(&t->digest, piece.p[i]);
    if (r->type == WT_CONTENT_HANDSHAKE && !(r->flags & WT_RECORD_SSL2) && !t->not_a_message)
        t->not_a_message = !wt_framing_feed(&t->reader, piece, on_message, t);
    hold(t->reader.held.n <= WT_LIMIT_HANDSHAKE_MESSAGE + 4 + WT_LIMIT_RECORD, "more held than a message may have");
}

static void on_end(void *context, const struct wt_record *r)
{
    struct told *t = context;
    hold(t->open && t->cursor.left == 0, "an end before the end");
    if (t->cursor.state & WT_RECORD_WANTED && !(r->flags & (WT_RECORD_TORN | WT_RECORD_SSL2)))
        hold(t->here == r->length, "a body that is not whole");
    t->open = false;
    t->records++;
    mix(&t->digest, 0xe0d);
}

static void on_lost(void *context, const uint8_t head[5])
{
    struct told *t = context;
    (void)head;
    t->lost = true;
    t->open = false;
}

static void start(struct told *t, uint8_t how)
{
    *t = (struct told){.wants_all = how & 2};
    if (how & 1)
        t->cursor.state = WT_RECORD_SSL2_MAY;
}

static void feed(struct told *t, struct wt_span s, bool fast)
{
    struct wt_carriage_sink sink = {on_begin, on_body, on_end, on_lost, t};
    if (!fast || !wt_record_skips(&t->cursor, s.n))
        wt_record_feed(&t->cursor, s, &sink);
}

static void finish(struct told *t, size_t fed)
{
    if (!t->lost)
        hold(t->headers + t->bodies - (t->open ? t->cursor.left : 0) + t->cursor.have == fed, "bytes unaccounted for");
    hold(t->cursor.state & WT_RECORD_LOST || t->open == !!(t->cursor.state & WT_RECORD_OPEN), "open and not open");
    wt_framing_clear(&t->reader);
}

/* In pieces that the seed chooses; 1 in a row of ones when it is odd. */
static void feed_cut(struct told *t, struct wt_span s, uint8_t seed, bool fast)
{
    uint32_t x = seed * 2654435761u + 1;
    while (s.n && !t->lost) {
        x = x * 1664525u + 1013904223u;
        size_t n = seed & 1 ? 1 : 1 + (x >> 16) % (seed + 1u);
        struct wt_span piece = wt_span_cut(s, 0, n);
        feed(t, piece, fast);
        s = wt_span_cut(s, piece.n, s.n);
    }
}

static void with_gap(struct wt_span s, uint8_t how, uint8_t seed, size_t at, size_t gap)
{
    struct told t;
    struct wt_carriage_sink sink = {on_begin, on_body, on_end, on_lost, &t};
    start(&t, how);
    feed(&t, wt_span_cut(s, 0, at), true);
    bool was_lost = t.cursor.state & WT_RECORD_LOST;
    bool kept = wt_record_gap(&t.cursor, gap, &sink);
    hold(!(was_lost && kept), "a boundary found by a gap");
    hold(kept != !!(t.cursor.state & WT_RECORD_LOST), "a gap that is neither inside nor outside");
    if (!kept && t.open) {
        t.open = false;
        t.broken++;
    }
    (void)wt_framing_gap(&t.reader, kept && how & 1 ? gap : 0);
    t.lost = false;
    feed_cut(&t, wt_span_cut(s, at + gap, s.n), seed, true);
    wt_framing_clear(&t.reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct told whole, cut, slow;
    if (size < 4)
        return 0;
    uint8_t how = data[0], seed = data[1];
    size_t n = size - 4;
    uint8_t *copy = malloc(n ? n : 1);
    if (!copy)
        return 0;
    memcpy(copy, data + 4, n);
    struct wt_span s = {copy, n};
    start(&whole, how);
    feed(&whole, s, false);
    start(&cut, how);
    feed_cut(&cut, s, seed, true);
    start(&slow, how);
    feed_cut(&slow, s, seed, false);
    hold(cut.digest == slow.digest && cut.messages == slow.messages && cut.records == slow.records &&
             cut.lost == slow.lost && same_place(cut.cursor, slow.cursor),
         "the fast path is another path");
    hold(whole.lost == cut.lost, "lost in one piece, not in many");
    if (!whole.lost) {
        hold(whole.records == cut.records && whole.digest == cut.digest && whole.messages == cut.messages,
             "another story in pieces");
        hold(same_place(whole.cursor, cut.cursor), "another place in pieces");
    }
    finish(&whole, n);
    finish(&cut, n);
    finish(&slow, n);
    with_gap(s, how, seed, n ? (size_t)data[2] * 7 % (n + 1) : 0, data[3]);
    free(copy);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    return mutate_tls_after(data, size, most, 4, SHAPE_STREAM, seed);
}
