/* Rules that a message breaks (handshake/rules.h), reported as findings. */
#ifndef WT_OBSERVER_BREACHES_H
#define WT_OBSERVER_BREACHES_H

#include "codec/codec.h"
#include "diagnosis/findings.h"

#include <stdbool.h>

struct wt_observer;
struct wt_conversation;
struct wt_tls;
struct wt_list_finding;
struct wt_message;
struct wt_record;

/* A handshake message of a side (enum wt_side), decoded from `body`, `whole` if it kept its format: holds it against
 * the rules and adds it to what was agreed. `kept` (or NULL) is marked with the first breach. */
void wt_breaches_message(struct wt_observer *o, struct wt_conversation *c, unsigned side,
                         const struct wt_message_body *message, struct wt_span body, bool whole,
                         struct wt_message *kept);
/* A record's header is complete: holds its length against what its receiver may accept. `kept` (or NULL) is marked. */
void wt_breaches_record(struct wt_observer *o, struct wt_tls *tls, unsigned side, const struct wt_record *record,
                        struct wt_message *kept);
/* Whether a finding reports a breach; *alert is what answers it. */
bool wt_breach_is(const struct wt_list_finding *finding, uint8_t *alert);
/* A root cause says the same as the breach that was reported of a message in this packet, by its value: it is reported
 * once. */
void wt_breach_joins(struct wt_tls *tls, enum wt_finding_id row, uint32_t frame, uint64_t value);

#endif
