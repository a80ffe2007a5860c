/* Protection of records and packets: one direction's keys and compression state; opens what the peer sealed, and seals.
 *
 * Formats (RFC 5246, 6.2.3; RFC 6101, 5.2.3; RFC 8446, 5.2): NULL and stream with MAC, block with MAC inside (implicit
 * IV up to TLS 1.0, explicit from 1.1) or outside (RFC 7366), AEAD with explicit nonce (GCM, CCM), with nonce from the
 * sequence number (ChaCha20-Poly1305, TLS 1.3). One struct serves all seats.
 *
 * The header and the sequence number are the caller's: TLS counts records, DTLS and QUIC send (part of) the number
 * (src/carriage). */
#ifndef WT_PROTECT_PROTECT_H
#define WT_PROTECT_PROTECT_H

#include "base/steps.h"
#include "crypto/library.h"
#include "wiretale/error.h"

struct wt_protector;

struct wt_protection {
    const struct wt_suite *suite;
    uint16_t version;                /* negotiated; DTLS and QUIC: of the TLS that they share the format with */
    struct wt_span mac_key, key, iv; /* as the key block or the traffic secret yields them; copied */
    bool encrypt_then_mac;           /* RFC 7366 */
    bool truncated_hmac;             /* RFC 6066, 7 */
    uint8_t compression;             /* RFC 3749: 0 null, 1 DEFLATE */
    bool no_content_type;            /* QUIC (RFC 9001, 5.3): the payload alone is sealed, without type and padding */
    bool endpoint;                   /* the peer can see how long it takes: wt_protector_open() has one failure */
    uint32_t fragment;               /* bytes a plaintext fragment may have; 0: 2^14 (QUIC: what UDP carries) */
};

/* What is known of a record or packet besides its protected bytes.
 *
 * `bytes`, the header. TLS up to 1.2, DTLS 1.2: it begins with type and version and ends with the length, and MAC or
 * additional data is over sequence, type, version and the plaintext's length (RFC 5246, 6.2.3; RFC 6347, 4.1.2), of
 * type tls12_cid over the id as well (RFC 9146, 5), whose inner type is part of the plaintext, the caller's. TLS
 * 1.3: the five bytes, which are the additional data (RFC 8446, 5.2). DTLS 1.3: the header as on the wire, with the
 * sequence number not enciphered (RFC 9147, 4: "the entire header value shown in Figure 4 (but prior to record number
 * encryption; see Section 4.2.3) is used as the additional data"). QUIC: "the contents of the QUIC header, starting
 * from the first byte of either the short or long header, up to and including the unprotected packet number" (RFC
 * 9001, 5.3).
 *
 * `sequence`. TLS: the record's number under these keys, from 0. DTLS 1.2: epoch (16 bits) and sequence_number (48
 * bits) (RFC 6347, 4.1.2.1). DTLS 1.3: the 64-bit sequence number, without the epoch (RFC 9147, 4). QUIC: the whole
 * packet number (RFC 9001, 5.3). */
struct wt_protect_header {
    struct wt_span bytes; /* 5 at least, except with TLS 1.3's formats */
    uint64_t sequence;
};

/* NULL with the reason: WT_UNSUPPORTED (field "cipher", "hash", "compression": libcrypto or we lack it; rule: its name;
 * value: the suite's or method's number), WT_MEMORY, WT_LENGTH (field "key", "mac_key", "iv": of the wrong length).
 * Free with wt_protector_free(), which wipes. */
struct wt_protector *wt_protector_new(struct wt_crypto *crypto, const struct wt_protection *how, bool seal,
                                      struct wt_error *why);
void wt_protector_free(struct wt_protector *p);

enum wt_opening {
    WT_OPENED,
    WT_OPEN_TOO_SHORT,   /* shorter than its IV, MAC, tag or padding: no record of this protection */
    WT_OPEN_NOT_BLOCKS,  /* no multiple of the cipher's block */
    WT_OPEN_BAD_PADDING, /* RFC 5246, 6.2.3.2: each byte of it "MUST be filled with the padding length value" */
    WT_OPEN_BAD_MAC,     /* MAC or tag does not hold */
    WT_OPEN_NO_TYPE,     /* TLS 1.3: nothing but padding inside (RFC 8446, 5.4) */
    WT_OPEN_BAD_COMPRESSION,
    WT_OPEN_TOO_LONG, /* RFC 8446, 5.2: plaintext over 2^14 (+ what compression may add) */
};

struct wt_opened {
    struct wt_span
        text;     /* plaintext fragment, within `out` of the call or the protector's own buffer until its next call */
    uint8_t type; /* content type; TLS 1.3: the inner one */
    uint32_t padding; /* bytes of padding taken off */
};

/* Opens one record's fragment, or one packet's payload: what follows the header. `out` has room for fragment.n bytes
 * and may be fragment.p itself: decryption is in place. State that goes on from record to record (key stream, CBC's
 * chain, compression) goes on also when the record does not open, so that the next one can (an observer does not end at
 * bad_record_mac), except while `trial`: then a failure leaves all state and the fragment as they were (not for stream
 * ciphers, whose key stream cannot go back). An authentic record that is too long (WT_OPEN_TOO_LONG) has its text in
 * *opened all the same, unless it was compressed. A failed opening leaves nothing of use in `out`. `steps` tell how the
 * record was protected, outwards from the plaintext, and what failed.
 *
 * An endpoint's (`endpoint` of struct wt_protection) has nothing to go on with after a failure: what is not authentic
 * is WT_OPEN_BAD_MAC, whether length, padding, MAC or tag is wrong, and with CBC it takes the same time for all records
 * of one length. It leaves no steps. RFC 5246, 7.2.2: bad_record_mac "also MUST be returned if an alert is sent because
 * a TLSCiphertext decrypted in an invalid way: either it wasn't an even multiple of the block length, or its padding
 * values, when checked, weren't correct." */
enum wt_opening wt_protector_open(struct wt_protector *p, const struct wt_protect_header *header,
                                  struct wt_span fragment, uint8_t *out, bool trial, struct wt_opened *opened,
                                  const struct wt_steps *steps);

/* The same in the pieces in which a fragment of `length` bytes comes, without gathering all of it first. begin looks at
 * the first piece and takes none of it; false: it has to be gathered and opened whole (only AEAD whose nonce is at hand
 * can be opened so). more writes as many bytes as the piece has to `out`, which follows the one before; it may decipher
 * them with a later piece. end gets all of these, and is as wt_protector_open() in place, not on trial. A record of
 * which no end comes leaves no trace. */
bool wt_protector_open_begin(struct wt_protector *p, const struct wt_protect_header *header, size_t length,
                             struct wt_span first);
void wt_protector_open_more(struct wt_protector *p, struct wt_span piece, uint8_t *out);
enum wt_opening wt_protector_open_end(struct wt_protector *p, const struct wt_protect_header *header, uint8_t *fragment,
                                      size_t length, struct wt_opened *opened);

/* Bytes that sealing adds at most. */
enum { WT_SEAL_MOST = 256 + 64 + 32 };
#define WT_SEAL_FAILED SIZE_MAX
/* Seals one fragment (at most 2^14 bytes) or packet payload: writes what follows the header to `out` and returns its
 * length, or WT_SEAL_FAILED. In TLS 1.3's formats, whose additional data is the header, a length in there must be that
 * of what will follow, text.n + padding + wt_protector_overhead(); in the older ones the header's length is not looked
 * at and is the caller's to put right. `type`: the content type; where there is an inner one, that. `padding`: TLS 1.3:
 * zeros after the type; CBC: whole blocks beyond the least. `nonce`: explicit nonce (8 bytes) or IV (a block) of the
 * formats that carry one; NULL: the sequence number (GCM, CCM), random (CBC). `out` has room for text.n + padding +
 * WT_SEAL_MOST (compression: + 1024). That no sequence number comes twice is the caller's care. */
size_t wt_protector_seal(struct wt_protector *p, const struct wt_protect_header *header, uint8_t type,
                         struct wt_span text, unsigned padding, const uint8_t *nonce, uint8_t *out,
                         const struct wt_steps *steps);

/* Whether nothing goes on from record to record, so that any sequence number may come next: after lost records, and in
 * datagrams. */
bool wt_protector_is_seekable(const struct wt_protector *p);
/* Bytes that protection adds at least. For AEAD (TLS 1.3: without padding) and stream ciphers a record's own length so
 * says which plaintext length it has; CBC's padding hides it, and compression does. */
uint32_t wt_protector_overhead(const struct wt_protector *p);

#endif
