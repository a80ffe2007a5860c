/* The text report's own parts. text.c tells a story from its head to its end; the other files each tell a part. */
#ifndef WT_REPORT_TEXT_H
#define WT_REPORT_TEXT_H

#include "base/i18n.h"
#include "codec/codec.h"
#include "report/term.h"
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

/* One story on its way to the terminal. */
struct wt_text {
    struct wt_term term;
    const struct wt_connection *c;
    const struct wt_text_options *options;
    unsigned prose;         /* column where sentences are broken: wide lines are hard to read */
    struct wt_buffer words; /* a sentence in the making */
    bool certificates_told[2];
    /* What --explain has told already is not told again. */
    bool suite_told, data_told;
    uint8_t told[3][256];         /* handshake, SSL 2.0, other content: a bit for each side that sent it */
    uint8_t told_extension[8192]; /* a bit each */
};

/* `words` as a sentence: begins empty, parts joined by commas. */
void wt_words_clear(struct wt_text *x);
void wt_words_add(struct wt_text *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *wt_words_get(struct wt_text *x);

/* Bytes from the wire made safe, in one of eight rooms used in turn: good for the arguments of one sentence. */
const char *wt_text_wire(struct wt_text *x, struct wt_span wire, unsigned columns);
/* The same for strings that the observer made printable: their backslashes stand. */
const char *wt_text_string(struct wt_text *x, const char *string, unsigned columns);

/* Names of code points, with their number when they have none; in the same rooms. */
const char *wt_text_name(struct wt_text *x, enum wt_registry registry, uint64_t value);
const char *wt_text_version(struct wt_text *x, uint16_t version);
/* "ECDHE_RSA with AES_128_GCM_SHA256" */
const char *wt_text_suite(struct wt_text *x, uint16_t suite);
/* What the file's packets were, as far as TLS is not the answer, and what could not be decoded. */
void wt_text_account(struct wt_text *x, const struct wt_summary *s);
/* What a person calls a message: "ClientHello", "CLIENT-MASTER-KEY", "ChangeCipherSpec", "Alert". */
const char *wt_text_message(struct wt_text *x, const struct wt_message *m);
const char *wt_text_side(unsigned from); /* "client", "server" */
/* "192.0.2.1:443", "[2001:db8::1]:443" */
const char *wt_text_address(struct wt_text *x, const struct wt_address *address);
/* "2018-08-17" */
const char *wt_text_date(struct wt_text *x, int64_t seconds);
const char *wt_text_layer(unsigned layer);          /* enum wt_layer */
bool wt_text_is_hidden(const struct wt_message *m); /* it passed encrypted and nobody opened it */

struct wt_codec_context wt_text_context(const struct wt_message *m);
/* Which row of the extension grid a message's extensions belong to. */
enum wt_ext_where wt_text_where(const struct wt_message *m);

const char *wt_text_severity(unsigned severity); /* enum wt_severity */
enum wt_style wt_text_severity_style(unsigned severity);

/* Which proof a message carries (enum wt_proof) that was judged or could not be; -1 for none. */
int wt_text_proof_of(const struct wt_text *x, const struct wt_message *m);
bool wt_text_proof_is_bad(const struct wt_text *x, const struct wt_message *m);
/* The verdict as a part of the message's remark. */
void wt_text_proof_words(struct wt_text *x, const struct wt_message *m);
void wt_text_proof_order(const struct wt_connection *c, enum wt_proof order[WT_PROOF_COUNT]);
const char *wt_text_proof_name(enum wt_proof proof);

/* The short remark beside a message's row; NULL when there is nothing to add. */
const char *wt_text_remark(struct wt_text *x, const struct wt_row *row);

/* Parts of the story. */
void wt_text_head(struct wt_text *x);
void wt_text_rows(struct wt_text *x);
void wt_text_end(struct wt_text *x);
void wt_text_findings(struct wt_text *x);
/* Below the head: why it failed, whose doing that is, and what to do. */
void wt_text_why(struct wt_text *x, unsigned indent);
/* Below the head: what keys opened, or why not, and the proofs. */
void wt_text_head_keys(struct wt_text *x, unsigned indent);
/* What was asked and answered inside. */
void wt_text_exchanges(struct wt_text *x);
/* How the keys were made; how a record was protected. Only for who asked. */
void wt_text_secrets(struct wt_text *x);
void wt_text_record(struct wt_text *x);
/* "established in 61.3 ms", "failed", … */
const char *wt_text_outcome(struct wt_text *x);
enum wt_style wt_text_state_style(const struct wt_connection *c);

/* A headline of the story's parts. */
void wt_text_headline(struct wt_text *x, const char *text);

/* text_trust.c: what the server's certificates were judged to be, under their list. */
void wt_text_trust(struct wt_text *x);

#endif
