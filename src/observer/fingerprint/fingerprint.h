/* Fingerprints of hellos. Pure functions of a decoded hello: what could not be decoded is left out, not guessed. */
#ifndef WT_OBSERVER_FINGERPRINT_H
#define WT_OBSERVER_FINGERPRINT_H

#include "base/buffer.h"
#include "codec/codec.h"
#include "crypto/library.h"

enum { WT_JA4_ROOM = 37 }; /* bytes: 36 characters and a NUL */

/* JA3 (the text whose MD5 is the fingerprint): version, cipher suites, extensions, groups and point formats in the
 * hello's order, in decimal, without GREASE: "771,4865-4866,0-10,29-23,0". Appends to text; false when the system gives
 * no memory. */
bool wt_fingerprint_ja3(const struct wt_client_hello *hello, struct wt_buffer *text);

/* JA3S: version, the chosen suite, extensions: "771,4865,43-51". */
bool wt_fingerprint_ja3s(const struct wt_server_hello *hello, struct wt_buffer *text);

/* JA4 into out, with its NUL; transport is 't' for TCP, 'q' for QUIC, 'd' for DTLS. Appends JA4_r, the form with the
 * lists instead of their crypto, to raw unless that is NULL. False without memory or SHA-256; out is then "". */
bool wt_fingerprint_ja4(const struct wt_client_hello *hello, struct wt_crypto *crypto, char transport,
                        char out[WT_JA4_ROOM], struct wt_buffer *raw);

/* The fingerprints of a client, as they are reported of a connection over TCP. What they are made of is there only when
 * it was asked for and there is memory, and only until the next are made or remembered. */
struct wt_fingerprints {
    uint8_t ja3[16]; /* of a server: JA3S */
    bool has_ja3;
    char ja4[WT_JA4_ROOM]; /* "" when it could not be made */
    const char *ja3_text, *ja4_raw;
};

/* A connection's, of its first hellos. */
struct wt_tls_fingerprints {
    uint8_t ja3[16], ja3s[16];
    bool has_ja3 : 1, has_ja3s : 1;
    char ja4[WT_JA4_ROOM];
};

/* What the hellos of late came to: a client says the same each time but for what is random, and its hashes cost more
 * than all else about its hello. NULL without memory. */
struct wt_fingerprint_memo *wt_fingerprint_memo_new(void);
void wt_fingerprint_memo_free(struct wt_fingerprint_memo *memo);

/* Out of the memo, or made and remembered; memo NULL: made. `text` and `raw` are room to work in; raw NULL: what the
 * fingerprints are made of is not asked for. */
void wt_fingerprint_client(struct wt_fingerprint_memo *memo, const struct wt_client_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, struct wt_buffer *raw,
                           struct wt_fingerprints *out);
/* JA3S, likewise; texts: what it is made of is asked for. */
void wt_fingerprint_server(struct wt_fingerprint_memo *memo, const struct wt_server_hello *hello,
                           struct wt_crypto *crypto, struct wt_buffer *text, bool texts, struct wt_fingerprints *out);

#endif
