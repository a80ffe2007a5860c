/* Stand-ins: what is shown in the place of an original, always the same for the same original of a run.
 *
 * Bytes are replaced by what a MAC makes of them, with a key of the run: nobody can say from a stand-in which of
 * several originals it was made of. Names and addresses are numbered as they come, so that a person can tell them
 * apart; what identifies them in the table is their MAC alone. */
#ifndef WT_REDACT_STANDINS_H
#define WT_REDACT_STANDINS_H

#include "crypto/library.h"

struct wt_standins;

/* NULL without memory or random numbers. `crypto` must outlive it. */
struct wt_standins *wt_standins_new(struct wt_crypto *crypto);
void wt_standins_free(struct wt_standins *s);

/* in.n bytes to out, which may not overlap. Zeros stay zeros: they are nobody's. */
void wt_standin_bytes(struct wt_standins *s, struct wt_span in, uint8_t *out);
/* Another value where out is in by chance, as one byte is once in 256 times. */
void wt_standin_differ(struct wt_span in, uint8_t *out);

/* What is numbered apart from each other. */
enum wt_standin_kind {
    WT_STANDIN_IPV4,
    WT_STANDIN_IPV6,
    WT_STANDIN_MAC,
    WT_STANDIN_PORT,
    WT_STANDIN_LABEL, /* of a domain name, with those after it */
    WT_STANDIN_TEXT,
    WT_STANDIN_FILE,
    WT_STANDIN_KINDS
};

/* Counted from 1 in the order in which they come; when WT_LIMIT_STANDINS are known, a number of 40 bits made of the
 * original, which is larger than any counted one. */
uint64_t wt_standin_number(struct wt_standins *s, enum wt_standin_kind kind, struct wt_span original);
/* Whether the original has got a number already. */
bool wt_standin_is_known(struct wt_standins *s, enum wt_standin_kind kind, struct wt_span original);

/* Addresses, IPv4 as ::ffff:a.b.c.d: 198.18.0.0/15 (RFC 2544, C.2.2), then 240.0.0.0/4 (RFC 1112, 4), and 3fff::/20
 * (RFC 9637). Those that say a role and no host stay: unspecified, loopback, multicast, broadcast. out may be in. */
void wt_standin_address(struct wt_standins *s, const uint8_t in[16], uint8_t out[16]);
void wt_standin_ipv4(struct wt_standins *s, const uint8_t in[4], uint8_t out[4]);
/* Locally administered (IEEE 802, 8.2.2): 0a-00-…; group addresses and zero stay. */
void wt_standin_mac(struct wt_standins *s, const uint8_t in[6], uint8_t out[6]);
/* A port that is registered for a service stays; others are from 49152 on (RFC 6335, 6). */
uint16_t wt_standin_port(struct wt_standins *s, uint16_t port);

/* A number that is added to others to move them, such as a host's clock or a side's sequence numbers. */
uint32_t wt_standin_shift(struct wt_standins *s, struct wt_span original);

/* Times are moved so that `start` becomes 2000-01-01T00:00:00Z; the first call decides. */
void wt_standins_start(struct wt_standins *s, int64_t start_ns);
/* Nanoseconds since 1970 of a packet; 0 stays 0. */
int64_t wt_standin_time(const struct wt_standins *s, int64_t ns);
/* Seconds since 1970 of what bears a date, such as a certificate: moved as well, and its distance from the start cut to
 * two digits, since a root is known by the second at which it begins and that at which it ends. 0 stays 0. */
int64_t wt_standin_date(const struct wt_standins *s, int64_t seconds);

#endif
