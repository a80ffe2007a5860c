/* A DTLS connection's own state, shared by the files of this directory. By direction of the transport, which records
 * belong to, and not by side. */
#ifndef WT_OBSERVER_DTLS_STATE_H
#define WT_OBSERVER_DTLS_STATE_H

#include "base/buffer.h"
#include "carriage/pieces.h"
#include "codec/dtls.h"
#include "crypto/mask.h"
#include "observer/dtls/dtls.h"
#include "observer/places.h"
#include "observer/state.h"
#include "observer/udp/connections.h"
#include "protect/protect.h"
#include "wiretale/dtls.h"

/* One direction's records of one epoch. */
struct wt_dtls_epoch {
    uint64_t epoch;
    uint64_t next;                  /* one more than the highest sequence number that was seen */
    uint64_t window;                /* which of the 64 before `next` were; bit 0 is the highest */
    uint64_t seen;                  /* how many were */
    struct wt_protector *protector; /* NULL: there are no keys */
    struct wt_mask *mask;           /* DTLS 1.3 */
    uint8_t secret[WT_DIGEST_MOST]; /* DTLS 1.3 */
    uint8_t secret_length;
    uint32_t asked; /* what was known when its keys were last asked for, in vain: wt_dtls_known() */
    bool used;
};

/* Where a fragment stands, its header with it; of the message's body it has the bytes from `offset` on. */
struct wt_dtls_spot {
    struct wt_places_piece piece;
    uint32_t offset;
};

struct wt_dtls_spots {
    struct wt_dtls_spot *list; /* by offset */
    size_t count, cap;
    bool lost; /* there was no room for one */
};

/* A handshake message that waits: for its fragments, or for those before it. */
struct wt_dtls_part {
    struct wt_pieces pieces;
    struct wt_buffer body;
    struct wt_dtls_spots spots;
    struct wt_record record; /* that brought the newest fragment */
    struct wt_time time;
    uint64_t epoch;
    uint32_t frame;
    uint32_t length;
    uint32_t flags; /* WT_MESSAGE_... */
    uint16_t message_seq, records;
    uint8_t type;
    bool used, whole;
};

/* A message that was told, for those that come again. */
struct wt_dtls_told {
    uint64_t epoch, hash; /* of its body */
    uint32_t length;
    uint16_t message_seq;
    uint8_t type;
    bool used;
};

/* Records of epoch 0 of late, which nothing authenticates: the same once more is the same bytes. */
struct wt_dtls_clear {
    uint64_t sequence, hash;
};

enum { WT_DTLS_REMEMBERED = 8 }; /* told messages, and records in the clear */

struct wt_dtls_way {
    struct wt_dtls_epoch epochs[WT_LIMIT_DTLS_EPOCHS];
    struct wt_dtls_part *parts;                   /* WT_LIMIT_DTLS_AHEAD of them, by message_seq; NULL: none waits */
    struct wt_dtls_told told[WT_DTLS_REMEMBERED]; /* by message_seq modulo their number */
    struct wt_dtls_clear clear[WT_DTLS_REMEMBERED];
    struct wt_span cids[WT_LIMIT_DTLS_CIDS]; /* that its records carry, as their receiver has chosen them */
    uint8_t cid_count, clear_next;
    bool numbered; /* `message_seq` is known: that of the message that comes next */
    bool swapped;  /* 1.3 with ChaCha20: the counter of its masks is written backwards */
    bool ccs;      /* up to 1.2: its ChangeCipherSpec has taken its step, or was presumed to */
    bool changed;  /* and was seen */
    bool finished; /* up to 1.2: the record that must be its Finished was seen, unopened */
    uint32_t finished_length;
    uint32_t message_seq;
    uint32_t record_count;
    uint64_t base; /* epoch in which the numbers of the handshake at hand began */
    size_t held;   /* bytes of `parts` */
    struct wt_record record;
    int64_t sent_ns;                       /* when its newest flight was sent, or sent again */
    uint32_t repeats;                      /* messages that came again */
    uint32_t rounds;                       /* how often it sent again, all that came at one time being one */
    uint32_t timed;                        /* of these, those that nothing of the other side's had caused */
    int64_t first_timer_ns, last_timer_ns; /* how long it had waited for these, the first and the last time */
    uint32_t repeat_frame;                 /* of the first that came again */
    int64_t repeat_ns;                     /* of the newest */
    uint64_t highest;                      /* epoch that was seen */
};

/* The message or record that is being told, for who keeps it. */
struct wt_dtls_telling {
    const struct wt_dtls_spots *spots; /* with `message` */
    struct wt_dtls_spot record;        /* without */
    uint64_t epoch;
    uint16_t message_seq;
    bool message;
};

/* A record that cannot be opened yet: what leads to its keys comes later. */
struct wt_dtls_waiting {
    struct wt_dtls_waiting *next;
    struct wt_time time;
    uint32_t frame;
    uint32_t number, at; /* as wt_dtls_reading has them */
    uint8_t direction;
    size_t n;
    uint8_t bytes[];
};

/* A record in the list; `from` is its direction until the end. */
struct wt_dtls_listed {
    struct wt_dtls_record_seen seen;
    uint32_t at, bytes; /* in `kept` */
};

struct wt_dtls {
    struct wt_dtls_way way[2];
    struct wt_conversation *c;
    struct wt_dtls *moving_next; /* in the observer's list of those that carry connection ids */
    struct wt_dtls_waiting *waiting, **waiting_end;
    size_t waiting_bytes;
    uint32_t waiting_count;
    uint32_t told;         /* messages, of both directions */
    uint32_t tried;        /* how many there were when those that wait were tried last */
    bool again;            /* those that wait are being read */
    bool last;             /* for the last time: nothing waits any more */
    bool listed;           /* in the observer's list */
    bool giving_up;        /* what is missing is not waited for */
    uint32_t late;         /* records of application data that came while messages wait */
    bool lacking;          /* a message never came, or not whole */
    bool unordered;        /* a message came behind a ChangeCipherSpec that had been taken to be next */
    bool verify_request;   /* there was a HelloVerifyRequest */
    uint16_t srtp_profile; /* use_srtp's choice; 0: none */
    uint32_t cookie_frame, replay_frame, moved_frame;
    uint64_t records, fragments, replays;
    uint32_t moves;
    uint64_t shared[WT_DTLS_SHARED_COUNT]; /* datagrams of others on its port, by what they are */
    uint8_t random[32];                    /* of the ClientHello */
    bool has_random;
    struct wt_span cookie;
    struct wt_span client_cid, server_cid;
    bool has_client_cid, has_server_cid;
    const char *inside;
    uint32_t looked;             /* records of application data that were looked at for it */
    struct wt_dtls_listed *list; /* with messages */
    size_t list_count, list_cap;
    struct wt_buffer kept; /* with options.keep_datagrams: bytes of the records in the list */
    struct wt_dtls_telling telling;
};

/* A record that is being read. */
struct wt_dtls_reading {
    struct wt_observer *o;
    struct wt_conversation *c;
    struct wt_tls *tls;
    struct wt_dtls *dtls;
    struct wt_dtls_way *way;
    unsigned direction, from;
    struct wt_dtls_record header;
    struct wt_span wire; /* the whole record */
    uint32_t at;         /* of its first byte in the datagram */
    size_t inside;       /* the fragment that is being read begins at that byte of `text` */
    struct wt_span text; /* what is in it, once it is open */
    struct wt_record record;
    uint64_t epoch, sequence;
    uint8_t type; /* content type of what is inside */
    bool opened;  /* with keys */
};

#endif
