/* DTLS as datagrams between two hosts, made record by record with the codec, and what an observer tells of them. */
#ifndef WT_TESTS_OBSERVER_DTLS_DATAGRAMS_H
#define WT_TESTS_OBSERVER_DTLS_DATAGRAMS_H

#include "base/buffer.h"
#include "base/writer.h"
#include "codec/dtls.h"
#include "registry/limits.h"
#include "wiretale/dtls.h"
#include "wiretale/observer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    CLIENT_PORT = 40000,
    SERVER_PORT = 4433,
    TOLD_MOST = 8,
    MESSAGES_MOST = 64,
    FINDINGS_MOST = 32,
    PIECES_MOST = 6
};

struct told_piece {
    struct wt_stream_place place;
    uint32_t record, inside, length;
    bool opened;
};

/* A connection as it was told. */
struct told {
    struct wt_connection c;
    struct wt_dtls_story dtls;
    struct wt_dtls_record_seen list[64];
    char cookie[2 * 255 + 1], client_cid[2 * 255 + 1], server_cid[2 * 255 + 1], inside[32], sni[64];
    struct {
        uint8_t from, content_type, type;
        uint16_t flags, message_seq, records;
        uint32_t frame, length;
        uint64_t epoch;
        struct told_piece pieces[PIECES_MOST];
        size_t piece_count;
    } messages[MESSAGES_MOST];
    size_t message_count;
    char findings[FINDINGS_MOST][48], text[FINDINGS_MOST][400];
    uint32_t finding_frame[FINDINGS_MOST];
    size_t finding_count;
    char ja4[64], ja4_string[256];
};

struct world {
    struct wt_observer *observer;
    struct wt_keys *keys;
    struct told told[TOLD_MOST];
    size_t told_count;
    struct wt_buffer said[2]; /* plaintext, by side */
    uint32_t frame;
    int64_t now; /* of the next packet */
    unsigned client_port;
    uint64_t lost; /* what the summary counts beside packets */
};

void world_begin(struct world *w, const char *keylog);
void world_end(struct world *w);
/* The input is over: connections are told. The first of them. */
const struct told *world_finish(struct world *w);

/* A datagram of a side (enum wt_side), one millisecond after the one before it. */
void send_bytes(struct world *w, unsigned from, struct wt_span bytes);
/* Its content and no more is in the capture: of so many bytes. */
void send_cut(struct world *w, unsigned from, struct wt_span bytes, size_t kept);
void send_buffer(struct world *w, unsigned from, struct wt_buffer *bytes); /* and empties it */

/* A record of epoch and number around content. */
void record(struct wt_buffer *out, uint8_t type, uint16_t version, uint16_t epoch, uint64_t sequence,
            struct wt_span content);
/* A fragment of a message: `n` bytes of its body from `at` on. */
void fragment(struct wt_buffer *out, uint8_t type, uint16_t message_seq, struct wt_span body, size_t at, size_t n);
/* A handshake message whole in a record of epoch 0. */
void handshake(struct wt_buffer *out, uint64_t sequence, uint8_t type, uint16_t message_seq, struct wt_span body);

/* Bodies: of DTLS 1.2, with a random of one value, and a cookie or none; extensions as they stand on the wire. */
struct wt_span client_hello(struct wt_buffer *room, uint8_t random, const char *cookie, struct wt_span extensions);
struct wt_span server_hello(struct wt_buffer *room, uint16_t suite, struct wt_span extensions);
struct wt_span verify_request(struct wt_buffer *room, const char *cookie);

/* The index of the finding of that id; -1: there is none. */
int finding(const struct told *t, const char *id);
/* "client_hello 0, hello_verify_request 0, …" in the order in which they are told: handshake messages with their
 * numbers, other records by their content type. */
const char *messages_of(const struct told *t);

#endif
