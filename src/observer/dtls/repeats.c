#include "observer/dtls/repeats.h"

#include "base/span_hash.h"

/* A flight may take several datagrams, which come at about the same time: what comes later is another round. */
enum { ROUND_NS = 40 * 1000 * 1000 };

void wt_dtls_repeats_new(struct wt_dtls_reading *r)
{
    r->way->sent_ns = r->o->now.ns;
    if (!r->dtls->last) /* what waited for others has come before */
        wt_udp_news(r->o, r->c, r->direction);
}

/* RFC 6347, 4.2.4: a flight is sent again when the timer runs out, or, once there is nothing more to wait for, when the
 * other side sends its own again. */
static void begin_round(struct wt_dtls_reading *r)
{
    struct wt_dtls_way *way = r->way;
    const struct wt_dtls_way *other = &r->dtls->way[!r->direction];
    const int64_t waited = r->o->now.ns - way->sent_ns;
    way->rounds++;
    if (other->repeats && other->repeat_ns >= way->sent_ns)
        return;
    if (!way->timed++)
        way->first_timer_ns = waited;
    way->last_timer_ns = waited;
}

static void note(struct wt_dtls_reading *r)
{
    struct wt_dtls_way *way = r->way;
    if (!way->repeats++)
        way->repeat_frame = r->o->frame;
    if (!way->rounds || r->o->now.ns - way->sent_ns > ROUND_NS) {
        begin_round(r);
        wt_udp_again(r->c, r->direction);
    }
    way->sent_ns = way->repeat_ns = r->o->now.ns;
}

void wt_dtls_repeats_hidden(struct wt_dtls_reading *r)
{
    note(r);
}

bool wt_dtls_repeats_take(struct wt_dtls_reading *r, const struct wt_dtls_fragment *f)
{
    const struct wt_dtls_told *told = &r->way->told[f->message_seq % WT_DTLS_REMEMBERED];
    if (told->used && told->message_seq == f->message_seq) {
        const bool whole = f->bytes.n == f->length;
        if (told->type != f->type || told->length != f->length || told->epoch != r->epoch ||
            (whole && told->hash != wt_span_hash(f->bytes)))
            return true;
    }
    if (!f->fragment_offset) /* once, in however many fragments it comes */
        note(r);
    return false;
}
