#include "observer/dtls/settle.h"

#include "base/i18n.h"
#include "observer/dtls/state.h"

#include <inttypes.h>

static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

/* RFC 6347, 4.2.4.1: "implementations SHOULD use an initial timer value of 1 second … and double the value at each
 * retransmission, up to no less than the RFC 6298 maximum of 60 seconds". */
static void retransmissions(const struct wt_conversation *c, unsigned direction)
{
    struct wt_tls *tls = c->tls;
    const struct wt_dtls_way *way = &tls->dtls->way[direction];
    const char *who = _(wt_tls_sender(wt_tls_side_of(tls, direction)));
    if (!way->repeats)
        return;
    if (!way->timed)
        (void)wt_finding_say(tls, WT_FINDING_DTLS_RETRANSMISSIONS, way->repeat_frame,
                             _("%s sent handshake messages again (messages: %" PRIu32 ", rounds: %" PRIu32
                               "): each time the other side had sent its own again, so an answer was lost."),
                             who, way->repeats, way->rounds);
    else if (way->timed == 1)
        (void)wt_finding_say(tls, WT_FINDING_DTLS_RETRANSMISSIONS, way->repeat_frame,
                             _("%s sent handshake messages again (messages: %" PRIu32 ", rounds: %" PRIu32
                               "): its retransmission timer ran out after %.3f s without an answer."),
                             who, way->repeats, way->rounds, seconds(way->first_timer_ns));
    else
        (void)wt_finding_say(tls, WT_FINDING_DTLS_RETRANSMISSIONS, way->repeat_frame,
                             _("%s sent handshake messages again (messages: %" PRIu32 ", rounds: %" PRIu32
                               "): its retransmission timer ran out without an answer, first after %.3f s, the last "
                               "time after %.3f s."),
                             who, way->repeats, way->rounds, seconds(way->first_timer_ns), seconds(way->last_timer_ns));
}

void wt_dtls_settle(struct wt_observer *o, struct wt_conversation *c)
{
    struct wt_tls *tls = c->tls;
    const struct wt_dtls *dtls = tls->dtls;
    (void)o;
    if (dtls->cookie_frame)
        wt_finding_add(tls, WT_FINDING_DTLS_COOKIE_EXCHANGE, dtls->cookie_frame,
                       dtls->verify_request ? "HelloVerifyRequest" : "HelloRetryRequest", 0, 0);
    retransmissions(c, tls->client);
    retransmissions(c, !tls->client);
    if (dtls->replays)
        (void)wt_finding_say(tls, WT_FINDING_DTLS_REPLAY, dtls->replay_frame,
                             _("Records came again with an epoch and number that had come before (%" PRIu64
                               "): they were duplicated on the way, or replayed. A receiver discards them."),
                             dtls->replays);
}

static const struct wt_dtls_record_seen *records(struct wt_observer *o, const struct wt_tls *tls)
{
    const struct wt_dtls *dtls = tls->dtls;
    struct wt_dtls_record_seen *list =
        dtls->list_count ? wt_arena_alloc(&o->story, dtls->list_count * sizeof *list) : NULL;
    for (size_t i = 0; list && i < dtls->list_count; i++) {
        list[i] = dtls->list[i].seen;
        list[i].from = (uint8_t)wt_tls_side_of(tls, list[i].from);
        list[i].bytes = wt_span_cut(wt_buffer_span(&dtls->kept), dtls->list[i].at, dtls->list[i].bytes);
    }
    return list;
}

const struct wt_dtls_story *wt_dtls_settle_story(struct wt_observer *o, struct wt_conversation *c)
{
    const struct wt_tls *tls = c->tls;
    const struct wt_dtls *dtls = tls->dtls;
    struct wt_dtls_story *out = dtls ? wt_arena_alloc(&o->story, sizeof *out) : NULL;
    if (!out)
        return NULL;
    *out = (struct wt_dtls_story){.records = dtls->records,
                                  .fragments = dtls->fragments,
                                  .retransmissions = (uint64_t)dtls->way[0].repeats + dtls->way[1].repeats,
                                  .replays = dtls->replays,
                                  .cookie = dtls->cookie,
                                  .has_client_cid = dtls->has_client_cid && dtls->has_server_cid,
                                  .has_server_cid = dtls->has_client_cid && dtls->has_server_cid,
                                  .client_cid = dtls->client_cid,
                                  .server_cid = dtls->server_cid,
                                  .moves = dtls->moves,
                                  .srtp_profile = dtls->srtp_profile,
                                  .inside = dtls->inside,
                                  .list = records(o, tls)};
    memcpy(out->shared, dtls->shared, sizeof out->shared);
    out->list_count = out->list ? dtls->list_count : 0;
    return out;
}
