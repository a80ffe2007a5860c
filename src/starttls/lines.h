/* lines.c: lines of text in the protocols in which TLS is requested. Case does not matter. */
#ifndef WT_STARTTLS_LINES_H
#define WT_STARTTLS_LINES_H

#include "base/span.h"

/* The next line without its end; false at the end of the text. */
bool wt_lines_next(struct wt_span *rest, struct wt_span *line);
bool wt_lines_begins(struct wt_span s, const char *text);
/* Whether the text is anywhere in s. */
bool wt_lines_say(struct wt_span s, const char *text);
/* Whether a line is the last one of a reply: in SMTP's format; in POP3's. */
bool wt_lines_ends_coded(struct wt_span line);
bool wt_lines_ends_pop3(struct wt_span line);
/* The number, from 1, of the last of a client's lines with this prefix, and what comes after it; 0: none. */
unsigned wt_lines_asked(struct wt_span client, const char *command, struct wt_span *rest);

#endif
