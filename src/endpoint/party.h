/* What the connections of one client or server have in common: options, keys, libcrypto's objects, and what was found
 * out of certificates. Nothing of it is changed by what a peer sends, but for caches with a bound. */
#ifndef WT_ENDPOINT_PARTY_H
#define WT_ENDPOINT_PARTY_H

#include "base/buffer.h"
#include "base/pool.h"
#include "certificate/judge.h"
#include "crypto/exchange.h"
#include "endpoint/identity.h"
#include "endpoint/sessions.h"
#include "endpoint/tickets.h"

/* Tickets whose early data were taken: early.h. All zero is empty. */
struct wt_strike {
    int64_t until; /* milliseconds since 1970: that it could be shown again */
    uint8_t id[WT_TICKET_NONCE];
};
struct wt_strikes {
    struct wt_strike *slots; /* WT_LIMIT_EARLY_STRIKES, in sets of four */
    int64_t since;           /* milliseconds since 1970: the party's first connection */
    bool begun;
};

struct wt_party {
    unsigned side;                /* enum wt_side */
    struct wt_endpoint_options o; /* what it points to is the caller's, but for: */
    char *host;
    struct wt_buffer suites, groups, schemes; /* code points in order of preference, as on the wire */
    bool psk_suites;                          /* among them are suites of TLS 1.2 that take a PSK */
    struct wt_buffer certificate_schemes, own_schemes;
    struct wt_buffer authorities; /* DistinguishedName<1..2^16-1> one after the other */
    struct wt_buffer alpn;        /* ProtocolName<1..2^8-1> one after the other */
    struct wt_crypto *crypto;
    struct wt_certificates *certificates;
    struct wt_judge *judge;
    struct wt_exchanges *exchanges;
    struct wt_random random;
    struct wt_pool pool;                /* blocks that handshakes take and give back */
    struct wt_client_sessions sessions; /* client */
    struct wt_server_sessions ids;      /* server, TLS 1.2 */
    struct wt_tickets tickets;          /* server */
    struct wt_buffer psk_marks;         /* with suites of TLS 1.2 for PSKs: of each the mark that sessions have */
    struct wt_strikes strikes;          /* server */
    uint8_t cookie_key[32];             /* server */
    uint8_t *spare[WT_LIMIT_SPARE_BUFFERS];
    uint8_t spare_count;
};

/* Whether it may have that PSK, whatever others it has. */
bool wt_party_takes_psk(const struct wt_party *p, const struct wt_external_psk *psk);
/* RFC 9257, 6, and RFC 8446, 4.2.11: "opaque identity<1..2^16-1>". */
bool wt_party_psk_is_for_13(const struct wt_external_psk *psk);

/* By what sessions of TLS 1.2 are bound to the PSK that they go back to, its identity and its key: it is gone from the
 * party, or changed, and they are, too. False for one that is not of the options: of it there are no sessions. */
enum { WT_PSK_MARK = 32 };
bool wt_party_mark(const struct wt_party *p, const struct wt_external_psk *psk, uint8_t mark[WT_PSK_MARK]);
/* NULL: the party has no such PSK. */
const struct wt_external_psk *wt_party_psk_of(const struct wt_party *p, const uint8_t mark[WT_PSK_MARK]);

/* Whether the party's versions have it. */
static inline bool wt_party_has_version(const struct wt_party *p, uint16_t version)
{
    return version >= p->o.min_version && version <= p->o.max_version;
}

#endif
