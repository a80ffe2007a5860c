/* Handshakes up to TLS 1.2 of OpenSSL with itself, in memory; taken message by message as an endpoint takes them. */
#ifndef WT_TESTS_HANDSHAKE_TALK12_H
#define WT_TESTS_HANDSHAKE_TALK12_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "base/buffer.h"
#include "handshake/handshake.h"
#include "keys/prf.h"
#include "wiretale/story.h"

struct talk_options {
    uint16_t version;
    const char *ciphers;
    bool no_extended_master; /* without RFC 7627 */
    bool certificate;        /* of the client's too */
    /* of the first message of that side and type, when there is one: the byte that is changed before it is taken, or,
     * with `left_out`, the message is not taken at all */
    unsigned side;
    uint8_t type;
    size_t at;
    bool left_out;
};

struct talk {
    const struct talk_options *options;
    struct wt_handshake h;
    EVP_PKEY *key;               /* of both certificates */
    uint8_t master[WT_MASTER];   /* as OpenSSL logs it */
    struct wt_buffer records[2]; /* by side: all that it sent */
    struct wt_buffer premaster;  /* RSA: decrypted */
    bool changed;
};

void talk_start(struct talk *t, const struct talk_options *options);
void talk_end(struct talk *t);

#endif
