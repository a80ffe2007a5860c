/* Secrets that a reader is given to open what passed encrypted: key logs, private RSA and SM2 keys, pre-shared keys.
 *
 *     struct wt_keys *keys = wt_keys_new(complain, NULL);
 *     struct wt_keys_log *log = wt_keys_log_open(keys, "session.keys", false);
 *     wt_keys_log_feed(log, text, length);        // again and again while the file grows
 *     wt_keys_log_close(log);
 *     struct wt_observer_options options = {.size = sizeof options, .keys = keys, ...};
 *
 * All secrets are wiped when the store goes. One thread at a time; an observer reads the store while it runs, and with
 * `forget_secrets` wipes those of connections that have ended. */
#ifndef WIRETALE_KEYS_H
#define WIRETALE_KEYS_H

#include "wiretale/problem.h"
#include "wiretale/span.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wt_keys;
struct wt_keys_log;

/* A line of a key log or PSK file that cannot be used, and is skipped. `problem` holds during the call. */
struct wt_keys_fault {
    const char *file;
    uint64_t line;   /* from 1 */
    unsigned column; /* from 1: where what is wrong begins */
    const struct wt_problem *problem;
};

/* `fault` may be NULL. NULL when the system gives no memory. */
WT_API struct wt_keys *wt_keys_new(void (*fault)(void *context, const struct wt_keys_fault *fault), void *context);
WT_API void wt_keys_free(struct wt_keys *keys);

/* Key log text (NSS's format), in pieces; a last line without its end waits for more until the log is closed. `dsb`: it
 * comes from a capture's secrets block. NULL when the system gives no memory. */
WT_API struct wt_keys_log *wt_keys_log_open(struct wt_keys *keys, const char *name, bool dsb);
WT_API void wt_keys_log_feed(struct wt_keys_log *log, const void *text, size_t length);
WT_API void wt_keys_log_close(struct wt_keys_log *log);

/* Wipes what key logs gave for the random of this ClientHello: no open connection can need it. */
WT_API void wt_keys_forget(struct wt_keys *keys, const uint8_t random[32]);
/* For a store that is used for long: it is that minute, counted by any clock that goes on. Of key logs, secrets that no
 * connection has asked for within 10 minutes are wiped, and those that one has asked for, or that go by a session's id, a
 * day after they were needed last. To be called every minute or so. */
WT_API void wt_keys_expire(struct wt_keys *keys, uint64_t minute);

/* A server's private RSA key: PEM, DER, PKCS #8 or PKCS #12 (with `password`, or NULL). False with the reason in
 * *why. */
WT_API bool wt_keys_add_rsa(struct wt_keys *keys, const void *bytes, size_t length, const char *password,
                            enum wt_problem_id *why);

/* The private SM2 key of a server's encryption certificate, which opens TLCP with the key exchange ECC; in the same
 * formats. */
WT_API bool wt_keys_add_sm2(struct wt_keys *keys, const void *bytes, size_t length, const char *password,
                            enum wt_problem_id *why);

/* A pre-shared key. identity NULL: tried for any identity. False when memory or a limit (see *why) refuses. */
WT_API bool wt_keys_add_psk(struct wt_keys *keys, const void *identity, size_t identity_length, const void *psk,
                            size_t psk_length, enum wt_problem_id *why);
/* Lines "identity:hex" as GnuTLS's psktool and OpenSSL's users write them; # begins a comment. Malformed lines go to
 * the store's `fault`. Returns how many keys were taken. */
WT_API size_t wt_keys_add_psk_file(struct wt_keys *keys, const char *name, const void *text, size_t length);
/* One of these lines, without its end, for who needs the key itself. WT_PSK_LINE: taken, with its bytes in `identity` and
 * `psk`, which have as much room as the line has characters; WT_PSK_NOTHING: it is empty, or a comment. `column` counts
 * from 1 when it is wrong, for the reason in *why. */
enum wt_psk_line { WT_PSK_LINE, WT_PSK_NOTHING, WT_PSK_WRONG };
WT_API enum wt_psk_line wt_psk_line(struct wt_span line, uint8_t *identity, size_t *identity_n, uint8_t *psk,
                                    size_t *psk_n, size_t *column, enum wt_problem_id *why);

/* Whether secrets may still be added, as from a key log that grows or from blocks of a capture: they may until it is
 * said otherwise. While none may be and there are none, an observer keeps nothing of handshakes to open their records
 * later. */
WT_API void wt_keys_await(struct wt_keys *keys, bool more);

struct wt_keys_count {
    uint64_t secrets; /* of key logs that were taken, also those that are wiped by now */
    uint64_t lines;   /* of key logs that held one */
    uint64_t faults;  /* lines that were skipped */
    uint64_t refused; /* over the limit on memory */
    uint64_t rsa_keys, psks;
    uint64_t sm2_keys;
};

WT_API struct wt_keys_count wt_keys_count(const struct wt_keys *keys);

#ifdef __cplusplus
}
#endif
#endif
