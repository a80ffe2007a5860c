/* QUIC packets one by one, with their frames (RFC 9000, 12 and 19), for whoever asks the observer for them: what a qlog
 * is made of. */
#ifndef WIRETALE_QUIC_PACKET_H
#define WIRETALE_QUIC_PACKET_H

#include "wiretale/report.h"
#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Packet numbers, both included. */
struct wt_quic_range {
    uint64_t smallest, largest;
};

/* One frame. Each kind has what its RFC says; the rest is zero. */
struct wt_quic_frame_told {
    const char *id;      /* RFC 9000's name in snake case: "stream", "ack", …; "unknown" ends a packet */
    uint64_t type;       /* on the wire */
    struct wt_span data; /* STREAM, CRYPTO, DATAGRAM; PATH_…; a token; PADDING: all zeros in a row. During the call */
    uint64_t stream_id, offset;
    bool fin;
    bool unidirectional; /* MAX_STREAMS, STREAMS_BLOCKED */
    bool application;    /* CONNECTION_CLOSE: the code is the application's */
    uint64_t error_code, frame_type;
    struct wt_span reason;
    uint64_t final_size, reliable_size;
    uint64_t maximum; /* MAX_…, …_BLOCKED */
    uint64_t sequence_number, retire_prior_to;
    struct wt_span connection_id, reset_token;
    const struct wt_quic_range *ranges; /* ACK, from the largest down */
    size_t range_count;
    uint64_t ack_delay; /* microseconds, by the sender's ack_delay_exponent as far as it is known */
    bool has_ecn;
    uint64_t ect0, ect1, ce;
};

/* A transport parameter (RFC 9000, 18). */
struct wt_quic_parameter_told {
    uint64_t id;
    const char *name; /* or NULL */
    bool has_number;  /* its value is an integer */
    uint64_t number;
    struct wt_span value; /* as sent */
};

/* One packet, in the order of the capture but for those whose keys came later. Spans and arrays hold during the call.
 */
struct wt_quic_packet_told {
    const char *file;
    uint64_t connection;              /* which one of the run, from 1: several may have the same stream */
    uint32_t stream;                  /* as in struct wt_connection */
    struct wt_address client, server; /* of this packet */
    struct wt_span odcid;             /* Destination Connection ID of the client's first packet that was seen */
    uint8_t from;                     /* enum wt_side */
    bool end;                         /* the connection is over: no packet; the last call for it */
    bool opened;                      /* number, key phase and frames are known */
    uint32_t frame;
    struct wt_time time;
    const char *type; /* "initial", "0rtt", "handshake", "retry", "1rtt", "version_negotiation" */
    uint32_t version; /* 0 in a short header */
    struct wt_span dcid, scid, token;
    uint64_t number;
    uint32_t key_phase; /* 1-RTT: key updates of that side before it */
    uint32_t length;    /* bytes of the packet, as sent */
    const struct wt_quic_frame_told *frames;
    size_t frame_count, frames_left_out;             /* left out: over a limit per packet */
    const struct wt_quic_parameter_told *parameters; /* of the sender, when its hello is complete with this packet */
    size_t parameter_count;
    bool ready;                        /* both sides have finished the handshake */
    struct wt_span supported_versions; /* of a Version Negotiation packet: 4 bytes each */
};

/* An element of its lists; NULL past the last. As with stories, the arrays' elements may grow in later versions. */
WT_API const struct wt_quic_frame_told *wt_quic_packet_frame(const struct wt_quic_packet_told *packet, size_t index);
WT_API const struct wt_quic_parameter_told *wt_quic_packet_parameter(const struct wt_quic_packet_told *packet,
                                                                     size_t index);

/* A connection's packets as qlog 0.3 (draft-ietf-quic-qlog-main-schema, draft-ietf-quic-qlog-quic-events), a file that
 * qvis opens: one JSON object, written piece by piece. What the client sends is packet_sent, what the server sends
 * packet_received. No secret is in it, and no application data. */
struct wt_qlog;
WT_API struct wt_qlog *wt_qlog_new(void); /* for one connection; NULL when the system gives no memory */
WT_API void wt_qlog_free(struct wt_qlog *qlog);
/* The connection's packets in their turn. The first call writes the head; that with `end` closes the object. */
WT_API void wt_qlog_packet(struct wt_qlog *qlog, struct wt_output *output, const struct wt_quic_packet_told *packet);

#ifdef __cplusplus
}
#endif
#endif
