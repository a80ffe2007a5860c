/* The bytes of a peer may come in any pieces: what an endpoint says, hears and ends with is the same.
 *
 * A connection is recorded, transfer by transfer; its random numbers and signatures (Ed25519) would be the same in
 * another one. Then each seat is given what its peer has sent once more: a byte at a time, a record at a time, and cut
 * in two after each byte of each transfer. Each time it has to send the recorded octets at the recorded moments, and to
 * come to the same data and events. */
#include "endpoint/engine.h"
#include "pair.h"

#include "base/buffer.h"
#include "registry/registry.h"

#include <stdlib.h>
#include <string.h>

enum { TRANSFERS = 64, EVENTS = 64, PHASES = 5 };

static unsigned long stride = WT_SANITIZED ? 11 : 1; /* bytes from one cut to the next; or what main() is given */

struct flow {
    const char *name;
    uint16_t version;
    void (*options)(struct wt_endpoint_options options[2], const struct wt_identity *const *me);
    bool (*then)(struct wt_endpoint *e); /* between two exchanges of data, on each side; NULL: nothing */
    bool resumed, early, refused;
};

/* What one side sent at once; n = 0: nothing is on its way, and both go on with the next phase. */
struct transfer {
    unsigned from;
    size_t at, n;
};

/* What a side has come to. */
struct result {
    struct wt_buffer data;
    uint8_t events[EVENTS];
    size_t event_count;
    unsigned wants;
};

struct recorded {
    const struct flow *flow;
    struct pair p;
    struct wt_identity *me;
    uint64_t random[2]; /* states, by side */
    uint8_t session[2 * WT_SESSION_MOST];
    size_t session_n;
    struct wt_buffer bytes;
    struct transfer transfers[TRANSFERS];
    size_t count, longest[2]; /* longest: bytes at once, by who sends them */
    struct result result[2];
};

/* --- one side ----------------------------------------------------------------------------------------------------- */

static bool next_random(void *context, uint8_t *out, size_t n)
{
    uint64_t *s = context;
    for (size_t i = 0; i < n; i++) {
        *s = *s * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(*s >> 56);
    }
    return true;
}

/* As if there had been none before: the same random numbers, and a ticket that was not used. */
static struct wt_endpoint *anew(struct recorded *r, unsigned side)
{
    struct wt_party *party = r->p.party[side];
    const int64_t at = TEST_MS(TEST_NOW + 1);
    if (party->strikes.slots)
        memset(party->strikes.slots, 0, WT_LIMIT_EARLY_STRIKES * sizeof *party->strikes.slots);
    r->random[side] = side + 1;
    wt_client_sessions_clear(&party->sessions); /* what it has is what it is given */
    struct wt_endpoint *e = side == WT_CLIENT ? wt_client_resume(party, NULL, at, wt_span_of(r->session, r->session_n))
                                              : wt_server_accept(party, at);
    assert_non_null(e);
    return e;
}

/* Phase 0 is before anything is sent. */
static void go_on(const struct flow *flow, struct wt_endpoint *e, unsigned phase)
{
    const bool client = wt_endpoint_side(e) == WT_CLIENT;
    if (phase == 0 && flow->early && client)
        assert_int_equal(wt_endpoint_write(e, "GET /early\n", 11), 11);
    if (phase == 1 || phase == 3)
        (void)wt_endpoint_write(e, client ? "GET /\n" : "200 OK\n", client ? 6 : 7);
    if (phase == 2 && flow->then)
        (void)flow->then(e);
    if (phase == 4)
        wt_endpoint_end(e);
}

static void take(struct wt_endpoint *e, struct result *result)
{
    const struct wt_span data = wt_endpoint_data(e);
    struct wt_event event;
    assert_true(wt_buffer_add(&result->data, data.p, data.n));
    wt_endpoint_taken(e, data.n);
    while (wt_endpoint_next_event(e, &event)) {
        assert_true(result->event_count < EVENTS);
        result->events[result->event_count++] = event.kind;
    }
}

/* Data that is taken lets it read on. */
static void receive(struct wt_endpoint *e, struct wt_span bytes, struct result *result)
{
    while (bytes.n) {
        const size_t n = wt_endpoint_receive(e, bytes.p, bytes.n);
        take(e, result);
        bytes = wt_span_cut(bytes, n, SIZE_MAX);
        if (!n && wt_endpoint_why(e)) /* what comes after the end is lost */
            break;
    }
}

/* --- the record --------------------------------------------------------------------------------------------------- */

static void note(struct recorded *r, unsigned from, struct wt_span bytes)
{
    assert_true(r->count < TRANSFERS);
    r->transfers[r->count++] = (struct transfer){from, r->bytes.n, bytes.n};
    assert_true(wt_buffer_add(&r->bytes, bytes.p, bytes.n));
    if (bytes.n && bytes.n > r->longest[from]) /* a phase has no bytes, and no side */
        r->longest[from] = bytes.n;
}

static bool carry(struct recorded *r, struct wt_endpoint *const e[2], unsigned from)
{
    const struct wt_span out = wt_endpoint_outgoing(e[from]);
    if (!out.n)
        return false;
    note(r, from, out);
    receive(e[!from], out, &r->result[!from]);
    wt_endpoint_sent(e[from], out.n);
    return true;
}

static void record(struct recorded *r)
{
    struct wt_endpoint *e[2] = {anew(r, WT_CLIENT), anew(r, WT_SERVER)};
    struct wt_endpoint_info info;
    for (unsigned phase = 0; phase < PHASES; phase++) {
        note(r, phase, (struct wt_span){0});
        go_on(r->flow, e[WT_CLIENT], phase);
        go_on(r->flow, e[WT_SERVER], phase);
        for (bool more = true; more;) {
            more = carry(r, e, WT_CLIENT);
            more = carry(r, e, WT_SERVER) || more;
        }
    }
    wt_endpoint_info(e[WT_SERVER], &info);
    assert_true(info.established == !r->flow->refused);
    assert_true(info.resumed == r->flow->resumed && (!info.early_data_accepted || r->flow->early));
    for (unsigned side = 0; side < 2; side++) {
        assert_true(!wt_endpoint_why(e[side]) || r->flow->refused);
        r->result[side].wants = wt_endpoint_wants(e[side]);
        wt_endpoint_free(e[side]);
    }
}

/* --- once more ---------------------------------------------------------------------------------------------------- */

/* Into pieces of `each` bytes (0: all at once; SIZE_MAX: a record), or (cut > 0) into two. */
struct pieces {
    size_t each, cut;
};

static size_t piece_of(const struct pieces *how, struct wt_span rest, bool first)
{
    size_t n = rest.n;
    if (how->cut)
        n = first ? how->cut : rest.n;
    else if (how->each == SIZE_MAX)
        n = 5 + (size_t)wt_get16(rest.p + 3);
    else if (how->each)
        n = how->each;
    return n < rest.n ? n : rest.n;
}

static void assert_same(const struct recorded *r, unsigned side, const struct result *result, size_t cut)
{
    const struct result *was = &r->result[side];
    if (!wt_span_equal(wt_buffer_span(&was->data), wt_buffer_span(&result->data)) ||
        was->event_count != result->event_count || memcmp(was->events, result->events, was->event_count) != 0 ||
        was->wants != result->wants)
        fail_msg("%s, side %u, cut at %zu: other data, events or end", r->flow->name, side, cut);
}

static void replay(struct recorded *r, unsigned side, const struct pieces *how)
{
    struct wt_endpoint *e = anew(r, side);
    struct result result = {.wants = 0};
    for (size_t i = 0; i < r->count; i++) {
        const struct transfer *t = &r->transfers[i];
        struct wt_span bytes = wt_span_of(r->bytes.p + t->at, t->n);
        if (!bytes.n) {
            go_on(r->flow, e, t->from);
        } else if (t->from == side) {
            if (!wt_span_equal(wt_endpoint_outgoing(e), bytes))
                fail_msg("%s, side %u, transfer %zu, cut at %zu: other octets", r->flow->name, side, i, how->cut);
            wt_endpoint_sent(e, bytes.n);
        } else {
            for (bool first = true; bytes.n; first = false) {
                const size_t n = piece_of(how, bytes, first);
                receive(e, wt_span_cut(bytes, 0, n), &result);
                bytes = wt_span_cut(bytes, n, SIZE_MAX);
            }
        }
    }
    assert_int_equal(wt_endpoint_outgoing(e).n, 0);
    result.wants = wt_endpoint_wants(e);
    assert_same(r, side, &result, how->cut);
    wt_buffer_free(&result.data);
    wt_endpoint_free(e);
}

/* --- flows -------------------------------------------------------------------------------------------------------- */

static void with_request(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    o[WT_SERVER].request = WT_REQUEST_REQUIRED;
    o[WT_CLIENT].identities = me;
    o[WT_CLIENT].identity_count = 1;
}

static void with_renegotiation(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    with_request(o, me);
    o[0].renegotiation = o[1].renegotiation = true;
}

static bool client_again(struct wt_endpoint *e)
{
    return wt_endpoint_side(e) == WT_CLIENT && wt_endpoint_renegotiate(e);
}

static bool server_again(struct wt_endpoint *e)
{
    return wt_endpoint_side(e) == WT_SERVER && wt_endpoint_renegotiate(e);
}

static void with_later(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    with_request(o, me);
    o[WT_SERVER].request = WT_REQUEST_NONE;
    o[0].post_handshake_auth = o[1].post_handshake_auth = true;
}

static bool ask_later(struct wt_endpoint *e)
{
    return wt_endpoint_side(e) == WT_SERVER && wt_endpoint_ask_certificate(e);
}

static bool update(struct wt_endpoint *e)
{
    return wt_endpoint_key_update(e, wt_endpoint_side(e) == WT_CLIENT);
}

static void with_retry(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    static const uint16_t groups[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1};
    (void)me;
    o[WT_CLIENT].groups = groups;
    o[WT_SERVER].groups = groups + 1;
    o[WT_CLIENT].group_count = 2;
    o[WT_SERVER].group_count = 1;
}

static void with_cookie(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    (void)me;
    o[WT_SERVER].cookie = true;
}

static void with_early(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    (void)me;
    o[0].early_data = o[1].early_data = 1000;
}

static void with_late_early(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    with_early(o, me);
    with_retry(o, me);
}

static void without_protocol(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    (void)me;
    o[WT_CLIENT].alpn = protocols;
    o[WT_SERVER].alpn = protocols + 1;
    o[0].alpn_count = o[1].alpn_count = 1;
}

static void with_cbc(struct wt_endpoint_options o[2], const struct wt_identity *const *me)
{
    static const uint16_t suite = 0xc009; /* ECDHE_ECDSA_WITH_AES_128_CBC_SHA */
    (void)me;
    o[WT_CLIENT].suites = o[WT_SERVER].suites = &suite;
    o[WT_CLIENT].suite_count = o[WT_SERVER].suite_count = 1;
}

static const struct flow flows[] = {
    {"TLS 1.2", WT_TLS12, NULL, NULL, false, false, false},
    {"TLS 1.2, CBC", WT_TLS12, with_cbc, NULL, false, false, false},
    {"TLS 1.2, resumed", WT_TLS12, NULL, NULL, true, false, false},
    {"TLS 1.2, a client's certificate", WT_TLS12, with_request, NULL, false, false, false},
    {"TLS 1.2, renegotiation", WT_TLS12, with_renegotiation, client_again, false, false, false},
    {"TLS 1.2, renegotiation as the server asks", WT_TLS12, with_renegotiation, server_again, false, false, false},
    {"TLS 1.2, refused", WT_TLS12, without_protocol, NULL, false, false, true},
    {"TLS 1.3", WT_TLS13, NULL, update, false, false, false},
    {"TLS 1.3, HelloRetryRequest", WT_TLS13, with_retry, NULL, false, false, false},
    {"TLS 1.3, a cookie", WT_TLS13, with_cookie, NULL, false, false, false},
    {"TLS 1.3, resumed", WT_TLS13, NULL, NULL, true, false, false},
    {"TLS 1.3, early data", WT_TLS13, with_early, NULL, true, true, false},
    {"TLS 1.3, early data that are rejected", WT_TLS13, with_late_early, NULL, true, true, false},
    {"TLS 1.3, a client's certificate", WT_TLS13, with_request, NULL, false, false, false},
    {"TLS 1.3, a certificate later", WT_TLS13, with_later, ask_later, false, false, false},
    {"TLS 1.3, refused", WT_TLS13, without_protocol, NULL, false, false, true},
};

/* A first connection makes keys of tickets, and the session. */
static void start(struct recorded *r, const struct flow *flow)
{
    static const struct test_leaf leaf = {.type = "ED25519"}, me = {.type = "ED25519", .name = "me", .client = true};
    static const uint16_t groups[] = {WT_GROUP_X25519,
                                      WT_GROUP_SECP256R1}; /* ML-KEM's keys are libcrypto's own choice */
    *r = (struct recorded){.flow = flow};
    pair_start(&r->p, &leaf);
    r->me = test_identity(&r->p.ca, &me);
    struct wt_endpoint_options *o = r->p.options;
    if (flow->options)
        flow->options(o, (const struct wt_identity *const *)&r->me);
    o[WT_CLIENT].max_version = flow->version;
    for (unsigned side = 0; side < 2; side++) {
        if (!o[side].groups) {
            o[side].groups = groups;
            o[side].group_count = 2;
        }
        o[side].random = next_random;
        o[side].context = &r->random[side];
        if (flow->version == WT_TLS12 && !o[side].suites)
            o[side].max_version = WT_TLS12;
    }
    pair_connect(&r->p);
    pair_run(&r->p);
    if (flow->resumed) {
        r->session_n = wt_endpoint_session(r->p.e[WT_CLIENT], r->session, sizeof r->session);
        assert_true(r->session_n && r->session_n <= sizeof r->session);
    }
}

static void end(struct recorded *r)
{
    for (unsigned side = 0; side < 2; side++)
        wt_buffer_free(&r->result[side].data);
    wt_buffer_free(&r->bytes);
    pair_end(&r->p);
    wt_identity_free(r->me);
}

static void any_pieces(void **state)
{
    static struct recorded r;
    (void)state;
    for (size_t i = 0; i < sizeof flows / sizeof *flows; i++) {
        start(&r, &flows[i]);
        record(&r);
        for (unsigned side = 0; side < 2; side++) {
            replay(&r, side, &(struct pieces){.each = 0});
            replay(&r, side, &(struct pieces){.each = 1});
            replay(&r, side, &(struct pieces){.each = SIZE_MAX});
            for (size_t cut = 1; cut < r.longest[!side]; cut += stride)
                replay(&r, side, &(struct pieces){.cut = cut});
        }
        end(&r);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_pieces),
    };
    if (argc > 1 && !(stride = strtoul(argv[1], NULL, 10)))
        return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
