/* ClientHellos that came before. A client says the same each time but for what it makes anew: its random, its session
 * id, the keys of its shares, its tickets and their binders (RFC 8446, 4.1.2, 4.2.8 and 4.2.11; RFC 5077, 3.2). What
 * follows from all the rest, and from their lengths, is worked out once. */
#ifndef WT_OBSERVER_KNOWN_HELLO_H
#define WT_OBSERVER_KNOWN_HELLO_H

#include "codec/ext/decoded.h"
#include "handshake/agreed.h"
#include "observer/fingerprint/fingerprint.h"

struct wt_incoming;

/* A body that is made anew: its index in `decoded`, and where it is in the hello. */
struct wt_hello_part {
    unsigned index;
    size_t at;
};

/* Of the first hello of a connection, which keeps its format and breaks no rule. */
struct wt_known_hello {
    struct wt_client_hello hello;
    struct wt_extensions_decoded decoded; /* points into `bytes`; `anew`, into the hello that is being read */
    struct wt_agreed agreed;              /* what it adds to one of which nothing was known */
    struct wt_fingerprints fingerprints;  /* without what they are made of */
    uint64_t flow;                        /* wt_flow_facts() */
    uint32_t seen;                        /* wt_hello_client_seen() */
    struct wt_span sni, bytes, key;       /* key: `bytes` without what is made anew */
    struct wt_hello_part anew[3];
    unsigned anew_count;
};

struct wt_known_hellos;

/* NULL without memory: then none is known. */
struct wt_known_hellos *wt_known_hellos_new(void);
void wt_known_hellos_free(struct wt_known_hellos *known);

/* The known hello that a ClientHello's body is like, or NULL; NULL, too, where more than the body decides what follows
 * from it (it is not the connection's first message). It stays as it is until the next call. */
struct wt_known_hello *wt_known_hello_find(const struct wt_incoming *h, struct wt_span body);
/* The parts of this hello, which is like a known one, in `body`. */
void wt_known_hello_settle(struct wt_known_hello *known, struct wt_span body, struct wt_client_hello *out);
/* A hello that was looked for and not found has been read: when it is the second one of its kind, it is known from now
 * on. */
void wt_known_hello_learn(const struct wt_incoming *h, struct wt_span body);

#endif
