/* Bytes of messages and certificates with stand-ins in them, field by field, as the decoders' trail has them. A field
 * keeps its bytes only where its name or kind says that they are the protocol's own: lengths, code points, versions,
 * flags, object identifiers of standards. All else is replaced, and so is every byte that is in no field. */
#ifndef WT_REDACT_FIELDS_H
#define WT_REDACT_FIELDS_H

#include "redact/text.h"
#include "wiretale/story.h"

/* message->body.n bytes to out. */
void wt_redact_message(struct wt_standins *s, const struct wt_message *message, uint8_t *out);
/* der.n bytes to out: an X.509 certificate or a raw public key. */
void wt_redact_certificate(struct wt_standins *s, struct wt_span der, uint8_t *out);
#endif
