/* The program is asked for the PSK of an identity (RFC 8446, 4.2.11): answered at once and late, with bytes that come
 * one by one. */
#include "base/span.h"
#include "pair.h"

#include "registry/limits.h"
#include "registry/registry.h"

#include <string.h>

static const uint8_t keys[3][32] = {{1}, {2}, {3}};

static struct wt_external_psk psk_of(unsigned role, const char *identity, unsigned key)
{
    return (struct wt_external_psk){
        .identity = {(const uint8_t *)identity, strlen(identity)}, .key = {keys[key], 32}, .role = (uint8_t)role};
}

/* A server whose program knows "us", and "them" by SHA-384. */
struct asked {
    struct pair p;
    struct wt_external_psk client[WT_LIMIT_OFFERED_PSKS], server;
    unsigned count;
    char last[64];
    bool late, wrong_key;
};

static void start(struct asked *a, const char *identity, unsigned certificates)
{
    memset(a, 0, sizeof *a);
    pair_start(&a->p, NULL);
    a->client[0] = psk_of(WT_CLIENT, identity, 0);
    a->p.options[WT_CLIENT].psks = a->client;
    a->p.options[WT_CLIENT].psk_count = 1;
    a->p.options[WT_SERVER].identity_count = certificates;
    a->p.options[WT_SERVER].asks = WT_ASK_PSK;
}

/* What no party would take is refused, and the question stays. */
static void refused(struct wt_endpoint *e, struct wt_span identity)
{
    static const uint8_t longer[WT_LIMIT_PSK + 1];
    struct wt_external_psk psk = {.identity = identity, .key = {keys[0], 32}, .role = WT_CLIENT};
    assert_false(wt_endpoint_answer_psk(e, &psk)); /* RFC 9257, 4.1: a key of the client's role */
    psk.role = WT_SERVER;
    psk.key.n = 15;
    assert_false(wt_endpoint_answer_psk(e, &psk));
    psk.key = wt_span_of(longer, sizeof longer);
    assert_false(wt_endpoint_answer_psk(e, &psk));
    psk.key = wt_span_of(keys[0], 32);
    psk.identity = wt_span_of((const uint8_t *)"other", 5);
    assert_false(wt_endpoint_answer_psk(e, &psk));
    assert_false(wt_endpoint_answer_identity(e, NULL));
    assert_true(wt_endpoint_wants(e) & WT_ASKS);
}

/* False: nothing is asked. The key is wiped as soon as it was given. */
static bool answer(struct asked *a)
{
    struct wt_endpoint *e = a->p.e[WT_SERVER];
    struct wt_event event;
    uint8_t key[32];
    size_t room;
    if (!(wt_endpoint_wants(e) & WT_ASKS))
        return false;
    assert_null(wt_endpoint_room(e, &room));
    do
        assert_true(wt_endpoint_next_event(e, &event));
    while (event.kind != WT_EVENT_ASK);
    assert_int_equal(event.ask, WT_ASK_PSK);
    assert_true(event.psk.n > 0 && event.psk.n < sizeof a->last);
    a->count++;
    memcpy(a->last, event.psk.p, event.psk.n);
    a->last[event.psk.n] = 0;
    refused(e, event.psk);
    const bool us = !strcmp(a->last, "us"), them = !strcmp(a->last, "them");
    struct wt_external_psk psk = {.key = {key, sizeof key}, .sha384 = them, .role = WT_SERVER};
    memcpy(key, keys[a->wrong_key], sizeof key);
    assert_true(wt_endpoint_answer_psk(e, us || them ? &psk : NULL));
    memset(key, 0, sizeof key);
    return true;
}

static void answer_now(void *context)
{
    struct asked *a = context;
    while (!a->late && answer(a))
        ;
}

static void run(struct asked *a)
{
    a->p.turn = answer_now;
    a->p.context = a;
    pair_connect(&a->p);
    do
        pair_run(&a->p);
    while (answer(a));
}

static void assert_used(struct asked *a, const char *identity)
{
    struct wt_endpoint_info info;
    pair_assert_established(&a->p);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_info(a->p.e[side], &info);
        assert_int_equal(info.psk.n, strlen(identity));
        assert_memory_equal(info.psk.p, identity, info.psk.n);
    }
}

static void known(void **state)
{
    static const char *const identities[] = {"us", "them"};
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct asked a;
        start(&a, identities[i & 1], i >> 2);
        a.client[0].sha384 = i & 1;
        a.late = i & 2;
        a.p.piece = i & 1 ? 1 : 0;
        run(&a);
        assert_int_equal(a.count, 1);
        assert_used(&a, identities[i & 1]);
        pair_end(&a.p);
    }
}

/* After a HelloRetryRequest: of the second hello, once. */
static void after_a_retry(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    (void)state;
    for (unsigned late = 0; late < 2; late++) {
        struct asked a;
        start(&a, "us", 0);
        a.late = late;
        a.p.options[WT_CLIENT].groups = ours;
        a.p.options[WT_CLIENT].group_count = 2;
        a.p.options[WT_SERVER].groups = theirs;
        a.p.options[WT_SERVER].group_count = 1;
        run(&a);
        assert_int_equal(a.count, 1);
        assert_used(&a, "us");
        pair_end(&a.p);
    }
}

/* RFC 8446, 4.2.11: "If no acceptable PSKs are found, the server SHOULD perform a non-PSK handshake if possible". */
static void unknown(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct asked a;
        start(&a, "nobody", i & 1);
        a.late = i & 2;
        run(&a);
        assert_int_equal(a.count, 1);
        if (i & 1)
            assert_used(&a, "");
        else
            pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
        pair_end(&a.p);
    }
}

/* One after the other, up to the first that is known; one for which there is no suite is none. */
static void several(void **state)
{
    static const uint16_t sha256[] = {0x1301, 0xc02b};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct asked a;
        start(&a, "nobody", 0);
        a.late = i & 1;
        a.client[1] = psk_of(WT_CLIENT, "them", 1);
        a.client[1].sha384 = true;
        a.client[2] = psk_of(WT_CLIENT, "nobody else", 2);
        static const uint8_t more[32] = {4};
        a.client[3] = psk_of(WT_CLIENT, "us", 0);
        a.client[3].key = wt_span_of(more, sizeof more);
        a.p.options[WT_CLIENT].psk_count = 4;
        if (i & 2) { /* no suite for "them": "us" it is, whose key is not that of the client */
            a.p.options[WT_SERVER].suites = sha256;
            a.p.options[WT_SERVER].suite_count = 2;
        }
        run(&a);
        assert_int_equal(a.count, i & 2 ? 4 : 2);
        assert_string_equal(a.last, i & 2 ? "us" : "them");
        pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_DECRYPT_ERROR, "psk-mismatch"); /* key 0, not theirs */
        pair_end(&a.p);
    }
}

/* What the list has, and a ticket, are not asked for; nor anything where no PSK will do (RFC 8446, 4.3.2). */
static void not_asked(void **state)
{
    struct asked a;
    (void)state;
    start(&a, "us", 0);
    a.server = psk_of(WT_SERVER, "us", 0);
    a.p.options[WT_SERVER].psks = &a.server;
    a.p.options[WT_SERVER].psk_count = 1;
    run(&a);
    assert_int_equal(a.count, 0);
    assert_used(&a, "us");
    pair_end(&a.p);

    start(&a, "us", 1);
    a.p.options[WT_CLIENT].psk_count = 0;
    run(&a);
    pair_assert_established(&a.p);
    pair_then(&a.p, 1, true);
    assert_int_equal(a.count, 0);
    pair_end(&a.p);

    start(&a, "us", 1);
    a.p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
    run(&a);
    assert_int_equal(a.count, 0);
    pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_CERTIFICATE_REQUIRED, "client-certificate-missing");
    pair_end(&a.p);

    start(&a, "us", 1);
    a.p.options[WT_CLIENT].max_version = WT_TLS12;
    run(&a);
    assert_int_equal(a.count, 0);
    pair_end(&a.p);
}

static void longest_identity(void **state)
{
    static char identity[WT_LIMIT_PSK_IDENTITY + 1];
    struct asked a;
    struct wt_event event;
    (void)state;
    memset(identity, 'i', sizeof identity - 1);
    start(&a, identity, 1);
    pair_connect(&a.p);
    pair_run(&a.p);
    while (wt_endpoint_next_event(a.p.e[WT_SERVER], &event) && event.kind != WT_EVENT_ASK)
        ;
    assert_int_equal(event.psk.n, WT_LIMIT_PSK_IDENTITY);
    assert_true(wt_endpoint_answer_psk(a.p.e[WT_SERVER], NULL));
    pair_run(&a.p);
    assert_used(&a, "");
    pair_end(&a.p);
}

/* The peer is gone before the answer is there. */
static void too_late(void **state)
{
    struct asked a;
    (void)state;
    start(&a, "us", 0);
    pair_connect(&a.p);
    pair_run(&a.p);
    assert_true(wt_endpoint_wants(a.p.e[WT_SERVER]) & WT_ASKS);
    wt_endpoint_closed(a.p.e[WT_SERVER], true);
    assert_false(wt_endpoint_answer_psk(a.p.e[WT_SERVER], NULL));
    pair_end(&a.p);
}

/* RFC 8446, E.6: "treating the cases where there is no valid PSK identity and where there is an identity but it has an
 * invalid binder identically": from the list, and from the program, the bytes of the answer are the same. */
static void alike(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        struct asked a;
        const bool asks = i & 1, is_unknown = i & 2;
        start(&a, is_unknown ? "nobody" : "us", 0);
        a.wrong_key = true;
        a.server = psk_of(WT_SERVER, "us", 1);
        a.p.options[WT_SERVER].psks = &a.server;
        a.p.options[WT_SERVER].psk_count = !asks;
        a.p.options[WT_SERVER].asks = asks ? WT_ASK_PSK : 0;
        a.p.options[WT_SERVER].hides_psks = true;
        if (i & 4) { /* the key for which the binder of an unknown one is made: no better */
            static const uint8_t nobodys[32];
            a.client[0].key = wt_span_of(nobodys, sizeof nobodys);
        }
        run(&a);
        assert_int_equal(a.count, asks);
        pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_DECRYPT_ERROR, "psk-mismatch");
        assert_int_equal(a.p.bytes[WT_SERVER], 7); /* the alert */
        pair_end(&a.p);
    }
    /* with certificates there is nothing to hide, and one without PSKs is no such case */
    struct asked a;
    start(&a, "nobody", 1);
    a.p.options[WT_SERVER].hides_psks = true;
    run(&a);
    assert_used(&a, "");
    pair_end(&a.p);
    start(&a, "us", 0);
    a.p.options[WT_CLIENT].psk_count = 0;
    a.p.options[WT_SERVER].hides_psks = true;
    run(&a);
    pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
    pair_end(&a.p);
}

/* A server needs an identity, a PSK, or a program that has them. */
static void makes_a_server(void **state)
{
    struct wt_error error;
    struct asked a;
    (void)state;
    start(&a, "us", 0);
    struct wt_party *party = wt_server_new(&a.p.options[WT_SERVER], &error);
    assert_non_null(party);
    wt_party_free(party);
    a.p.options[WT_SERVER].asks = 0;
    assert_null(wt_server_new(&a.p.options[WT_SERVER], &error));
    assert_int_equal(error.code, WT_MISSING);
    pair_end(&a.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known),    cmocka_unit_test(after_a_retry), cmocka_unit_test(unknown),
        cmocka_unit_test(several),  cmocka_unit_test(not_asked),     cmocka_unit_test(longest_identity),
        cmocka_unit_test(too_late), cmocka_unit_test(alike),         cmocka_unit_test(makes_a_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
