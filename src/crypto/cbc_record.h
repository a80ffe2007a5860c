/* Records of a CBC suite with the MAC inside, opened by somebody whose peer has a stopwatch: what takes the padding and
 * the MAC off, and what compares them, takes a time that depends on the record's length alone (Lucky Thirteen). Both
 * are libcrypto's. */
#ifndef WT_CRYPTO_CBC_RECORD_H
#define WT_CRYPTO_CBC_RECORD_H

#include "crypto/library.h"

struct wt_cbc_record;

enum { WT_CBC_HEADER = 13 }; /* seq_num, type, version, length: RFC 5246, 6.2.3.1 */

/* One direction's, TLS 1.0 to 1.2. `iv`: TLS 1.0's first; from 1.1 on it is in each record. `mac_n`: bytes of the MAC
 * in a record (RFC 6066, 7 makes them fewer than the hash has). NULL when libcrypto lacks a part, a key has the wrong
 * length, or the system gives no memory. */
struct wt_cbc_record *wt_cbc_record_new(struct wt_crypto *crypto, enum wt_cipher_id cipher, uint16_t version,
                                        struct wt_span key, struct wt_span iv, enum wt_hash_id hash,
                                        struct wt_span mac_key, size_t mac_n);
void wt_cbc_record_free(struct wt_cbc_record *c); /* wiped */

/* Opens a fragment in place; its content is within it. `header` is as the MAC has it, but for the length. False, with
 * nothing left of the plaintext, whatever was wrong. */
bool wt_cbc_record_open(struct wt_cbc_record *c, const uint8_t header[WT_CBC_HEADER], uint8_t *fragment, size_t n,
                        struct wt_span *content);

#endif
