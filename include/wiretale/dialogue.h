/* What comes before TLS, from the client's side and without a socket: asking a server to upgrade (STARTTLS and its kin),
 * or a proxy for a way to one.
 *
 *     struct wt_dialogue *d = wt_dialogue_new("smtp", "mail.example.com", 25);
 *     while (wt_dialogue_state(d) == WT_DIALOGUE_GOES_ON) {
 *         struct wt_span s = wt_dialogue_outgoing(d);
 *         if (s.n)
 *             wt_dialogue_sent(d, (size_t)write(fd, s.p, s.n));
 *         else if ((n = read(fd, bytes, sizeof bytes)) <= 0)
 *             break;
 *         else
 *             wt_dialogue_received(d, bytes, (size_t)n);
 *     }
 *
 * What a server sends behind its consent is not to be used: whoever is on the path may have put it there, for it to be
 * taken for what came under TLS. See wt_dialogue_rest(). */
#ifndef WIRETALE_DIALOGUE_H
#define WIRETALE_DIALOGUE_H

#include "wiretale/error.h"
#include "wiretale/span.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wt_dialogue_state {
    WT_DIALOGUE_GOES_ON,
    WT_DIALOGUE_GRANTED, /* what comes next is TLS */
    WT_DIALOGUE_REFUSED, /* wt_dialogue_said() is the server's reason */
    WT_DIALOGUE_BROKEN,  /* what came is not that protocol, or too much of it; or memory is short */
};

struct wt_dialogue;

/* The i-th protocol in which a client can ask for TLS ("smtp"), or with `proxy` of those that ask for a way
 * ("http_connect", "socks"); NULL past the last. Static. */
WT_API const char *wt_dialogue_protocol(size_t i, bool proxy);
/* `host` (at most 255 bytes) and `port`: the server's, also for a proxy. NULL for a protocol that is none of these, or
 * without memory. */
WT_API struct wt_dialogue *wt_dialogue_new(const char *protocol, const char *host, uint16_t port);
WT_API void wt_dialogue_free(struct wt_dialogue *dialogue);

WT_API enum wt_dialogue_state wt_dialogue_state(const struct wt_dialogue *dialogue);
/* Bytes for the server; hold until the next call. n = 0: it is the server's turn. */
WT_API struct wt_span wt_dialogue_outgoing(const struct wt_dialogue *dialogue);
/* The first n of them were sent. */
WT_API void wt_dialogue_sent(struct wt_dialogue *dialogue, size_t n);
WT_API void wt_dialogue_received(struct wt_dialogue *dialogue, const void *bytes, size_t n);
/* Why the server refused, in its words: bytes of the wire. */
WT_API struct wt_span wt_dialogue_said(const struct wt_dialogue *dialogue);
/* Bytes that came behind its consent. Of a proxy they are the server's first; of a server they are to be thrown away
 * (CVE-2011-0411), and TLS begins with what comes next. */
WT_API struct wt_span wt_dialogue_rest(const struct wt_dialogue *dialogue);

#ifdef __cplusplus
}
#endif
#endif
