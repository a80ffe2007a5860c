/* External pre-shared keys of TLS 1.2 (RFC 4279, RFC 5489). */
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

/* Both have "us", in TLS 1.2, by a list of suites; the server has no certificate. Who is asked answers as `answers`
 * says. */
struct two {
    struct pair p;
    struct wt_external_psk client[2], server[2], answer;
    bool answers;
    unsigned asked;
    char told[WT_LIMIT_PSK_IDENTITY + 1];
};

static void start(struct two *t)
{
    *t = (struct two){.answers = true};
    pair_start(&t->p, NULL);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        struct wt_external_psk *list = side == WT_CLIENT ? t->client : t->server;
        list[0] = psk_of(side, "us", 0);
        list[1] = psk_of(side, "others", 1);
        t->p.options[side].psks = list;
        t->p.options[side].psk_count = 1;
        t->p.options[side].max_version = WT_TLS12;
    }
    t->p.options[WT_SERVER].identity_count = 0;
}

static void suites(struct two *t, const uint16_t *list, size_t count)
{
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        t->p.options[side].suites = list;
        t->p.options[side].suite_count = count;
    }
}

/* The answer, late, to whoever asks; then what was held goes on. */
static void run(struct two *t)
{
    bool more = true;
    while (more) {
        pair_run(&t->p);
        more = false;
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
            struct wt_event event;
            if (!(wt_endpoint_wants(t->p.e[side]) & WT_ASKS))
                continue;
            do
                assert_true(wt_endpoint_next_event(t->p.e[side], &event));
            while (event.kind != WT_EVENT_ASK);
            assert_int_equal(event.ask, WT_ASK_PSK);
            assert_true(event.psk.n < sizeof t->told);
            memcpy(t->told, event.psk.n ? (const void *)event.psk.p : "", event.psk.n);
            t->told[event.psk.n] = 0;
            t->asked++;
            assert_true(wt_endpoint_answer_psk(t->p.e[side], t->answers ? &t->answer : NULL));
            more = true;
        }
    }
}

static void established(struct two *t, const char *identity)
{
    struct wt_endpoint_info info;
    if (!t->p.party[0])
        pair_connect(&t->p);
    run(t);
    pair_assert_established(&t->p);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        wt_endpoint_info(t->p.e[side], &info);
        assert_true((info.psk.p != NULL) == (identity != NULL));
        assert_int_equal(info.psk.n, identity ? strlen(identity) : 0);
        if (info.psk.n)
            assert_memory_equal(info.psk.p, identity, info.psk.n);
        assert_int_equal(info.certificate_count, !identity && side == WT_CLIENT);
        assert_int_equal(info.version, WT_TLS12);
        assert_true(info.extended_master);
        assert_false(info.requested || (identity && info.scheme));
    }
}

static void failed(struct two *t, unsigned side, uint8_t alert, const char *finding, const char *other)
{
    pair_connect(&t->p);
    run(t);
    pair_assert_failed(&t->p, side, alert, finding);
    assert_string_equal(wt_endpoint_why(t->p.e[!side])->id, other);
    pair_end(&t->p);
}

/* --- suites ------------------------------------------------------------------------------------------------------- */

/* RFC 4279, 2 and 3; RFC 5487; RFC 5489; RFC 6655; RFC 7905; RFC 8442. */
static const struct {
    uint16_t suite;
    uint8_t kx;
} all[] = {
    {0xd001, WT_KX_ECDHE_PSK}, {0xd002, WT_KX_ECDHE_PSK}, {0xd003, WT_KX_ECDHE_PSK}, {0xd005, WT_KX_ECDHE_PSK},
    {0xccac, WT_KX_ECDHE_PSK}, {0xc035, WT_KX_ECDHE_PSK}, {0xc036, WT_KX_ECDHE_PSK}, {0xc037, WT_KX_ECDHE_PSK},
    {0xc038, WT_KX_ECDHE_PSK}, {0x00aa, WT_KX_DHE_PSK},   {0x00ab, WT_KX_DHE_PSK},   {0xc0a6, WT_KX_DHE_PSK},
    {0xc0aa, WT_KX_DHE_PSK},   {0xccad, WT_KX_DHE_PSK},   {0x0090, WT_KX_DHE_PSK},   {0x00b3, WT_KX_DHE_PSK},
    {0x00a8, WT_KX_PSK},       {0x00a9, WT_KX_PSK},       {0xc0a4, WT_KX_PSK},       {0xc0a8, WT_KX_PSK},
    {0xccab, WT_KX_PSK},       {0x008c, WT_KX_PSK},       {0x008d, WT_KX_PSK},       {0x00af, WT_KX_PSK},
};

/* One of each key exchange, and one of CBC. */
static const uint16_t some[] = {0xd001, 0xccad, 0x00a8, 0xc035};
enum { SOME = sizeof some / sizeof *some };

static void every_suite(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct wt_endpoint_info info;
        struct two t;
        start(&t);
        suites(&t, &all[i].suite, 1);
        established(&t, "us");
        wt_endpoint_info(t.p.e[WT_CLIENT], &info);
        assert_int_equal(info.suite, all[i].suite);
        assert_int_equal(wt_suite_find(info.suite)->kx, all[i].kx);
        assert_int_equal(info.group, all[i].kx == WT_KX_ECDHE_PSK ? WT_GROUP_X25519
                                     : all[i].kx == WT_KX_DHE_PSK ? WT_GROUP_FFDHE2048
                                                                  : 0);
        pair_end(&t.p);
    }
}

/* RFC 9325, 4.1: what lacks forward secrecy, and CBC, are no defaults; RFC 8446, E.7: nor is a key of TLS 1.3 one of
 * TLS 1.2. */
static void defaults(void **state)
{
    (void)state;
    for (unsigned both = 0; both < 2; both++) {
        struct wt_endpoint_info info;
        struct two t;
        start(&t);
        if (both)
            t.p.options[WT_CLIENT].max_version = t.p.options[WT_SERVER].max_version = 0;
        pair_connect(&t.p);
        const struct wt_span list = wt_buffer_span(&t.p.party[WT_CLIENT]->suites);
        for (size_t i = 0; i < wt_codes_count(list); i++) {
            const struct wt_suite *suite = wt_suite_find(wt_codes_at(list, i));
            assert_true(wt_kx_info_of((enum wt_kx)suite->kx)->forward_secret);
            assert_int_equal(suite->mac, WT_HASH_NONE);
            assert_false(both && suite->kx == WT_KX_ECDHE_PSK);
        }
        pair_run(&t.p);
        wt_endpoint_info(t.p.e[WT_CLIENT], &info);
        assert_int_equal(info.suite, both ? 0x1301 : 0xd001);
        pair_end(&t.p);
    }
}

/* Suites without a key are nobody's; the server's order decides between a key and a certificate; a key that a client
 * has and its server has not even a suite for does no harm. */
static void choice(void **state)
{
    static const uint16_t mixed[] = {0xc02b, 0xd001}, psk[] = {0xd001}, none[] = {0xc02b};
    struct wt_error error;
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct two t;
        start(&t);
        t.p.options[WT_SERVER].identity_count = 1;
        suites(&t, i == 1 ? psk : i == 2 ? none : mixed, i == 1 || i == 2 ? 1 : 2);
        if (i == 3) {
            t.p.options[WT_CLIENT].psk_count = 0;
            assert_null(wt_client_new(&t.p.options[WT_CLIENT], &error));
            assert_int_equal(error.code, WT_MISSING);
            assert_string_equal(error.field, "psks");
        } else {
            established(&t, i == 1 ? "us" : NULL);
        }
        pair_end(&t.p);
    }
}

/* RFC 8422, 5.1: the server's curve is one of the client's. Without one there is no such suite. */
static void groups(void **state)
{
    static const uint16_t one[] = {WT_GROUP_X25519}, other[] = {WT_GROUP_SECP256R1}, suite[] = {0xd001},
                          plain[] = {0x00a8};
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct two t;
        start(&t);
        suites(&t, i ? plain : suite, 1);
        t.p.options[WT_CLIENT].groups = one;
        t.p.options[WT_SERVER].groups = other;
        t.p.options[WT_CLIENT].group_count = t.p.options[WT_SERVER].group_count = 1;
        if (i) {
            established(&t, "us");
            pair_end(&t.p);
        } else {
            failed(&t, WT_SERVER, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-group", "no-shared-group");
        }
    }
}

/* RFC 4279, 2: there is no CertificateRequest: who requires one takes no PSK. */
static void required_certificate(void **state)
{
    static const uint16_t suite[] = {0xd001};
    struct two t;
    (void)state;
    start(&t);
    suites(&t, suite, 1);
    t.p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
    failed(&t, WT_SERVER, WT_ALERT_HANDSHAKE_FAILURE, "no-shared-cipher-suite", "no-shared-cipher-suite");
}

/* --- identities and hints ----------------------------------------------------------------------------------------- */

/* RFC 4279, 2: "If the server does not recognize the PSK identity, it MAY respond with an "unknown_psk_identity" alert
 * message. Alternatively, if the server wishes to hide the fact that the PSK identity was not known, it MAY continue
 * the protocol as if the PSK identity existed but the key was incorrect". */
static void unknown(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOME; i++)
        for (unsigned what = 0; what < 3; what++) {
            struct two t;
            start(&t);
            suites(&t, &some[i], 1);
            t.p.options[WT_SERVER].hides_psks = what;
            t.client[0] = what == 2 ? psk_of(WT_CLIENT, "us", 1) : psk_of(WT_CLIENT, "them", 0);
            if (what)
                failed(&t, WT_SERVER, WT_ALERT_BAD_RECORD_MAC, "psk-mismatch", "psk-mismatch");
            else
                failed(&t, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity", "psk-unknown-identity");
        }
}

/* RFC 4279, 5.2: "clients MUST ignore the identity hint field", unless there is an application that knows what it is.
 */
static void hints(void **state)
{
    static char longer[WT_LIMIT_PSK_IDENTITY + 1];
    struct wt_error error;
    (void)state;
    memset(longer, 'h', sizeof longer);
    for (size_t i = 0; i < SOME; i++)
        for (unsigned what = 0; what < 6; what++) {
            const size_t n = what % 3 == 0 ? 0 : what % 3 == 1 ? 5 : WT_LIMIT_PSK_IDENTITY;
            struct two t;
            start(&t);
            suites(&t, &some[i], 1);
            t.p.options[WT_SERVER].psk_hint = wt_span_of((const uint8_t *)longer, n);
            t.p.options[WT_CLIENT].psk_count = what == 4 ? 0 : 2;
            t.answer = t.client[1];
            t.answers = what != 5;
            t.p.options[WT_SERVER].psk_count = 2;
            t.server[1] = psk_of(WT_SERVER, "others", 1);
            t.p.options[WT_CLIENT].asks = what >= 3 ? WT_ASK_PSK : 0;
            established(&t, what == 3 || what == 4 ? "others" : "us");
            assert_int_equal(t.asked, what >= 3);
            if (t.asked)
                assert_int_equal(strlen(t.told), n);
            /* "If no hint is provided, the ServerKeyExchange message is omitted." */
            pair_end(&t.p);
        }
    struct two t;
    start(&t);
    t.p.options[WT_SERVER].psk_hint = wt_span_of((const uint8_t *)longer, sizeof longer);
    assert_null(wt_server_new(&t.p.options[WT_SERVER], &error));
    assert_string_equal(error.field, "psk_hint");
    pair_end(&t.p);
}

/* A client without a key for the hint. */
static void no_key(void **state)
{
    struct two t;
    (void)state;
    start(&t);
    t.p.options[WT_CLIENT].psk_count = 0;
    t.p.options[WT_CLIENT].asks = WT_ASK_PSK;
    t.answers = false;
    failed(&t, WT_CLIENT, WT_ALERT_HANDSHAKE_FAILURE, "rejected-by-client", "rejected-by-client");
}

/* The server's program knows it; its answer comes when the client's ChangeCipherSpec waits. */
static void asked(void **state)
{
    (void)state;
    for (size_t i = 0; i < SOME; i++)
        for (unsigned knows = 0; knows < 2; knows++) {
            struct two t;
            start(&t);
            suites(&t, &some[i], 1);
            t.p.piece = i % 2 ? 1 : 0;
            t.p.options[WT_SERVER].psk_count = 0;
            t.p.options[WT_SERVER].asks = WT_ASK_PSK;
            t.answer = t.server[0];
            t.answers = knows;
            if (knows) {
                established(&t, "us");
                assert_string_equal(t.told, "us");
                assert_int_equal(t.asked, 1);
                pair_end(&t.p);
            } else {
                failed(&t, WT_SERVER, WT_ALERT_UNKNOWN_PSK_IDENTITY, "psk-unknown-identity", "psk-unknown-identity");
            }
        }
}

/* --- lengths ------------------------------------------------------------------------------------------------------ */

/* RFC 4279, 5.3: "MUST support arbitrary PSK identities up to 128 octets in length, and arbitrary PSKs up to 64 octets
 * in length": ours are longer. What TLS 1.3 does not take, it does not offer. */
static void lengths(void **state)
{
    static uint8_t longest[WT_LIMIT_PSK], name[WT_LIMIT_PSK_IDENTITY];
    static const uint16_t suite[] = {0xd001}, dhe[] = {0xccad}, plain[] = {0xccab};
    const struct {
        size_t identity, key;
        bool allowed, taken;
    } cases[] = {
        {0, 16, false, true}, {1, 15, false, false}, {1, 15, true, true},
        {0, 1, true, true},   {1, 0, true, false},   {sizeof name, sizeof longest, false, true},
    };
    (void)state;
    memset(name, 'n', sizeof name);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned which = 0; which < 3; which++) {
            struct wt_error error;
            struct two t;
            start(&t);
            suites(&t, which == 0 ? suite : which == 1 ? dhe : plain, 1);
            for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
                struct wt_external_psk *psk = side == WT_CLIENT ? t.client : t.server;
                psk->identity = wt_span_of(name, cases[i].identity);
                psk->key = wt_span_of(longest, cases[i].key);
                t.p.options[side].short_psks = cases[i].allowed;
            }
            if (cases[i].taken) {
                pair_connect(&t.p);
                pair_run(&t.p);
                pair_assert_established(&t.p);
            } else {
                assert_null(wt_server_new(&t.p.options[WT_SERVER], &error));
                assert_string_equal(error.field, "psks");
            }
            pair_end(&t.p);
        }
}

/* A key that is too short for TLS 1.3 is none there, on either side, while it serves TLS 1.2. */
static void not_in_13(void **state)
{
    static const uint16_t mixed[] = {0x1301, 0xd001};
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct wt_endpoint_info info;
        struct two t;
        start(&t);
        suites(&t, mixed, 2);
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
            struct wt_external_psk *psk = side == WT_CLIENT ? t.client : t.server;
            if (i == 0)
                psk->key.n = 5;
            else
                psk->identity.n = 0;
            t.p.options[side].short_psks = true;
            t.p.options[side].max_version = i == 2 && side == WT_SERVER ? WT_TLS12 : 0;
        }
        t.p.options[WT_SERVER].identity_count = 1;
        pair_connect(&t.p);
        pair_run(&t.p);
        pair_assert_established(&t.p);
        wt_endpoint_info(t.p.e[WT_SERVER], &info);
        assert_int_equal(info.suite, i == 2 ? 0xd001 : 0x1301);
        assert_true((info.psk.p != NULL) == (i == 2));
        assert_int_equal(t.p.e[WT_SERVER]->h.agreed.offered.psks, 0);
        pair_end(&t.p);
    }
}

/* --- sessions and other handshakes -------------------------------------------------------------------------------- */

enum { LATER = 60 };

static void assert_resumed(struct pair *p, bool resumed)
{
    pair_assert_established(p);
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        struct wt_endpoint_info info;
        wt_endpoint_info(p->e[side], &info);
        assert_int_equal(info.resumed, resumed);
        assert_null(info.certificate_sha256);
        assert_false(info.verified);
        assert_int_equal(info.certificate_count, 0);
    }
}

static void again(struct two *t, bool resumed)
{
    pair_again(&t->p, TEST_NOW + LATER);
    established(t, "us");
    assert_resumed(&t->p, resumed);
}

/* By ticket; once more, by the ticket that was not used up. Those of a PSK that the program alone knows: there are
 * none, and RFC 5077, 3.3, has a form for it: "it sends a zero-length ticket in the NewSessionTicket handshake
 * message". */
static void resumed(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct two t;
        start(&t);
        if (i) {
            const unsigned side = i == 1 ? WT_SERVER : WT_CLIENT;
            t.p.options[side].psk_count = 0;
            t.p.options[side].asks = WT_ASK_PSK;
            t.answer = side == WT_SERVER ? t.server[0] : t.client[0];
        }
        established(&t, "us");
        again(&t, !i);
        again(&t, !i);
        pair_end(&t.p);
    }
}

/* A session goes with the key that it goes back to: what has another one under the same name, or none of the name,
 * takes it for nothing; and so does who now requires a certificate. */
static void bound(void **state)
{
    static const uint8_t ticket_key[32] = {7};
    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        static uint8_t session[10240];
        struct two t;
        start(&t);
        t.p.options[WT_SERVER].ticket_key = wt_span_of(ticket_key, sizeof ticket_key);
        t.p.options[WT_SERVER].psk_count = 2;
        established(&t, "us");
        const size_t n = wt_endpoint_session(t.p.e[WT_CLIENT], session, sizeof session);
        assert_true(n);
        struct wt_party *old[2] = {t.p.party[WT_CLIENT], t.p.party[WT_SERVER]};
        const unsigned side = i < 3 ? WT_SERVER : WT_CLIENT;
        if (i == 1 || i == 3)
            t.server[0] = psk_of(WT_SERVER, "us", 2), t.client[0] = psk_of(WT_CLIENT, "us", 2);
        else if (i == 2 || i == 4)
            t.server[0] = psk_of(WT_SERVER, "they", 0), t.client[0] = psk_of(WT_CLIENT, "they", 0);
        t.p.party[WT_SERVER] = wt_server_new(&t.p.options[WT_SERVER], NULL);
        assert_non_null(t.p.party[WT_SERVER]);
        t.p.party[WT_CLIENT] = wt_client_new(&t.p.options[WT_CLIENT], NULL);
        assert_non_null(t.p.party[WT_CLIENT]);
        assert_int_equal(
            wt_client_session_fault(t.p.party[WT_CLIENT], NULL, 0, TEST_MS(TEST_NOW), wt_span_of(session, n)),
            i ? WT_SESSION_OTHER_PSK : WT_SESSION_FITS);
        if (side == WT_SERVER) { /* the client does not know yet */
            wt_party_free(t.p.party[WT_CLIENT]);
            const struct wt_external_psk now = t.client[0];
            t.client[0] = psk_of(WT_CLIENT, "us", 0);
            t.p.party[WT_CLIENT] = wt_client_new(&t.p.options[WT_CLIENT], NULL);
            pair_again_with(&t.p, TEST_NOW + LATER, wt_span_of(session, n));
            t.client[0] = now;
        } else {
            pair_again_with(&t.p, TEST_NOW + LATER, wt_span_of(session, n));
        }
        pair_run(&t.p);
        assert_resumed(&t.p, i == 0);
        pair_end(&t.p);
        wt_party_free(old[WT_CLIENT]);
        wt_party_free(old[WT_SERVER]);
    }
}

/* RFC 5746: another handshake of the connection; by the same means. */
static void renegotiates(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        static const uint16_t mixed[] = {0xc02b, 0xd001}, other[] = {0xd001, 0xc02b};
        const unsigned who = i % 2;
        struct two t;
        start(&t);
        t.p.options[WT_CLIENT].renegotiation = t.p.options[WT_SERVER].renegotiation = true;
        t.p.options[WT_SERVER].identity_count = 1;
        suites(&t, i < 2 ? mixed : other, 2);
        if (i >= 4) {
            t.p.options[WT_SERVER].psk_count = 0;
            t.p.options[WT_SERVER].asks = WT_ASK_PSK;
            t.answer = t.server[0];
        }
        established(&t, i < 2 ? NULL : "us");
        assert_true(wt_endpoint_renegotiate(t.p.e[who]));
        established(&t, i < 2 ? NULL : "us");
        assert_int_equal(t.asked, i < 4 ? 0 : 2);
        pair_end(&t.p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite),
        cmocka_unit_test(defaults),
        cmocka_unit_test(choice),
        cmocka_unit_test(groups),
        cmocka_unit_test(required_certificate),
        cmocka_unit_test(unknown),
        cmocka_unit_test(hints),
        cmocka_unit_test(no_key),
        cmocka_unit_test(asked),
        cmocka_unit_test(lengths),
        cmocka_unit_test(not_in_13),
        cmocka_unit_test(resumed),
        cmocka_unit_test(bound),
        cmocka_unit_test(renegotiates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
