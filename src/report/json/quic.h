/* `quic` of a connection. */
#ifndef WT_REPORT_JSON_QUIC_H
#define WT_REPORT_JSON_QUIC_H

#include "report/json/writer.h"
#include "wiretale/story.h"

/* With the messages: each packet, too. Nothing of a connection that is not QUIC's. */
void wt_json_quic(struct wt_json *j, const struct wt_connection *c, bool packets);

#endif
