/* --explain: what a teacher would say of a connection and of each message. */
#ifndef WT_REPORT_EXPLAIN_H
#define WT_REPORT_EXPLAIN_H

#include "base/trail.h"
#include "report/text/text.h"

/* Columns at which the teacher's parts begin. */
#define WT_EXPLAIN_AT 6u
#define WT_EXPLAIN_FIELD 8u

/* Before the messages: where TLS sits, and the flight that was chosen. */
void wt_explain_head(struct wt_text *x);
/* Under one row. */
void wt_explain_row(struct wt_text *x, const struct wt_row *row);
/* Behind the messages: the record protocol and the keys. */
void wt_explain_end(struct wt_text *x);

/* The fields of a message, from the codec's trail. `again`: their meaning was told before. */
void wt_explain_fields(struct wt_text *x, const struct wt_message *m, bool again);
/* What a field says in this capture, when more can be said than what it means everywhere; else NULL. `nth` counts
 * fields of that name in the message. */
const char *wt_explain_here(struct wt_text *x, const struct wt_message *m, const char *where,
                            const struct wt_trail_event *e, size_t nth);
/* What the length of an encrypted record gives away; NULL when nothing. */
const char *wt_explain_length(struct wt_text *x, const struct wt_message *m);
/* A suite taken apart, in sentences; and in a few words ("ECDHE · RSA · AES_128_GCM · SHA256"). */
void wt_explain_suite(struct wt_text *x, uint16_t suite, unsigned indent);
const char *wt_explain_suite_brief(struct wt_text *x, uint16_t suite);
void wt_explain_records(struct wt_text *x);
void wt_explain_keys(struct wt_text *x);
void wt_explain_flight(struct wt_text *x);
/* All proofs of the connection (explain_proofs.c); that of one message; and which keys its direction takes from it on. */
void wt_explain_proofs(struct wt_text *x);
void wt_explain_proof(struct wt_text *x, const struct wt_message *m);
void wt_explain_change(struct wt_text *x, const struct wt_message *m);

/* A paragraph of the teacher's; the lines after the first may hang deeper. */
void wt_explain_say(struct wt_text *x, unsigned indent, const char *text);
void wt_explain_hang(struct wt_text *x, unsigned first, unsigned indent, const char *text);

#endif
