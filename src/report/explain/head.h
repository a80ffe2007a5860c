/* Before the messages: where TLS is among the layers, the flight that was chosen, and what was verified. */
#ifndef WT_EXPLAIN_HEAD_H
#define WT_EXPLAIN_HEAD_H

#include "report/text/text.h"

/* All that the drawing of the handshake, after what TLS is for, depends on. */
struct wt_explain_flight {
    uint32_t facts;
    uint8_t versions;
    bool drawn; /* a version was chosen: there is something to draw */
    bool whole; /* it came up */
};
/* Its padding is zero: it may be compared as bytes. */
void wt_explain_flight_of(struct wt_explain_flight *f, const struct wt_connection *c);
void wt_explain_flight(struct wt_text *x, const struct wt_explain_flight *f);

/* The layers from the application down to the record protocol, which depend on application, ALPN, STARTTLS, version and
 * protocol, and those below it. */
void wt_explain_above(struct wt_text *x);
void wt_explain_below(struct wt_text *x);
void wt_explain_head(struct wt_text *x);

#endif
