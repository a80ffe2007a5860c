/* The object `dtls` of the JSON contract, and what a message of DTLS has of its own. */
#ifndef WT_REPORT_JSON_DTLS_H
#define WT_REPORT_JSON_DTLS_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* `list`: with its records one by one. */
void wt_json_dtls(struct wt_json *j, const struct wt_connection *c, bool list);
/* The elements of the connection's array `records`. */
void wt_json_dtls_records(struct wt_json *j, const struct wt_dtls_story *d);
void wt_json_dtls_message(struct wt_json *j, const struct wt_message *m);

#endif
