/* From a captured packet to the TCP segment or UDP datagram inside it: link layers, tunnels, IP and its fragments. */
#ifndef WT_CAPTURE_PACKET_H
#define WT_CAPTURE_PACKET_H

#include "base/span.h"
#include "wiretale/capture.h"
#include "wiretale/layer.h"

/* What a packet gave, or why nothing. Those from WT_PACKET_FAULTS on are counted in the summary's `undecoded` under
 * wt_packet_reason_name(). */
enum wt_packet_reason {
    WT_PACKET_TCP = 0,       /* a segment was found */
    WT_PACKET_UDP,           /* a datagram was found */
    WT_PACKET_OTHER,         /* well-formed and something else */
    WT_PACKET_FRAGMENT_HELD, /* kept until its fellows come */
    WT_PACKET_QUOTED,        /* an ICMP error that quotes a TCP header: *segment has its ends and no payload */
    WT_PACKET_QUOTED_UDP,    /* likewise a UDP header */
    WT_PACKET_QUOTED_START,  /* one that quotes the first 8 bytes of a TCP header: ends and sequence number */
    WT_PACKET_FAULTS,
    WT_PACKET_TRUNCATED = WT_PACKET_FAULTS, /* the capture cut it inside the headers */
    WT_PACKET_LINK_UNKNOWN,
    WT_PACKET_MALFORMED,     /* a header lies about its length */
    WT_PACKET_TOO_DEEP,      /* more tunnels in tunnels than WT_LIMIT_ENCAPSULATION */
    WT_PACKET_FRAGMENT_LOST, /* counted by wt_fragments_flush: fragments that never met */
    WT_PACKET_FRAGMENT_LIMIT,
    WT_PACKET_REASONS
};

/* lower_snake_case, static */
const char *wt_packet_reason_name(enum wt_packet_reason reason);

/* Where reading ended. */
enum wt_stop {
#define WT_STOP(ID, name, form) WT_STOP_##ID,
#include "capture/stops.def"
#undef WT_STOP
    WT_STOP_COUNT
};

/* The row's name when nothing else tells packets apart that stopped there; NULL: they are numbered. */
const char *wt_stop_bare(enum wt_stop stop);
/* "ethertype_0x88cc": the row's name and its number. Returns `out`. */
enum { WT_STOP_NAME = 40 };
const char *wt_stop_name(enum wt_stop stop, uint32_t number, char out[WT_STOP_NAME]);

/* More UDP tunnels in UDP tunnels are not remembered. */
enum { WT_OUTER_DATAGRAMS = 4 };

/* A UDP header that a tunnel's packets are in. */
struct wt_datagram_ends {
    uint8_t source[16], target[16];
    uint16_t source_port, target_port;
};

/* What is rare in a packet, and what most need not look for. */
enum {
    WT_NOTE_OUTER = 1,   /* UDP headers are around it */
    WT_NOTE_JOINED = 2,  /* earlier packets held pieces of it */
    WT_NOTE_GUESSED = 4, /* a header that is not known was passed over */
    WT_NOTE_MORE = 8,    /* the packet holds more than one, see wt_packet_next() */
};

/* What follows in a packet that holds several. */
enum { WT_REST_SUBFRAMES, WT_REST_DOCSIS };

/* The innermost TCP segment or UDP datagram of a packet. IPv4 addresses are ::ffff:a.b.c.d mapped, so that one key
 * serves both. A datagram has none of the members that are TCP's. */
/* An ICMP error, as far as it tells of the packet that it quotes (RFC 792; RFC 1191, 4; RFC 4443, 3). */
struct wt_icmp_error {
    uint8_t sender[16];
    uint8_t type, code;
    bool v6;
    uint32_t mtu;    /* of the next hop, where the packet was too big; 0: not said */
    uint32_t quoted; /* bytes of the quoted packet, as its IP header says */
};

struct wt_segment {
    uint8_t source[16], target[16];
    uint16_t source_port, target_port;
    uint32_t sequence, acknowledgment; /* TCP */
    uint8_t flags;                     /* TCP flags, WT_TCP_… */
    uint8_t ttl;                       /* or IPv6's hop limit */
    uint16_t id;                       /* IPv4's Identification; 0: IPv6 has none */
    uint16_t window;
    struct wt_span options; /* of TCP's header; empty when the capture cut them */
    const uint8_t *data;    /* payload as far as captured */
    uint32_t length;        /* payload bytes captured */
    uint32_t missing;       /* payload bytes that the snaplen cut off behind them */
    uint8_t layers[8];      /* what the segment was wrapped in, outermost first: enum wt_layer; for the story */
    uint8_t layer_count;
    uint8_t outer_count;  /* UDP headers around it, outermost first; known whatever the packet gave */
    uint8_t notes;        /* WT_NOTE_... */
    uint8_t stop;         /* enum wt_stop, of WT_PACKET_OTHER; wt_packet_stop() knows it for the others */
    uint32_t joined;      /* packets that were WT_PACKET_FRAGMENT_HELD or _LIMIT, and are part of this one */
    uint32_t stop_number; /* where the stop has one */
    struct wt_span rest;  /* of WT_NOTE_MORE */
    uint32_t rest_missing;
    uint8_t rest_kind; /* WT_REST_... */
    uint16_t guessed;  /* the ethertype that is not known, after which IP was found */
    struct wt_datagram_ends outer[WT_OUTER_DATAGRAMS];
    struct wt_icmp_error icmp; /* with WT_PACKET_QUOTED, WT_PACKET_QUOTED_UDP and WT_PACKET_QUOTED_START alone */
};

enum { WT_TCP_FIN = 1, WT_TCP_SYN = 2, WT_TCP_RST = 4, WT_TCP_PSH = 8, WT_TCP_ACK = 16 };

struct wt_fragments; /* IP fragments in waiting, bounded */

/* Fills *segment when WT_PACKET_TCP or WT_PACKET_UDP is returned. segment->data points into the packet, or into
 * `fragments` until the next call. */
enum wt_packet_reason wt_packet_decode(struct wt_fragments *fragments, const struct wt_packet *packet,
                                       struct wt_segment *segment);

/* The same by the walk through all headers, which any packet can take; what the last call gave is let go of before.
 * NULL `fragments`: pieces stay pieces. */
enum wt_packet_reason wt_packet_walk(struct wt_fragments *fragments, const struct wt_packet *packet,
                                     struct wt_segment *segment);

/* The next of a packet that holds several (WT_NOTE_MORE): of 802.11's aggregated frames, or DOCSIS's concatenated ones.
 * What the last call gave is gone. */
enum wt_packet_reason wt_packet_next(struct wt_fragments *fragments, const struct wt_packet *packet,
                                     struct wt_segment *segment);

/* The headers of a packet, outermost first, up to its TCP payload; each ends where the next begins. `length`: of the
 * bytes before the payload. Returns how many, at most 8. */
size_t wt_packet_layers(const struct wt_packet *packet, uint32_t length, struct wt_layer_place places[8]);

/* Where reading ended of a packet that gave neither segment nor datagram; *number is what that is numbered by. */
enum wt_stop wt_packet_stop(enum wt_packet_reason reason, const struct wt_packet *packet,
                            const struct wt_segment *segment, uint32_t *number);

#endif
