/* Early data (RFC 8446, 2.3 and 4.2.10): application data in the client's first flight, under keys of the session
 * alone. Whoever is on the path can send them again: a server takes those of a ticket once (8.1), while the ticket's
 * age is what the client says (8.3), and forgets no ticket that it could still be shown. */
#ifndef WT_ENDPOINT_EARLY_H
#define WT_ENDPOINT_EARLY_H

#include "endpoint/engine.h"

/* --- client ------------------------------------------------------------------------------------------------------- */

/* Whether the hello offers them: it has a session that allows it, and is the first. */
bool wt_early_offers(struct wt_endpoint *e);
/* The hello was sent: their keys are in force. */
bool wt_early_start(struct wt_endpoint *e);
/* What waits goes out as early data, as far as it may. */
bool wt_early_send(struct wt_endpoint *e);
/* The server asks for another hello: nothing of them was read. */
void wt_early_stop(struct wt_endpoint *e);
/* EncryptedExtensions have come. */
bool wt_early_settle(struct wt_endpoint *e);
bool wt_early_say_end(struct wt_endpoint *e);

/* --- server ------------------------------------------------------------------------------------------------------- */

/* The session of that ticket is resumed: whether its early data are taken. `age`: obfuscated_ticket_age. */
void wt_early_choose(struct wt_endpoint *e, struct wt_span ticket, uint32_t age);
/* By how much the client's view of the age of the ticket that it resumes by is off. */
void wt_early_note_age(struct wt_endpoint *e, uint32_t age);
/* Whether so many bytes of them may come. False: the connection has ended. */
bool wt_early_takes(struct wt_endpoint *e, size_t n);
/* Whether a record that cannot be read is one of early data that were not accepted. */
bool wt_early_skips(struct wt_endpoint *e, uint8_t type, size_t n);

/* Tickets whose early data were taken, by their nonces. A set of four that is full of those that could be shown again
 * takes no more. */
bool wt_strikes_take(struct wt_strikes *s, const uint8_t id[WT_TICKET_NONCE], int64_t now_ms, int64_t until);

#endif
