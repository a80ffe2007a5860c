#include "handshake.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wiretale/endpoint.h"

struct side {
    struct wt_party *party;
    struct wt_trust *trust;
    struct wt_identity *identity;
    const struct wt_identity *identities[1];
    bool server;
};

static void side_free(void *side)
{
    struct side *s = side;
    if (!s)
        return;
    wt_party_free(s->party);
    wt_identity_free(s->identity);
    wt_trust_free(s->trust);
    free(s);
}

static void *side_new(const struct scenario *scenario, const struct material *m, bool server)
{
    static const uint16_t x25519 = 0x001d;
    struct side *s = calloc(1, sizeof *s);
    enum wt_problem_id why;
    struct wt_error error;
    if (!s)
        return NULL;
    s->server = server;
    s->trust = wt_trust_new();
    wt_trust_without_system(s->trust);
    const char *chain = m->chain[scenario->rsa], *key = m->key[scenario->rsa];
    s->identity = wt_identity_new(chain, strlen(chain), key, strlen(key), NULL, &why);
    s->identities[0] = s->identity;
    struct wt_endpoint_options o = {
        .size = sizeof o,
        .host = "www.example.com",
        .trust = s->trust,
        .identities = s->identities,
        .identity_count = server,
        .max_version = scenario->tls13 ? 0x0304 : 0x0303,
        .without_resumption = !scenario->resumed,
        .tickets = 1,
        .groups = &x25519,
        .group_count = 1,
    };
    static const uint16_t aes128[2] = {0x1301, 0xc02b}, aes128_rsa[2] = {0x1301, 0xc02f};
    o.suites = scenario->rsa ? aes128_rsa : aes128;
    o.suite_count = 2;
    /* P-256, of certificates, for TLS 1.2 */
    static const uint16_t both[2] = {0x001d, 0x0017};
    o.groups = both;
    o.group_count = 2;
    if (!s->identity || !wt_trust_add_ca(s->trust, m->ca, strlen(m->ca), &why) ||
        !(s->party = server ? wt_server_new(&o, &error) : wt_client_new(&o, &error))) {
        side_free(s);
        return NULL;
    }
    return s;
}

static void *connection(void *side)
{
    struct side *s = side;
    const int64_t now_ms = (int64_t)time(NULL) * 1000;
    return s->server ? wt_server_accept(s->party, now_ms) : wt_client_connect(s->party, NULL, now_ms);
}

static bool step(void *connection, const struct bytes *in, struct bytes *out, bool *done)
{
    struct wt_endpoint *e = connection;
    struct wt_event event;
    bool ok = wt_endpoint_receive(e, in->p, in->n) == in->n;
    struct wt_span s = wt_endpoint_outgoing(e);
    if (s.n > BYTES)
        return false;
    if (s.n)
        memcpy(out->p, s.p, s.n);
    out->n = s.n;
    wt_endpoint_sent(e, s.n);
    while (wt_endpoint_next_event(e, &event))
        *done |= event.kind == WT_EVENT_ESTABLISHED;
    return ok;
}

static bool resumed(void *connection)
{
    struct wt_endpoint_info info;
    wt_endpoint_info(connection, &info);
    return info.resumed;
}

static void connection_free(void *connection)
{
    wt_endpoint_free(connection);
}

static bool seal(void *connection, const uint8_t *p, size_t n, struct bytes *out)
{
    struct wt_endpoint *e = connection;
    if (wt_endpoint_write(e, p, n) != n)
        return false;
    struct wt_span s = wt_endpoint_outgoing(e);
    memcpy(out->p, s.p, s.n);
    out->n = s.n;
    wt_endpoint_sent(e, s.n);
    return true;
}

static size_t open_data(void *connection, const struct bytes *in)
{
    struct wt_endpoint *e = connection;
    size_t sum = 0;
    (void)wt_endpoint_receive(e, in->p, in->n);
    for (struct wt_span s; (s = wt_endpoint_data(e)).n; wt_endpoint_taken(e, s.n))
        sum += s.n;
    return sum;
}

const struct library ours = {"wiretale", side_new,        side_free, connection, step,
                             resumed,    connection_free, seal,      open_data};
