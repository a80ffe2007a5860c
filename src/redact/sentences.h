/* Sentences with stand-ins for what was filled in. The sentences themselves are the catalogue's; of what was filled in,
 * numbers, names of the protocol's own and the catalogue's words stay, and all else is replaced. */
#ifndef WT_REDACT_SENTENCES_H
#define WT_REDACT_SENTENCES_H

#include "base/buffer.h"
#include "redact/standins.h"
#include "redact/vocabulary.h"

/* Appends a neutral text (base/sentences.h) to b. Times between the two of `packets_ns` (since 1970) are those
 * of packets; others are dates. */
void wt_redact_sentence(struct wt_standins *s, const struct wt_vocabulary *v, const int64_t packets_ns[2],
                        const char *text, struct wt_buffer *b);

#endif
