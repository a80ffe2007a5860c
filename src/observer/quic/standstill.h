/* Handshakes that stand still: over UDP nobody says so. It shows by who goes on sending, and by what each side shows to
 * have heard of the other. */
#ifndef WT_OBSERVER_QUIC_STANDSTILL_H
#define WT_OBSERVER_QUIC_STANDSTILL_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct wt_quic;

enum wt_quic_standstill {
    WT_QUIC_GOES_ON,
    WT_QUIC_UNANSWERED, /* nothing came of the server */
    WT_QUIC_UNHEARD,    /* what a side sends does not reach the other, which goes on sending, too */
    WT_QUIC_SILENT,     /* a side says nothing more, and the other goes on sending */
    WT_QUIC_LIMITED,    /* the server may not send more before it hears of the client: RFC 9000, 8.1 */
};

struct wt_quic_stands {
    enum wt_quic_standstill kind;
    unsigned side;     /* who is not heard, or silent */
    bool finished;     /* the client has sent its Finished */
    uint32_t frame;    /* of the last packet with something new in it */
    int64_t waited_ns; /* since then */
};

/* What a side has sent since something new came of either, in datagrams that begin with a long header. */
struct wt_quic_again {
    uint32_t count, frame; /* of the last */
    uint32_t least;        /* bytes of the smallest */
    int64_t first_ns, last_ns;
};

/* Handshake messages that had not come before, or a packet of a type that its sender had not used. */
void wt_quic_standstill_news(struct wt_quic *q);
/* A datagram of that side was read; `before_ns` is the time of the one before. */
void wt_quic_standstill_note(struct wt_quic *q, unsigned from, int64_t before_ns, struct wt_span datagram);
/* Once all of the connection is here. */
struct wt_quic_stands wt_quic_standstill(const struct wt_quic *q);
/* The server has answered the ClientHello, be it with a Retry, a close or what nobody can read here: with more than an
 * acknowledgment. */
bool wt_quic_standstill_is_answered(const struct wt_quic *q);
/* Something of that side has come to the other, as far as that has shown it. */
bool wt_quic_standstill_is_heard(const struct wt_quic *q, unsigned from);

/* ICMP reported that a datagram was not delivered, and nothing of the handshake followed. */
bool wt_quic_standstill_is_undelivered(const struct wt_quic *q);

#endif
