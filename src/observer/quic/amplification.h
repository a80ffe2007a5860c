/* RFC 9000, 8.1: "Prior to validating the client address, servers MUST NOT send more than three times as many bytes as
 * the number of bytes they have received": when a server had to wait for that. */
#ifndef WT_OBSERVER_QUIC_AMPLIFICATION_H
#define WT_OBSERVER_QUIC_AMPLIFICATION_H

#include <stdbool.h>
#include <stdint.h>

struct wt_quic;

struct wt_quic_amplification {
    int64_t begun_ns;        /* of the server's first datagram */
    int64_t limit_ns;        /* since when the server has had nothing left to send; 0: it has */
    int64_t waited_ns;       /* until the client sent more; 0: it has not */
    int64_t stalled_ns;      /* until the server went on, which shows that it had more to say; 0: not so */
    uint32_t frame;          /* of the client's packet that it waited for */
    uint32_t said;           /* Handshake packets of its flight before */
    uint32_t sent, received; /* bytes of the server and of the client, then */
    uint32_t first;          /* bytes of the client before the server's first datagram */
    bool doubtful;           /* it is so only if nothing of the client's has come since */
};

/* A datagram of that side was read, and counted. */
void wt_quic_amplification_note(struct wt_quic *q, unsigned from);

#endif
