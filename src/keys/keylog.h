/* Key logs: the lines that NSS, OpenSSL, GnuTLS and their users write (RFC 9850), kept so that a connection finds its
 * secrets by its ClientHello's random.
 *
 * Text comes in pieces, as a file that grows gives it, in any encoding that key_text.h knows. Malformed lines are told
 * by number and skipped. Secrets are wiped when the log goes. */
#ifndef WT_KEYS_KEYLOG_H
#define WT_KEYS_KEYLOG_H

#include "base/span.h"
#include "wiretale/keys.h"

enum wt_label {
#define WT_LABEL(id, name, by, least, most, rfc) WT_LABEL_##id,
#include "keys/labels.def"
#undef WT_LABEL
    WT_LABEL_COUNT
};

const char *wt_label_name(enum wt_label label);

/* Where a secret came from: `decryption` of the JSON contract. */
enum wt_secret_source {
    WT_SOURCE_NONE,
    WT_SOURCE_KEYLOG,
    WT_SOURCE_DSB,
    WT_SOURCE_RSA_KEY,
    WT_SOURCE_PSK,
    WT_SOURCE_SM2_KEY,
};

struct wt_secret {
    struct wt_span bytes; /* owned by the log; holds until it is fed, or forgets */
    uint8_t label;        /* enum wt_label */
    uint8_t source;       /* enum wt_secret_source */
};

struct wt_keylog;

/* `fault` may be NULL. NULL when the system gives no memory. */
struct wt_keylog *wt_keylog_new(void (*fault)(void *context, const struct wt_keys_fault *fault), void *context);
void wt_keylog_free(struct wt_keylog *log); /* its sources have to be ended before */

/* Text of one source. Line numbers count per source; a last line without its end waits for more, until
 * wt_keylog_source_end(). Two sources may be fed in turns. NULL without memory. */
struct wt_keylog_source;
struct wt_keylog_source *wt_keylog_source(struct wt_keylog *log, const char *name, enum wt_secret_source kind);
void wt_keylog_feed(struct wt_keylog_source *source, struct wt_span text);
void wt_keylog_source_end(struct wt_keylog_source *source); /* the handle is gone */

/* One secret that was made otherwise. The first one of a label and random stays. False: refused (limit, memory, a
 * length that no line of that label may have). */
bool wt_keylog_add(struct wt_keylog *log, enum wt_label label, struct wt_span by, struct wt_span secret,
                   enum wt_secret_source source);

/* The secret of that label; false when there is none. `by`: 32 bytes of random; for WT_LABEL_RSA the 8 first bytes of
 * the encrypted premaster, for WT_LABEL_SESSION the session id. */
bool wt_keylog_find(const struct wt_keylog *log, enum wt_label label, struct wt_span by, struct wt_secret *out);
/* A label that no line has: the master secrets of further lines with one random, in their order; there are
 * WT_KEYLOG_MASTERS of them at most. GnuTLS keeps the random of a DTLS client through renegotiations. */
enum { WT_KEYLOG_MASTERS = 3, WT_LABEL_MASTER_AGAIN = WT_LABEL_COUNT + 1 };
/* Whether any label has this random. */
bool wt_keylog_has(const struct wt_keylog *log, const uint8_t random[32]);

/* Wipes the secrets of a ClientHello's random. */
void wt_keylog_forget(struct wt_keylog *log, const uint8_t random[32]);
/* It is that minute, of any clock: see wt_keys_expire(). */
void wt_keylog_expire(struct wt_keylog *log, uint16_t minute);

/* Counters: texts that were given; their lines that are neither empty nor comments; secrets kept (also those that are
 * gone by now), and the client randoms that they go by; secrets found (unused ones too), those of labels that open
 * nothing here, faults, secrets refused by WT_LIMIT_KEYLOG_BYTES; and bytes that the secrets and their index take. */
struct wt_keylog_count {
    uint64_t sources, looked, secrets, randoms, lines, unused, faults, refused, bytes;
};
struct wt_keylog_count wt_keylog_count(const struct wt_keylog *log);
/* What was wrong with the first line that could not be read; NULL without. */
const struct wt_problem *wt_keylog_first_fault(const struct wt_keylog *log);

#endif
