/* External pre-shared keys (RFC 8446, 2.2; RFC 9257). */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint/engine.h"
#include "registry/limits.h"
#include "registry/registry.h"

static const uint8_t keys[3][32] = {{1}, {2}, {3}};

static struct wt_external_psk psk_of(unsigned role, const char *identity, unsigned key)
{
    return (struct wt_external_psk){
        .identity = {(const uint8_t *)identity, strlen(identity)}, .key = {keys[key], 32}, .role = (uint8_t)role};
}

struct two {
    struct wt_external_psk client[2], server[2];
};

/* The same key on both sides; a server without certificates. */
static void start(struct pair *p, struct two *t)
{
    pair_start(p, NULL);
    t->client[0] = psk_of(WT_CLIENT, "us", 0);
    t->server[0] = psk_of(WT_SERVER, "us", 0);
    t->client[1] = psk_of(WT_CLIENT, "others", 1);
    t->server[1] = psk_of(WT_SERVER, "more", 2);
    p->options[WT_CLIENT].psks = t->client;
    p->options[WT_SERVER].psks = t->server;
    p->options[WT_CLIENT].psk_count = p->options[WT_SERVER].psk_count = 1;
    p->options[WT_SERVER].identity_count = 0;
}

static void established(struct pair *p, const char *identity)
{
    struct wt_endpoint_info info;
    pair_connect(p);
    pair_run(p);
    pair_assert_established(p);
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_info(p->e[side], &info);
        assert_int_equal(info.psk.n, strlen(identity));
        assert_memory_equal(info.psk.p, identity, info.psk.n);
        assert_false(info.resumed);
        assert_int_equal(info.certificate_count, info.psk.n ? 0 : side == WT_CLIENT);
    }
}

static void authenticates(void **state)
{
    (void)state;
    for (unsigned sha384 = 0; sha384 < 2; sha384++) {
        struct wt_endpoint_info info;
        struct two t;
        struct pair p;
        start(&p, &t);
        t.client[0].sha384 = t.server[0].sha384 = sha384;
        established(&p, "us");
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        assert_int_equal(info.suite, sha384 ? 0x1302 : 0x1301);
        assert_true(info.group);
        /* the PSK is as good as a ticket of it: there is none */
        uint8_t bytes[8];
        assert_int_equal(wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes), 0);
        pair_end(&p);
    }
}

/* RFC 8446, 4.2.9: psk_ke, where both want it and have no group for a better one. */
static void modes(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519}, theirs[] = {WT_GROUP_SECP256R1};
    (void)state;
    for (unsigned want = 0; want < 4; want++)
        for (unsigned shared = 0; shared < 2; shared++) {
            struct wt_endpoint_info info;
            struct two t;
            struct pair p;
            start(&p, &t);
            p.options[WT_CLIENT].psk_ke = want & 1;
            p.options[WT_SERVER].psk_ke = want & 2;
            p.options[WT_CLIENT].groups = ours;
            p.options[WT_SERVER].groups = shared ? ours : theirs;
            p.options[WT_CLIENT].group_count = p.options[WT_SERVER].group_count = 1;
            if (shared || want == 3) {
                established(&p, "us");
                wt_endpoint_info(p.e[WT_CLIENT], &info);
                assert_int_equal(info.group, shared ? WT_GROUP_X25519 : 0);
            } else {
                pair_connect(&p);
                pair_run(&p);
                pair_assert_failed(&p, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
            }
            pair_end(&p);
        }
}

/* RFC 8446, 4.2.11: the server selects one of those that it knows. */
static void choice(void **state)
{
    struct two t;
    struct pair p;
    (void)state;
    start(&p, &t);
    t.client[0] = psk_of(WT_CLIENT, "others", 1);
    t.client[1] = psk_of(WT_CLIENT, "us", 0);
    p.options[WT_CLIENT].psk_count = p.options[WT_SERVER].psk_count = 2;
    established(&p, "us");
    pair_end(&p);
}

/* RFC 8446, 4.2.11: "If no acceptable PSKs are found, the server SHOULD perform a non-PSK handshake if possible"; 6.2:
 * unknown_psk_identity. */
static void unknown(void **state)
{
    (void)state;
    for (unsigned certificates = 0; certificates < 2; certificates++) {
        struct two t;
        struct pair p;
        start(&p, &t);
        t.client[0] = psk_of(WT_CLIENT, "others", 1);
        p.options[WT_SERVER].identity_count = certificates;
        if (certificates) {
            established(&p, "");
        } else {
            pair_connect(&p);
            pair_run(&p);
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity");
            assert_string_equal(wt_endpoint_why(p.e[WT_CLIENT])->id, "psk-unknown-identity");
        }
        pair_end(&p);
    }
}

/* RFC 8446, 4.2.11: "If this value is not present or does not validate, the server MUST abort the handshake." */
static void mismatch(void **state)
{
    (void)state;
    for (unsigned what = 0; what < 2; what++) {
        struct two t;
        struct pair p;
        start(&p, &t);
        p.options[WT_SERVER].identity_count = 1;
        if (what)
            t.client[0].sha384 = true;
        else
            t.client[0] = psk_of(WT_CLIENT, "us", 1);
        pair_connect(&p);
        pair_run(&p);
        pair_assert_failed(&p, WT_SERVER, WT_ALERT_DECRYPT_ERROR, "psk-mismatch");
        pair_end(&p);
    }
}

/* A HelloRetryRequest of a suite whose hash is another's: RFC 8446, 4.1.2, the PSK is removed. */
static void after_a_retry(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    static const uint16_t sha384[] = {0x1302};
    (void)state;
    for (unsigned other = 0; other < 2; other++) {
        struct two t;
        struct pair p;
        start(&p, &t);
        p.options[WT_CLIENT].groups = ours;
        p.options[WT_CLIENT].group_count = 2;
        p.options[WT_SERVER].groups = theirs;
        p.options[WT_SERVER].group_count = 1;
        p.options[WT_SERVER].identity_count = 1;
        if (other) {
            p.options[WT_SERVER].suites = sha384;
            p.options[WT_SERVER].suite_count = 1;
        }
        established(&p, other ? "" : "us");
        pair_end(&p);
    }
}

/* RFC 8446, 4.3.2: a server that requires the client's certificate takes no PSK, since it could not ask for it. */
static void required_certificate(void **state)
{
    struct two t;
    struct pair p;
    (void)state;
    start(&p, &t);
    p.options[WT_SERVER].identity_count = 1;
    p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
    pair_connect(&p);
    pair_run(&p);
    pair_assert_failed(&p, WT_SERVER, WT_ALERT_CERTIFICATE_REQUIRED, "client-certificate-missing");
    pair_end(&p);
}

/* RFC 9257, 4.1 (Selfie) and 6. */
static void refused(void **state)
{
    static uint8_t longer[WT_LIMIT_PSK + 1];
    static char identity[WT_LIMIT_PSK_IDENTITY + 2];
    struct wt_external_psk one;
    struct wt_error error;
    struct two t;
    struct pair p;
    (void)state;
    start(&p, &t);
    struct wt_endpoint_options *o = &p.options[WT_SERVER];
    memset(identity, 'i', sizeof identity - 1);
    longer[0] = 9;
    const struct {
        struct wt_external_psk psk;
        bool taken;
    } cases[] = {
        {psk_of(WT_SERVER, "x", 1), true},
        {psk_of(WT_CLIENT, "x", 1), false}, /* of the other role */
        {psk_of(WT_SERVER, "us", 1), false},
        {psk_of(WT_SERVER, "x", 0), false}, /* a key twice */
        {{.identity = {keys[1], 1}, .key = {keys[1], 15}, .role = WT_SERVER}, false},
        {{.identity = {keys[1], 1}, .key = {keys[1], 16}, .role = WT_SERVER}, true},
        {{.identity = {keys[1], 1}, .key = {longer, WT_LIMIT_PSK}, .role = WT_SERVER}, true},
        {{.identity = {keys[1], 1}, .key = {longer, WT_LIMIT_PSK + 1}, .role = WT_SERVER}, false},
        {{.identity = {keys[1], 0}, .key = {keys[1], 16}, .role = WT_SERVER}, false},
        {{.identity = {(uint8_t *)identity, WT_LIMIT_PSK_IDENTITY}, .key = {keys[1], 16}, .role = WT_SERVER}, true},
        {{.identity = {(uint8_t *)identity, WT_LIMIT_PSK_IDENTITY + 1}, .key = {keys[1], 16}, .role = WT_SERVER},
         false},
    };
    o->psk_count = 2;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        t.server[1] = cases[i].psk;
        struct wt_party *party = wt_server_new(o, &error);
        assert_true((party != NULL) == cases[i].taken);
        if (!party)
            assert_string_equal(error.field, "psks");
        wt_party_free(party);
    }
    one = psk_of(WT_SERVER, "x", 1);
    p.options[WT_CLIENT].psks = &one;
    assert_null(wt_client_new(&p.options[WT_CLIENT], &error));
    assert_string_equal(error.field, "psks");
    p.options[WT_CLIENT].psks = t.client;
    pair_end(&p);
}

static void many(void **state)
{
    static struct wt_external_psk psks[WT_LIMIT_OWN_PSKS + 1];
    static uint8_t bytes[WT_LIMIT_OWN_PSKS + 1][16];
    struct wt_error error;
    struct two t;
    struct pair p;
    (void)state;
    start(&p, &t);
    for (size_t i = 0; i <= WT_LIMIT_OWN_PSKS; i++) {
        bytes[i][0] = (uint8_t)i;
        bytes[i][1] = (uint8_t)(i >> 8);
        psks[i] = (struct wt_external_psk){.identity = {bytes[i], 2}, .key = {bytes[i], 16}, .role = WT_SERVER};
    }
    psks[WT_LIMIT_OWN_PSKS - 1] = t.server[0];
    p.options[WT_SERVER].psks = psks;
    p.options[WT_SERVER].psk_count = WT_LIMIT_OWN_PSKS + 1;
    assert_null(wt_server_new(&p.options[WT_SERVER], &error));
    assert_int_equal(error.code, WT_LIMIT);
    p.options[WT_SERVER].psk_count = WT_LIMIT_OWN_PSKS;
    established(&p, "us");
    pair_end(&p);
}

/* RFC 8446, 4.2.11: "The server MUST ensure that it selects a compatible PSK (if any) and cipher suite.": in a
 * HelloRetryRequest as well, which here both sides' preference would have name another one. 4.1.2, of the second hello:
 * "Updating the "pre_shared_key" extension if present by recomputing the "obfuscated_ticket_age" and binder values and,
 * optionally, removing any PSKs which are incompatible with the server's indicated cipher suite." */
static void retry_for_a_key(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct wt_endpoint_info info;
        struct two t;
        struct pair p;
        start(&p, &t);
        if (i & 1) {
            p.options[WT_SERVER].cookie = true;
        } else {
            p.options[WT_CLIENT].groups = ours;
            p.options[WT_CLIENT].group_count = 2;
            p.options[WT_SERVER].groups = theirs;
            p.options[WT_SERVER].group_count = 1;
        }
        t.client[0] = psk_of(WT_CLIENT, "others", 1); /* of SHA-256, and not known */
        t.client[1] = psk_of(WT_CLIENT, "us", 0);
        t.client[1].sha384 = t.server[0].sha384 = true;
        p.options[WT_CLIENT].psk_count = 2;
        if (i & 2) /* the server would have a certificate */
            p.options[WT_SERVER].identity_count = 1;
        established(&p, "us");
        wt_endpoint_info(p.e[WT_SERVER], &info);
        assert_true(info.retried);
        assert_int_equal(info.suite, 0x1302);
        assert_int_equal(p.e[WT_SERVER]->h.agreed.offered.psks, 1); /* the other one is gone */
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(authenticates),   cmocka_unit_test(modes),
        cmocka_unit_test(choice),          cmocka_unit_test(unknown),
        cmocka_unit_test(mismatch),        cmocka_unit_test(after_a_retry),
        cmocka_unit_test(retry_for_a_key), cmocka_unit_test(required_certificate),
        cmocka_unit_test(refused),         cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
