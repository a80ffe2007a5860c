/* A side's records as keys open them. */
#ifndef WT_OBSERVER_OPENER_H
#define WT_OBSERVER_OPENER_H

#include "base/buffer.h"
#include "carriage/record.h"
#include "carriage/record_protector.h"
#include "crypto/hasher.h"
#include "observer/keys/why.h"

struct wt_observer;
struct wt_conversation;
struct wt_tls;
struct wt_opened;
struct wt_plaintext;

/* One side's records. */
struct wt_opener {
    struct wt_record_protector *now;  /* in force */
    struct wt_record_protector *next; /* up to TLS 1.2: waits for the ChangeCipherSpec */
    uint8_t secret[WT_DIGEST_MOST];   /* TLS 1.3: the traffic secret in force */
    uint8_t secret_length;
    uint8_t epoch;      /* enum wt_epoch */
    uint8_t why, label; /* enum wt_why, enum wt_label */
    uint8_t opening;    /* enum wt_opening of the first record that failed */
    bool stopped;       /* nothing more can be opened */
    bool in_pieces;     /* the record at hand is deciphered as its pieces come: `partial` has its plaintext so far */
    bool skips;         /* the record at hand counts as application data and is not opened */
    bool trying;        /* records that fail may be of another epoch: early data, or before the Finished */
    uint64_t why_a, why_b;
    uint64_t passed;                   /* records of this epoch that passed unopened */
    uint64_t opened, failed, unopened; /* of all protected ones */
    uint32_t failed_frame, failed_record, failures_in_row;
    struct wt_buffer partial; /* a record's body that comes in pieces */
    struct wt_hash *digest;   /* of the plaintext */
    struct wt_hasher *hasher; /* goes on with it; NULL: nobody does */
    uint64_t plaintext;       /* bytes */
};

/* Whether the record at hand passes under keys. */
bool wt_opener_protected(const struct wt_tls *tls, unsigned side, const struct wt_record *record);
/* Such a record begins: true when there are keys to open it with; its body is wanted unless `skips` is set. */
bool wt_opener_wants(struct wt_observer *o, struct wt_tls *tls, unsigned side, const struct wt_record *record);
/* The body, when it comes in pieces. */
void wt_opener_body(struct wt_observer *o, struct wt_tls *tls, unsigned side, const struct wt_record *record,
                    struct wt_span piece);
/* The record is whole (`whole` empty: as gathered): opens it. What comes out holds until the next record. */
bool wt_opener_end(struct wt_observer *o, struct wt_tls *tls, unsigned side, const struct wt_record *record,
                   struct wt_span whole, struct wt_opened *opened);
/* Bytes of a side will never be read: what follows stands behind a hole. */
void wt_opener_lost(struct wt_tls *tls, unsigned side);
/* Application data that could be read. */
void wt_opener_plaintext(struct wt_observer *o, struct wt_conversation *c, unsigned side, struct wt_span bytes);
/* options.plaintext is told, which is not NULL; all but what was said and by whom is filled in. */
void wt_opener_tell(struct wt_observer *o, const struct wt_conversation *c, const struct wt_plaintext *what);
/* Nobody goes on with the digest of what was said until now. */
void wt_opener_finish_digest(struct wt_opener *op);
/* The connection ends: what failed is judged (record-corrupted, keys-do-not-fit). */
void wt_opener_settle(struct wt_observer *o, struct wt_conversation *c);

#endif
