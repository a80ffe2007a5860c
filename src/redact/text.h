/* Stand-ins of text: names of hosts, mailboxes and people, resources, and whatever else is meant to be read. What a
 * text is shows in itself, so that the same name has the same stand-in in a hello, a certificate, a header of HTTP and
 * a sentence. */
#ifndef WT_REDACT_TEXT_H
#define WT_REDACT_TEXT_H

#include "redact/standins.h"

/* Whether bytes are UTF-8 that can be printed. */
bool wt_is_readable(struct wt_span in);
/* Whether bytes that need not be text are: three or more, since random ones are readable by chance where they are few.
 */
bool wt_is_text(struct wt_span in);

/* in.n bytes to out, which may not overlap. Domain names keep their labels, and *: a name and the wildcard that
 * covers it stay so. None of their last labels can be that of a domain (a digit is in it). Ports, http: and its like,
 * and the dots of addresses stay as well. */
void wt_standin_text(struct wt_standins *s, struct wt_span in, uint8_t *out);

/* Bytes of either kind. */
void wt_standin_content(struct wt_standins *s, struct wt_span in, uint8_t *out);

/* A protocol of ALPN: one that IANA has registered stays, and so do values that are reserved (RFC 8701). */
void wt_standin_alpn(struct wt_standins *s, struct wt_span in, uint8_t *out);

/* Whether these are the first and last letter of such a protocol, or JA4's sign for none. */
bool wt_is_alpn_ends(const char ends[2]);

/* Text in UTF-16 or UTF-32, as BMPString and UniversalString have it: `unit` bytes (2, 4) a character. */
void wt_standin_wide(struct wt_standins *s, struct wt_span in, unsigned unit, uint8_t *out);

#endif
