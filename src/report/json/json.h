/* What the files of the JSON report share with each other. */
#ifndef WT_REPORT_JSON_H
#define WT_REPORT_JSON_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* What a connection's object holds beside what it always does. */
struct wt_json_parts {
    bool messages, places, fields, records, packets, exchanges, secrets;
    bool certificates_apart; /* they are shown elsewhere */
    struct wt_json_cache *cache; /* NULL: every certificate is written anew */
};
void wt_json_connection(struct wt_json *j, const struct wt_connection *c, const struct wt_json_parts *parts);

/* A code point as its name, or as hex digits when it has none. */
void wt_json_name(struct wt_json *j, enum wt_registry registry, uint64_t value);
/* The keys level, description, code. */
void wt_json_alert(struct wt_json *j, uint8_t level, uint8_t description);

#endif
