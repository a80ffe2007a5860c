/* One key of one cipher, set up once and used for every record of a direction. The context is libcrypto's; nothing is
 * fetched or allocated per record. */
#ifndef WT_CRYPTO_CIPHER_H
#define WT_CRYPTO_CIPHER_H

#include "crypto/library.h"

struct wt_cipher_context;

/* Whether wt_cipher_new() can make it: libcrypto has it, or has what it is made of (column `parts` of ciphers.def),
 * or crypto/idea.h does. */
bool wt_cipher_available(struct wt_crypto *crypto, enum wt_cipher_id cipher);

/* `key` has the cipher's `key` bytes (ciphers.def). `seal` false: for decryption. RC2 takes all its key bits as
 * effective. NULL when libcrypto lacks the cipher, the key has another length or the system gives
 * no memory. */
struct wt_cipher_context *wt_cipher_new(struct wt_crypto *crypto, enum wt_cipher_id cipher, struct wt_span key,
                                        bool seal);
void wt_cipher_free(struct wt_cipher_context *c); /* wiped */

/* AEAD (GCM, CCM, CCM_8, ChaCha20-Poly1305). `nonce` has 12 bytes; the first form of ChaCha20-Poly1305 has an 8-byte
 * nonce, its last eight (the first four are zero, as a sequence number makes them). `in` of open ends with the tag,
 * `out` of seal has room for in.n + tag bytes; out may be in.p. False when the tag does not hold (out is then wiped) or
 * libcrypto refuses. */
bool wt_cipher_open(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad, struct wt_span in,
                    uint8_t *out);
bool wt_cipher_seal(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad, struct wt_span in,
                    uint8_t *out);

/* The same in pieces of any size: begin, as many pieces as come, each deciphered to its own `out` (which may be in.p),
 * and the tag. Until the end is true what was deciphered may be anything, and is to be wiped when it is not. begin is
 * false where the cipher is made of parts, and for CCM, which has to know the length of the whole first. */
bool wt_cipher_open_begin(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad);
bool wt_cipher_open_more(struct wt_cipher_context *c, struct wt_span in, uint8_t *out);
bool wt_cipher_open_end(struct wt_cipher_context *c, const uint8_t *tag);
/* Sealing likewise; end writes the tag. */
bool wt_cipher_seal_begin(struct wt_cipher_context *c, const uint8_t nonce[12], struct wt_span aad);
bool wt_cipher_seal_more(struct wt_cipher_context *c, struct wt_span in, uint8_t *out);
bool wt_cipher_seal_end(struct wt_cipher_context *c, uint8_t *tag);

/* CBC without padding: in.n is a multiple of the block; out may be in.p. */
bool wt_cipher_cbc(struct wt_cipher_context *c, const uint8_t *iv, struct wt_span in, uint8_t *out);
/* Stream: the key stream goes on from record to record. out may be in.p. */
bool wt_cipher_stream(struct wt_cipher_context *c, struct wt_span in, uint8_t *out);

#endif
