/* What the two sides prove in a handshake: which messages each signature, Finished and PSK binder covers, and whether
 * it is valid. Each function takes the message by its index in h->messages.
 *
 * A client or server judges a message when it comes; who watches waits until all that it covers has been seen. */
#ifndef WT_HANDSHAKE_PROOFS_H
#define WT_HANDSHAKE_PROOFS_H

#include "base/steps.h"
#include "crypto/sign.h"
#include "handshake/handshake.h"

enum wt_proof_reason {
#define WT_PROOF_REASON(id) WT_REASON_##id,
#include "handshake/proofs.def"
#undef WT_PROOF_REASON
    WT_PROOF_REASONS
};

/* --- signatures: ServerKeyExchange up to TLS 1.2, CertificateVerify -------------------------------------------------
 */

/* Whether the signature can be judged, whatever its key: WT_REASON_NONE, or why not. */
enum wt_proof_reason wt_proofs_can_judge(const struct wt_handshake *h, size_t at);

/* Whose key it is to be held against: a certificate's (DER), or one that comes bare, from a raw public key (RFC 7250)
 * or from a delegated credential (RFC 9345, 4.1.1). False when its side sent no certificate before it. */
struct wt_signer {
    struct wt_span certificate, key; /* one of them; key: SubjectPublicKeyInfo */
};
bool wt_proofs_signer(const struct wt_handshake *h, size_t at, struct wt_signer *out);
/* The key itself, for the caller to free; NULL when libcrypto cannot read it. */
struct wt_public_key *wt_proofs_key(const struct wt_handshake *h, const struct wt_signer *signer);

/* WT_REASON_NONE: valid; WT_REASON_SIGNATURE, WT_REASON_WRONG_KEY: not; all else: cannot be judged.
 * wt_proofs_can_judge() came before. `master`: SSL 3.0's CertificateVerify takes it; NULL: not known. */
enum wt_proof_reason wt_proofs_signature(struct wt_handshake *h, size_t at, struct wt_public_key *key,
                                         const uint8_t *master);

/* All of these at once, for who sees the signer's certificate for the first time: whose key, and whether it is valid.
 */
enum wt_proof_reason wt_proofs_check_signature(struct wt_handshake *h, size_t at, const uint8_t *master);

/* TLS 1.3: what a CertificateVerify of that side that comes at `at` signs: for who signs one himself. Its length; 0:
 * a message is missing. */
size_t wt_proofs_to_sign(struct wt_handshake *h, unsigned side, size_t at, uint8_t *out);

/* --- Finished -------------------------------------------------------------------------------------------------------
 */

/* verify_data of the Finished of that side that is, or will be, at `at`. `secret`: the master secret (48 bytes), in TLS
 * 1.3 the sender's handshake traffic secret (RFC 8446, 4.4.4), after the handshake (4.6.2) its application traffic
 * secret in force. Its length, 0 when libcrypto lacks a hash or a message is missing. `steps` may be NULL. */
size_t wt_proofs_verify_data(struct wt_handshake *h, unsigned side, size_t at, struct wt_span secret,
                             const struct wt_steps *steps, uint8_t out[WT_DIGEST_MOST]);
/* Whether all that the proof at `at` covers is there. */
bool wt_proofs_is_whole(const struct wt_handshake *h, size_t at);
/* WT_REASON_NONE: valid; WT_REASON_FINISHED: not; all else: cannot be judged. */
enum wt_proof_reason wt_proofs_finished(struct wt_handshake *h, size_t at, struct wt_span secret,
                                        const struct wt_steps *steps);

/* --- PSK binders of a ClientHello (RFC 8446, 4.2.11.2) ---------------------------------------------------------------
 */

/* The i-th identity that the ClientHello at `at` offers and its binder. False when there is none. */
bool wt_proofs_identity(const struct wt_handshake *h, size_t at, unsigned i, struct wt_span *identity,
                        struct wt_span *binder);
/* The binder that the PSK leads to, of `length` bytes. `external`: it was established outside TLS. */
size_t wt_proofs_binder_of(struct wt_handshake *h, size_t at, struct wt_span psk, bool external, size_t length,
                           uint8_t out[WT_DIGEST_MOST]);
/* For who sends the ClientHello, before anything has hashed it: puts the PSK's binder into its i-th place, which has
 * the length of its hash. */
bool wt_proofs_bind(struct wt_handshake *h, size_t at, unsigned i, struct wt_span psk, bool external);
/* WT_REASON_NONE: valid; WT_REASON_BINDER: not; all else: cannot be judged. */
enum wt_proof_reason wt_proofs_binder(struct wt_handshake *h, size_t at, unsigned i, struct wt_span psk, bool external);

#endif
