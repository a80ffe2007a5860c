/* DTLS 1.3, and 1.2, of two peers whose secrets are made up: what a key log of theirs says, and their records. */
#ifndef WT_TESTS_OBSERVER_DTLS_SEALED_H
#define WT_TESTS_OBSERVER_DTLS_SEALED_H

#include "datagrams.h"

#include "keys/prf.h"

enum { SECRET_MOST = 48, MASTER12 = 0x6d };

/* The lines of a log for the ClientHello's random of that value; secrets of 32 bytes each, which follow from the side
 * and the epoch (2 and 3). */
const char *keylog13(uint8_t random);

/* The secret of a side in an epoch up to the third. */
void secret13(unsigned from, uint64_t epoch, uint8_t secret[SECRET_MOST]);

/* How a record is laid out. */
struct layout {
    struct wt_span cid;
    bool one_byte;  /* of sequence number */
    bool no_length; /* it goes on to the datagram's end */
    bool swapped;   /* the mask of its number is made of a counter with its highest byte first */
};

/* A record of a side under the keys of an epoch; of those after the third the secret is the next of the one before. */
void seal13(struct wt_buffer *out, unsigned from, uint64_t epoch, uint64_t sequence, uint8_t type, struct wt_span text,
            struct layout layout);
/* The suite is TLS_AES_128_GCM_SHA256 unless set here before keylog13(). */
void suite13(uint16_t suite);
/* The extensions of hellos that choose DTLS 1.3, connection ids among them (p NULL: none is there). */
struct wt_span extensions13(struct wt_buffer *room, bool server, struct wt_span cid);
/* Both hellos, with those extensions, as the first records of either side. */
void hellos13(struct world *w, uint8_t random, struct wt_span client_cid, struct wt_span server_cid);

/* DTLS 1.2 of hellos with the randoms of client_hello() for 0x43, and of server_hello(); each byte of the master secret
 * is MASTER12. A record under the keys of an epoch; with a connection id (n > 0) as RFC 9146, 4 has it, with a zero
 * behind its content. */
const char *keylog12(void);
void terms12(struct wt_terms *terms, struct wt_crypto *crypto, uint16_t suite);
void seal12(struct wt_buffer *out, uint16_t suite, unsigned from, uint8_t type, uint16_t epoch, uint64_t sequence,
            struct wt_span text, struct wt_span cid);

#endif
