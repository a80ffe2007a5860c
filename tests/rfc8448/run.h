/* One connection of the RFC, and the deeds that its file's paragraphs name. */
#ifndef WT_TESTS_RFC8448_RUN_H
#define WT_TESTS_RFC8448_RUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "carriage/record_protector.h"
#include "crypto/sign.h"
#include "handshake/messages.h"
#include "keys/schedule.h"
#include "trace.h"
#include "wiretale/story.h"

enum { SAID = 4, PARTS = 5, BYTES = 256, ROOM = 2048, BRANCHES = WT_BRANCH_RESUMPTION + 1, X25519 = 0, P256 = 1 };

enum { EARLY, HANDSHAKE, MASTER };

/* A step of the schedule, kept. */
struct said {
    const char *function;
    char label[32];
    uint8_t in[PARTS][BYTES], out[BYTES];
    size_t in_n[PARTS], out_n;
};

/* One connection of the RFC, as far as it has been walked. */
struct run {
    struct wt_crypto *crypto;
    const struct wt_suite *suite;
    struct wt_schedule schedule;
    struct wt_steps sink;
    struct said said[SAID];
    size_t said_n;
    struct wt_messages transcript;
    struct wt_buffer partial;    /* a ClientHello without its binders */
    struct wt_buffer pending[2];       /* messages that no record has taken, by side */
    EVP_PKEY *shares[2][2];            /* by side and group */
    uint8_t psk[WT_DIGEST_MOST], ticket[WT_DIGEST_MOST];
    size_t psk_n;
    uint8_t trunk[3][WT_DIGEST_MOST], secrets[BRANCHES][WT_DIGEST_MOST], verify_data[2][WT_DIGEST_MOST];
    struct wt_public_key *certified[2];
    struct wt_record_protector *seal[2], *open[2];
    bool retried, proved[2];
    unsigned compared, inputs, messages, records, sealed, signatures, finished, binders;
};

struct run *run_new(void);
void run_free(struct run *r);

/* A value that is taken as given. */
struct wt_span run_input(struct run *r, struct trace_step *step, const char *name);
/* A value that was made: the test ends when the RFC has another. */
void run_expect(struct run *r, struct trace_step *step, const char *name, const void *p, size_t n);
/* Of all messages so far. */
struct wt_span run_transcript_hash(struct run *r, uint8_t out[WT_DIGEST_MOST]);
/* The values of a Finished or of a binder. */
void run_expect_proof(struct run *r, struct trace_step *step, struct wt_span base, struct wt_span hash,
                      uint8_t *verify_data);

typedef void run_deed(struct run *r, struct trace_step *step);
run_deed run_share, run_extract, run_derived, run_derive, run_ticket, run_finished, run_keys; /* secrets.c */
run_deed run_message, run_binder;                                                             /* messages.c */
run_deed run_record;                                                                          /* records.c */

#endif
