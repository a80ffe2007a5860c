/* What is kept of each capture until both have been read: conversations with their segments' heads, the beginnings of
 * their streams, and the messages that passed in the clear. All of it is bounded. */
#ifndef WT_COMPARE_COMPARE_H
#define WT_COMPARE_COMPARE_H

#include "base/arena.h"
#include "base/buffer.h"
#include "capture/packet.h"
#include "wiretale/compare.h"
#include "wiretale/observer.h"

#include <string.h>

/* The head of a segment. `end` is that of the conversation which sent it. */
struct wt_seen_segment {
    int64_t ns;
    uint32_t frame, sequence, acknowledgment, length;
    uint8_t flags, ttl, end;
    struct wt_seen_segment *mate; /* the same in the other capture */
};

struct wt_seen_range {
    uint32_t from, to; /* bytes behind `reference` */
};

struct wt_seen_ranges { /* apart from each other, in order */
    struct wt_seen_range *list;
    uint32_t count;
    size_t capacity;
};

/* What one end sent. Offsets count from `reference`, the sequence number of its first byte as far as was known. */
struct wt_seen_stream {
    uint32_t reference;
    bool started, syn, fin, has_ack;
    uint32_t end;     /* with fin: offset behind the last byte */
    uint32_t acked;   /* with has_ack: offset that the other end acknowledged */
    uint32_t reached; /* offset that its own numbers came to, those of empty segments too: so far it has sent */
    struct wt_seen_ranges passed, kept; /* what the segments had; what the capture has of it */
    uint64_t cut;                       /* bytes that the capture left out of its packets (snaplen) */
    struct wt_buffer bytes;             /* of the first WT_LIMIT_COMPARE_STREAM, as far as `kept` has them */
    bool longer;                        /* some came after those */
    struct wt_span options;             /* of its SYN; in the arena; p is NULL when there was no room */
    uint16_t mss;
};

struct wt_seen_message {
    uint32_t frame;
    uint8_t from, content_type, type;
    uint16_t flags;
    struct wt_shape shape;
    struct wt_span body;
};

struct wt_seen_tls {
    uint32_t stream;
    bool has_random[2]; /* by hello */
    uint8_t random[2][32];
    struct wt_span sni;
    struct wt_span issuer; /* of the server's certificate, RFC 4514; empty: not seen */
    uint8_t leaf[32];      /* with an issuer: SHA-256 of that certificate */
    int64_t asked_ns;      /* of the packet with the ClientHello; 0: not seen */
    struct wt_seen_message *messages;
    size_t count;
    bool cut;
};

struct wt_conversation_seen {
    struct wt_address end[2];
    uint8_t client;                 /* which end */
    bool client_known, client_sure; /* sure: by a SYN or a ClientHello; else guessed */
    bool cut;
    bool fewer; /* segments, or ranges of its streams, were left out: that something is not there means nothing */
    uint32_t first_frame, last_frame;
    struct wt_seen_segment *segments;
    uint32_t count;
    size_t capacity;
    struct wt_seen_stream stream[2]; /* by end */
    struct wt_seen_tls *tls;
    struct wt_conversation_seen *mate; /* in the other capture */
    uint8_t match;
    uint32_t older; /* number and 1 of the one before with the same ends */
};

struct wt_seen_capture {
    struct wt_observer *observer;
    struct wt_fragments *fragments;
    struct wt_conversation_seen **list; /* in the order of their first packets */
    uint32_t count, capacity;
    uint32_t *slots; /* number and 1, by the ends' hash */
    uint32_t mask;
    uint64_t key;        /* against chosen collisions */
    int64_t first, last; /* times of packets */
    bool any;
    struct wt_compare *compare;
};

struct wt_compare {
    struct wt_seen_capture capture[2];
    struct wt_arena arena;
    uint64_t segments, stream_bytes; /* kept */
    uint64_t left_out;
    uint32_t tried; /* pairs of conversations that were held against each other */
};

#endif
