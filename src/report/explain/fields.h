/* The fields of a message, from the codec's trail. */
#ifndef WT_EXPLAIN_FIELDS_H
#define WT_EXPLAIN_FIELDS_H

#include "base/trail.h"
#include "report/text/text.h"

/* `again`: their meaning was told before. */
void wt_explain_fields(struct wt_text *x, const struct wt_message *m, bool again);

/* Those of a packet or record, each meaning once. */
void wt_explain_datagram_fields(struct wt_text *x, const char *place, struct wt_span bytes,
                                const struct wt_trail *trail, const struct wt_error *error);

#endif
