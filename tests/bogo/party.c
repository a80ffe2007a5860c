/* The client or server that a command line asks for. */
#include "shim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- files and lists ---------------------------------------------------------------------------------------------- */

void *read_file(const char *path, size_t *n)
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

size_t read_names(const char *text, struct bytes *out, size_t most)
{
    size_t count = 0;
    unsigned byte;
    if (!text || *text == '<') /* <NULL>, <EMPTY> */
        return 0;
    for (; *text && count < most; count++, text += *text == ',')
        for (out[count].n = 0; out[count].n < BYTES && sscanf(text, "%2x", &byte) == 1; text += 2)
            out[count].p[out[count].n++] = (uint8_t)byte;
    return count;
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

/* --- identities --------------------------------------------------------------------------------------------------- */

/* The runner's own algorithms: four bytes before, the first two left out, one byte that may be any. */
static size_t expand(void *context, struct wt_span in, uint8_t *out, size_t room)
{
    static const uint8_t prefix[] = {1, 2, 3, 4};
    (void)context, (void)room;
    memcpy(out, prefix, sizeof prefix);
    memcpy(out + sizeof prefix, in.p, in.n);
    return sizeof prefix + in.n;
}

static size_t shrink(void *context, struct wt_span in, uint8_t *out, size_t room)
{
    (void)context, (void)room;
    if (in.n < 2 || in.p[0] || in.p[1])
        return 0;
    memcpy(out, in.p + 2, in.n - 2);
    return in.n - 2;
}

static size_t vary(void *context, struct wt_span in, uint8_t *out, size_t room)
{
    static uint8_t any;
    (void)context, (void)room;
    out[0] = any++;
    memcpy(out + 1, in.p, in.n);
    return 1 + in.n;
}

static bool compress(struct wt_identity *identity, const struct making *m)
{
    static const struct {
        uint16_t algorithm;
        wt_deflate *deflate;
    } algorithms[] = {{0xff02, expand}, {0xff01, shrink}, {0xff03, vary}};
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
        if ((m->inflates || m->one_compression == algorithms[i].algorithm) &&
            !wt_identity_compress_by(identity, algorithms[i].algorithm, algorithms[i].deflate, NULL))
            return false;
    return true;
}

static struct wt_identity *read_identity(const struct making *m)
{
    size_t chain_length, key_length;
    enum wt_problem_id why;
    char *chain = read_file(m->cert_file, &chain_length), *key = read_file(m->key_file, &key_length);
    struct wt_identity *identity = wt_identity_new(chain, chain_length, key, key_length, NULL, &why);
    free(chain);
    free(key);
    if (identity && m->timestamps.n && !wt_identity_timestamps(identity, m->timestamps.p, m->timestamps.n))
        exit(fail("no list of signed certificate timestamps"));
    if (identity && !compress(identity, m))
        exit(fail("compression"));
    return identity;
}

/* The one that is there from the start, and one with the OCSP response that comes when it is asked for. */
static bool make_identities(struct party *p, const struct making *m)
{
    p->identity = read_identity(m);
    p->stapled = m->ocsp.n && !m->ocsp_declined ? read_identity(m) : NULL;
    if (!p->identity || (p->stapled && !wt_identity_staple(p->stapled, m->ocsp.p, m->ocsp.n)))
        return false;
    p->identities[0] = p->stapled && !m->ocsp_in_callback ? p->stapled : p->identity;
    return true;
}

/* --- options ------------------------------------------------------------------------------------------------------ */

/* RFC 9325, 4.2: suites of the CBC mode are off by default; the runner expects them at the end of the list. */
static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030,
                                  0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014};
static const uint16_t without_aes[] = {0x1301, 0x1302, 0x1303, 0xcca9, 0xcca8};

static void add_suite(struct party *p, const char *text, size_t n, uint8_t rank)
{
    for (unsigned code = 1; code <= 0xffff; code++) {
        const char *name = wt_registry_name(WT_REG_CIPHER_SUITE, code);
        if (name && strlen(name) == n && !strncmp(name, text, n) && strncmp(name, "TLS_RSA_", 8) != 0) {
            p->ranks[p->suites.n] = rank;
            p->suites.list[p->suites.n++] = (uint16_t)code;
        }
    }
}

/* NAME:[NAME|NAME]:…: those in brackets have the same rank. Suites of RSA key exchange, which is not here, are left
 * out.
 */
static void read_suites(struct party *p, const char *text)
{
    bool inside = false;
    uint8_t rank = 0;
    while (*text && p->suites.n < CODES) {
        const size_t n = strcspn(text, ":[|]");
        if (n) {
            add_suite(p, text, n, rank);
            text += n;
            rank += !inside;
        } else {
            rank += *text == ']';
            inside = *text == '[' || (inside && *text != ']');
            text++;
        }
    }
}

static bool choose_suites(struct party *p, struct wt_endpoint_options *o, const char *cipher)
{
    const bool no_aes = cipher && !strcmp(cipher, "DEFAULT:!AES");
    if (cipher && !no_aes) {
        read_suites(p, cipher);
        o->suites = p->suites.list;
        o->suite_count = p->suites.n;
        o->suite_ranks = p->ranks;
        return p->suites.n;
    }
    o->suites = no_aes ? without_aes : suites;
    o->suite_count = no_aes ? sizeof without_aes / sizeof *without_aes : sizeof suites / sizeof *suites;
    return true;
}

/* What BoringSSL verifies and signs with by itself, which the runner expects. RFC 9155: SHA-1 is off by default, and
 * has to be named. */
static const uint16_t verified[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201},
                      signed_with[] = {0x0807, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805,
                                       0x0501, 0x0603, 0x0806, 0x0601, 0x0203, 0x0201};

static void choose_schemes(const struct making *m, struct wt_endpoint_options *o)
{
    o->schemes = m->verify.n ? m->verify.list : verified;
    o->scheme_count = m->verify.n ? m->verify.n : sizeof verified / sizeof *verified;
    o->own_schemes = m->sign.n ? m->sign.list : signed_with;
    o->own_scheme_count = m->sign.n ? m->sign.n : sizeof signed_with / sizeof *signed_with;
}

/* A list names them: without forward secrecy as well, and by CBC. The runner's keys are short, one has no identity. */
static void choose_psk(struct party *p, const struct making *m, struct wt_endpoint_options *o)
{
    static const uint16_t psk_suites[] = {0xccac, 0xc035, 0xc036, 0x008c, 0x008d};
    static uint16_t all[sizeof suites / sizeof *suites + sizeof psk_suites / sizeof *psk_suites];
    if (!m->psk)
        return;
    memcpy(all, suites, sizeof suites);
    memcpy(all + sizeof suites / sizeof *suites, psk_suites, sizeof psk_suites);
    o->suites = all;
    o->suite_count = sizeof all / sizeof *all;
    p->psk = (struct wt_external_psk){.key = {(const uint8_t *)m->psk, strlen(m->psk)},
                                      .role = m->server ? WT_SERVER : WT_CLIENT};
    if (m->psk_identity)
        p->psk.identity = (struct wt_span){(const uint8_t *)m->psk_identity, strlen(m->psk_identity)};
    o->psks = &p->psk;
    o->psk_count = 1;
    o->short_psks = true;
    o->psk_hint = p->psk.identity;
    if (!m->server) /* the hint is to be the same as the identity */
        o->asks |= WT_ASK_PSK;
}

static void choose_protocols(struct party *p, const struct making *m, struct wt_endpoint_options *o)
{
    const char *alpn = m->server ? m->select_alpn : m->advertise_alpn;
    if (m->server && alpn && *alpn) {
        p->protocols[0] = alpn;
        o->alpn_count = 1;
    } else if (!m->server && alpn) {
        o->alpn_count = split(p, alpn);
    }
    o->alpn = o->alpn_count ? p->protocols : NULL;
}

static void choose_authorities(struct party *p, const struct making *m, struct wt_endpoint_options *o)
{
    o->authority_count = read_names(m->authorities, p->names_der, 16);
    for (size_t i = 0; i < o->authority_count; i++)
        p->authorities[i] = (struct wt_span){p->names_der[i].p, p->names_der[i].n};
    o->authorities = o->authority_count ? p->authorities : NULL;
}

static uint16_t questions(const struct making *m)
{
    unsigned asks = 0;
    if (m->verify_fail || m->reverify || (m->ocsp_fails && !m->server))
        asks |= WT_ASK_VERDICT;
    if (m->reverify)
        asks |= WT_ASK_RESUMED;
    if (m->reject_alpn || m->empty_alpn)
        asks |= WT_ASK_ALPN;
    if (m->asks_identity)
        asks |= WT_ASK_IDENTITY;
    return (uint16_t)asks;
}

static void keep_secret(void *context, const char *line)
{
    static const char *const labels[] = {
        [WT_CLIENT] = "CLIENT_TRAFFIC_SECRET_0 ", [WT_SERVER] = "SERVER_TRAFFIC_SECRET_0 "};
    struct party *p = context;
    for (size_t side = 0; side < 2; side++)
        if (!strncmp(line, labels[side], strlen(labels[side])))
            snprintf(p->secret[side], sizeof p->secret[side], "%s", strrchr(line, ' ') + 1);
}

static struct wt_endpoint_options options_of(struct party *p, const struct making *m, const struct codes *groups)
{
    static const uint8_t ticket_key[48] = {1}; /* of all parties: a session of one is for the next */
    struct wt_endpoint_options o = {
        .size = sizeof o,
        .host = m->host,
        .min_version = (uint16_t)m->min_version,
        .max_version = (uint16_t)m->max_version,
        .without_verification = true,
        .identities = p->identities,
        .groups = groups->n ? groups->list : NULL,
        .group_count = groups->n,
        .request = (uint8_t)(m->any_client_certificate ? WT_REQUEST_REQUIRED
                             : m->verify_peer          ? WT_REQUEST_OPTIONAL
                                                       : WT_REQUEST_NONE),
        .key_shares = 1,
        .ticket_key = {ticket_key, sizeof ticket_key},
        .without_resumption = m->no_ticket,
        .asks = questions(m),
        .early_data = m->early_data ? 16384 : 0,
        .early_window = 60,
        .grease = m->grease || m->server, /* BoringSSL's servers always do */
        .fallback = m->fallback,
        .inflates = m->inflates,
        .timestamps = m->asks_timestamps,
        .false_start = m->false_start,
        .renegotiation = m->renegotiates_freely || m->renegotiates_once || m->renegotiates_explicitly,
        .record_size = (uint16_t)m->most,
        .keylog = keep_secret,
        .context = p,
    };
    return o;
}

int make(struct party *p, const struct making *m)
{
    struct wt_error error;
    char text[512];
    struct codes groups = {.n = 0};
    for (size_t i = 0; i < m->curves.n; i++) /* CECPQ2, an experiment that has ended, is left out */
        if (m->curves.list[i] != 0x4138)
            groups.list[groups.n++] = m->curves.list[i];
    struct wt_endpoint_options o = options_of(p, m, &groups);
    if (m->cert_file && m->key_file) {
        if (!make_identities(p, m))
            return unimplemented("this certificate and key");
        o.identity_count = 1;
    }
    if (!choose_suites(p, &o, m->cipher))
        return unimplemented(m->cipher);
    choose_schemes(m, &o);
    choose_psk(p, m, &o);
    choose_protocols(p, m, &o);
    choose_authorities(p, m, &o);
    p->party = m->server ? wt_server_new(&o, &error) : wt_client_new(&o, &error);
    if (!p->party) {
        (void)wt_error_format(&error, text, sizeof text);
        return error.code == WT_VALUE ? fail(text) : unimplemented(text);
    }
    /* RFC 8446, 8.2: a server that has just started takes no early data: it was there before */
    if (m->server)
        wt_endpoint_free(wt_server_accept(p->party, TIME_MS - 60000));
    return 0;
}

void unmake(struct party *p)
{
    wt_party_free(p->party);
    wt_identity_free(p->identity);
    wt_identity_free(p->stapled);
}
