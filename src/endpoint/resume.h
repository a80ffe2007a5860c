/* Sessions, from either seat: what one is made of, and what a connection that resumes one takes over. */
#ifndef WT_ENDPOINT_RESUME_H
#define WT_ENDPOINT_RESUME_H

#include "endpoint/engine.h"

/* What the connection would leave to the next, without secret and ticket: their places are the caller's. */
struct wt_session wt_resume_session_of(const struct wt_endpoint *e, uint32_t lifetime);
/* TLS 1.2: whether there may be a session at all: not of a PSK that the program alone knows, and would not be asked for
 * again. */
bool wt_resume_may12(const struct wt_endpoint *e);
/* The session is resumed: who the peer is, is known from it. */
void wt_resume_take(struct wt_endpoint *e, const struct wt_session *s);
/* The peer's certificate was verified, or refused by nobody: it is what sessions are bound to. */
void wt_resume_authenticated(struct wt_endpoint *e);
/* TLS 1.3: the resumption master secret, while the messages are there. */
bool wt_resume_secret13(struct wt_endpoint *e);
/* The PSK of a ticket of that nonce goes into the session. */
bool wt_resume_psk13(struct wt_endpoint *e, struct wt_span nonce, struct wt_session *s);
/* RFC 5246, 7.2.2: "any connection terminated with a fatal alert MUST NOT be resumed"; RFC 8446, 6: its tickets
 * "SHOULD be discarded if possible". */
void wt_resume_disown(struct wt_endpoint *e);

/* The hash that the PSK of TLS 1.3 in use goes with. */
enum wt_hash_id wt_resume_hash_of(uint16_t suite);

#endif
