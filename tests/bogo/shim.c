/* The client and the server behind the command line of BoringSSL's test runner (ssl/test/PORTING.md there): it starts
 * this program for each of its tests, which connects to it, speaks TLS, answers each byte with its complement, and ends
 * with 0, with 1 and the reason on standard error, or with 89 for what is not here. */
#include "wiretale/wiretale.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNIMPLEMENTED = 89, CODES = 64 };

/* Within the validity of the runner's certificates. */
#define TIME_MS INT64_C(1767225600000)

/* --- its command line --------------------------------------------------------------------------------------------- */

struct codes {
    uint16_t list[CODES];
    size_t n;
};

struct config {
    bool server, writes_first, shuts_down, check_close, key_update, any_client_certificate, verify_peer,
        no_compatibility;
    bool different_sizes, use_context, expect_ems, no_tls13, no_tls12, decline_alpn, hrr, no_hrr;
    bool session_miss, no_ticket, verify_fail, early_data, accept_early, reject_early;
    int port, min_version, max_version, read_size, export_bytes, resume_count;
    int expect_version, expect_curve, expect_scheme, expect_cipher;
    const char *key_file, *cert_file, *host, *expect_host, *advertise_alpn, *select_alpn, *expect_alpn;
    const char *expect_advertised, *export_label, *export_context, *ipv6;
    struct codes curves, verify, sign;
};

static const struct flag {
    const char *name;
    enum { BOOL, INT, TEXT, LIST, IGNORED, IGNORED_VALUE } kind;
    size_t at;
} flags[] = {
#define AT(kind, member) kind, offsetof(struct config, member)
    {"server", AT(BOOL, server)},
    {"shim-writes-first", AT(BOOL, writes_first)},
    {"shim-shuts-down", AT(BOOL, shuts_down)},
    {"check-close-notify", AT(BOOL, check_close)},
    {"key-update", AT(BOOL, key_update)},
    {"require-any-client-certificate", AT(BOOL, any_client_certificate)},
    {"verify-peer", AT(BOOL, verify_peer)},
    {"write-different-record-sizes", AT(BOOL, different_sizes)},
    {"use-export-context", AT(BOOL, use_context)},
    {"expect-extended-master-secret", AT(BOOL, expect_ems)},
    {"no-tls13", AT(BOOL, no_tls13)},
    {"no-tls12", AT(BOOL, no_tls12)},
    {"decline-alpn", AT(BOOL, decline_alpn)},
    {"expect-hrr", AT(BOOL, hrr)},
    {"expect-no-hrr", AT(BOOL, no_hrr)},
    {"expect-session-miss", AT(BOOL, session_miss)},
    {"no-ticket", AT(BOOL, no_ticket)},
    {"verify-fail", AT(BOOL, verify_fail)},
    {"enable-early-data", AT(BOOL, early_data)},
    {"expect-accept-early-data", AT(BOOL, accept_early)},
    {"expect-reject-early-data", AT(BOOL, reject_early)},
    {"port", AT(INT, port)},
    {"resume-count", AT(INT, resume_count)},
    {"min-version", AT(INT, min_version)},
    {"max-version", AT(INT, max_version)},
    {"read-size", AT(INT, read_size)},
    {"export-keying-material", AT(INT, export_bytes)},
    {"expect-version", AT(INT, expect_version)},
    {"expect-curve-id", AT(INT, expect_curve)},
    {"expect-peer-signature-algorithm", AT(INT, expect_scheme)},
    {"expect-cipher", AT(INT, expect_cipher)},
    {"key-file", AT(TEXT, key_file)},
    {"cert-file", AT(TEXT, cert_file)},
    {"host-name", AT(TEXT, host)},
    {"expect-server-name", AT(TEXT, expect_host)},
    {"advertise-alpn", AT(TEXT, advertise_alpn)},
    {"select-alpn", AT(TEXT, select_alpn)},
    {"expect-alpn", AT(TEXT, expect_alpn)},
    {"expect-advertised-alpn", AT(TEXT, expect_advertised)},
    {"export-label", AT(TEXT, export_label)},
    {"export-context", AT(TEXT, export_context)},
    {"curves", AT(LIST, curves)},
    {"verify-prefs", AT(LIST, verify)},
    {"signing-prefs", AT(LIST, sign)},
    /* how its own library is called makes no difference here: nothing is called again */
    {"async", IGNORED, 0},
    {"implicit-handshake", IGNORED, 0},
    {"no-op-extra-handshake", IGNORED, 0},
    {"use-early-callback", IGNORED, 0},
    {"partial-write", IGNORED, 0},
    {"cbc-record-splitting", IGNORED, 0},
    {"peek-then-read", IGNORED, 0},
    {"use-custom-verify-callback", IGNORED, 0},
    {"use-old-client-cert-callback", IGNORED, 0},
    {"forbid-renegotiation-after-handshake", IGNORED, 0},
    {"no-tls1", IGNORED, 0},
    {"no-tls11", IGNORED, 0},
    {"expect-no-session", IGNORED, 0},
    {"expect-no-session-id", IGNORED, 0},
    {"expect-session-id", IGNORED, 0},
    {"expect-secure-renegotiation", IGNORED, 0},
    {"enable-ocsp-stapling", IGNORED, 0},
    {"server-preference", IGNORED, 0},
    {"enforce-rsa-key-usage", IGNORED, 0},
    {"expect-verify-result", IGNORED, 0},
    {"expect-ticket-supports-early-data", IGNORED, 0},
    {"expect-ticket-renewal", IGNORED, 0},
    {"expect-early-data-reason", IGNORED_VALUE, 0},
    {"handshaker-path", IGNORED_VALUE, 0},
#undef AT
};

static int unimplemented(const char *what)
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
    default:
        break;
    }
}

static int finish(struct config *c)
{
    if (c->no_tls13 && !c->max_version)
        c->max_version = 0x0303;
    if (c->no_tls12 && !c->min_version)
        c->min_version = 0x0304;
    if (c->min_version && c->min_version < 0x0303)
        c->min_version = 0;
    if (c->no_ticket && c->resume_count)
        return unimplemented("resumption without tickets");
    /* RFC 8996, 4 and 5: TLS 1.0 and 1.1 MUST NOT be used */
    return c->max_version && c->max_version < 0x0303 ? unimplemented("versions before TLS 1.2") : 0;
}

/* Flags of the first connection alone, of those that resume its session, and of all. 0, or the exit status. */
static int parse(struct config c[2], int argc, char **argv)
{
    static const struct {
        const char *prefix;
        bool first, later;
    } prefixes[] = {
        {"on-initial-", true, false}, {"on-resume-", false, true}, {"on-retry-", false, false}, {"", true, true}};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i] + 1, *value = NULL;
        if (!strcmp(name, "is-handshaker-supported")) {
            puts("No");
            exit(0);
        }
        size_t which = 0;
        while (strncmp(name, prefixes[which].prefix, strlen(prefixes[which].prefix)) != 0)
            which++;
        const struct flag *f = argv[i][0] == '-' ? flag_of(name + strlen(prefixes[which].prefix)) : NULL;
        if (!f)
            return unimplemented(argv[i]);
        if (f->kind != BOOL && f->kind != IGNORED) {
            if (i + 1 == argc)
                return unimplemented(argv[i]);
            value = argv[++i];
        }
        if (prefixes[which].first)
            set(&c[0], f, value);
        if (prefixes[which].later)
            set(&c[1], f, value);
    }
    int status = finish(&c[0]);
    return status ? status : finish(&c[1]);
}

/* --- the party ---------------------------------------------------------------------------------------------------- */

struct party {
    struct wt_party *party;
    struct wt_identity *identity;
    const struct wt_identity *identities[1];
    const char *protocols[16];
    char names[16][256];
};

static void *read_file(const char *path, size_t *n)
{
    enum { MOST = 1 << 20 };
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(MOST);
    if (!file || !bytes) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        exit(1);
    }
    *n = fread(bytes, 1, MOST, file);
    fclose(file);
    return bytes;
}

static bool make_identity(struct party *p, const struct config *c)
{
    size_t chain_length, key_length;
    enum wt_problem_id why;
    char *chain = read_file(c->cert_file, &chain_length), *key = read_file(c->key_file, &key_length);
    p->identities[0] = p->identity = wt_identity_new(chain, chain_length, key, key_length, NULL, &why);
    free(chain);
    free(key);
    return p->identity;
}

/* ProtocolName<1..2^8-1> one after the other, as on the wire, to a list. */
static size_t split(struct party *p, const char *wire)
{
    size_t count = 0;
    for (size_t at = 0, n = strlen(wire); at < n && count < 16; at += 1u + (uint8_t)wire[at], count++) {
        memcpy(p->names[count], wire + at + 1, (uint8_t)wire[at]);
        p->names[count][(uint8_t)wire[at]] = '\0';
        p->protocols[count] = p->names[count];
    }
    return count;
}

static int make(struct party *p, const struct config *c)
{
    static const uint8_t ticket_key[48] = {1}; /* of all parties: a session of one is for the next */
    struct wt_endpoint_options o = {
        .size = sizeof o,
        .host = c->host,
        .min_version = (uint16_t)c->min_version,
        .max_version = (uint16_t)c->max_version,
        .without_verification = true,
        .identities = p->identities,
        .schemes = c->verify.n ? c->verify.list : NULL,
        .scheme_count = c->verify.n,
        .own_schemes = c->sign.n ? c->sign.list : NULL,
        .own_scheme_count = c->sign.n,
        .request = (uint8_t)(c->any_client_certificate ? WT_REQUEST_REQUIRED
                             : c->verify_peer          ? WT_REQUEST_OPTIONAL
                                                       : WT_REQUEST_NONE),
        .key_shares = 1,
        .ticket_key = {ticket_key, sizeof ticket_key},
        .without_resumption = c->no_ticket,
        .asks = c->verify_fail ? WT_ASK_VERDICT : 0,
        .early_data = c->early_data ? 16384 : 0,
    };
    struct wt_error error;
    char text[512];
    if (c->server && c->early_data)
        return unimplemented("early data to a server that has just started (RFC 8446, 8.2)");
    if (c->cert_file && c->key_file) {
        if (!make_identity(p, c))
            return unimplemented("this certificate and key");
        o.identity_count = 1;
    }
    const char *alpn = c->server ? c->select_alpn : c->advertise_alpn;
    if (c->server && alpn) {
        p->protocols[0] = alpn;
        o.alpn_count = 1;
    } else if (alpn) {
        o.alpn_count = split(p, alpn);
    }
    o.alpn = o.alpn_count ? p->protocols : NULL;
    struct codes groups = {.n = 0};
    for (size_t i = 0; i < c->curves.n; i++) /* CECPQ2, an experiment that has ended, is left out */
        if (c->curves.list[i] != 0x4138)
            groups.list[groups.n++] = c->curves.list[i];
    o.groups = groups.n ? groups.list : NULL;
    o.group_count = groups.n;
    p->party = c->server ? wt_server_new(&o, &error) : wt_client_new(&o, &error);
    if (p->party)
        return 0;
    (void)wt_error_format(&error, text, sizeof text);
    return unimplemented(text);
}

/* Whether they differ in what is expected alone. */
static bool is_same_party(const struct config *a, const struct config *b)
{
    struct config c[2] = {*a, *b};
    for (size_t i = 0; i < 2; i++) {
        c[i].session_miss = c[i].accept_early = c[i].reject_early = c[i].hrr = c[i].no_hrr = c[i].writes_first = false;
        c[i].expect_version = c[i].expect_curve = c[i].expect_scheme = c[i].expect_cipher = 0;
        c[i].expect_host = c[i].expect_alpn = c[i].expect_advertised = NULL;
    }
    return !memcmp(&c[0], &c[1], sizeof c[0]);
}

/* --- one connection ----------------------------------------------------------------------------------------------- */

static int dial(int port)
{
    struct sockaddr_in6 six = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
    struct sockaddr_in four = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&six, sizeof six) == 0)
        return fd;
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&four, sizeof four) == 0 ? fd : -1;
}

static int fail(const char *what)
{
    fprintf(stderr, "wrong: %s\n", what);
    return 1;
}

static bool is_text(struct wt_span s, const char *text)
{
    return s.n == strlen(text) && !memcmp(s.p, text, s.n);
}

/* What the runner expects of the handshake. */
static int check_info(const struct wt_endpoint *e, const struct config *c, bool resumes)
{
    struct wt_endpoint_info i;
    wt_endpoint_info(e, &i);
    if (i.resumed != (resumes && !c->session_miss))
        return fail("resumption");
    if ((c->accept_early && !i.early_data_accepted) || (c->reject_early && i.early_data_accepted))
        return fail("early data");
    if (c->expect_version && i.version != c->expect_version)
        return fail("version");
    if (c->expect_curve && !(i.resumed && i.version == 0x0303) && i.group != c->expect_curve)
        return fail("group");
    if (c->expect_scheme && !i.resumed && i.scheme != c->expect_scheme)
        return fail("scheme");
    if (c->expect_cipher && i.suite != c->expect_cipher)
        return fail("suite");
    if (c->expect_host && !is_text(i.host, c->expect_host))
        return fail("name");
    if (c->expect_alpn && !is_text(i.alpn, c->expect_alpn))
        return fail("protocol");
    if (c->expect_ems && i.version == 0x0303 && !i.extended_master)
        return fail("extended_master_secret");
    if ((c->hrr && !i.retried) || (c->no_hrr && i.retried))
        return fail("HelloRetryRequest");
    return 0;
}

static bool write_all(struct wt_endpoint *e, int fd, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n) {
        size_t taken = wt_endpoint_write(e, p, n);
        p += taken;
        n -= taken;
        struct wt_span s = wt_endpoint_outgoing(e);
        if (!taken && !s.n)
            return false;
        ssize_t sent = s.n ? write(fd, s.p, s.n) : 0;
        if (sent < 0)
            return false;
        wt_endpoint_sent(e, (size_t)sent);
    }
    return true;
}

/* What is written first goes as early data, before the handshake. */
static bool is_early(const struct config *c, bool resumes)
{
    return resumes && c->early_data && !c->server && c->writes_first;
}

static int on_established(struct wt_endpoint *e, int fd, const struct config *c, bool resumes)
{
    static uint8_t bytes[32769];
    static const size_t sizes[] = {1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769};
    int wrong = check_info(e, c, resumes);
    if (wrong)
        return wrong;
    if (c->export_bytes) {
        const char *text = c->export_context ? c->export_context : "";
        struct wt_span context = {c->use_context ? (const uint8_t *)text : NULL, c->use_context ? strlen(text) : 0};
        const char *label = c->export_label ? c->export_label : "";
        if (!wt_endpoint_export(e, label, context, bytes, (size_t)c->export_bytes) ||
            !write_all(e, fd, bytes, (size_t)c->export_bytes))
            return fail("exporter");
    }
    if (c->different_sizes) {
        memset(bytes, 0x42, sizeof bytes);
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            if (!write_all(e, fd, bytes, sizes[i]))
                return fail("write");
    } else if (c->writes_first && !is_early(c, resumes) && !write_all(e, fd, "hello", 5)) {
        return fail("write");
    }
    if (c->shuts_down)
        wt_endpoint_end(e);
    return 0;
}

static int on_data(struct wt_endpoint *e, int fd, const struct config *c)
{
    uint8_t bytes[1 << 15];
    struct wt_span s = wt_endpoint_data(e);
    size_t most = c->read_size ? (size_t)c->read_size : 512;
    size_t n = s.n < most ? s.n : most;
    if (n > sizeof bytes)
        n = sizeof bytes;
    for (size_t i = 0; i < n; i++)
        bytes[i] = s.p[i] ^ 0xff;
    wt_endpoint_taken(e, n);
    if (c->key_update && !wt_endpoint_key_update(e, false))
        return fail("KeyUpdate");
    (void)write_all(e, fd, bytes, n);
    return 0;
}

/* A failure that the runner caused, or none. */
static int verdict(struct wt_endpoint *e, const struct config *c)
{
    const struct wt_finding *why = wt_endpoint_why(e);
    struct wt_endpoint_info i;
    wt_endpoint_info(e, &i);
    if (!why || (!c->check_close && !strcmp(why->id, "truncated-close")))
        return i.established ? 0 : fail("not established");
    fprintf(stderr, "%s: %s (alert %u %s)\n", why->id, why->text, i.alert,
            !i.has_alert   ? "none"
            : i.alert_sent ? "sent"
                           : "received");
    return 1;
}

static int talk(struct wt_endpoint *e, int fd, const struct config *c, bool resumes)
{
    bool was = false, ended = false;
    struct wt_event event;
    if (is_early(c, resumes))
        (void)wt_endpoint_write(e, "hello", 5);
    for (unsigned w; !((w = wt_endpoint_wants(e)) & WT_ENDED);) {
        while (wt_endpoint_next_event(e, &event))
            if (event.kind == WT_EVENT_ASK) {
                /* who only looks at what is wrong goes on */
                bool looks = !c->verify_peer && !c->any_client_certificate;
                (void)wt_endpoint_answer_verdict(e, !c->verify_fail || looks);
            } else if (event.kind == WT_EVENT_ESTABLISHED && !was) {
                int wrong = on_established(e, fd, c, resumes);
                was = true;
                if (wrong)
                    return wrong;
            }
        struct wt_span s = wt_endpoint_outgoing(e);
        size_t room;
        if (s.n) {
            ssize_t n = write(fd, s.p, s.n);
            n > 0 ? wt_endpoint_sent(e, (size_t)n) : wt_endpoint_closed(e, false);
        } else if (w & WT_HAS_DATA) {
            int wrong = c->shuts_down && was ? fail("data after close_notify") : on_data(e, fd, c);
            if (wrong)
                return wrong;
        } else if (w & WT_WANTS_BYTES && !(c->shuts_down && was && !c->check_close)) {
            uint8_t *p = wt_endpoint_room(e, &room);
            ssize_t n = read(fd, p, room);
            n > 0 ? wt_endpoint_received(e, (size_t)n) : wt_endpoint_closed(e, n == 0);
        } else if (!ended) {
            ended = true;
            wt_endpoint_end(e);
        } else {
            break;
        }
    }
    return verdict(e, c);
}

/* `session` is what this connection is to resume, and gets what the next one can. */
static int connection(struct party *p, const struct config *c, bool resumes)
{
    static uint8_t session[1 << 16];
    static size_t n;
    int fd = dial(c->port);
    if (fd < 0)
        return fail("connect");
    struct wt_endpoint *e = c->server ? wt_server_accept(p->party, TIME_MS)
                            : resumes ? wt_client_resume(p->party, NULL, TIME_MS, (struct wt_span){session, n})
                                      : wt_client_connect(p->party, NULL, TIME_MS);
    int status = e ? talk(e, fd, c, resumes) : fail("endpoint");
    if (e && !c->server)
        n = wt_endpoint_session(e, session, sizeof session);
    wt_endpoint_free(e);
    /* what the peer still sends is read, so that its close does not turn into a reset */
    shutdown(fd, SHUT_WR);
    close(fd);
    return status;
}

int main(int argc, char **argv)
{
    static struct config configs[2];
    signal(SIGPIPE, SIG_IGN);
    int status = parse(configs, argc, argv);
    struct party parties[2] = {0};
    const bool same = is_same_party(&configs[0], &configs[1]);
    for (int i = 0; !status && i <= configs[0].resume_count; i++) {
        struct party *party = &parties[i > 0 && !same];
        if (!party->party)
            status = make(party, &configs[i > 0]);
        if (!status)
            status = connection(party, &configs[i > 0], i > 0);
    }
    for (size_t i = 0; i < 2; i++) {
        wt_party_free(parties[i].party);
        wt_identity_free(parties[i].identity);
    }
    return status;
}
