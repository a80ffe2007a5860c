/* What the files of the JSON report share with each other. */
#ifndef WT_REPORT_JSON_H
#define WT_REPORT_JSON_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* What a connection's object holds beside what it always does. */
struct wt_json_parts {
    bool messages, places, fields, records, packets, exchanges, secrets;
    struct wt_json_cache *cache; /* NULL: every certificate and message is written anew */
};
void wt_json_connection(struct wt_json *j, const struct wt_connection *c, const struct wt_json_parts *parts);

/* Its members in two objects: those that many connections of a capture have in common, and its own. Neither has
 * messages, records, packets, certificates and findings; exchanges and the derivation are there with `secrets`. */
void wt_json_connection_kind(struct wt_json *j, const struct wt_connection *c);
void wt_json_connection_own(struct wt_json *j, const struct wt_connection *c, bool secrets);
/* The members of a finding; without "frame" for 0. */
void wt_json_finding(struct wt_json *j, const struct wt_connection *c, const struct wt_finding *f, uint32_t frame);

/* A code point as its name, or as hex digits when it has none. */
void wt_json_name(struct wt_json *j, enum wt_registry registry, uint64_t value);
/* A side as a value and as a key, as wt_words_side() has them; inline, since they are half of all short words. */
static inline const char *wt_json_side_name(unsigned side)
{
    return side == WT_SERVER ? "server" : "client";
}
static inline void wt_json_side(struct wt_json *j, unsigned side)
{
    wt_json_word_of(j, wt_json_side_name(side), 6);
}
static inline void wt_json_key_side(struct wt_json *j, unsigned side)
{
    wt_json_key_of(j, wt_json_side_name(side), 6);
}
/* The keys level, description, code. */
void wt_json_alert(struct wt_json *j, uint8_t level, uint8_t description);

#endif
