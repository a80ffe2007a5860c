/* lines.c: lines of text as the protocols have them in which TLS is asked for. Letters of either case are the same. */
#ifndef WT_STARTTLS_LINES_H
#define WT_STARTTLS_LINES_H

#include "base/span.h"

/* The next line without its end; false at the end of the text. */
bool wt_lines_next(struct wt_span *rest, struct wt_span *line);
bool wt_lines_begins(struct wt_span s, const char *text);
/* Whether the text stands anywhere in s. */
bool wt_lines_say(struct wt_span s, const char *text);
/* Whether a line is the last one of an answer: of SMTP's kind; of POP3's. */
bool wt_lines_ends_coded(struct wt_span line);
bool wt_lines_ends_pop3(struct wt_span line);
/* The number, from 1, of the last of a client's lines that begins so, and what stands behind it; 0: none. */
unsigned wt_lines_asked(struct wt_span client, const char *command, struct wt_span *rest);

#endif
