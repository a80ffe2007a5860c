/* What DTLS tells of a connection beside TLS's messages. Made by the library alone, as all of a story: see story.h. */
#ifndef WIRETALE_DTLS_H
#define WIRETALE_DTLS_H

#include "wiretale/span.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One record as it was sent: with options.keep_messages. */
struct wt_dtls_record_seen {
    uint64_t epoch;    /* of one of DTLS 1.3 that was not opened: its two low bits */
    uint64_t sequence; /* with `numbered` */
    uint32_t frame;
    uint32_t length; /* bytes of content; of one that was not opened, of its fragment */
    uint8_t from;    /* enum wt_side */
    uint8_t type;    /* content type, of one that was opened the inner one; 0: not known */
    bool opened;     /* it passed in the clear, or was opened */
    bool numbered;   /* DTLS 1.3 enciphers the number of a record */
    bool again;      /* one with its number came before */
    uint8_t header_length, id_length; /* bytes; of the connection id in it */
    /* With options.keep_datagrams: its header (the sequence number of one that was opened in the clear), and behind it
     * its content where `opened`. n = 0: beyond a limit. */
    struct wt_span bytes;
    uint32_t sent;   /* bytes of the record as it was sent */
    uint32_t number; /* from 1 in its direction, as messages have it: wt_message.record and those of its pieces */
    uint32_t offset; /* of its first byte in the datagram's payload */
};

/* What else had the connection's port (RFC 7983). */
enum wt_dtls_shared {
    WT_DTLS_STUN,         /* RFC 8489 */
    WT_DTLS_TURN_CHANNEL, /* RFC 8656, 12.4, without DTLS in it */
    WT_DTLS_ZRTP,         /* RFC 6189 */
    WT_DTLS_RTP,          /* SRTP and SRTCP: RFC 3711 */
    WT_DTLS_OTHER,
    WT_DTLS_SHARED_COUNT
};

struct wt_dtls_story {
    uint64_t records;         /* all that were seen */
    uint64_t fragments;       /* of handshake messages: those that are not the whole */
    uint64_t retransmissions; /* handshake messages that came again */
    uint64_t replays;         /* records whose number had come before */
    struct wt_span cookie;    /* of HelloVerifyRequest; n = 0: none */
    bool has_client_cid, has_server_cid;
    struct wt_span client_cid, server_cid; /* RFC 9146: what each side has asked the other to put into its records */
    uint32_t moves;           /* how often a side was heard from another address, by its connection id */
    uint16_t srtp_profile;    /* use_srtp's choice (RFC 5764); 0: none */
    uint64_t shared[WT_DTLS_SHARED_COUNT]; /* datagrams of others between the same ends */
    const char *inside;       /* what the application speaks: "CoAP", "SCTP", …; NULL: not known */
    const struct wt_dtls_record_seen *list; /* of the records, in the order of the capture */
    size_t list_count;
};

#ifdef __cplusplus
}
#endif

#endif
