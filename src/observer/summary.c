/* What an input was as a whole: totals, and what of it could not be decoded. */
#include "observer/summary.h"

#include "base/memory.h"
#include "observer/state.h"

static const char *const lost_names[WT_LOST_REASONS] = {
    [WT_LOST_TCP_LIMIT] = "tcp_reassembly_limit",
    [WT_LOST_TCP_DROPPED] = "tcp_segments_dropped",
    [WT_LOST_CONVERSATIONS] = "conversation_limit",
    [WT_LOST_DIALOGUES] = "dialogue_limit",
    [WT_LOST_MESSAGES] = "message_limit",
    [WT_LOST_MEMORY] = "out_of_memory",
    [WT_LOST_BUDGET] = "memory_limit",
    [WT_LOST_CERTIFICATES] = "certificate_limit",
    [WT_LOST_SIGNATURES] = "signature_limit",
    [WT_LOST_UDP_CONVERSATIONS] = "udp_conversation_limit",
    [WT_LOST_UDP_CONNECTIONS] = "udp_connection_limit",
    [WT_LOST_QUIC_IDS] = "quic_connection_id_limit",
    [WT_LOST_QUIC_PATHS] = "quic_path_limit",
    [WT_LOST_QUIC_OPENINGS] = "quic_opening_limit",
    [WT_LOST_PLACES] = "place_limit",
    [WT_LOST_ICMP] = "icmp_limit",
    [WT_LOST_ACCOUNT] = "account_limit",
    [WT_LOST_LATE] = "late_segments",
    [WT_LOST_REFUSALS] = "refusal_limit",
    [WT_LOST_COPIES] = "copy_limit",
    [WT_LOST_STEPS] = "step_limit",
    [WT_LOST_TRIALS] = "trial_limit",
    [WT_LOST_SAME] = "same_limit",
    [WT_LOST_SERVERS] = "server_limit",
    [WT_LOST_TWINS] = "twin_limit",
};

/* Nothing of one direction was captured. */
static bool is_one_sided(const struct wt_conversation *c)
{
    const struct wt_transport *t = &c->transport;
    return !(c->tls->seen.flags & WT_SEEN_NEVER_TLS) && wt_transport_seen(t, 0) != wt_transport_seen(t, 1);
}

void wt_summary_count(struct wt_observer *o, const struct wt_conversation *c, bool elsewhere)
{
    const uint8_t state = c->tls->outcome.state;
    if (elsewhere) {
        o->summary.elsewhere++;
        return;
    }
    o->summary.connections++;
    o->summary.one_sided += is_one_sided(c);
    o->summary.established += state == WT_ESTABLISHED;
    o->summary.failed += state == WT_FAILED;
    o->summary.incomplete += state == WT_INCOMPLETE;
}

const struct wt_summary *wt_observer_summary(struct wt_observer *o)
{
    size_t n = 0;
    o->lost[WT_LOST_TCP_LIMIT] = o->tcp.limit_hits;
    o->lost[WT_LOST_TCP_DROPPED] = o->tcp.dropped_segments;
    o->lost[WT_LOST_UDP_CONVERSATIONS] = o->datagrams.dropped;
    o->lost[WT_LOST_MEMORY] = wt_memory_refusals() - o->refused;
    o->lost[WT_LOST_ACCOUNT] = o->account.other;
    o->summary.udp_packets = o->datagrams.packets;
    o->summary.udp_bytes = o->datagrams.bytes;
    o->summary.udp_conversations = o->datagrams.conversations;
    for (unsigned i = WT_PACKET_FAULTS; i < WT_PACKET_REASONS; i++)
        if (o->skipped[i])
            o->undecoded[n++] = (struct wt_undecoded){wt_packet_reason_name((enum wt_packet_reason)i), o->skipped[i]};
    for (unsigned i = 0; i < WT_LOST_REASONS; i++)
        if (o->lost[i])
            o->undecoded[n++] = (struct wt_undecoded){lost_names[i], o->lost[i]};
    n += wt_account_guesses(&o->account, o->undecoded + n);
    o->summary.account = o->accounted;
    o->summary.account_count = wt_account_list(&o->account, o->accounted);
    o->summary.undecoded = o->undecoded;
    o->summary.undecoded_count = n;
    o->summary.seconds = o->any_time ? (double)(o->last_ns - o->first_ns) / 1e9 : 0;
    return &o->summary;
}
