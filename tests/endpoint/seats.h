/* Seats of one connection: the client's tap, the server's tap, and who looks on between them, next to either. What each
 * reports is the same, and what the endpoints believe is what it says. Where something on the path changes bytes, each
 * tap reports what is to be seen at its own end. */
#ifndef WT_TESTS_ENDPOINT_SEATS_H
#define WT_TESTS_ENDPOINT_SEATS_H

#include "wiretale/wiretale.h"

/* What an observer says of it. */
struct seats_verdict {
    uint8_t state, resumption, alert, alert_from, fault, noticed;
    bool has_alert, requested, retried, probable;
    uint16_t version, suite, group, scheme;
    size_t certificates[2]; /* by side */
    char alpn[256], sni[256], cause[48], text[1024], findings[512];
};

/* By side: what its endpoint says, and what the observer at its end says. */
struct seats_result {
    char why[2][48], text[2][1024];
    char end[48]; /* of the side that saw the other close: what it says then */
    struct seats_verdict verdict[2];
};

struct seats;

/* Both endpoints are tapped, and two observers get what seats_wire() is given. */
struct seats *seats_start(struct wt_endpoint *const e[2], const struct wt_trust *trust);
/* These bytes were sent, and those came. */
void seats_wire(struct seats *s, unsigned from, struct wt_span sent, struct wt_span came);
/* Frees the endpoints, which ends the connection. Fails the test where the stories differ. */
void seats_end(struct seats *s, struct wt_endpoint *e[2], struct seats_result *result);

#endif
