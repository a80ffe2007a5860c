/* What QUIC and DTLS tell beside TLS's messages: counts, versions, types, numbers and sides stay; connection ids,
 * cookies, addresses and reason phrases are others; bytes of packets are left out. */
#ifndef WT_REDACT_DATAGRAMS_H
#define WT_REDACT_DATAGRAMS_H

#include "base/arena.h"
#include "redact/text.h"
#include "wiretale/dtls.h"
#include "wiretale/quic.h"

/* NULL of NULL, and without memory. */
const struct wt_quic_story *wt_redact_quic(struct wt_standins *s, struct wt_arena *arena,
                                           const struct wt_quic_story *in);
const struct wt_dtls_story *wt_redact_dtls(struct wt_standins *s, struct wt_arena *arena,
                                           const struct wt_dtls_story *in);

#endif
