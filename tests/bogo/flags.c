/* The command line. */
#include "shim.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- flags -------------------------------------------------------------------------------------------------------- */

static const struct flag {
    const char *name;
    enum { BOOL, INT, TEXT, LIST, BASE64, IGNORED, IGNORED_VALUE } kind;
    size_t at;
} flags[] = {
#define MAKE(kind, member) kind, offsetof(struct config, making.member)
#define AT(kind, member) kind, offsetof(struct config, member)
    {"server", MAKE(BOOL, server)},
    {"require-any-client-certificate", MAKE(BOOL, any_client_certificate)},
    {"verify-peer", MAKE(BOOL, verify_peer)},
    {"no-tls13", MAKE(BOOL, no_tls13)},
    {"no-tls12", MAKE(BOOL, no_tls12)},
    {"decline-alpn", MAKE(BOOL, decline_alpn)},
    {"reject-alpn", MAKE(BOOL, reject_alpn)},
    {"select-empty-alpn", MAKE(BOOL, empty_alpn)},
    {"no-ticket", MAKE(BOOL, no_ticket)},
    {"verify-fail", MAKE(BOOL, verify_fail)},
    {"use-custom-verify-callback", MAKE(BOOL, custom_verify)},
    {"reverify-on-resume", MAKE(BOOL, reverify)},
    {"enable-early-data", MAKE(BOOL, early_data)},
    {"false-start", MAKE(BOOL, false_start)},
    {"enable-grease", MAKE(BOOL, grease)},
    {"fallback-scsv", MAKE(BOOL, fallback)},
    {"enable-signed-cert-timestamps", MAKE(BOOL, asks_timestamps)},
    {"install-cert-compression-algs", MAKE(BOOL, inflates)},
    {"set-ocsp-in-callback", MAKE(BOOL, ocsp_in_callback)},
    {"decline-ocsp-callback", MAKE(BOOL, ocsp_declined)},
    {"fail-ocsp-callback", MAKE(BOOL, ocsp_fails)},
    {"fail-cert-callback", MAKE(BOOL, certificate_fails)},
    {"fail-early-callback", MAKE(BOOL, hello_fails)},
    {"fail-ddos-callback", MAKE(BOOL, ddos_fails)},
    {"renegotiate-freely", MAKE(BOOL, renegotiates_freely)},
    {"renegotiate-once", MAKE(BOOL, renegotiates_once)},
    {"renegotiate-explicit", MAKE(BOOL, renegotiates_explicitly)},
    {"min-version", MAKE(INT, min_version)},
    {"max-version", MAKE(INT, max_version)},
    {"install-one-cert-compression-alg", MAKE(INT, one_compression)},
    {"max-send-fragment", MAKE(INT, most)},
    {"key-file", MAKE(TEXT, key_file)},
    {"cert-file", MAKE(TEXT, cert_file)},
    {"host-name", MAKE(TEXT, host)},
    {"advertise-alpn", MAKE(TEXT, advertise_alpn)},
    {"select-alpn", MAKE(TEXT, select_alpn)},
    {"use-client-ca-list", MAKE(TEXT, authorities)},
    {"cipher", MAKE(TEXT, cipher)},
    {"psk", MAKE(TEXT, psk)},
    {"psk-identity", MAKE(TEXT, psk_identity)},
    {"curves", MAKE(LIST, curves)},
    {"verify-prefs", MAKE(LIST, verify)},
    {"signing-prefs", MAKE(LIST, sign)},
    {"ocsp-response", MAKE(BASE64, ocsp)},
    {"signed-cert-timestamps", MAKE(BASE64, timestamps)},

    {"shim-writes-first", AT(BOOL, writes_first)},
    {"read-with-unfinished-write", AT(BOOL, unfinished_write)},
    {"shim-shuts-down", AT(BOOL, shuts_down)},
    {"key-update", AT(BOOL, key_update)},
    {"send-alert", AT(BOOL, sends_alert)},
    {"write-different-record-sizes", AT(BOOL, different_sizes)},
    {"use-export-context", AT(BOOL, use_context)},
    {"use-exporter-between-reads", AT(BOOL, exports_between)},
    {"export-traffic-secrets", AT(BOOL, export_secrets)},
    {"tls-unique", AT(BOOL, unique)},
    {"port", AT(INT, port)},
    {"read-size", AT(INT, read_size)},
    {"export-keying-material", AT(INT, export_bytes)},
    {"resume-count", AT(INT, resume_count)},
    {"resumption-delay", AT(INT, delay)},
    {"export-label", AT(TEXT, export_label)},
    {"export-context", AT(TEXT, export_context)},

    {"check-close-notify", AT(BOOL, check_close)},
    {"expect-extended-master-secret", AT(BOOL, expect_ems)},
    {"handshake-twice", AT(BOOL, waits_for_end)},
    {"handshake-never-done", AT(BOOL, never_done)},
    {"expect-hrr", AT(BOOL, hrr)},
    {"expect-no-hrr", AT(BOOL, no_hrr)},
    {"expect-session-miss", AT(BOOL, session_miss)},
    {"expect-accept-early-data", AT(BOOL, accept_early)},
    {"expect-reject-early-data", AT(BOOL, reject_early)},
    {"expect-no-offer-early-data", AT(BOOL, no_offer_early)},
    {"expect-sha256-client-cert", AT(BOOL, expect_sha256)},
    {"expect-version", AT(INT, expect_version)},
    {"expect-curve-id", AT(INT, expect_curve)},
    {"expect-peer-signature-algorithm", AT(INT, expect_scheme)},
    {"expect-cipher", AT(INT, expect_cipher)},
    {"expect-cipher-aes", AT(INT, expect_cipher)},
    {"expect-ticket-age-skew", AT(INT, expect_skew)},
    {"expect-total-renegotiations", AT(INT, expect_renegotiations)},
    {"expect-server-name", AT(TEXT, expect_host)},
    {"expect-alpn", AT(TEXT, expect_alpn)},
    {"expect-advertised-alpn", AT(TEXT, expect_advertised)},
    {"expect-peer-cert-file", AT(TEXT, expect_chain)},
    {"expect-client-ca-list", AT(TEXT, expect_authorities)},
    {"expect-peer-verify-pref", AT(LIST, expect_schemes)},
    {"expect-ocsp-response", AT(BASE64, expect_ocsp)},
    {"expect-signed-cert-timestamps", AT(BASE64, expect_timestamps)},
#undef AT
#undef MAKE
    /* how its own library is called makes no difference here: nothing is called again */
    {"async", IGNORED, 0},
    {"implicit-handshake", IGNORED, 0},
    {"no-op-extra-handshake", IGNORED, 0},
    {"use-early-callback", IGNORED, 0},
    {"install-ddos-callback", IGNORED, 0},
    {"use-ocsp-callback", IGNORED, 0},
    {"use-ticket-callback", IGNORED, 0},
    {"allow-hint-mismatch", IGNORED, 0},
    {"partial-write", IGNORED, 0},
    {"cbc-record-splitting", IGNORED, 0},
    {"peek-then-read", IGNORED, 0},
    {"use-old-client-cert-callback", IGNORED, 0},
    {"forbid-renegotiation-after-handshake", IGNORED, 0},
    /* what is always so */
    {"renegotiate-ignore", IGNORED, 0},
    {"enable-ocsp-stapling", IGNORED, 0},
    {"retain-only-sha256-client-cert", IGNORED, 0},
    {"server-preference", IGNORED, 0},
    {"enforce-rsa-key-usage", IGNORED, 0},
    {"no-tls1", IGNORED, 0},
    {"no-tls11", IGNORED, 0},
    {"renew-ticket", IGNORED, 0},
    /* what is never so: other versions for a client that asks wrongly */
    {"jdk11-workaround", IGNORED, 0},
    /* for DTLS alone */
    {"srtp-profiles", IGNORED_VALUE, 0},
    /* for processors without AES */
    {"expect-cipher-no-aes", IGNORED_VALUE, 0},
    {"expect-no-session", IGNORED, 0},
    {"expect-no-session-id", IGNORED, 0},
    {"expect-session-id", IGNORED, 0},
    {"expect-secure-renegotiation", IGNORED, 0},
    {"expect-verify-result", IGNORED, 0},
    {"expect-ticket-supports-early-data", IGNORED, 0},
    {"expect-ticket-renewal", IGNORED, 0},
    {"expect-early-data-reason", IGNORED_VALUE, 0},
    {"handshaker-path", IGNORED_VALUE, 0},
};

int unimplemented(const char *what)
{
    fprintf(stderr, "not here: %s\n", what);
    return UNIMPLEMENTED;
}

static const struct flag *flag_of(const char *name)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (!strcmp(flags[i].name, name))
            return &flags[i];
    return NULL;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static void decode(struct bytes *b, const char *text)
{
    const size_t n = strlen(text);
    int got = n / 4 * 3 > sizeof b->p ? -1 : EVP_DecodeBlock(b->p, (const uint8_t *)text, (int)n);
    if (got < 0) {
        fprintf(stderr, "%s: not base64, or too long\n", text);
        exit(1);
    }
    b->n = (size_t)got - (n && text[n - 1] == '=') - (n > 1 && text[n - 2] == '=');
}

static void set(struct config *c, const struct flag *f, const char *value)
{
    char *at = (char *)c + f->at;
    struct codes *codes = (struct codes *)(void *)at;
    switch (f->kind) {
    case BOOL:
        *(bool *)at = true;
        break;
    case INT:
        *(int *)(void *)at = atoi(value);
        break;
    case TEXT:
        *(const char **)(void *)at = value;
        break;
    case LIST:
        if (codes->n < CODES)
            codes->list[codes->n++] = (uint16_t)atoi(value);
        break;
    case BASE64:
        decode((struct bytes *)(void *)at, value);
        break;
    default:
        break;
    }
}

/* RFC 8996, 4 and 5: TLS 1.0 and 1.1 MUST NOT be used. */
static int finish(struct config *c)
{
    struct making *m = &c->making;
    m->asks_identity = m->certificate_fails || m->hello_fails || m->ddos_fails || m->ocsp_in_callback ||
                       (m->server && m->ocsp_fails) || c->expect_schemes.n || c->expect_authorities;
    if (m->no_tls13 && !m->max_version)
        m->max_version = 0x0303;
    if (m->no_tls12 && !m->min_version)
        m->min_version = 0x0304;
    if (m->min_version && m->min_version < 0x0303)
        m->min_version = 0;
    return m->max_version && m->max_version < 0x0303 ? unimplemented("versions before TLS 1.2") : 0;
}

/* Which of the configurations a flag is for: they stand before it, one after the other. */
static bool take_prefix(const char **name, bool of[CONFIGS])
{
    static const struct {
        const char *prefix;
        bool of[CONFIGS];
    } prefixes[] = {{"on-initial-", {true, false, false}},
                    {"on-resume-", {false, true, false}},
                    {"on-retry-", {false, false, true}},
                    {"on-shim-", {true, true, true}},
                    {"on-handshaker-", {false, false, false}}}; /* another process, which is not here */
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        const size_t n = strlen(prefixes[i].prefix);
        if (strncmp(*name, prefixes[i].prefix, n) != 0)
            continue;
        for (size_t k = 0; k < CONFIGS; k++)
            of[k] &= prefixes[i].of[k];
        *name += n;
        return true;
    }
    return false;
}

int parse(struct config c[CONFIGS], int argc, char **argv)
{
    int status = 0;
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + 1, *value = NULL;
        if (!strcmp(name, "is-handshaker-supported")) {
            puts("No");
            exit(0);
        }
        bool of[CONFIGS] = {true, true, true};
        while (take_prefix(&name, of))
            continue;
        const struct flag *f = argv[i][0] == '-' ? flag_of(name) : NULL;
        const bool has_value = f && f->kind != BOOL && f->kind != IGNORED;
        if (!f || (has_value && i + 1 == argc))
            return unimplemented(argv[i]);
        if (has_value)
            value = argv[++i];
        for (size_t k = 0; k < CONFIGS; k++)
            if (of[k])
                set(&c[k], f, value);
    }
    for (size_t k = 0; !status && k < CONFIGS; k++)
        status = finish(&c[k]);
    if (!status && c[RESUMED].making.ddos_fails && !c[FIRST].making.ddos_fails)
        return unimplemented("a question before a session is resumed");
    return status;
}
