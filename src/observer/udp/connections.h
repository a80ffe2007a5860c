/* Connections over UDP, which QUIC and DTLS find by their own marks.
 *
 * UDP's conversations are ends that exchange datagrams, and have neither beginning nor end (transport/datagrams.h). A
 * connection is more and less: one may go on between other ends, and between two ends there may be several, one after
 * the other or at once. So each has a struct wt_conversation of its own, beside the numbered ones, whose directions are
 * those of the conversation that its first datagram was of. */
#ifndef WT_OBSERVER_CONNECTIONS_H
#define WT_OBSERVER_CONNECTIONS_H

#include "observer/state.h"

/* A datagram on its way to its connection. */
struct wt_datagram {
    const struct wt_segment *segment; /* addresses, ports, hop limit; `missing`: bytes that the capture has cut off */
    struct wt_span payload;           /* what of it is in the capture */
    struct wt_conversation *udp;      /* of its ends: its number is Wireshark's udp.stream. It has no TLS of its own */
    unsigned direction;               /* of it: 0 is that of its first packet */
};

/* Of one that does not say itself who sent it: the lower port is taken for the server's. */
static inline bool wt_udp_goes_to_server(const struct wt_datagram *d)
{
    return d->segment->source_port >= d->segment->target_port;
}

/* The connection that this datagram begins, with its TLS (wt_tls_new()), bound to the datagram's ends. When there are
 * WT_LIMIT_UDP_CONNECTIONS, the oldest ends for it, which is counted. NULL without memory. */
struct wt_conversation *wt_udp_begin(struct wt_observer *o, const struct wt_datagram *d);
/* The connection that the datagram's ends were bound to last; NULL: none, or it was reported. */
struct wt_conversation *wt_udp_of(struct wt_observer *o, const struct wt_datagram *d);
void wt_udp_bind(const struct wt_datagram *d, const struct wt_conversation *c);
/* A datagram of the connection has come: its times, and what it holds is counted. */
void wt_udp_seen(struct wt_observer *o, const struct wt_datagram *d, struct wt_conversation *c);

/* Something of the handshake has come that had not come before; it has come again. Silence is judged by these, where
 * nothing is acknowledged: a side that says its last messages again, and nothing
 * new, had no answer to them. */
void wt_udp_news(const struct wt_observer *o, struct wt_conversation *c, unsigned direction);
void wt_udp_again(struct wt_conversation *c, unsigned direction);

/* It ends when it was silent for so long, by packet times; 0: not by itself. */
void wt_udp_patience(struct wt_conversation *c, int64_t ns);
/* Its end was said, in the datagram of which wt_udp_seen() is called next: it ends when it was silent for
 * WT_LIMIT_UDP_CLOSING_NS. */
void wt_udp_closes(struct wt_conversation *c);
/* The newest connection between the datagram's ends was closed and has ended: what comes now is late, unless it begins
 * another one. */
bool wt_udp_was_closed(struct wt_observer *o, const struct wt_datagram *d);
/* Nothing more comes of it: its state is settled. It is reported with the next call of wt_udp_report(), after those
 * that began before it (with options.as_they_end and without options.reported: at once), and is gone then. */
void wt_udp_end(struct wt_observer *o, struct wt_conversation *c);
void wt_udp_report(struct wt_observer *o);
/* All end and are reported; those that were silent for so long end; those that were silent for the longest time end
 * until no more than `most` bytes are used, if that helps. */
void wt_udp_end_all(struct wt_observer *o);
void wt_udp_end_idle(struct wt_observer *o, int64_t idle_ns);
void wt_udp_let_go(struct wt_observer *o, uint64_t most);

/* Ends and reports what ends by itself, when it is time to look for it. */
void wt_udp_sweep(struct wt_observer *o);

/* Any datagram, by then counted and numbered. */
void wt_udp_take(struct wt_observer *o, const struct wt_segment *s, struct wt_conversation *udp, unsigned direction);

#endif
