/* The story's rows: one message each, or a run of them. */
#ifndef WT_TEXT_ROWS_H
#define WT_TEXT_ROWS_H

#include "wiretale/story.h"

/* How a run of messages is to be read: what follows from the place of each. */
enum wt_row_kind {
    WT_ROW_MESSAGE,   /* one message, or one record of another type */
    WT_ROW_DATA,      /* application data of one side, without a pause by the other */
    WT_ROW_EXCHANGES, /* so many of those in turn that only their sums are told */
    WT_ROW_HIDDEN,    /* records of TLS 1.3's handshake that nobody could open */
    WT_ROW_EARLY,     /* records of the client before the server spoke: 0-RTT */
};

struct wt_row {
    uint8_t kind;        /* enum wt_row_kind */
    uint8_t from;        /* enum wt_side */
    bool finished_here;  /* an encrypted handshake message that must be Finished, by its place */
    bool renegotiation;  /* hidden, and behind both Finished: up to TLS 1.2 only a new handshake passes there */
    size_t first, count; /* messages; those of EXCHANGES stand between `first` and first + count */
    struct wt_data_count data[2];
    struct wt_data_count opened[2]; /* of those: what keys opened; bytes of plaintext */
};

/* Walks the messages once, row by row. */
struct wt_rows {
    const struct wt_connection *c;
    size_t next;
    bool tls13;         /* a ServerHello chose it */
    bool hello[2];      /* that side's hello has passed (a HelloRetryRequest is none) */
    bool changed[2];    /* its ChangeCipherSpec has passed and its Finished has not */
    bool finished[2];   /* its first Finished has passed */
    bool hidden[2];     /* its hidden flight has been told */
    unsigned exchanges; /* runs of data since the last other row */
};

void wt_rows_start(struct wt_rows *rows, const struct wt_connection *c);
bool wt_rows_next(struct wt_rows *rows, struct wt_row *row);

bool wt_rows_is_hidden(const struct wt_message *m); /* it was sent encrypted and nobody opened it */
bool wt_rows_is_alien(const struct wt_message *m);  /* content of a handshake record that is no handshake message */

#endif
