/* The messages of one handshake in the protocol's order: their bytes as they were hashed, each decoded once, and a
 * running hash over them (RFC 8446, 4.4.1, Transcript-Hash; RFC 5246, 7.4.9, handshake_messages).
 *
 * An endpoint's messages come in order. An observer's two streams need not interleave in message order, so that each
 * message comes with the number of its flight (RFC 5246, 7.3; RFC 8446, 2) and goes after all of that flight and those
 * before it; one that goes in before messages that were hashed makes the hash start again.
 *
 * Whoever needs the bytes no longer lets go of them once they are hashed (wt_messages_release()). */
#ifndef WT_HANDSHAKE_MESSAGES_H
#define WT_HANDSHAKE_MESSAGES_H

#include "base/buffer.h"
#include "base/pool.h"
#include "codec/codec.h"
#include "crypto/hash.h"

/* A flight's place among the messages. Numbers leave room for the retry between the hellos. */
enum wt_place {
    WT_PLACE_HELLO,  /* ClientHello */
    WT_PLACE_RETRY,  /* HelloRetryRequest */
    WT_PLACE_SECOND, /* the ClientHello after it */
    WT_PLACE_SERVER, /* the server's flight; all of it in TLS 1.3 and when a session is resumed */
    WT_PLACE_CLIENT,
    WT_PLACE_SERVER_LAST, /* up to TLS 1.2, full handshake: NewSessionTicket, Finished */
    WT_PLACE_LATER,       /* TLS 1.3: authentication after the handshake */
};

struct wt_handshake_message {
    struct wt_span bytes;            /* with the 4-byte header; n = 0 when they were let go of */
    struct wt_message_body body;     /* its spans point into `bytes` */
    struct wt_codec_context context; /* that it was decoded with */
    enum wt_code code;               /* that its decoding ended with */
    struct wt_handshake_message
        *inner;           /* CompressedCertificate: the Certificate in it; NULL when it does not inflate */
    uint32_t frame;       /* packet that completed it, for who counts packets */
    uint32_t room;        /* bytes that it takes */
    uint16_t message_seq; /* DTLS, with `numbered`: room for what its header has more is before `bytes` */
    uint8_t place, type, side;
    bool numbered;
    bool judged;   /* its proof, if it carries one, has been looked at */
    bool headless; /* an SSL 2.0 hello: its bytes have no handshake header (RFC 5246, E.2) and are not decoded */
};

/* What of a message counts for hashes and signatures. */
enum wt_counted {
    WT_COUNTED_TLS,  /* type, length and body. RFC 9147, 5.2: DTLS 1.3's transcript is "computed over the original TLS
                        1.3-style Handshake messages without the message_seq, fragment_offset, and fragment_length
                        values" */
    WT_COUNTED_DTLS, /* RFC 6347, 4.2.6: "computed as if each handshake message had been sent as a single fragment. Note
                        that in cases where the cookie exchange is used, the initial ClientHello and HelloVerifyRequest
                        MUST NOT be included" */
    WT_COUNTED_BODY, /* the body alone: OpenSSL's DTLS of before the RFC (DTLS1_BAD_VER) */
};

/* All zero but for `pool` is empty. Free with wt_messages_clear(). */
struct wt_messages {
    struct wt_pool *pool;               /* that everything here is from; NULL: the system */
    struct wt_handshake_message **list; /* sorted by place, then arrival */
    struct wt_span *parts;              /* the bytes of each, in the same order */
    size_t count, cap;
    size_t bytes;               /* in all, at most WT_LIMIT_TRANSCRIPT */
    size_t hashed, released;    /* messages that `running` has taken; that were let go of */
    size_t covered;             /* messages that the newest hash, or the newest joined bytes, are of */
    struct wt_hash *running[2]; /* one hash, or MD5 and SHA-1 */
    enum wt_hash_id running_id; /* WT_HASH_NONE: both */
    uint8_t counted;            /* enum wt_counted */
    bool broken;                /* a message is missing or was too long: no proof can be judged */
};

/* Copies a message and decodes it there: body without its header. `headless` as above. *error (may be NULL) says where
 * and why decoding failed. NULL without memory. It is for the messages of this pool. */
struct wt_handshake_message *wt_messages_read(struct wt_pool *pool, const struct wt_codec_context *context,
                                              uint8_t type, struct wt_span body, bool headless, struct wt_error *error);
/* The same for who knows what it says: WT_OK is its code, and its `body` is the caller's to fill. */
struct wt_handshake_message *wt_messages_hold(struct wt_pool *pool, const struct wt_codec_context *context,
                                              uint8_t type, struct wt_span body);
/* One of DTLS, decoded, with its number. */
struct wt_handshake_message *wt_messages_read_numbered(struct wt_pool *pool, const struct wt_codec_context *context,
                                                       uint8_t type, struct wt_span body, uint16_t message_seq,
                                                       struct wt_error *error);
void wt_messages_drop(struct wt_pool *pool, struct wt_handshake_message *message);
/* What counts of numbered messages, of those that are there as well: known once the version is. */
void wt_messages_count_as(struct wt_messages *m, enum wt_counted counted);

/* Takes a message over, in its place. False, and it is gone: no memory, over the limit (then broken), or broken. */
bool wt_messages_add(struct wt_messages *m, struct wt_handshake_message *message, unsigned side, enum wt_place place);

/* RFC 8446, 4.4.1: after a HelloRetryRequest the first ClientHello counts as message_hash. Nothing happens unless the
 * first message is a ClientHello. */
bool wt_messages_retry(struct wt_messages *m, struct wt_crypto *crypto, enum wt_hash_id hash);

/* Index of the newest message of that side and type; SIZE_MAX when there is none. */
size_t wt_messages_find(const struct wt_messages *m, unsigned side, uint8_t type);
/* The same among those before WT_PLACE_LATER. */
size_t wt_messages_find_in_handshake(const struct wt_messages *m, unsigned side, uint8_t type);
bool wt_messages_has(const struct wt_messages *m, unsigned side, uint8_t type);
/* The newest one, or NULL. */
const struct wt_handshake_message *wt_messages_newest(const struct wt_messages *m, unsigned side, uint8_t type);

/* A message's body in the light of `context`: as it was decoded, or decoded again when version, key exchange or type of
 * certificate became known only after it came and its form hangs on them. NULL when it breaks its format. */
const struct wt_message_body *wt_messages_body(const struct wt_messages *m, size_t at,
                                               const struct wt_codec_context *context);

/* Hash over the first `count` messages, WT_HASH_NONE: MD5 and SHA-1 one after the other. Returns its length; 0 when
 * libcrypto lacks the hash or bytes that it needs were let go of. */
size_t wt_messages_hash(struct wt_messages *m, struct wt_crypto *crypto, enum wt_hash_id hash, size_t count,
                        uint8_t out[WT_DIGEST_MOST]);
/* The bytes of the first `count` messages one after the other in `out`. False: no memory, or they were let go of. */
bool wt_messages_join(struct wt_messages *m, size_t count, struct wt_buffer *out);
/* Drops what came after the handshake (WT_PLACE_LATER). */
void wt_messages_forget_later(struct wt_messages *m);
/* Lets go of all that is hashed: bytes and bodies. */
void wt_messages_release(struct wt_messages *m);

void wt_messages_clear(struct wt_messages *m);

#endif
