#include "observer/transport/journal.h"

#include "observer/detect/detect.h"
#include "observer/places.h"
#include "observer/state.h"
#include "observer/transport/segments.h"

#include "base/i18n.h"
#include "base/memory.h"

#include <stdlib.h>

/* A segment that was read: its bytes, TCP's header and payload in one, are in the journal's. */
struct entry {
    int64_t ns;
    uint32_t frame, sequence, acknowledgment;
    uint32_t at, n;  /* of its payload */
    uint16_t header; /* bytes of TCP's header before it; 0: the segment was cut and cannot be summed */
    uint8_t direction;
};

struct wt_journal {
    struct wt_journal *next; /* of those that nobody uses at present */
    struct wt_buffer bytes;
    struct entry *entries;
    uint32_t count, cap;
    struct wt_newest newest[2]; /* while it is all that is kept of the connection */
    struct entry other; /* a copy that no checksum tells from what was read as `other_of`; n is 0: there is none */
    uint32_t other_of;
};

/* --- checksums -----------------------------------------------------------------------------------------------------
 */

/* RFC 1071: the ones' complement sum of 16-bit words; section 2: words may be added four bytes at a time and in the
 * machine's byte order, "the sum of 16-bit integers can be computed in either byte order". */
static uint64_t sum(uint64_t total, const uint8_t *p, size_t n)
{
    uint32_t word;
    for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
        memcpy(&word, p, sizeof word);
        total += word;
    }
    if (n) {
        word = 0; /* "padded with a zero" */
        memcpy(&word, p, n);
        total += word;
    }
    return total;
}

/* RFC 9293, 3.1: whether the sum of the pseudo-header, TCP's header and the payload is 0xffff. IPv4's addresses are
 * mapped into IPv6's, whose added words are those of ::ffff:0:0. */
static bool is_right(const uint8_t source[16], const uint8_t target[16], struct wt_span tcp)
{
    enum { PROTOCOL = 6 };
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const size_t skip = memcmp(source, mapped, sizeof mapped) == 0 ? sizeof mapped : 0;
    const uint32_t length = (uint32_t)tcp.n;
    const uint8_t rest[] = {
        (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length, 0, 0, 0, PROTOCOL};
    uint64_t total = sum(0, rest, sizeof rest);
    total = sum(total, source + skip, 16 - skip);
    total = sum(total, target + skip, 16 - skip);
    total = sum(total, tcp.p, tcp.n);
    while (total >> 16)
        total = (total & 0xffff) + (total >> 16);
    return total == 0xffff;
}

static bool is_whole(const struct wt_segment *s)
{
    return s->options.p && !s->missing;
}

enum { HEADER = 20 }; /* RFC 9293, 3.1, without options */

/* TCP's header and payload of a segment that is whole: they are one after the other in its packet. */
static struct wt_span tcp_of(const struct wt_segment *s)
{
    const size_t header = HEADER + s->options.n;
    return wt_span_of(s->data - header, header + s->length);
}

bool wt_journal_checksum(const struct wt_segment *s)
{
    return is_whole(s) && is_right(s->source, s->target, tcp_of(s));
}

static bool entry_is_right(const struct wt_conversation *c, const struct wt_journal *j, const struct entry *e)
{
    return e->header && is_right(c->ip[e->direction], c->ip[!e->direction],
                                 wt_span_of(j->bytes.p + e->at - e->header, e->header + e->n));
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
        if (e == but || e->direction != but->direction || !e->header)
            continue;
        if (entry_is_right(c, j, e))
            return true;
        any = true;
    }
    return !any; /* there is none: that one copy is right and the other wrong says it all */
}

/* --- keeping -------------------------------------------------------------------------------------------------------
 */

static void free_journal(struct wt_observer *o, struct wt_journal *j)
{
    o->journal_bytes -= j->bytes.cap;
    wt_buffer_free(&j->bytes);
    free(j->entries);
    free(j);
}

/* The next handshake has its room, unless that is large or enough of them wait. */
static void let_go(struct wt_observer *o, struct wt_journal *j)
{
    if (o->spare_journals == WT_LIMIT_SPARE_JOURNALS || j->bytes.cap > WT_LIMIT_JOURNAL / 2) {
        free_journal(o, j);
        return;
    }
    j->bytes.n = j->count = 0;
    j->other.n = 0;
    j->next = o->journals;
    o->journals = j;
    o->spare_journals++;
}

void wt_journal_clear(struct wt_observer *o)
{
    for (struct wt_journal *j; (j = o->journals);) {
        o->journals = j->next;
        free_journal(o, j);
    }
    o->spare_journals = 0;
}

static void stop(struct wt_observer *o, struct wt_tls *tls)
{
    if (tls->journal)
        let_go(o, tls->journal);
    tls->journal = NULL;
    tls->journaling = false;
}

/* Only a connection that begins with TLS can be read anew from its first byte on. */
static bool begin(struct wt_observer *o, struct wt_tls *tls)
{
    if (tls->journal)
        return true;
    if (tls->carrier || tls->starttls || tls->seen.flags & WT_SEEN_DIALOGUE)
        return false;
    if (o->journals) {
        tls->journal = o->journals;
        o->journals = tls->journal->next;
        o->spare_journals--;
        return true;
    }
    tls->uncompared = o->journal_bytes > o->options.max_memory / 2;
    tls->journal = tls->uncompared ? NULL : wt_calloc(1, sizeof *tls->journal);
    return tls->journal != NULL;
}

/* Keeps a segment's bytes, up to so many in all; what they are is in *e then. */
static bool keep(struct wt_observer *o, struct wt_journal *j, unsigned d, const struct wt_segment *s, size_t most,
                 struct entry *e)
{
    const size_t cap = j->bytes.cap;
    const struct wt_span bytes = is_whole(s) ? tcp_of(s) : wt_span_of(s->data, s->length);
    if (j->bytes.n + bytes.n > most || !wt_buffer_add(&j->bytes, bytes.p, bytes.n))
        return false;
    o->journal_bytes += j->bytes.cap - cap;
    *e = (struct entry){.ns = o->now.ns,
                        .frame = o->frame,
                        .sequence = s->sequence,
                        .acknowledgment = o->tcp.now.acknowledgment,
                        .at = (uint32_t)(j->bytes.n - s->length),
                        .n = s->length,
                        .header = (uint16_t)(bytes.n - s->length),
                        .direction = (uint8_t)d};
    return true;
}

static bool add(struct wt_observer *o, struct wt_journal *j, unsigned d, const struct wt_segment *s)
{
    if (j->count == j->cap) {
        uint32_t more = j->cap ? 2 * j->cap : 16;
        struct entry *grown = wt_realloc(j->entries, more * sizeof *grown);
        if (!grown)
            return false;
        j->entries = grown;
        j->cap = more;
    }
    if (!keep(o, j, d, s, WT_LIMIT_JOURNAL, &j->entries[j->count]))
        return false;
    j->count++;
    return true;
}

void wt_journal_note(struct wt_observer *o, struct wt_conversation *c, unsigned d, const struct wt_segment *s)
{
    struct wt_tls *tls = c->tls;
    /* what came out of order was read in other pieces: the connection cannot be read anew */
    bool read = c->transport.tcp[d].next == s->sequence + s->length && !s->missing;
    const bool begun = begin(o, tls) && read;
    tls->uncompared |= begun && !add(o, tls->journal, d, s);
    if (!begun || tls->uncompared) {
        stop(o, tls);
        return;
    }
    if (tls->outcome.ready_ns)
        wt_journal_close(o, c);
}

/* --- reading anew --------------------------------------------------------------------------------------------------
 */

/* All that the journal has, once more. */
static void read_entries(struct wt_observer *o, struct wt_conversation *c, const struct wt_journal *j)
{
    const uint32_t next[2] = {c->transport.tcp[0].next, c->transport.tcp[1].next}, frame = o->frame;
    const struct wt_time now = o->now;
    const uint32_t acknowledgment = o->tcp.now.acknowledgment;
    const int64_t last = c->last_ns;
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
    o->tcp.now.acknowledgment = acknowledgment;
    c->last_ns = last;
    c->transport.tcp[0].next = next[0];
    c->transport.tcp[1].next = next[1];
}

/* What of a connection is not read again. */
struct kept {
    struct wt_journal *journal;
    struct wt_transport_end end;
    struct wt_newest newest[2];
    struct wt_life_copy life;
};

static struct kept keep_of(const struct wt_tls *t)
{
    return (struct kept){t->journal, t->end, {t->newest[0], t->newest[1]}, wt_life_copy(t)};
}

/* False where it is not TLS as it reads now: the journal is the caller's then. */
static bool read_kept(struct wt_observer *o, struct wt_conversation *c, const struct kept *kept)
{
    if (c->tls) {
        o->kept -= c->tls->log != NULL;
        c->tls->journal = NULL;
        wt_tls_free(c->tls);
        c->tls = NULL;
    }
    wt_detect_free(o, c);
    wt_places_read_anew(c);
    read_entries(o, c, kept->journal);
    wt_life_restore(c, &kept->life);
    if (!c->tls)
        return false;
    c->tls->end = kept->end;
    memcpy(c->tls->newest, kept->newest, sizeof kept->newest);
    c->tls->journal = kept->journal;
    return true;
}

bool wt_journal_is_of(const struct wt_journal *j, unsigned direction)
{
    for (uint32_t i = 0; i < j->count; i++)
        if (j->entries[i].direction != direction)
            return false;
    return j->count && !j->other.n;
}

size_t wt_journal_bytes(const struct wt_journal *j)
{
    return sizeof *j + j->bytes.cap + j->cap * sizeof *j->entries;
}

struct wt_journal *wt_journal_lay_down(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    struct wt_journal *j = tls->journal;
    struct entry *fitting = wt_realloc(j->entries, j->count * sizeof *fitting);
    if (fitting) {
        j->entries = fitting;
        j->cap = j->count;
    }
    o->journal_bytes -= j->bytes.cap;
    wt_buffer_fit(&j->bytes);
    o->journal_bytes += j->bytes.cap;
    memcpy(j->newest, tls->newest, sizeof j->newest);
    tls->journal = NULL;
    wt_tls_free(tls);
    c->tls = NULL;
    return j;
}

void wt_journal_pick_up(struct wt_observer *o, struct wt_conversation *c, struct wt_journal *j)
{
    read_entries(o, c, j);
    if (!c->tls) { /* without memory, which is counted */
        let_go(o, j);
        return;
    }
    memcpy(c->tls->newest, j->newest, sizeof j->newest);
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

/* The bytes of a copy take the place of what was read; of another length only where nothing came after that. */
static bool replace(struct wt_conversation *c, struct entry *e, const struct entry *copy)
{
    struct wt_tcp_direction *d = &c->transport.tcp[e->direction];
    if (copy->n != e->n) {
        if (!is_last(c->tls->journal, e) || d->pending || d->next != e->sequence + e->n)
            return false;
        d->next = e->sequence + copy->n;
    }
    e->at = copy->at;
    e->n = copy->n;
    e->header = copy->header;
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
    const size_t most = 2 * (size_t)WT_LIMIT_JOURNAL; /* a segment whose copy has replaced it is right, and stays */
    bool old_right = entry_is_right(c, j, e), new_right = wt_journal_checksum(s);
    const uint32_t d = e->direction, old = e->frame;
    struct entry copy;
    if (old_right == new_right || !e->header || !is_whole(s) || !sums_mean_something(c, j, e)) {
        wt_finding_add(c->tls, WT_FINDING_TCP_CONFLICT, o->frame, wt_tls_sender(wt_tls_side_of(c->tls, d)), 0, 0);
        if (!j->other.n && keep(o, j, d, s, most, &copy)) {
            j->other = copy;
            j->other_of = (uint32_t)(e - j->entries);
        }
        return s->length <= e->n;
    }
    if (old_right) {
        say_damaged(c, d, o->frame, old);
    } else if (keep(o, j, d, s, most, &copy) && replace(c, e, &copy)) {
        e->frame = o->frame;
        const struct kept kept = keep_of(c->tls);
        if (!read_kept(o, c, &kept))
            let_go(o, kept.journal);
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
    struct entry *e = &j->entries[j->other_of];
    const struct entry first = *e;
    const uint32_t frame = j->other.frame;
    if (finished_is(c->tls, WT_PROOF_OK) || c->tls->announced || j->other.n != e->n || !o->options.keys)
        return;
    const struct kept kept = keep_of(c->tls);
    (void)replace(c, e, &j->other);
    if (read_kept(o, c, &kept) && finished_is(c->tls, WT_PROOF_OK)) {
        (void)wt_finding_say(
            c->tls, WT_FINDING_TCP_CONFLICT, frame,
            _("%s sent the same TCP sequence numbers twice with different bytes; those of packet %u are used "
              "here, because the Finished covers them."),
            _(wt_tls_sender(wt_tls_side_of(c->tls, first.direction))), frame);
    } else {
        (void)replace(c, e, &first);
        if (read_kept(o, c, &kept))
            wt_finding_add(c->tls, WT_FINDING_TCP_CONFLICT, frame,
                           wt_tls_sender(wt_tls_side_of(c->tls, first.direction)), 0, 0);
        else /* without memory */
            let_go(o, j);
    }
    wt_detect_end(o, c); /* as it was at the end of the first reading */
}

void wt_journal_close(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    if (tls->journal && tls->journal->other.n && tls->journal->count)
        let_finished_decide(o, c);
    if (c->tls)
        stop(o, c->tls);
}
