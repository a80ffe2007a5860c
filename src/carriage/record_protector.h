/* TLS records under one direction's keys (RFC 8446, 5.2 and 5.3; RFC 5246, 6.1 and 6.2): the five bytes of header, and
 * the sequence number, which no record carries: both sides count. What is done with the bytes is the protector's
 * (protect/protect.h). */
#ifndef WT_CARRIAGE_RECORD_PROTECTOR_H
#define WT_CARRIAGE_RECORD_PROTECTOR_H

#include "protect/protect.h"

enum { WT_RECORD_HEADER = 5 };

struct wt_record_protector;

/* As wt_protector_new(); the sequence number is 0. Free with wt_record_protector_free(), which wipes. */
struct wt_record_protector *wt_record_protector_new(struct wt_crypto *crypto, const struct wt_protection *how,
                                                    bool seal, struct wt_error *why);
void wt_record_protector_free(struct wt_record_protector *p);

/* Opens one record's fragment (without its 5-byte header) as wt_protector_open() does. The sequence number goes on also
 * when the record does not open, except while `trial`. */
enum wt_opening wt_record_protector_open(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                         struct wt_span fragment, uint8_t *out, bool trial, struct wt_opened *opened,
                                         const struct wt_steps *steps);
/* The same in pieces, as wt_protector_open_begin() and what follows it. */
bool wt_record_protector_open_begin(struct wt_record_protector *p, uint8_t type, uint16_t record_version, size_t length,
                                    struct wt_span first);
void wt_record_protector_open_more(struct wt_record_protector *p, struct wt_span piece, uint8_t *out);
enum wt_opening wt_record_protector_open_end(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                             uint8_t *fragment, size_t length, struct wt_opened *opened);
/* Seals one fragment (at most 2^14 bytes) as wt_protector_seal() does, into a whole record with its header: returns its
 * length, 0 on failure. `out` has room for text.n + padding + WT_SEAL_MOST (compression: + 1024). */
size_t wt_record_protector_seal(struct wt_record_protector *p, uint8_t type, uint16_t record_version,
                                struct wt_span text, unsigned padding, const uint8_t *nonce, uint8_t *out,
                                const struct wt_steps *steps);

uint64_t wt_record_protector_sequence(const struct wt_record_protector *p);
/* After lost records: only formats whose state is nothing but the sequence number can go on. False for the others. */
bool wt_record_protector_set_sequence(struct wt_record_protector *p, uint64_t sequence);
/* As wt_protector_overhead(). */
uint32_t wt_record_protector_overhead(const struct wt_record_protector *p);

#endif
