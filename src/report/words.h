/* The words of the JSON contract for the story's enums: what programs read and filters compare with. Never translated.
 * NULL where the contract leaves the key out. */
#ifndef WT_REPORT_WORDS_H
#define WT_REPORT_WORDS_H

#include "wiretale/story.h"

const char *wt_words_state(const struct wt_connection *c);
const char *wt_words_protocol(const struct wt_connection *c);
const char *wt_words_transport(const struct wt_connection *c);
const char *wt_words_resumption(const struct wt_connection *c);
const char *wt_words_early_data(const struct wt_connection *c);
const char *wt_words_severity(const struct wt_finding *finding);
const char *wt_words_side(unsigned from);
const char *wt_words_layer(unsigned layer);

#endif
