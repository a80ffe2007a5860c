/* The words of the JSON contract for the story's enums: what programs read and filters compare with. Never translated.
 * NULL where the contract leaves the key out. */
#ifndef WT_STORY_WORDS_H
#define WT_STORY_WORDS_H

#include "wiretale/story.h"

const char *wt_words_state(const struct wt_connection *c);
/* QUIC: enum wt_quic_level. */
const char *wt_words_level(unsigned level);
const char *wt_words_protocol(const struct wt_connection *c);
const char *wt_words_transport(const struct wt_connection *c);
const char *wt_words_resumption(const struct wt_connection *c);
const char *wt_words_early_data(const struct wt_connection *c);
const char *wt_words_severity(const struct wt_finding *finding);
const char *wt_words_fault(const struct wt_finding *finding);      /* "client", "between" */
const char *wt_words_noticed_by(const struct wt_finding *finding); /* "client", "server" */
const char *wt_words_certainty(const struct wt_finding *finding);  /* "certain", "probable" */
/* The message that it speaks of: "certificate", "alert"; NULL when none is named, or the messages were not kept. */
const char *wt_words_finding_message(const struct wt_connection *connection, const struct wt_finding *finding);
const char *wt_words_ocsp(const struct wt_ocsp *ocsp);             /* "good" */
const char *wt_words_side(unsigned from);
const char *wt_words_role(const struct wt_connection *c, unsigned side, size_t i); /* of a certificate: "signing" */
const char *wt_words_layer(unsigned layer);
const char *wt_words_decryption(const struct wt_connection *c);
const char *wt_words_proof(enum wt_proof proof);                /* "server_signature" */
const char *wt_words_verdict(const struct wt_proof_verdict *v); /* "ok", "bad", "unknown" */
const char *wt_words_http_version(const struct wt_exchange *e); /* "HTTP/1.1" */

enum wt_words {
    WT_WORDS_ANY, /* no list */
    WT_WORDS_STATE,
    WT_WORDS_PROTOCOL,
    WT_WORDS_TRANSPORT,
    WT_WORDS_RESUMPTION,
    WT_WORDS_EARLY_DATA,
    WT_WORDS_SEVERITY,
    WT_WORDS_SIDE,
    WT_WORDS_DECRYPTION,
    WT_WORDS_VERDICT,
    WT_WORDS_FAULT,
    WT_WORDS_CERTAINTY,
    WT_WORDS_OCSP,
};
/* The i-th word that a list has, NULL past the last. */
const char *wt_words_at(enum wt_words set, size_t i);

#endif
