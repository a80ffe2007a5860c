/* What a field says in this capture. */
#ifndef WT_EXPLAIN_HERE_H
#define WT_EXPLAIN_HERE_H

#include "base/trail.h"
#include "report/text/text.h"

/* The fields of which more can be said than what they mean everywhere. */
enum wt_explain_topic {
    WT_TOPIC_NONE,
    WT_TOPIC_CLIENT_VERSION,
    WT_TOPIC_CLIENT_SESSION,
    WT_TOPIC_SERVER_VERSION,
    WT_TOPIC_SERVER_SESSION,
    WT_TOPIC_SERVER_RANDOM,
    WT_TOPIC_CHOSEN_SUITE,
    WT_TOPIC_PRIME,
    WT_TOPIC_LIFETIME,
    WT_TOPIC_CERTIFICATE,
    WT_TOPIC_TICKET,
    WT_TOPIC_RENEGOTIATION,
    WT_TOPIC_CHAIN, /* these of TLCP */
    WT_TOPIC_SIGNED,
    WT_TOPIC_PREMASTER,
    WT_TOPIC_POINT,
};

/* By the field's name and the message or extension that it belongs to. */
enum wt_explain_topic wt_explain_topic(const char *where, const char *field);

/* What can be said; NULL when it is nothing this time. `nth` counts the message's fields of the topic. */
const char *wt_explain_here(struct wt_text *x, const struct wt_message *m, enum wt_explain_topic topic,
                            const struct wt_trail_event *e, size_t nth);
/* What the length of an encrypted record gives away; NULL when nothing. */
const char *wt_explain_length(struct wt_text *x, const struct wt_message *m);

#endif
