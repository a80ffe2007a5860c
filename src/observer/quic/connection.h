/* One QUIC connection as the observer follows it: its connection ids, versions, packet number spaces, keys and what is
 * counted of it. Its TLS is an ordinary struct wt_tls, which gets the messages of the CRYPTO streams.
 *
 * Sides, never directions: addresses change, and who sent a packet shows by whose connection id it goes to. */
#ifndef WT_OBSERVER_QUIC_CONNECTION_H
#define WT_OBSERVER_QUIC_CONNECTION_H

#include "carriage/framing.h"
#include "carriage/pieces.h"
#include "codec/frame/frame.h"
#include "codec/quic.h"
#include "observer/quic/amplification.h"
#include "observer/quic/parameters.h"
#include "observer/quic/paths.h"
#include "observer/quic/points.h"
#include "observer/quic/reset.h"
#include "observer/quic/standstill.h"
#include "observer/quic/violation.h"
#include "observer/state.h"

struct wt_quic_id;
struct wt_quic_opener;
struct wt_quic_waiting;
struct wt_quic_listed;
struct wt_quic_application;
struct wt_quic_told;
struct wt_quic_loss;

struct wt_quic_cid {
    uint8_t n;
    uint8_t bytes[WT_QUIC_CID_MOST];
};

static inline struct wt_span wt_quic_cid_span(const struct wt_quic_cid *id)
{
    return wt_span_of(id->bytes, id->n);
}

/* Packet number spaces (RFC 9000, 12.3): 0-RTT and 1-RTT share one. */
enum wt_quic_space { WT_SPACE_INITIAL, WT_SPACE_HANDSHAKE, WT_SPACE_APPLICATION, WT_SPACES };

/* The numbers of a side's packets in one space. */
struct wt_quic_numbers {
    uint64_t next;         /* one more than the largest that was opened */
    uint64_t seen;         /* bit i: number next - 1 - i was */
    uint64_t acknowledged; /* one more than the largest that the peer acknowledged */
    uint32_t repeated;     /* numbers that were opened before: copies of a packet */
    uint32_t skipped;      /* that were passed over and have not come since */
    bool any;
};

/* One side's handshake bytes of one level, in any order, and the messages that they are. */
struct wt_quic_crypto {
    struct wt_pieces pieces;
    struct wt_framing framing;
};

/* All that belongs to who sends. */
struct wt_quic_side {
    uint32_t packets[WT_QUIC_PACKETS], opened[WT_QUIC_PACKETS];
    uint32_t frames[WT_FRAME_UNKNOWN + 1];
    uint64_t bytes;                        /* of datagrams */
    uint64_t stream_bytes, datagram_bytes; /* in opened packets */
    struct wt_quic_numbers numbers[WT_SPACES];
    struct wt_quic_crypto *crypto[WT_LEVEL_COUNT]; /* NULL until the first byte */
    struct wt_quic_opener *opener[WT_LEVEL_COUNT]; /* NULL: there are no keys (yet) */
    struct wt_quic_opener *other;                  /* Initial packets of another version, which was or will be in use */
    struct wt_quic_cid first_scid;                 /* of its first long header, with knows_first */
    struct wt_quic_cid recent;                     /* that the newest packet to this side had, in a short header */
    uint64_t idle_ms;                              /* max_idle_timeout; 0: none was said */
    uint32_t largest_datagram;                     /* bytes of payload */
    uint32_t key_updates;
    uint32_t asked[WT_LEVEL_COUNT]; /* secrets that the store held when it was last asked for keys */
    int64_t last_ns;                /* of its newest packet */
    int64_t eliciting_ns;           /* of its newest packet that asks to be acknowledged */
    uint32_t last_frame;
    uint32_t datagrams;
    uint32_t flight; /* Handshake packets that are more than an acknowledgment */
    struct wt_quic_again again;
    struct wt_quic_newest newest;
    struct wt_quic_tail tail;
    uint32_t resets;   /* stateless; they are among its 1-RTT packets */
    uint32_t alone;    /* datagrams since the other side's last */
    uint8_t id_length; /* of the ids that it issues; with has_id */
    uint8_t used;      /* bit: enum wt_quic_packet of what it has sent */
    bool has_id;
    bool knows_first;
};

struct wt_quic_close {
    uint64_t code, frame_type;
    struct wt_span reason; /* in the TLS arena */
    uint32_t frame;
    uint8_t from;
    bool application;
    bool before_ready;
};

/* `flags` */
enum {
    WT_QUIC_ROLES = 1,           /* who is the client is known for certain */
    WT_QUIC_BEGUN = 2,           /* the client's first packet is in the capture */
    WT_QUIC_RETRY_SEEN = 4,      /* a Retry passed */
    WT_QUIC_RETRY_OK = 8,        /* its tag holds */
    WT_QUIC_RETRY_BAD = 16,      /* it does not */
    WT_QUIC_UNSEEN_RETRY = 32,   /* the client's ids show a Retry that is not in the capture */
    WT_QUIC_NEGOTIATED = 64,     /* a Version Negotiation packet passed */
    WT_QUIC_HELLO_FIRST = 128,   /* the next ClientHello is the first */
    WT_QUIC_HELLO_AGAIN = 256,   /* after a Retry: the next ClientHello is held against the first */
    WT_QUIC_HELLO_CHANGED = 512, /* and was another one */
    WT_QUIC_KEYS_CHANGED = 1024, /* a hello has come: packets that wait may be opened */
    WT_QUIC_ALIEN = 2048,        /* CRYPTO frames have what is no handshake message */
    WT_QUIC_RESET = 4096,        /* stateless */
    WT_QUIC_GOOGLE = 8192,       /* Google's own protocol, of which only names are told */
    WT_QUIC_ENDED = 16384,       /* nothing more is taken in */
    WT_QUIC_OUT_OF_WORK = 32768, /* a datagram was not read to its end for what it would have cost */
    WT_QUIC_TAKEN = 65536,       /* the server has shown that the client's Finished has come */
    WT_QUIC_OVERTAKEN = 131072,  /* messages of a later level were read before all of an earlier one */
    WT_QUIC_AGAIN = 262144,      /* the datagram that is being read has a packet that had come before */
};

struct wt_quic {
    struct wt_observer *o;
    struct wt_conversation *c;
    const struct wt_quic_version *row; /* of `version`; NULL: it cannot be opened */
    uint32_t version;                  /* the server's choice, until then the client's newest */
    uint32_t flags;
    struct wt_quic_cid original;    /* the Destination Connection ID of the client's first packet */
    struct wt_quic_cid attempt;     /* that of its newest attempt: after a Version Negotiation packet its second */
    struct wt_quic_cid client_scid; /* of the client's first long header, with has_client_scid */
    struct wt_quic_cid server_scid; /* of the server's newest that has one */
    struct wt_quic_cid initial;     /* that Initial keys are made of: after a Retry the client's second */
    const struct wt_quic_version *initial_row; /* whose secrets of it these are; NULL: of none. Anyone can have them */
    uint8_t initial_secret[2][32];
    struct wt_quic_cid retry_scid;
    struct wt_quic_side side[2]; /* by sender */
    struct wt_quic_id *ids;
    uint32_t id_count;
    uint32_t tried[WT_LIMIT_QUIC_VERSIONS];
    uint32_t offered[WT_LIMIT_QUIC_VERSIONS]; /* by the Version Negotiation packet */
    uint8_t tried_count, offered_count;
    uint8_t close_count, path_count, path_room, alias_count;
    struct wt_quic_close closes[WT_LIMIT_QUIC_CLOSES];
    struct wt_quic_path *path;  /* the newest that the client sends on: one of `paths` */
    struct wt_quic_path *paths; /* the first is that of the first packet */
    struct wt_quic_alias *aliases;
    uint32_t retry_frame, retry_bad_frame, negotiation_frame, reset_frame, offload_frame, confirmed_frame,
        changed_frame;
    uint16_t retry_token; /* bytes */
    uint8_t reset_from;
    uint64_t offloaded; /* datagrams */
    uint64_t early_packets;
    int64_t news_ns; /* of what came last that had something new in it: standstill.h */
    uint32_t news_frame, news_flight;
    uint64_t finished_number; /* one more than that of the client's packet with its Finished; 0: not seen */
    uint32_t blocked[2];      /* by side: how often flow control held it up */
    uint32_t blocked_frame[2];
    uint8_t first_hello[32]; /* SHA-256 of the first ClientHello */
    struct wt_quic_violation violation;
    struct wt_quic_amplification amplification;
    struct wt_quic_verified verified[2];            /* transport parameters, by side */
    struct wt_quic_waiting *waiting, **waiting_end; /* packets whose keys may come */
    uint32_t waiting_count, waiting_bytes;
    struct wt_quic_listed *list;             /* `packet_list`; NULL: nobody asks */
    struct wt_quic_loss *loss;               /* NULL: nothing was sent that may be sent again */
    struct wt_quic_told *told;               /* NULL: nobody asks for packets */
    struct wt_quic_application *application; /* streams; NULL: none was opened */
    uint32_t live;                           /* with has_live: its place among those that have Initial keys */
    uint32_t offload_size;                   /* bytes of each packet */
    bool has_live;
    bool steps_told;    /* of Initial keys */
    bool reset_guessed; /* the stateless reset's token was not seen before it */
    bool has_client_scid;
};

/* A packet on its way. */
struct wt_quic_sent {
    const struct wt_quic_header *header;
    struct wt_span bytes; /* the whole of it */
    enum wt_quic_packet type;
    unsigned from;
    uint64_t number;        /* once it is opened */
    struct wt_span payload; /* frames, once it is opened; holds until the next packet */
    struct wt_span plain;   /* its header without protection, likewise */
};

/* A new one with its conversation; `from` is taken for who sent the datagram. NULL without memory. */
struct wt_quic *wt_quic_connection_new(struct wt_observer *o, const struct wt_datagram *d, unsigned from);
/* The sides change places: who was taken for the client is the server. */
void wt_quic_connection_turn(struct wt_quic *q);
/* The sides are known for certain. */
void wt_quic_connection_role(struct wt_quic *q);
/* The client's handshake bytes begin anew: after a Version Negotiation packet (RFC 9000, 6.2) or a Retry (17.2.5.3).
 * `tls`: they are of another handshake. */
void wt_quic_connection_restart(struct wt_quic *q, bool tls);
void wt_quic_connection_free(struct wt_quic *q);
size_t wt_quic_connection_bytes(const struct wt_quic *q);

/* 1-RTT packets, which show that a side has their keys: not what only looks like them. */
static inline uint32_t wt_quic_data_packets(const struct wt_quic_side *side)
{
    return side->packets[WT_QUIC_1RTT] - side->resets;
}

static inline enum wt_quic_level wt_quic_level_of(enum wt_quic_packet packet)
{
    return packet == WT_QUIC_INITIAL     ? WT_LEVEL_INITIAL
           : packet == WT_QUIC_0RTT      ? WT_LEVEL_0RTT
           : packet == WT_QUIC_HANDSHAKE ? WT_LEVEL_HANDSHAKE
                                         : WT_LEVEL_1RTT;
}

static inline enum wt_quic_space wt_quic_space_of(enum wt_quic_packet packet)
{
    return packet == WT_QUIC_INITIAL     ? WT_SPACE_INITIAL
           : packet == WT_QUIC_HANDSHAKE ? WT_SPACE_HANDSHAKE
                                         : WT_SPACE_APPLICATION;
}

#endif
