/* A client and a server whose random numbers, keys and certificates are always the same: what a fuzzer found once
 * happens again, and what one of them sent in one run is right for the other in the next. */
#ifndef WT_FUZZ_ENDPOINT_FIXTURE_H
#define WT_FUZZ_ENDPOINT_FIXTURE_H

#include "wiretale/endpoint.h"

#include <stdio.h>
#include <stdlib.h>

#define FUZZ_NOW_MS INT64_C(1900000000000) /* within the certificates' time */

static inline void hold(bool so, const char *what)
{
    if (so)
        return;
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
}

/* What else the parties of an input can do; the first byte of its options says whether there is any (FUZZ_MORE). */
enum fuzz_more {
    FUZZ_PSK = 1 << 0,       /* external PSKs in the list of the options */
    FUZZ_ASK_PSK = 1 << 1,   /* the server's program is asked for them */
    FUZZ_PSK_ALONE = 1 << 2, /* the server has no certificate, and hides which PSKs it has */
    FUZZ_PSK_KE = 1 << 3,
    FUZZ_EARLY = 1 << 4,
    FUZZ_SESSION = 1 << 5,   /* the client has one of an earlier connection, the server the key of its ticket */
    FUZZ_LATER = 1 << 6,     /* certificates after the handshake, renegotiation */
    FUZZ_RECORDS = 1 << 7,   /* limits of records, padding */
    FUZZ_ASKS = 1 << 8,      /* identity, verdict, ALPN, resumed */
    FUZZ_ELSEWHERE = 1 << 9, /* the key is: each signature is asked for */
    FUZZ_GREASE = 1 << 10,
    FUZZ_FALLBACK = 1 << 11,
    FUZZ_COOKIE = 1 << 12,
    FUZZ_INFLATES = 1 << 13,
    FUZZ_STAPLE = 1 << 14,
    FUZZ_FLAT = 1 << 15, /* without middlebox compatibility mode */
    FUZZ_CBC = 1 << 16,
    FUZZ_RSA = 1 << 17,      /* and DHE */
    FUZZ_NAMES = 1 << 18,    /* authorities, schemes of certificates, several shares */
    FUZZ_WATCHED = 1 << 19,  /* by a key log and a tap */
    FUZZ_REQUIRED = 1 << 20, /* what is otherwise optional: a certificate, a protocol, a staple */
    FUZZ_ONCE = 1 << 21,     /* without resumption */
};
enum { FUZZ_MORE = 128, FUZZ_MORE_BYTES = 5 };

struct wt_trust *fuzz_trust(void);
const struct wt_identity *const *fuzz_identities(uint32_t more);
/* What the key that is elsewhere answers to WT_ASK_SIGNATURE; returns the signature's length. */
size_t fuzz_sign(uint32_t more, const struct wt_event *event, uint8_t out[1024]);

/* The options of an input: `basic` is one byte of it; with FUZZ_MORE three more, one with sizes of records, and one
 * that says how questions are answered: bit 0: late; then: well, not at all, with something else, by an alert. */
struct fuzz_choice {
    uint8_t basic, sizes, answers;
    uint32_t more;
};
/* `more`: FUZZ_MORE_BYTES, or NULL. */
struct fuzz_choice fuzz_choice_of(uint8_t basic, const uint8_t *more);

/* The party of a side (enum wt_side), until the next call with another choice; its random numbers begin anew, and it
 * knows nothing of the inputs before: tickets and caches are empty. */
struct wt_party *fuzz_party(unsigned side, struct fuzz_choice c);
/* A connection of it; a client with FUZZ_SESSION resumes one, always the same. */
struct wt_endpoint *fuzz_endpoint(struct wt_party *party, unsigned side, struct fuzz_choice c);
/* FUZZ_WATCHED: by a tap. */
void fuzz_watch(struct wt_endpoint *e, struct fuzz_choice c);
/* Answers a question, if one is open; returns whether there was one. */
bool fuzz_answer(struct wt_endpoint *e, struct fuzz_choice c);
/* Takes what it has to say and what it received, and answers its questions; asks all that can be asked. Returns whether
 * there was anything. */
bool fuzz_drain(struct wt_endpoint *e, struct fuzz_choice c);
/* What holds of every connection, at any time. */
void fuzz_check(struct wt_endpoint *e);
/* A side that reads whatever comes in the place of its peer's bytes: the first byte chooses its options, the second
 * into which pieces the rest is cut; FUZZ_MORE: then more options. */
void fuzz_seat(unsigned side, const uint8_t *data, size_t size);

#endif
