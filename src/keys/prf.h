/* Keys up to TLS 1.2: premaster → master → key block → two MAC keys, two keys, two IVs (RFC 5246, 6.3 and 8.1; RFC
 * 6101, 6.1 and 6.2.2 for SSL 3.0), with every step shown on request. */
#ifndef WT_KEYS_PRF_H
#define WT_KEYS_PRF_H

#include "base/steps.h"
#include "crypto/library.h"

enum { WT_MASTER = 48 };

/* What a handshake has agreed on. */
struct wt_terms {
    struct wt_crypto *crypto;
    const struct wt_suite *suite;
    uint16_t version;                             /* WT_SSL3 to WT_TLS12, WT_TLCP */
    const uint8_t *client_random, *server_random; /* 32 bytes each */
    const struct wt_steps *steps;                 /* or NULL */
};

/* RFC 5246, 5: PRF(secret, label, seed), the PRF of the terms' version and suite. Not for SSL 3.0. False when libcrypto
 * lacks the hash. */
bool wt_prf(const struct wt_terms *terms, struct wt_span secret, const char *label, const struct wt_span *seed,
            size_t count, uint8_t *out, size_t n);

/* The one hash that the terms' PRF and transcripts take; WT_HASH_NONE for the pair of MD5 and SHA-1 of TLS 1.0 and 1.1.
 */
enum wt_hash_id wt_prf_hash(const struct wt_terms *terms);

/* RFC 5246, 8.1; with a session hash (n > 0) RFC 7627, 4: "extended master secret". */
bool wt_master_secret(const struct wt_terms *terms, struct wt_span premaster, struct wt_span session_hash,
                      uint8_t master[WT_MASTER]);

/* verify_data of a side's Finished: 12 bytes, SSL 3.0: 36 (RFC 5246, 7.4.9; RFC 6101, 5.6.9). `messages` are all
 * handshake messages before it with their headers. Returns its length, 0 on failure. */
size_t wt_verify_data(const struct wt_terms *terms, const uint8_t master[WT_MASTER], unsigned side,
                      struct wt_span messages, uint8_t out[36]);

/* The same of the messages' hash (wt_prf_hash()). Not for SSL 3.0, whose hash takes the master secret too. */
size_t wt_verify_data_of(const struct wt_terms *terms, const uint8_t master[WT_MASTER], unsigned side,
                         struct wt_span handshake_hash, uint8_t out[36]);

/* MD5 then SHA-1 as SSL 3.0's CertificateVerify signs them (RFC 6101, 5.6.8). */
bool wt_ssl3_certificate_digests(const struct wt_terms *terms, const uint8_t master[WT_MASTER], struct wt_span messages,
                                 uint8_t out[36]);

/* Hash of the transcript that EMS takes (RFC 7627, 3). Returns its length. */
size_t wt_session_hash_of(const struct wt_terms *terms, struct wt_span messages, uint8_t out[WT_DIGEST_MOST]);

/* RFC 4279, 2: the premaster of plain PSK ("N zero octets", then the PSK); `other` (n > 0) is what DHE_PSK, RSA_PSK and
 * ECDHE_PSK put in its first half. Returns bytes written to out (4 + other or psk + psk), 0 when `size` is too small.
 */
size_t wt_psk_premaster(struct wt_span psk, struct wt_span other, uint8_t *out, size_t size);

/* RFC 5705, 4: keying material exporter. context n = 0 and p = NULL: none. */
bool wt_exporter12(const struct wt_terms *terms, const uint8_t master[WT_MASTER], const char *label,
                   struct wt_span context, uint8_t *out, size_t n);

#endif
