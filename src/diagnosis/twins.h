/* ClientHellos that were answered, by client and server: what distinguishes them from one that was not. */
#ifndef WT_DIAGNOSIS_TWINS_H
#define WT_DIAGNOSIS_TWINS_H

#include "base/span.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;
struct wt_twins; /* of the newest WT_LIMIT_TWINS pairs */

/* A ClientHello, as far as such devices look. */
struct wt_attempt {
    uint64_t peers; /* hash of the client's address and the server's address and port; 0: none */
    uint32_t stream;
    uint32_t host;   /* hash of its SNI; 0: none */
    uint32_t length; /* bytes of the message with its header */
    uint16_t group;  /* post-quantum or hybrid, with a key share; 0: none */
    bool ech, grease;
};

/* The server has answered the ClientHello of this connection. */
void wt_twins_learn(struct wt_observer *o, struct wt_conversation *c);
/* Of a connection whose ClientHello was not answered: what it was. False when it is not known. */
bool wt_twins_own(const struct wt_observer *o, const struct wt_conversation *c, struct wt_attempt *out);
/* An answered one of the same peers that differs from `own` in its size and groups, with the same name; else one
 * without GREASE values, where `own` has some, or with another name, that is otherwise alike; NULL: there is none, or
 * one that does not differ was answered as well. */
const struct wt_attempt *wt_twins_find(const struct wt_observer *o, const struct wt_attempt *own);
/* Whether there may have been one that wt_twins_find() does not know any more. */
bool wt_twins_forgot(const struct wt_observer *o, const struct wt_attempt *own);
/* Whether one fits a segment while the other does not. */
bool wt_twins_is_smaller(const struct wt_attempt *one, const struct wt_attempt *other);
void wt_twins_free(struct wt_twins *twins);

#endif
