/* Flights: what a seat answers, step by step, and the questions to the program for which a step waits.
 *
 * A step that has a question open is done again once its answer is there, so that it does nothing before that could not
 * be done twice. While it waits no record is read; messages that were in the record that raised the question are held.
 */
#ifndef WT_ENDPOINT_FLIGHT_H
#define WT_ENDPOINT_FLIGHT_H

#include "endpoint/engine.h"

/* Does the steps, up to NULL, as far as no question stops them. */
bool wt_flight_start(struct wt_endpoint *e, wt_flight_step *const *steps);
/* Whether an answer of that kind is there, which is thereby used. False: the question is open from now on. */
bool wt_flight_ask(struct wt_endpoint *e, enum wt_ask ask);
/* Whether the program wants to be asked that. */
bool wt_flight_asks(const struct wt_endpoint *e, enum wt_ask ask);
/* A signature over the parts by the identity's key, here or elsewhere. False: not yet, or the connection has ended. */
bool wt_flight_sign(struct wt_endpoint *e, const struct wt_span *parts, size_t count, struct wt_span *signature,
                    uint8_t room[WT_SIGNATURE_MOST]);
/* A message that has to wait for an answer. */
bool wt_flight_hold(struct wt_endpoint *e, uint8_t type, struct wt_span body);
/* The program's PSK is no longer needed. */
void wt_flight_wipe_psk(struct wt_endpoint *e);
/* What is to be known for the answer. */
void wt_flight_tell(const struct wt_endpoint *e, struct wt_event *event);

#endif
