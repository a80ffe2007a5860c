#include "pair.h"

#include "base/span.h"

#include <stdlib.h>
#include <string.h>

/* Which tests have every connection of theirs watched: meson.build. */
#ifndef PAIR_WATCHED
#define PAIR_WATCHED false
#endif

void pair_start(struct pair *p, const struct test_leaf *leaf)
{
    static const struct test_leaf usual;
    *p = (struct pair){0};
    test_ca_start(&p->ca);
    p->trust = test_ca_trust(&p->ca);
    p->identity = test_identity(&p->ca, leaf ? leaf : &usual);
    p->options[WT_CLIENT] =
        (struct wt_endpoint_options){.size = sizeof p->options[0], .host = "www.example.com", .trust = p->trust};
    p->options[WT_SERVER] = (struct wt_endpoint_options){.size = sizeof p->options[0],
                                                         .trust = p->trust,
                                                         .identities = (const struct wt_identity *const *)&p->identity,
                                                         .identity_count = 1};
}

void pair_connect(struct pair *p)
{
    struct wt_error error;
    p->party[WT_CLIENT] = wt_client_new(&p->options[WT_CLIENT], &error);
    assert_non_null(p->party[WT_CLIENT]);
    p->party[WT_SERVER] = wt_server_new(&p->options[WT_SERVER], &error);
    assert_non_null(p->party[WT_SERVER]);
    pair_again(p, TEST_NOW);
}

void pair_again_at(struct pair *p, int64_t now_ms, struct wt_span session)
{
    if (p->seats)
        seats_end(p->seats, p->e, NULL);
    p->seats = NULL;
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
        wt_endpoint_free(p->e[side]);
    p->e[WT_CLIENT] = wt_client_resume(p->party[WT_CLIENT], NULL, now_ms, session);
    p->e[WT_SERVER] = wt_server_accept(p->party[WT_SERVER], now_ms);
    assert_non_null(p->e[WT_CLIENT]);
    assert_non_null(p->e[WT_SERVER]);
    if (PAIR_WATCHED && !p->alone)
        p->seats = seats_start(p->e, p->options[WT_CLIENT].trust);
}

void pair_again_with(struct pair *p, int64_t now, struct wt_span session)
{
    pair_again_at(p, TEST_MS(now), session);
}

void pair_again(struct pair *p, int64_t now)
{
    pair_again_with(p, now, (struct wt_span){0});
}

/* True when something went from that side to the other. */
static bool carry(struct pair *p, unsigned from)
{
    unsigned to = from == WT_CLIENT ? WT_SERVER : WT_CLIENT;
    struct wt_span out = wt_endpoint_outgoing(p->e[from]);
    /* it reads on when its question is answered, or its application has taken what it has */
    if (!out.n || wt_endpoint_wants(p->e[to]) & (WT_ASKS | WT_HAS_DATA))
        return false;
    if (p->piece && out.n > p->piece)
        out.n = p->piece;
    if (p->tap)
        p->tap(p->context, from, out);
    p->bytes[from] += out.n;
    struct wt_span came = p->between ? p->between(p->context, from, out) : out;
    size_t n = wt_endpoint_receive(p->e[to], came.p, came.n);
    /* what an endpoint that has ended does not read is lost, as on a socket */
    if (!n || p->between)
        n = out.n;
    if (p->seats)
        seats_wire(p->seats, from, wt_span_cut(out, 0, n), p->between ? came : wt_span_cut(out, 0, n));
    wt_endpoint_sent(p->e[from], n);
    return true;
}

static bool take(struct pair *p, unsigned side)
{
    struct wt_span data = wt_endpoint_data(p->e[side]);
    if (!data.n)
        return false;
    for (size_t i = 0; i < data.n && p->got_n[side] < sizeof p->got[side]; i++)
        p->got[side][p->got_n[side]++] = data.p[i];
    wt_endpoint_taken(p->e[side], data.n);
    return true;
}

bool pair_step(struct pair *p)
{
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
        if (take(p, side) || carry(p, side))
            return true;
    return false;
}

void pair_run(struct pair *p)
{
    bool more = true;
    for (unsigned i = 0; more && i < 1000000; i++) {
        more = false;
        if (p->turn)
            p->turn(p->context);
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++)
            more |= take(p, side) || carry(p, side);
    }
    assert_false(more);
}

void pair_end(struct pair *p)
{
    pair_end_with(p, NULL);
}

void pair_end_with(struct pair *p, struct seats_result *result)
{
    if (p->seats)
        seats_end(p->seats, p->e, result);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        wt_endpoint_free(p->e[side]);
        wt_party_free(p->party[side]);
    }
    wt_identity_free(p->identity);
    wt_trust_free(p->trust);
    test_ca_end(&p->ca);
}

void pair_assert_established(struct pair *p)
{
    static const char *const texts[2] = {"GET / HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"};
    struct wt_endpoint_info info[2];
    p->got_n[0] = p->got_n[1] = 0;
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        wt_endpoint_info(p->e[side], &info[side]);
        const struct wt_finding *why = wt_endpoint_why(p->e[side]);
        if (!info[side].established)
            print_error("side %u: %s %s, alert %u\n", side, why ? why->id : "-", why ? why->text : "",
                        info[side].alert);
    }
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        assert_true(info[side].established);
        assert_int_equal(wt_endpoint_write(p->e[side], texts[side], strlen(texts[side])), strlen(texts[side]));
    }
    assert_int_equal(info[0].version, info[1].version);
    assert_int_equal(info[0].suite, info[1].suite);
    assert_int_equal(info[0].group, info[1].group);
    pair_run(p);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        assert_int_equal(p->got_n[side], strlen(texts[!side]));
        assert_memory_equal(p->got[side], texts[!side], p->got_n[side]);
    }
}

void pair_assert_resumed(struct pair *p, bool resumed)
{
    struct wt_endpoint_info info[2];
    pair_run(p);
    pair_assert_established(p);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_info(p->e[side], &info[side]);
        assert_int_equal(info[side].resumed, resumed);
    }
    assert_true(info[WT_CLIENT].verified || p->options[WT_CLIENT].without_verification);
    assert_non_null(info[WT_CLIENT].certificate_sha256);
    assert_int_equal(info[WT_CLIENT].certificate_count, resumed ? 0 : 1);
}

void pair_first(struct pair *p)
{
    pair_connect(p);
    pair_assert_resumed(p, false);
}

void pair_then(struct pair *p, int64_t later, bool resumed)
{
    pair_again(p, TEST_NOW + later);
    pair_assert_resumed(p, resumed);
}

void pair_assert_failed(struct pair *p, unsigned side, uint8_t alert, const char *finding)
{
    struct wt_endpoint_info info[2];
    for (unsigned s = WT_CLIENT; s <= WT_SERVER; s++)
        wt_endpoint_info(p->e[s], &info[s]);
    assert_true(info[side].has_alert && info[side].alert_sent);
    assert_int_equal(info[side].alert, alert);
    assert_true(info[!side].has_alert && !info[!side].alert_sent);
    assert_int_equal(info[!side].alert, alert);
    const struct wt_finding *why = wt_endpoint_why(p->e[side]);
    assert_non_null(why);
    assert_string_equal(why->id, finding);
}
