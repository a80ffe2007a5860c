/* QUIC's packet protection (RFC 9001, 5): header protection, packet numbers and the Retry's tag. What is inside goes
 * through a protector (protect/protect.h) with the packet's number for its sequence and its header for additional data.
 *
 * Header protection and packet protection are apart because a key update changes the second alone, and whoever opens
 * has to take off the first to see which keys the second has. */
#ifndef WT_PROTECT_QUIC_H
#define WT_PROTECT_QUIC_H

#include "crypto/mask.h"
#include "protect/protect.h"
#include "registry/quic.h"

enum {
    WT_QUIC_NUMBER_MOST = 4, /* bytes of a packet number on the wire */
};

/* Packet protection of a suite under key and IV: as wt_protector_new(). RFC 9001, 5.3: "A cipher suite MUST NOT be
 * negotiated unless a header protection scheme is defined for the cipher suite", and of those of TLS 1.3
 * TLS_AES_128_CCM_8_SHA256 has none. */
struct wt_protector *wt_quic_protector_new(struct wt_crypto *crypto, const struct wt_suite *suite, struct wt_span key,
                                           struct wt_span iv, bool seal, struct wt_error *why);

/* A packet whose header protection is off. */
struct wt_quic_bare {
    uint8_t first;         /* its first byte */
    uint8_t number_length; /* 1 to 4 bytes */
    uint32_t number;       /* as it stands there: the low bytes of the packet number */
};

/* Looks beneath the header protection. `packet` is one packet (of coalesced ones: up to where its Length ends),
 * `number_at` where its packet number begins. RFC 9001, 5.4.2: the sample is taken as if the packet number had four
 * bytes; false when the packet is too short for that: "An endpoint MUST discard packets that are not long enough to
 * contain a complete sample." */
bool wt_quic_unmask(struct wt_mask *mask, struct wt_span packet, size_t number_at, struct wt_quic_bare *bare);
/* Puts header protection on (or takes it off: once the first byte is known it is the same), in place. `packet` is
 * sealed. False as above. */
bool wt_quic_mask(struct wt_mask *mask, uint8_t *packet, size_t n, size_t number_at, unsigned number_length);

/* RFC 9000, A.3: the packet number whose low `length` bytes are `number`, closest to `expected`, which is one more than
 * the largest that was received in that space (0 when there was none). */
uint64_t wt_quic_number_restore(uint64_t expected, uint32_t number, unsigned length);
/* RFC 9000, A.2: how many bytes `number` needs, when `acknowledged` packets of that space at least (all below that
 * number) were acknowledged: 1 to 4; 0 when it would take more. */
unsigned wt_quic_number_length(uint64_t number, uint64_t acknowledged);

/* Opens a packet whose header protection was looked beneath: `header` is what it looks like without (number_at +
 * bare->number_length bytes, made by wt_quic_header()), `payload` all behind it. `out` has room for payload.n bytes. */
enum wt_opening wt_quic_open(struct wt_protector *p, struct wt_span header, uint64_t number, struct wt_span payload,
                             uint8_t *out, struct wt_opened *opened);
/* The header without protection: RFC 9001, 5.3: "The associated data, A, for the AEAD is the contents of the QUIC
 * header, starting from the first byte of either the short or long header, up to and including the unprotected packet
 * number." `out` has room for number_at + 4 bytes. */
struct wt_span wt_quic_header(struct wt_span packet, size_t number_at, const struct wt_quic_bare *bare, uint8_t *out);

/* Seals `frames` behind `header` (unprotected, ends with `number_length` bytes of the packet number) into `out`, which
 * has room for header.n + frames.n + WT_QUIC_TAG: the whole packet, header protection put on. A long header's Length
 * counts number_length + frames.n + WT_QUIC_TAG already. Returns the packet's length; 0 when it fails, or when frames
 * are too few for a sample (RFC 9001, 5.4.2: number_length + frames.n must be 4 at least: pad them). */
size_t wt_quic_seal(struct wt_protector *p, struct wt_mask *mask, struct wt_span header, unsigned number_length,
                    uint64_t number, struct wt_span frames, uint8_t *out);

/* RFC 9001, 5.8: the tag of a Retry: `retry` is the packet without its tag, `original` the Destination Connection ID of
 * the Initial that it answers (WT_QUIC_CID_MOST bytes at most). False when the version's packet has none or libcrypto
 * fails. */
bool wt_quic_retry_tag(struct wt_crypto *crypto, const struct wt_quic_version *version, struct wt_span original,
                       struct wt_span retry, uint8_t tag[WT_QUIC_TAG]);

#endif
