/* What an observer with keys makes of peers' connections: told to it in the order that a test chooses, and kept beyond
 * the callback. */
#ifndef WT_TESTS_OBSERVER_SEEN_H
#define WT_TESTS_OBSERVER_SEEN_H

#include "peers.h"

#include "wiretale/keys.h"

enum { TOLD = 16 };

struct told {
    struct wt_connection c; /* only what is no pointer holds */
    char why[512];          /* not_decrypted, or "" */
    char findings[512];     /* "id/severity ", in order */
    char text[1024];        /* of the last finding */
    char reasons[WT_PROOF_COUNT][160];
    char steps[2048], record[1024]; /* ids of the derivation's, the record's steps, a blank behind each */
    struct wt_buffer key_log;
    bool has_key_log;
};

struct seen {
    struct wt_observer *observer;
    struct wt_keys *keys;
    struct told told[TOLD];
    size_t n;
    char said[8192]; /* ">text;" of a client, ">>text;" of its early data, "<text;" of a server, "." at the end */
    unsigned port;
    uint32_t frame;
    int64_t now;
};

/* Options that a test does not set are those of a reader who asked for nothing more. `log`: text, or NULL. */
void see(struct seen *s, const char *log, struct wt_observer_options options);
void see_no_more(struct seen *s);

/* AS_PASSED: as the peers spoke. The others keep that only up to the ServerHello: then all of one side comes before
 * all of the other, as two interfaces may write them. */
enum order { AS_PASSED, CLIENT_FIRST, SERVER_FIRST };
enum ending { OPEN, FIN, RST };

/* The connection as stream bytes, in pieces of `piece` bytes; 0: record by record. */
void see_stream(struct seen *s, const struct peers *p, enum order order, size_t piece, enum ending ending);
/* As TCP segments, a record each, without those of `from` whose number (from 1) is among `lost`, at most 64. */
void see_packets(struct seen *s, const struct peers *p, enum wt_side from, uint64_t lost);

/* The whole of most tests: a fresh observer, one connection, told and heard; then again in every order and in pieces
 * of a few bytes, which must give the same. */
const struct told *see_one(struct seen *s, const char *log, const struct peers *p, enum ending ending);
/* The same with all that the peers write to their key log. */
const struct told *see_whole(struct seen *s, const struct peers *p, enum ending ending);

static inline void expect_proofs(const struct told *t, const char *want)
{
    /* a letter each: '-' absent, 'o' ok, 'b' bad, 'u' unknown; server's signature, client's, client's Finished,
     * server's, binder */
    char got[WT_PROOF_PSK_BINDER + 2] = ""; /* those that pass on the wire; chains are tests of their own */
    for (unsigned i = 0; i <= WT_PROOF_PSK_BINDER; i++)
        got[i] = "-obu"[t->c.proofs[i].result];
    assert_string_equal(got, want);
}

#endif
