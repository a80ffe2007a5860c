/* What QUIC tells beside TLS's messages (RFC 9000): part of a connection's story, made and read like it. */
#ifndef WIRETALE_QUIC_H
#define WIRETALE_QUIC_H

#include "wiretale/story.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many of what: a type of packets ("initial", "0rtt", "handshake", "retry", "1rtt", "version_negotiation") or of
 * frames, in RFC 9000's snake case. */
struct wt_quic_count {
    const char *what;
    uint64_t count;
};

struct wt_quic_counts {
    const struct wt_quic_count *items;
    size_t count;
};

/* One packet, in the order of the capture: with options.keep_messages. */
struct wt_quic_packet_seen {
    uint32_t frame;
    struct wt_time time;
    uint8_t from;     /* enum wt_side */
    const char *type; /* as in struct wt_quic_count */
    bool opened;      /* number and frames are known */
    uint64_t number;
    const char *const *frames;
    size_t frame_count;
    /* With options.keep_datagrams: of an opened packet all bytes as they are without protection, with its tag; else
     * its header as far as it is not protected. n = 0: beyond a limit. */
    struct wt_span bytes;
    uint32_t length;   /* bytes of the packet as it was sent, with options.keep_datagrams */
    uint32_t offset;   /* of its first byte in the datagram's payload */
    uint8_t id_length; /* bytes of its Destination Connection ID */
};

/* CONNECTION_CLOSE (RFC 9000, 19.19). */
struct wt_quic_close_seen {
    uint32_t frame;
    uint8_t from;     /* enum wt_side */
    bool application; /* its code is the application protocol's */
    uint64_t code;
    const char *name; /* of the code; NULL: it has none that is known */
    struct wt_span reason;
};

/* Addresses that packets went between (RFC 9000, 9). */
struct wt_quic_path_seen {
    struct wt_address client, server;
    uint32_t first_frame, last_frame;
    uint64_t packets[2]; /* datagrams, by side */
    uint32_t challenge_frame[2],
        response_frame[2];   /* PATH_CHALLENGE by who sent it, and its answer; 0: none was seen */
    int64_t validated_in[2]; /* nanoseconds from one to the other */
};

/* Bytes of a CRYPTO or STREAM frame that an earlier packet had (RFC 9000, 13.3). */
struct wt_quic_resent {
    uint8_t from;     /* enum wt_side */
    const char *type; /* of the packet that has them again, as in struct wt_quic_count */
    uint64_t number;
    uint32_t frame;
    bool crypto; /* else of a stream */
    uint64_t stream_id, offset, length;
    const char *first_type; /* of the packet that had them before */
    uint64_t first_number;
    uint32_t first_frame;
    uint32_t first_acknowledged; /* packet by which that one was acknowledged; 0: none, or not remembered */
    bool first_arrived;          /* that one was acknowledged, before these were sent again or since */
    bool unseen; /* that packet is not in the capture: its number is in the gap that begins with first_number */
    bool lost;   /* it was never acknowledged, though a later one was */
    uint32_t acknowledged;   /* packet with the first ACK of the later one; 0: none was seen */
    int64_t acknowledged_in; /* nanoseconds after it was sent */
};

/* Packet numbers that a sender passed over. */
struct wt_quic_gap_seen {
    uint8_t from;
    const char *type; /* of the packet behind them */
    uint32_t frame;   /* likewise */
    uint64_t first, last;
    uint32_t missing;      /* of them that never came */
    uint32_t acknowledged; /* and of these, that the other side acknowledged: the capture lacks them */
    bool again;            /* data of their packets were sent again: those that were not acknowledged were lost */
};

struct wt_quic_story {
    uint32_t version;               /* that the server chose, else the client's newest */
    const uint32_t *versions_tried; /* by the client, in order */
    size_t versions_tried_count;
    const uint32_t *versions_offered; /* by a Version Negotiation packet; NULL: there was none */
    size_t versions_offered_count;
    struct wt_span dcid;        /* Destination Connection ID of the client's first packet */
    struct wt_span client_scid; /* of its first long header */
    struct wt_span server_scid; /* of the server's newest long header that has one */
    bool has_client;            /* a long header of the client was seen: dcid and client_scid are known */
    bool retry;
    struct wt_proof_verdict retry_tag; /* its Retry Integrity Tag (RFC 9001, 5.8) */
    struct wt_proof_verdict ids;       /* RFC 9000, 7.3: the connection ids of the transport parameters */
    bool early_data;                   /* 0-RTT packets were sent */
    struct wt_quic_counts packets[2], opened[2], frames[2]; /* by side */
    uint32_t key_updates[2];                                /* likewise */
    const struct wt_quic_path_seen *paths;
    size_t path_count;
    const struct wt_quic_close_seen *closes;
    size_t close_count;
    const struct wt_quic_packet_seen *packet_list;
    size_t packet_list_count, packet_list_dropped;
    uint64_t stream_bytes[2], datagram_bytes[2]; /* in opened STREAM and DATAGRAM frames, as often as they were sent */
    uint64_t offloaded;                          /* datagrams that segmentation offload left in one piece */
    int64_t idle_timeout[2];                     /* max_idle_timeout in nanoseconds; 0: none was said */
    uint32_t reset_frame;                        /* of a stateless reset; 0: none */
    const struct wt_quic_resent *resent;         /* in the order of the capture, at most 256 */
    size_t resent_count;
    const struct wt_quic_gap_seen *gaps; /* at most 64; none of a sort of packets that were not all opened */
    size_t gap_count;
    uint64_t resent_packets[2]; /* by side: packets with bytes that an earlier one had */
    uint64_t lost[2];           /* packets that were lost: of `resent`, and of gaps with `again` */
    uint64_t uncaptured[2];     /* packet numbers that were acknowledged, of packets that the capture lacks */
    uint64_t
        skipped[2]; /* numbers in other gaps that nobody acknowledged: lost on the way, or left out by the sender */
};

#ifdef __cplusplus
}
#endif
#endif
