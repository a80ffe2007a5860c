/* What keys showed. */
#ifndef WT_JSON_KEYS_H
#define WT_JSON_KEYS_H

#include "report/json/writer.h"
#include "wiretale/story.h"

void wt_json_trust(struct wt_json *j, const struct wt_connection *c);
void wt_json_decryption(struct wt_json *j, const struct wt_connection *c);
void wt_json_exchanges(struct wt_json *j, const struct wt_connection *c);
/* The keys of secrets, which are in a connection only when they were kept. */
void wt_json_secrets(struct wt_json *j, const struct wt_connection *c);

#endif
