#include "observer/transport/journal.h"

#include "observer/places.h"
#include "observer/state.h"
#include "observer/transport/segments.h"

#include "base/i18n.h"

#include <stdlib.h>

struct entry {
    int64_t ns;
    uint32_t frame, sequence, acknowledgment;
    uint32_t at, n; /* in `bytes` */
    uint16_t rest;  /* of the checksum: all that is summed beside the payload */
    uint8_t direction;
    bool is_whole; /* it can be summed */
};

struct wt_journal {
    struct wt_buffer bytes;
    struct entry *entries;
    uint32_t count, cap;
    struct wt_buffer other; /* of a copy that no checksum tells from the one that was read; its entry: */
    uint32_t other_entry, other_frame;
};

/* --- checksums -----------------------------------------------------------------------------------------------------
 */

/* RFC 1071: the ones' complement sum of 16-bit words; section 2: words may be added four bytes at a time and in the
 * machine's byte order, "the sum of 16-bit integers can be computed in either byte order". */
static uint32_t sum(uint32_t total, const uint8_t *p, size_t n)
{
    uint64_t wide = 0;
    uint32_t word;
    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(&word, p, sizeof word);
        wide += word;
    }
    if (n) {
        word = 0; /* "padded with a zero" */
        memcpy(&word, p, n);
        wide += word;
    }
    while (wide >> 16)
        wide = (wide & 0xffff) + (wide >> 16);
    const uint16_t folded = (uint16_t)wide;
    uint8_t bytes[sizeof folded];
    memcpy(bytes, &folded, sizeof folded);
    total += wt_get16(bytes);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total;
}

/* RFC 9293, 3.1: the pseudo-header and TCP's header. IPv4's addresses are mapped into IPv6's, whose added words are
 * those of
 * ::ffff:0:0. */
static uint16_t sum_of_headers(const struct wt_segment *s)
{
    enum { HEADER = 20, TCP = 6 };
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    size_t skip = memcmp(s->source, mapped, sizeof mapped) == 0 ? sizeof mapped : 0;
    size_t header = HEADER + s->options.n;
    uint32_t total = sum(0, s->source + skip, sizeof s->source - skip);
    total = sum(total, s->target + skip, sizeof s->target - skip);
    total = sum(total + TCP + (uint32_t)(header + s->length), s->options.p - HEADER, header);
    return (uint16_t)total;
}

static bool is_whole(const struct wt_segment *s)
{
    return s->options.p && !s->missing;
}

static bool is_right(uint16_t rest, const uint8_t *p, size_t n)
{
    return sum(rest, p, n) == 0xffff;
}

bool wt_journal_checksum(const struct wt_segment *s)
{
    return is_whole(s) && is_right(sum_of_headers(s), s->data, s->length);
}

static bool entry_is_right(const struct wt_journal *j, const struct entry *e)
{
    return e->is_whole && is_right(e->rest, j->bytes.p + e->at, e->n);
}

/* Where the sender's network card makes the checksums, those that are captured there are wrong: whether they are right
 * in this direction, by the other segments of it. */
static bool sums_mean_something(const struct wt_conversation *c, const struct wt_journal *j, const struct entry *but)
{
    const struct wt_tcp_direction *d = &c->transport.tcp[but->direction];
    bool any = wt_transport_opened(&c->transport, but->direction) && !d->implied;
    if (d->sums)
        return true;
    for (uint32_t i = 0; i < j->count; i++) {
        const struct entry *e = &j->entries[i];
        if (e == but || e->direction != but->direction || !e->is_whole)
            continue;
        if (entry_is_right(j, e))
            return true;
        any = true;
    }
    return !any; /* there is none: that one copy is right and the other wrong says it all */
}

/* --- keeping -------------------------------------------------------------------------------------------------------
 */

void wt_journal_free(struct wt_observer *o, struct wt_journal *j)
{
    if (!j)
        return;
    o->journal_bytes -= j->bytes.cap;
    wt_buffer_free(&j->bytes);
    wt_buffer_free(&j->other);
    free(j->entries);
    free(j);
}

static void stop(struct wt_observer *o, struct wt_tls *tls)
{
    wt_journal_free(o, tls->journal);
    tls->journal = NULL;
    tls->journaling = false;
}

/* Only a connection that begins with TLS can be read anew from its first byte on. */
static bool begin(struct wt_observer *o, struct wt_tls *tls)
{
    if (tls->journal)
        return true;
    if (tls->carrier || tls->starttls || tls->seen.flags & WT_SEEN_DIALOGUE || o->journal_bytes > WT_LIMIT_JOURNAL_ALL)
        return false;
    tls->journal = calloc(1, sizeof *tls->journal);
    return tls->journal != NULL;
}

static bool add(struct wt_observer *o, struct wt_journal *j, unsigned d, const struct wt_segment *s)
{
    size_t cap = j->bytes.cap;
    if (j->bytes.n + s->length > WT_LIMIT_JOURNAL)
        return false;
    if (j->count == j->cap) {
        uint32_t more = j->cap ? 2 * j->cap : 8;
        struct entry *grown = realloc(j->entries, more * sizeof *grown);
        if (!grown)
            return false;
        j->entries = grown;
        j->cap = more;
    }
    if (!wt_buffer_add(&j->bytes, s->data, s->length))
        return false;
    o->journal_bytes += j->bytes.cap - cap;
    bool whole = is_whole(s);
    j->entries[j->count++] = (struct entry){.ns = o->now.ns,
                                            .frame = o->frame,
                                            .sequence = s->sequence,
                                            .acknowledgment = o->tcp.now.acknowledgment,
                                            .at = (uint32_t)(j->bytes.n - s->length),
                                            .n = s->length,
                                            .rest = whole ? sum_of_headers(s) : 0,
                                            .direction = (uint8_t)d,
                                            .is_whole = whole};
    return true;
}

void wt_journal_note(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_tls *tls = c->tls;
    /* what came out of order was read in other pieces: the connection cannot be read anew */
    bool read = c->transport.tcp[d].next == s->sequence + s->length && !s->missing;
    if (!begin(o, tls) || !read || !add(o, tls->journal, d, s)) {
        stop(o, tls);
        return;
    }
    if (tls->outcome.ready_ns)
        wt_journal_close(o, c);
}

/* --- reading anew --------------------------------------------------------------------------------------------------
 */

static void read_anew(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_journal *j = tls->journal;
    const struct wt_transport_end end = tls->end;
    const uint32_t next[2] = {c->transport.tcp[0].next, c->transport.tcp[1].next}, frame = o->frame;
    const struct wt_time now = o->now;
    const int64_t last = c->last_ns;
    const struct wt_newest newest[2] = {tls->newest[0], tls->newest[1]};
    tls->journal = NULL;
    o->kept -= tls->log != NULL;
    wt_places_free(o, c);
    wt_tls_free(tls);
    c->tls = NULL;
    c->phase = WT_PHASE_PLAIN;
    c->last_ns = j->entries[0].ns;
    for (uint32_t i = 0; i < j->count; i++) {
        const struct entry *e = &j->entries[i];
        o->now.ns = e->ns;
        o->frame = e->frame;
        o->tcp.now.acknowledgment = e->acknowledgment;
        c->transport.tcp[e->direction].next = e->sequence;
        wt_segments_again(o, c, e->direction, wt_span_of(j->bytes.p + e->at, e->n));
    }
    o->now = now;
    o->frame = frame;
    c->last_ns = last;
    c->transport.tcp[0].next = next[0];
    c->transport.tcp[1].next = next[1];
    if (!c->tls) {
        wt_journal_free(o, j);
        return;
    }
    c->tls->end = end;
    c->tls->newest[0] = newest[0];
    c->tls->newest[1] = newest[1];
    c->tls->journal = j;
}

/* Whether nothing of its direction was read after it. */
static bool is_last(const struct wt_journal *j, const struct entry *e)
{
    for (const struct entry *next = e + 1; next < j->entries + j->count; next++)
        if (next->direction == e->direction)
            return false;
    return true;
}

/* The copy takes the place of what was read; of another length only where nothing came after that. */
static bool replace(struct wt_observer *o, struct wt_conversation *c, struct entry *e, struct wt_span bytes)
{
    struct wt_journal *j = c->tls->journal;
    size_t cap = j->bytes.cap;
    if (bytes.n == e->n) {
        for (uint32_t i = 0; i < e->n; i++)
            j->bytes.p[e->at + i] = bytes.p[i];
        return true;
    }
    struct wt_tcp_direction *d = &c->transport.tcp[e->direction];
    if (!is_last(j, e) || d->pending || d->next != e->sequence + e->n || j->bytes.n + bytes.n > WT_LIMIT_JOURNAL ||
        !wt_buffer_add(&j->bytes, bytes.p, bytes.n))
        return false;
    o->journal_bytes += j->bytes.cap - cap;
    e->at = (uint32_t)(j->bytes.n - bytes.n);
    e->n = (uint32_t)bytes.n;
    d->next = e->sequence + e->n;
    return true;
}

/* --- deciding ------------------------------------------------------------------------------------------------------
 */

static void say_damaged(struct wt_conversation *c, unsigned d, uint32_t wrong, uint32_t right)
{
    if (c->tls)
        (void)wt_finding_say(
            c->tls, WT_FINDING_DAMAGED_SEGMENT, wrong,
            _("%s sent the same TCP sequence numbers twice with different bytes; the checksum of packet %u "
              "is wrong and its receiver drops it, that of packet %u is right and is used here."),
            _(wt_tls_sender(wt_tls_side_of(c->tls, d))), wrong, right);
}

/* True when nothing of the segment is to be read any more. */
static bool decide(struct wt_observer *o, struct wt_conversation *c, struct entry *e, const struct wt_segment *s)
{
    struct wt_journal *j = c->tls->journal;
    bool old_right = entry_is_right(j, e), new_right = wt_journal_checksum(s);
    unsigned d = e->direction;
    uint32_t old = e->frame;
    if (old_right == new_right || !e->is_whole || !is_whole(s) || !sums_mean_something(c, j, e)) {
        wt_finding_add(c->tls, WT_FINDING_TCP_CONFLICT, o->frame, wt_tls_sender(wt_tls_side_of(c->tls, d)), 0, 0);
        if (!j->other.n && wt_buffer_add(&j->other, s->data, s->length)) {
            j->other_entry = (uint32_t)(e - j->entries);
            j->other_frame = o->frame;
        }
        return s->length <= e->n;
    }
    if (old_right) {
        say_damaged(c, d, o->frame, old);
    } else if (replace(o, c, e, wt_span_of(s->data, s->length))) {
        e->frame = o->frame;
        e->rest = sum_of_headers(s);
        read_anew(o, c);
        say_damaged(c, d, old, o->frame);
    }
    return true;
}

bool wt_journal_compare(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_journal *j = c->tls->journal;
    for (uint32_t i = 0; j && i < j->count; i++) {
        struct entry *e = &j->entries[i];
        if (e->direction != d || e->sequence != s->sequence)
            continue;
        size_t both = e->n < s->length ? e->n : s->length;
        return memcmp(j->bytes.p + e->at, s->data, both) != 0 && decide(o, c, e, s);
    }
    return false;
}

static bool finished_is(const struct wt_tls *tls, enum wt_proof_result result)
{
    return tls && (tls->proofs[WT_PROOF_SERVER_FINISHED].result == result ||
                   tls->proofs[WT_PROOF_CLIENT_FINISHED].result == result);
}

/* RFC 8446, 4.4.4: the Finished covers all that its sender saw of the handshake. */
static void let_finished_decide(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_journal *j = c->tls->journal;
    struct entry *e = &j->entries[j->other_entry];
    struct wt_buffer first = {0};
    if (finished_is(c->tls, WT_PROOF_OK) || c->tls->announced || j->other.n != e->n || !o->options.keys ||
        !wt_buffer_add(&first, j->bytes.p + e->at, e->n))
        return;
    (void)replace(o, c, e, wt_buffer_span(&j->other));
    read_anew(o, c);
    if (finished_is(c->tls, WT_PROOF_OK)) {
        (void)wt_finding_say(
            c->tls, WT_FINDING_TCP_CONFLICT, j->other_frame,
            _("%s sent the same TCP sequence numbers twice with different bytes; those of packet %u are used "
              "here, because the Finished covers them."),
            _(wt_tls_sender(wt_tls_side_of(c->tls, e->direction))), j->other_frame);
    } else if (c->tls) {
        (void)replace(o, c, e, wt_buffer_span(&first));
        read_anew(o, c);
        if (c->tls)
            wt_finding_add(c->tls, WT_FINDING_TCP_CONFLICT, j->other_frame,
                           wt_tls_sender(wt_tls_side_of(c->tls, e->direction)), 0, 0);
    }
    wt_buffer_free(&first);
}

void wt_journal_close(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (tls->journal && tls->journal->other.n && tls->journal->count)
        let_finished_decide(o, c);
    if (c->tls)
        stop(o, c->tls);
}
