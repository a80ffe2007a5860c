/* What a connection's handshakes came to, as it is kept when they are over (message.c fills it; of several handshakes
 * the newest counts). While one is under way, handshake/agreed.h knows more of it. */
#ifndef WT_OBSERVER_AGREED_H
#define WT_OBSERVER_AGREED_H

#include "base/span.h"

#include <stdbool.h>

struct wt_tls_agreed {
    struct wt_span sni, alpn;
    uint32_t resumed_from; /* stream that made the session, if has_resumed_from */
    uint16_t version, offered, suite, suites_offered, group, scheme;
    uint16_t dh_bits; /* of the prime in ServerKeyExchange */
    uint8_t protocol, resumption, early_data, renegotiations;
    uint8_t kx, server_certificate_type, client_certificate_type;
    uint8_t compression;
    bool has_suite : 1, has_resumed_from : 1, retried : 1;
} __attribute__((packed, aligned(4))); /* one in each connection: 60 bytes, not 64 */

#endif
