/* The words that are nobody's: those of the sentences, and the names of the registries. */
#ifndef WT_REDACT_VOCABULARY_H
#define WT_REDACT_VOCABULARY_H

#include "base/span.h"

struct wt_vocabulary;

/* NULL without memory. */
struct wt_vocabulary *wt_vocabulary_new(void);
void wt_vocabulary_free(struct wt_vocabulary *v);
/* Whether the word is one of a registry's names or, of letters and digits alone, one of a sentence. */
bool wt_vocabulary_has(const struct wt_vocabulary *v, struct wt_span word);

#endif
