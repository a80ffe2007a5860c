/* DTLS 1.3's records under one epoch's keys (RFC 9147, 4.2): the record number on the wire is enciphered, and only its
 * low bytes are there. What is inside goes through a protector (protect/protect.h) of TLS 1.3's format, with the whole
 * header, its number deciphered, for additional data. */
#ifndef WT_PROTECT_DTLS13_H
#define WT_PROTECT_DTLS13_H

#include "crypto/mask.h"
#include "protect/protect.h"

/* Takes the encryption off the sequence number of the unified header that ends at `fragment`, or puts it on, in place:
 * its `length` bytes (1 or 2) are at `sequence`. False when the fragment is too short: RFC 9147, 4.2.3: "This procedure
 * requires the ciphertext length to be at least 16 bytes. Receivers MUST reject shorter records as if they had failed
 * deprotection". */
bool wt_dtls13_mask(struct wt_mask *mask, struct wt_span fragment, uint8_t *sequence, unsigned length);

/* RFC 9147, 4.2.2: the sequence number whose low bytes are on the wire, closest to `expected`: one more than the
 * highest that was opened in that epoch, 0 when there was none. */
uint64_t wt_dtls13_sequence(uint64_t expected, uint32_t low, unsigned length);

#endif
