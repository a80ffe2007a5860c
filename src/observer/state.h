/* The observer's own state, shared by the files of this directory only. */
#ifndef WT_OBSERVER_STATE_H
#define WT_OBSERVER_STATE_H

#include "base/buffer.h"
#include "base/i18n.h"
#include "certificate/certificates.h"
#include "crypto/library.h"
#include "diagnosis/servers.h"
#include "observer/detect/refusals.h"
#include "observer/keys/keyring.h"
#include "observer/tls.h"
#include "observer/transport/account.h"
#include "observer/transport/conversations.h"
#include "observer/transport/datagrams.h"

/* Where a session was made: by the hash of its id or ticket. */
struct wt_session {
    uint32_t stream, file;
    uint32_t host; /* hash of the name that was asked for; 0: none */
};

struct wt_quic_ids;  /* connection ids, by their bytes */
struct wt_quic_live; /* connections that have Initial keys */
struct wt_dtls_early;

struct wt_closing {
    uint32_t id, stream; /* of the conversation */
    uint32_t held;       /* bytes that it held when it was closed */
    int64_t ns;
};

/* Reasons of `undecoded` beside those of packets. */
enum wt_lost_reason {
    WT_LOST_TCP_LIMIT,
    WT_LOST_TCP_DROPPED,
    WT_LOST_CONVERSATIONS,
    WT_LOST_UDP_CONVERSATIONS,
    WT_LOST_UDP_CONNECTIONS,
    WT_LOST_QUIC_IDS,
    WT_LOST_QUIC_PATHS,
    WT_LOST_QUIC_OPENINGS,
    WT_LOST_DIALOGUES,
    WT_LOST_MESSAGES,
    WT_LOST_MEMORY,
    WT_LOST_BUDGET,
    WT_LOST_CERTIFICATES,
    WT_LOST_SIGNATURES,
    WT_LOST_PLACES,
    WT_LOST_ICMP,
    WT_LOST_ACCOUNT,
    WT_LOST_LATE,
    WT_LOST_REFUSALS,
    WT_LOST_COPIES,
    WT_LOST_STEPS,
    WT_LOST_TRIALS,
    WT_LOST_SAME,
    WT_LOST_SERVERS,
    WT_LOST_TWINS,
    WT_LOST_REASONS
};

/* Connections of the run whose client random a key log has. */
struct wt_key_fits {
    uint64_t connections;
    uint32_t stream, file; /* the newest of them that is over; file 0: none yet */
};

struct wt_observer {
    struct wt_observer_options options;
    struct wt_conversations *conversations;
    struct wt_fragments *fragments;
    struct wt_crypto *crypto;
    struct wt_certificates *certificates;
    struct wt_judge *judge;
    struct wt_fingerprint_memo *fingerprints;
    struct wt_known_hellos *known_hellos;
    struct wt_tcp_totals tcp;
    struct wt_datagrams datagrams;
    struct {
        struct wt_conversations *table; /* connections over UDP: NULL until the first */
        uint32_t serial;                /* of the newest */
        int64_t sweep_ns;               /* when it is looked for those that end by themselves */
        struct wt_dtls *moving;         /* of DTLS, those whose records carry connection ids; the newest first */
        uint32_t moving_count, early_count;
        struct wt_dtls_early *early; /* datagrams of DTLS before any hello; the oldest first */
    } udp;
    struct wt_quic_ids *quic_ids; /* both NULL until the first */
    struct wt_quic_live *quic_live;
    uint64_t quic_told; /* connections of which packets were told */
    uint8_t *quic_room; /* for what is opened of a packet; NULL until the first */
    struct wt_account account;

    /* the packet that is being read */
    uint32_t frame;
    struct wt_time now;
    struct wt_packet_headers headers; /* of it, with options.keep_packet_headers; its bytes are the packet's */

    char *file;
    uint32_t file_number;
    uint32_t told;              /* no connection of this number or a greater one was reported */
    uint32_t reported;          /* all connections with smaller stream numbers were reported */
    uint32_t waiting;           /* conversations that have `waits` */
    struct wt_closing *closing; /* ring of WT_LIMIT_CLOSING */
    uint32_t closing_first, closing_count;
    uint64_t closing_bytes;           /* that they hold */
    struct wt_recent *session_places; /* by hash of an id or ticket: places in `sessions` */
    struct wt_session *sessions;      /* both NULL until the first */
    size_t session_room;              /* so many fit in there */
    uint64_t held;                    /* bytes, of what conversations hold: budget.h */
    uint64_t sleep_at;                /* bytes used: when connections are put to sleep next */
    uint64_t given_back_at;           /* bytes that were held when what was free went back to the system */
    bool letting_go;                  /* conversations that end do so for want of memory */
    size_t dialogue_bytes, header_bytes, journal_bytes;
    size_t segments;                                                       /* that are kept of all conversations */
    struct wt_journal *journals;                                           /* that nobody uses at present */
    uint32_t spare_journals;                                               /* how many */
    void (*take)(void *context, unsigned direction, struct wt_span bytes); /* stream bytes, as TCP gives them */
    bool attentive;                            /* each packet is looked at: idle_seconds, keep_packet_headers */
    struct wt_refusals *refusals;              /* NULL until the first */
    struct wt_servers *servers;                /* NULL until the first connection is over */
    struct wt_twins *twins;                    /* NULL until the first ClientHello is answered */
    struct wt_multipath *multipath;            /* NULL until the first of its SYN-ACKs */
    struct wt_same *same;                      /* NULL until the first ServerHello */
    struct wt_recent *secret_places;           /* by the same hashes: places in `session_secrets` */
    struct wt_session_secret *session_secrets; /* NULL until the first */
    size_t session_secret_room;                /* so many fit in there */

    struct wt_key_fits fits;

    /* records on their way through protection */
    uint8_t *record;          /* WT_LIMIT_RECORD bytes of room for what is opened */
    struct wt_hasher *hasher; /* NULL until there is enough to hash, or without options.second_thread */
    bool no_hasher;           /* there is none to be had */

    /* room, kept between connections */
    struct wt_buffer ja3, ja4_r; /* what the fingerprints of the hello that is being read are made of */
    struct wt_buffer shown;      /* the record that options.record asks for */
    struct wt_pool pool;         /* of what each connection has: its state, its arena, its handshake's messages */
    struct wt_arena story;

    int64_t first_ns, last_ns;
    int64_t latest_ns; /* of this file's packets */
    int64_t jumped_ns; /* of this file: the first packet after a pause of WT_LIMIT_JUMP_NS: captures laid end to end */
    int64_t paused_ns; /* of this file: the last packet before that pause */
    int64_t before_ns; /* of this file: `jumped_ns` of the pause before that */
    int64_t idle_ns;   /* when silent conversations are looked for next */
    uint64_t skipped[WT_PACKET_REASONS];
    uint64_t lost[WT_LOST_REASONS];
    size_t refused; /* wt_memory_refusals() before it was made */
    uint32_t kept;  /* connections whose messages were kept */
    struct wt_undecoded undecoded[WT_PACKET_REASONS + WT_LOST_REASONS + WT_ACCOUNT_GUESSES];
    struct wt_undecoded accounted[WT_ACCOUNT_ROWS];
    struct wt_summary summary;
    bool any_time;
};

/* While the observer works sentences are in no language, with options.neutral; a program's callback speaks its own. */
static inline void wt_observer_quiet(const struct wt_observer *o, bool on)
{
    if (__builtin_expect(o->options.neutral, 0))
        (void)wt_text_neutral(on);
}

#endif
