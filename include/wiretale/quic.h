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
    uint32_t length;    /* bytes of the packet as it was sent, with options.keep_datagrams */
    uint32_t offset;    /* of its first byte in the datagram's payload */
    uint8_t id_length;  /* bytes of its Destination Connection ID */
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
    uint32_t challenge_frame[2], response_frame[2]; /* PATH_CHALLENGE by who sent it, and its answer; 0: none was seen */
    int64_t validated_in[2]; /* nanoseconds from one to the other */
};

struct wt_quic_story {
    uint32_t version;              /* that the server chose, else the client's newest */
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
};

#ifdef __cplusplus
}
#endif
#endif
