#include "observer/transport/others.h"

#include "observer/transport/segments.h"
#include "observer/udp/connections.h"

static void quoted_datagram(struct wt_observer *o, const struct wt_segment *s, struct wt_datagram_stamp at)
{
    unsigned direction = 0;
    const struct wt_datagram d = {.segment = s, .udp = wt_datagrams_quoted(&o->datagrams, s, at, &direction)};
    struct wt_conversation *c = d.udp ? wt_udp_of(o, &d) : NULL;
    if (c)
        wt_icmp_keep_of_datagram(o, c, s, direction);
}

/* What an ICMP error quotes is numbered as a conversation, and kept for the connection that it is about, no more. */
void wt_others_take(struct wt_observer *o, const struct wt_packet *packet, const struct wt_segment *s,
                    enum wt_packet_reason reason)
{
    const struct wt_datagram_stamp at = {o->now, o->frame};
    o->skipped[reason]++;
    if (reason == WT_PACKET_UDP) {
        int64_t idle = (int64_t)o->options.idle_seconds * 1000000000;
        unsigned direction;
        struct wt_conversation *udp = wt_datagrams_take(&o->datagrams, s, at, idle, &direction);
        wt_account_datagram(&o->account, udp, s);
        if (udp)
            wt_udp_take(o, s, udp, direction);
        return;
    }
    uint32_t number;
    enum wt_stop stop = wt_packet_stop(reason, packet, s, &number);
    wt_account_stop(&o->account, stop, number);
    if (reason == WT_PACKET_QUOTED)
        wt_segments_number(o, s);
    else if (reason == WT_PACKET_QUOTED_UDP)
        quoted_datagram(o, s, at);
    if (reason == WT_PACKET_QUOTED || reason == WT_PACKET_QUOTED_START)
        wt_icmp_keep(o, s);
}

void wt_others_notes(struct wt_observer *o, const struct wt_segment *s)
{
    if (s->notes & WT_NOTE_OUTER)
        wt_datagrams_outer(&o->datagrams, s, (struct wt_datagram_stamp){o->now, o->frame});
    if (s->notes & WT_NOTE_JOINED)
        wt_account_joined(&o->account, s->joined);
    if (s->notes & WT_NOTE_GUESSED)
        wt_account_guessed(&o->account, s->guessed);
}
