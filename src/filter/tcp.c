/* What fields are in what TCP shows beside the stream, as the contract has it under `tcp`. */
#include "filter/fields.h"
#include "filter/values.h"
#include "story/words.h"

/* Durations are never negative; 0 is one that is not known. */
static void duration(struct wt_filter_values *v, int64_t ns)
{
    if (ns)
        wt_filter_add_number(v, ns);
}

static void silence(struct wt_filter_values *v, const struct wt_tcp_seen *t, int what)
{
    if (!t->silence)
        return;
    if (what == TCP_SILENCE)
        wt_filter_add_number(v, t->silence);
    else if (what == TCP_SILENCE_START)
        wt_filter_add_number(v, t->silence_start.ns);
    else if (what == TCP_SILENCE_FRAME)
        wt_filter_add_number(v, t->silence_frame);
    else
        wt_filter_add_text(v, wt_words_side(t->silence_by));
}

static void reset(struct wt_filter_values *v, const struct wt_tcp_seen *t, int what)
{
    if (!t->reset_frame)
        return;
    if (what == TCP_RESET_FRAME)
        wt_filter_add_number(v, t->reset_frame);
    else if (what == TCP_RESET_FROM)
        wt_filter_add_text(v, wt_words_side(t->reset_from));
    else if (what == TCP_RESET_HOP_LIMIT)
        wt_filter_add_number(v, t->reset_hop_limit);
    else
        wt_filter_add_some(v, t->reset_answer_frame);
}

static void icmp(struct wt_filter_values *v, const struct wt_icmp_seen *e, int what)
{
    switch (what) {
    case ICMP_FRAME:
        wt_filter_add_number(v, e->frame);
        break;
    case ICMP_SENDER:
        wt_filter_add_address(v, &e->sender);
        break;
    case ICMP_PROTOCOL:
        wt_filter_add_text(v, e->v6 ? "icmpv6" : "icmp");
        break;
    case ICMP_TYPE:
        wt_filter_add_number(v, e->type);
        break;
    case ICMP_CODE:
        wt_filter_add_number(v, e->code);
        break;
    case ICMP_MTU:
        wt_filter_add_some(v, e->mtu);
        break;
    case ICMP_ABOUT:
        wt_filter_add_text(v, wt_words_side(e->about));
        break;
    case ICMP_COUNT:
        wt_filter_add_number(v, e->count);
        break;
    default: /* ICMP_IGNORED */
        wt_filter_add_some(v, e->ignored);
        break;
    }
}

static void of_side(struct wt_filter_values *v, const struct wt_tcp_seen *t, unsigned side, int what)
{
    switch (what) {
    case TCP_ROUND_TRIP:
        duration(v, t->round_trip[side]);
        break;
    case TCP_HOP_LIMIT:
        if (t->hop_limit_seen[side])
            wt_filter_add_number(v, t->hop_limit[side]);
        break;
    case TCP_RETRANSMISSIONS:
        wt_filter_add_some(v, t->retransmissions[side]);
        break;
    case TCP_UNANSWERED:
        wt_filter_add_some(v, t->unanswered[side]);
        break;
    default: /* TCP_WINDOW_CLOSED */
        duration(v, t->window_closed[side]);
        break;
    }
}

void wt_filter_tcp(struct wt_filter_values *v, const struct wt_connection *c, int what)
{
    const struct wt_tcp_seen *t = &c->tcp;
    int key = what & (TCP_OF_SERVER - 1);
    switch (key) {
    case TCP_CONNECT:
        duration(v, t->connect);
        break;
    case TCP_RETRANSMISSION_TIME:
        duration(v, t->retransmission_time);
        break;
    case TCP_SILENCE:
    case TCP_SILENCE_START:
    case TCP_SILENCE_FRAME:
    case TCP_SILENCE_END:
        silence(v, t, key);
        break;
    case TCP_RESET_FRAME:
    case TCP_RESET_FROM:
    case TCP_RESET_HOP_LIMIT:
    case TCP_RESET_DATA:
        reset(v, t, key);
        break;
    default:
        if (key < ICMP_FRAME)
            of_side(v, t, what >= TCP_OF_SERVER ? WT_SERVER : WT_CLIENT, key);
        for (size_t i = 0; key >= ICMP_FRAME && i < t->icmp_count; i++)
            icmp(v, &t->icmp[i], key);
        break;
    }
}
