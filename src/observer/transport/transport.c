#include "observer/transport/transport.h"

_Static_assert(sizeof(struct wt_transport) <= 72, "millions of conversations are kept");

bool wt_transport_is_unanswered(const struct wt_transport *t)
{
    return t->syns >= 2 && !(t->flags & (WT_TRANSPORT_SYN << 1 | WT_TRANSPORT_RST << 1 | WT_TRANSPORT_RESET)) &&
           !t->tcp[1].started && !t->tcp[0].has_ack && !t->tcp[1].has_ack;
}

bool wt_transport_ended_unseen(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *d = &t->tcp[direction];
    return t->kind != WT_TRANSPORT_UDP && d->started && d->has_ack && !d->ended && d->acked - d->next == 1;
}

uint32_t wt_transport_window(const struct wt_transport *t, unsigned direction)
{
    const struct wt_tcp_direction *to = &t->tcp[!direction], *from = &t->tcp[direction];
    const unsigned most = 14; /* RFC 7323, 2.3 */
    unsigned scale = most;
    if (to->is_scaled && from->is_scaled)
        scale = to->has_scale && from->has_scale ? to->scale : 0;
    uint32_t window = (uint32_t)to->window << scale;
    return !window || (scale == most && window > WT_LIMIT_TCP_UNSEEN) ? WT_LIMIT_TCP_UNSEEN : window;
}

bool wt_transport_next_option(struct wt_span *options, uint8_t *kind, struct wt_span *body)
{
    enum { END = 0, NOP = 1 };
    while (options->n && options->p[0] == NOP)
        *options = wt_span_cut(*options, 1, SIZE_MAX);
    if (options->n < 2 || options->p[0] == END || options->p[1] < 2 || options->p[1] > options->n)
        return false;
    *kind = options->p[0];
    *body = wt_span_of(options->p + 2, options->p[1] - 2u);
    *options = wt_span_cut(*options, options->p[1], SIZE_MAX);
    return true;
}

static bool find_scale(struct wt_span options, uint8_t *scale)
{
    enum { WINDOW_SCALE = 3 };
    struct wt_span body;
    uint8_t kind;
    while (wt_transport_next_option(&options, &kind, &body))
        if (kind == WINDOW_SCALE && body.n == 1) {
            *scale = body.p[0];
            return true;
        }
    return false;
}

void wt_transport_scale(struct wt_transport *t, unsigned direction, const struct wt_segment *s)
{
    struct wt_tcp_direction *d = &t->tcp[direction];
    uint8_t scale = 0;
    bool has = find_scale(s->options, &scale);
    if (!s->options.p) /* cut */
        return;
    /* RFC 7323, 2.3: "If a Window Scale option is received with a shift.cnt value larger than 14, the TCP SHOULD log
     * the error but MUST use 14 instead of the specified value." */
    d->scale = scale > 14 ? 14 : scale;
    d->has_scale = has;
    d->is_scaled = 1;
    /* RFC 7323, 2.2: "The window field in a segment where the SYN bit is set … MUST NOT be scaled" */
    if (s->flags & WT_TCP_ACK && (s->window >> d->scale) + 1 > d->window)
        d->window = has ? (uint16_t)((s->window >> d->scale) + 1) : s->window;
}

bool wt_transport_answers(const struct wt_transport *t, unsigned direction, uint32_t acknowledgment)
{
    const struct wt_tcp_direction *d = &t->tcp[!direction];
    /* RFC 9293, 3.10.7.3: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the RST bit is set, if so drop
     * the segment and return) … and discard the segment." SND.NXT counts what a SYN carried (RFC 7413). */
    if (!d->started || !d->syn || d->implied)
        return true;
    return (int32_t)(acknowledgment - d->base) > 0 && (int32_t)(acknowledgment - wt_tcp_newest(d)) <= 0;
}

/* Whether two numbers of a direction are within a window of each other. */
static bool near(uint32_t a, uint32_t b, uint32_t window)
{
    return a - b <= window || b - a <= window;
}

bool wt_transport_may_acknowledge(struct wt_transport *t, unsigned direction, uint32_t number)
{
    struct wt_tcp_direction *d = &t->tcp[direction];
    uint32_t window = wt_transport_window(t, direction);
    /* a FIN counts one, and a SYN that was not seen */
    if (number - d->next <= window + 1 || near(number, wt_tcp_newest(d), window))
        return true;
    if (!(t->flags & WT_TRANSPORT_RESET))
        d->mark = number;
    return false;
}

/* The packet by which a direction ended: its FIN, else its RST; frame 0: neither. */
static struct wt_tcp_stamp end_of(const struct wt_transport_end *end, unsigned direction)
{
    return end->fin[direction].frame ? end->fin[direction] : end->rst[direction];
}

void wt_transport_order_ends(struct wt_transport *t, struct wt_transport_end *end)
{
    const uint16_t left = WT_TRANSPORT_LEFT | WT_TRANSPORT_LEFT << 1;
    const struct wt_tcp_stamp ends[2] = {end_of(end, 0), end_of(end, 1)};
    if (t->kind != WT_TRANSPORT_TCP || !ends[0].frame || !ends[1].frame)
        return;
    /* RFC 9293, 3.10.7.4: an acknowledgment covers what its sender has received; a RST is never acknowledged */
    const bool answers[2] = {wt_transport_follows_fin(t, 1, ends[0].acknowledgment),
                             wt_transport_follows_fin(t, 0, ends[1].acknowledgment)};
    const bool known = answers[0] != answers[1];
    if (!known && wt_transport_is_skewed(t))
        t->flags &= (uint16_t)~left;
    if (!known && (wt_transport_is_skewed(t) || ends[0].ns == ends[1].ns))
        return;
    unsigned first = known ? answers[0] : ends[1].ns < ends[0].ns;
    if (end->reset_seen && end->reset_ns < ends[first].ns)
        return;
    t->flags = (uint16_t)((t->flags & ~left) | WT_TRANSPORT_LEFT << first);
    end->ns = ends[first].ns;
}

void wt_transport_feed(struct wt_transport *t)
{
    t->kind = WT_TRANSPORT_STREAM;
    t->flags = WT_TRANSPORT_SYN;
    t->tcp[0].syn = t->tcp[1].syn = 1;
    t->tcp[0].base = t->tcp[1].base = UINT32_MAX; /* its offsets are numbered as TCP's are */
}

void wt_transport_end_stream(struct wt_transport *t, bool reset)
{
    t->flags |= reset ? WT_TRANSPORT_RESET : WT_TRANSPORT_FIN | WT_TRANSPORT_FIN << 1;
}
