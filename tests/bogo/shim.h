/* The command that BoringSSL's test runner starts: what it is told, and what it makes of it. */
#ifndef WT_TESTS_BOGO_SHIM_H
#define WT_TESTS_BOGO_SHIM_H

#include "wiretale/wiretale.h"

#include <stddef.h>

enum {
    UNIMPLEMENTED = 89,
    CODES = 64,
    BYTES = 256,
};

/* Within the validity of the runner's certificates. */
#define TIME_MS INT64_C(1767225600000)

struct codes {
    uint16_t list[CODES];
    size_t n;
};

struct bytes {
    uint8_t p[BYTES];
    size_t n;
};

/* What the client or server is like: connections for which this is the same have one. */
struct making {
    bool server, any_client_certificate, verify_peer, no_compatibility, no_tls13, no_tls12, decline_alpn, reject_alpn,
        empty_alpn, no_ticket, verify_fail, custom_verify, early_data, grease, fallback, inflates, reverify,
        asks_timestamps, false_start;
    bool ocsp_in_callback, ocsp_declined, ocsp_fails, certificate_fails, hello_fails, ddos_fails;
    bool renegotiates_freely, renegotiates_once, renegotiates_explicitly, asks_identity;
    int min_version, max_version, most, one_compression;
    const char *key_file, *cert_file, *host, *advertise_alpn, *select_alpn, *authorities, *cipher, *psk, *psk_identity;
    struct codes curves, verify, sign;
    struct bytes ocsp, timestamps;
};

struct config {
    struct making making;
    /* what it does */
    bool writes_first, shuts_down, key_update, different_sizes, use_context, unfinished_write, sends_alert,
        export_secrets, exports_between, unique;
    int port, read_size, export_bytes, resume_count, delay;
    const char *export_label, *export_context, *ipv6;
    /* what it expects */
    bool check_close, expect_ems, never_done, waits_for_end, hrr, no_hrr, session_miss, accept_early, reject_early,
        no_offer_early, expect_sha256, no_secure_renegotiation;
    int expect_version, expect_curve, expect_scheme, expect_cipher, expect_renegotiations, expect_skew;
    const char *expect_host, *expect_alpn, *expect_advertised, *expect_chain, *expect_authorities;
    struct codes expect_schemes;
    struct bytes expect_ocsp, expect_timestamps;
};

/* Flags of the first connection alone, of those that resume its session, of what follows early data that the server
 * did not take, and of all. 0, or the exit status. */
enum { FIRST, RESUMED, RETRIED, CONFIGS };
int parse(struct config c[CONFIGS], int argc, char **argv);
int unimplemented(const char *what);

/* A client or server. */
struct party {
    struct codes suites;
    uint8_t ranks[CODES];
    struct wt_party *party;
    struct wt_identity *identity, *stapled;
    const struct wt_identity *identities[1];
    const char *protocols[16];
    char names[16][256];
    struct wt_span authorities[16];
    struct bytes names_der[16];
    struct wt_external_psk psk;
    char secret[2][97]; /* by side: of the newest connection, in hex: application traffic secret 0 */
};

int make(struct party *p, const struct making *m);
void unmake(struct party *p);
/* Hexadecimal names in DER, behind commas, each into `out`, of which there is room for `most`. Their number. */
size_t read_names(const char *text, struct bytes *out, size_t most);
void *read_file(const char *path, size_t *n);

/* A connection, and what it is to show. */
struct talk {
    struct wt_endpoint *e;
    struct party *p;
    const struct config *c;     /* now */
    const struct config *later; /* after early data that the server does not take */
    int fd, handshakes;
    bool resumes, early; /* early: what is written first went before the handshake */
    bool holds;          /* what was written first waits for what the peer writes */
    bool fails;          /* the program has ended it */
};

int fail(const char *what);
/* 0, or the exit status with the reason on standard error. */
int check_established(const struct talk *t);
int check_hello(const struct talk *t, const struct wt_event *event);
int check_question(const struct talk *t, const struct wt_event *event);
int check_end(const struct talk *t);
/* Sees the handshake through, answers what comes, and ends. 0, or the exit status. */
int talk(struct talk *t);

#endif
