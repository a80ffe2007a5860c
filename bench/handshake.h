/* The same handshakes by several libraries, in memory: what `handshake` times. */
#ifndef WT_BENCH_HANDSHAKE_H
#define WT_BENCH_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is done. */
struct scenario {
    const char *name;
    bool tls13, resumed, rsa;
};

/* Certificates and keys of a run, in PEM. */
struct material {
    char *ca, *chain[2], *key[2]; /* by key: ECDSA P-256, RSA of 2048 bits */
};
void make_material(struct material *material);

enum { BYTES = 1 << 15 };
struct bytes {
    uint8_t p[BYTES];
    size_t n;
};

/* A library. A side is all that its connections have in common; a connection is stepped with what the other side sent
 * until both are done. NULL or false: it failed, or (side) lacks what the scenario needs. */
struct library {
    const char *name;
    void *(*side)(const struct scenario *s, const struct material *m, bool server);
    void (*side_free)(void *side);
    void *(*connection)(void *side);
    bool (*step)(void *connection, const struct bytes *in, struct bytes *out, bool *done);
    bool (*resumed)(void *connection);
    void (*connection_free)(void *connection);
    /* Application data: sealed by one side, opened by the other. */
    bool (*seal)(void *connection, const uint8_t *p, size_t n, struct bytes *out);
    size_t (*open)(void *connection, const struct bytes *in);
};

extern const struct library ours, openssl;
#ifdef WITH_GNUTLS
extern const struct library gnutls;
#endif

#endif
