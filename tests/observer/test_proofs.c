/* Signatures, Finished and binders: what holds is said to hold, one bit that was changed is named, and what cannot be
 * judged is said to be unknown and never wrong. */
#include "met.h"
#include "registry/limits.h"

static struct wt_span secret(void)
{
    return wt_span_text("a pre-shared key");
}

static struct wt_keys *shared_key(void)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_psk(keys, "me", 2, secret().p, secret().n, &why));
    return keys;
}

static const struct told *tell(const struct plan *plan, struct wt_observer_options options)
{
    peers_meet(&p, plan);
    peers_say(&p, WT_CLIENT, "hello");
    peers_say(&p, WT_SERVER, "world");
    assert_true(wt_buffer_add_char(&p.log, 0));
    p.log.n--;
    see(&s, (char *)p.log.p, options);
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    return &s.told[0];
}

/* --- one bit --------------------------------------------------------------------------------------------------------
 */

struct row {
    enum damage damage;
    const char *proofs, *findings;
    const char *named; /* in the last finding's sentence */
};

static void check(const struct plan *plan, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct plan damaged = *plan;
        damaged.damage = rows[i].damage;
        peers_meet(&p, &damaged);
        p.plan.damage = WHOLE;
        peers_say(&p, WT_CLIENT, "hello");
        peers_say(&p, WT_SERVER, "world");
        const struct told *t = see_whole(&s, &p, FIN);
        expect_proofs(t, rows[i].proofs);
        assert_string_equal(t->findings, rows[i].findings);
        assert_non_null(strstr(t->text, rows[i].named));
        assert_string_equal(s.said, ">hello;<world;.");
        (void)part(NULL);
    }
}

#define COUNT(rows) (sizeof(rows) / sizeof *(rows))

/* RFC 5246, 7.4.3: ServerKeyExchange's parameters lie under its signature, and under both Finished. */
static void test_tls12(void **state)
{
    static const struct row rows[] = {
        {WHOLE, "oooo-", "", ""},
        {PARAMS, "bbbb-", "signature-mismatch/e signature-mismatch/e finished-mismatch/e finished-mismatch/e ", ""},
        {SERVER_SIGNATURE, "booo-", "signature-mismatch/e ", "the server's ServerKeyExchange"},
        {CLIENT_SIGNATURE, "oboo-", "signature-mismatch/e ", "the client's CertificateVerify"},
        {SERVER_FINISHED, "ooob-", "finished-mismatch/e ", "Finished of the server"},
        /* the server's covers the client's, as it was sealed or as it passed */
        {CLIENT_FINISHED, "oobb-", "finished-mismatch/e finished-mismatch/e ", ""},
    };
    static const uint16_t versions[] = {WT_TLS10, WT_TLS11, WT_TLS12};
    (void)state;
    for (size_t v = 0; v < 3; v++)
        for (unsigned ecdsa = 0; ecdsa < 2; ecdsa++)
            check(&(struct plan){.version = versions[v],
                                 .suite = ecdsa ? 0xc009 : 0xc013,
                                 .ecdsa = ecdsa,
                                 .client_certificate = true},
                  rows, COUNT(rows));
}

/* In SSL 3.0 both Finished are of their own making (RFC 6101, 5.6.9). */
static void test_ssl3(void **state)
{
    static const struct row rows[] = {
        {WHOLE, "--oo-", "", ""},
        {SERVER_FINISHED, "--ob-", "finished-mismatch/e ", "Finished of the server"},
        {CLIENT_FINISHED, "--bb-", "finished-mismatch/e finished-mismatch/e ", ""},
    };
    (void)state;
    check(&(struct plan){.version = WT_SSL3, .suite = 0x002f}, rows, COUNT(rows));
}

/* A resumed session: the server's Finished comes first, the client's covers it. */
static void test_resumed(void **state)
{
    static const struct row rows[] = {
        {WHOLE, "--oo-", "", ""},
        {SERVER_FINISHED, "--bb-", "finished-mismatch/e finished-mismatch/e ", ""},
        {CLIENT_FINISHED, "--bo-", "finished-mismatch/e ", "Finished of the client"},
    };
    (void)state;
    check(&(struct plan){.resumed = true, .offered_session = 3, .ticket = "ticket"}, rows, COUNT(rows));
}

/* RFC 8446, 4.4: each of the three covers all before it. */
static void test_tls13(void **state)
{
    static const struct row rows[] = {
        {WHOLE, "oooo-", "", ""},
        /* the protocol in it is one that nobody offered */
        {EXTENSIONS, "bbbb-",
         "malformed-message/e signature-mismatch/e finished-mismatch/e signature-mismatch/e finished-mismatch/e ", ""},
        {SERVER_SIGNATURE, "booo-", "signature-mismatch/e ", "the server's CertificateVerify"},
        {CLIENT_SIGNATURE, "oboo-", "signature-mismatch/e ", "the client's CertificateVerify"},
        {SERVER_FINISHED, "obbb-", "finished-mismatch/e signature-mismatch/e finished-mismatch/e ", ""},
        {CLIENT_FINISHED, "oobo-", "finished-mismatch/e ", "Finished of the client"},
    };
    (void)state;
    for (unsigned how = 0; how < 4; how++)
        check(&(struct plan){.version = WT_TLS13,
                             .client_certificate = true,
                             .ecdsa = how & 1,
                             .retry = how & 2,
                             .suite = how == 3 ? 0x1302 : 0},
              rows, COUNT(rows));
}

/* RFC 8446, 4.2.11.2: external and resumption PSKs have labels of their own; behind a HelloRetryRequest the binder
 * covers that too. */
static void test_binder(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 8; how++) {
        bool bad = how & 1, retry = how & 2, alone = how & 4;
        struct plan plan = {.version = WT_TLS13,
                            .psk = secret(),
                            .identity = "me",
                            .retry = retry,
                            .psk_alone = alone,
                            .damage = bad ? BINDER : WHOLE};
        peers_meet(&p, &plan);
        assert_true(wt_buffer_add_char(&p.log, 0));
        see(&s, (char *)p.log.p, (struct wt_observer_options){.keys = shared_key()});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        expect_proofs(&s.told[0], bad ? "--oob" : "--ooo");
        assert_string_equal(s.told[0].findings, bad ? "psk-mismatch/e " : "");
        if (bad)
            assert_non_null(strstr(s.told[0].text, "\"me\""));
        (void)part(NULL);
    }
}

/* Another key for the identity than the peers hold: nothing opens, and the binder is what says why. */
static void test_other_psk(void **state)
{
    (void)state;
    (void)tell(&(struct plan){.version = WT_TLS13, .psk = wt_span_text("another"), .identity = "me", .psk_alone = true},
               (struct wt_observer_options){.keys = shared_key()});
    (void)part(NULL);
    peers_meet(
        &p, &(struct plan){.version = WT_TLS13, .psk = wt_span_text("another"), .identity = "me", .psk_alone = true});
    see(&s, NULL, (struct wt_observer_options){.keys = shared_key()});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_int_equal(s.told[0].c.proofs[WT_PROOF_PSK_BINDER].result, WT_PROOF_BAD);
    assert_non_null(strstr(s.told[0].findings, "psk-mismatch/e "));
}

/* --- what it means --------------------------------------------------------------------------------------------------
 */

/* A mismatch is the root cause only of a connection that failed. */
static void test_severity(void **state)
{
    static const struct {
        struct plan plan;
        const char *findings;
    } rows[] = {
        {{.damage = PARAMS, .refuses = "yes"}, "signature-mismatch/f "},
        {{.damage = PARAMS, .refuses = "yes", .suite = 0xc02b, .ecdsa = true}, "signature-mismatch/f "},
        {{.version = WT_TLS13, .damage = SERVER_SIGNATURE, .refuses = "yes"}, "signature-mismatch/f "},
        {{.version = WT_TLS13, .damage = SERVER_FINISHED, .refuses = "yes"}, "finished-mismatch/f "},
        {{.version = WT_TLS13, .damage = WHOLE, .refuses = "yes"}, "finished-mismatch/f "},
        /* the signature holds: what is refused is probably the certificate's, a conclusion that is no proof */
        {{.refuses = "yes"}, ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        peers_meet(&p, &rows[i].plan);
        const struct told *t = see_whole(&s, &p, FIN);
        assert_int_equal(t->c.state, WT_FAILED);
        assert_string_equal(t->findings, rows[i].findings);
        assert_int_equal(t->c.alert_count, 1);
        (void)part(NULL);
    }
}

/* Up to TLS 1.2 the server's signature needs no keys at all. */
static void test_without_keys(void **state)
{
    (void)state;
    for (unsigned bad = 0; bad < 2; bad++) {
        peers_meet(&p, &(struct plan){.damage = bad ? PARAMS : WHOLE, .client_certificate = true});
        const struct told *t = see_one(&s, NULL, &p, FIN);
        expect_proofs(t, bad ? "bbuu-" : "oouu-");
        assert_string_equal(t->reasons[WT_PROOF_CLIENT_FINISHED], "it was sent encrypted and was not decrypted");
        (void)part(NULL);
    }
    peers_meet(&p, &(struct plan){.version = WT_TLS13});
    see(&s, NULL, (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    expect_proofs(&s.told[0], "u-uu-");
}

/* The certificate's key is of another kind than the scheme wants. */
static void test_wrong_kind(void **state)
{
    (void)state;
    struct plan plan = {.suite = 0xc02b, .ecdsa = true};
    peers_meet(&p, &plan);
    for (size_t i = 0; i < p.n; i++) { /* ServerKeyExchange: its scheme stands behind the parameters */
        uint8_t *r = p.pieces[i].b.p;
        if (r[0] == WT_CONTENT_HANDSHAKE && r[5] == WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
            memcpy(r + 9 + 36, "\4\1", 2);
    }
    const struct told *t = see_one(&s, NULL, &p, FIN);
    expect_proofs(t, "b-uu-");
    assert_non_null(strstr(t->reasons[0], "another type of key"));
}

/* --- which are checked
 * ------------------------------------------------------------------------------------------------ */

static void run(enum wt_verify verify, unsigned n, unsigned bad_from)
{
    see(&s, NULL, (struct wt_observer_options){.verify = (uint8_t)verify});
    for (unsigned i = 0; i < n; i++) {
        peers_meet(&p, &(struct plan){.seed = (uint8_t)(i % 100), .damage = i >= bad_from ? PARAMS : WHOLE});
        s.port++;
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        peers_part(&p);
        if (s.n == TOLD - 1 && i + 1 < n)
            s.n = 0;
    }
}

/* A server's key that has signed rightly often enough is believed, unless every signature is asked for. */
static void test_modes(void **state)
{
    const unsigned n = WT_VERIFY_ENOUGH;
    (void)state;
    run(WT_VERIFY_AUTO, n + 1, n);
    expect_proofs(&s.told[s.n - 1], "u-uu-");
    assert_non_null(strstr(s.told[s.n - 1].reasons[0], "--verify all"));
    (void)part(NULL);
    run(WT_VERIFY_AUTO, n, n - 1);
    expect_proofs(&s.told[s.n - 1], "b-uu-");
    (void)part(NULL);
    run(WT_VERIFY_ALL, n + 1, n);
    expect_proofs(&s.told[s.n - 1], "b-uu-");
    (void)part(NULL);
    run(WT_VERIFY_NONE, 2, 0);
    expect_proofs(&s.told[0], "-----");
    assert_string_equal(s.told[0].findings, "");
}

/* A key whose signatures fail one after the other is not tried in the same second any more, which is said. */
static void test_given_up(void **state)
{
    const unsigned n = WT_LIMIT_KEY_FAILURES;
    (void)state;
    run(WT_VERIFY_AUTO, n, 0);
    expect_proofs(&s.told[s.n - 1], "b-uu-");
    (void)part(NULL);
    run(WT_VERIFY_AUTO, n + 1, 0);
    expect_proofs(&s.told[s.n - 1], "u-uu-");
    assert_non_null(strstr(s.told[s.n - 1].reasons[0], "fail again and again"));
    (void)part(NULL);
    run(WT_VERIFY_ALL, n + 1, 0);
    expect_proofs(&s.told[s.n - 1], "b-uu-");
}

/* With --verify none what is opened is still opened. */
static void test_none_with_keys(void **state)
{
    (void)state;
    const struct told *t =
        tell(&(struct plan){.version = WT_TLS13}, (struct wt_observer_options){.verify = WT_VERIFY_NONE});
    assert_string_equal(s.said, ">hello;<world;.");
    assert_int_equal(t->c.proofs[WT_PROOF_SERVER_SIGNATURE].result, WT_PROOF_ABSENT);
    assert_string_equal(t->findings, "");
}

/* --- after the handshake
 * ----------------------------------------------------------------------------------------------- */

/* RFC 8446, 4.6.2: each stands on the handshake and its own request; several may be asked for, and keys may change. */
static void test_later(void **state)
{
    (void)state;
    for (unsigned bad = 0; bad < 4; bad++) {
        peers_meet(&p, &(struct plan){.version = WT_TLS13, .ecdsa = bad & 1});
        peers_ask_certificate(&p, WHOLE);
        peers_say(&p, WT_CLIENT, "hello");
        peers_update(&p, WT_CLIENT);
        peers_ask_certificate(&p, bad == 1 ? CLIENT_SIGNATURE : bad == 2 ? CLIENT_FINISHED : WHOLE);
        peers_ask_certificate(&p, WHOLE);
        assert_true(wt_buffer_add_char(&p.log, 0));
        see(&s, (char *)p.log.p, (struct wt_observer_options){0});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        expect_proofs(&s.told[0], bad == 1 ? "oboo-" : bad == 2 ? "oobo-" : "oooo-");
        assert_string_equal(s.told[0].findings, bad == 1   ? "signature-mismatch/e "
                                                : bad == 2 ? "finished-mismatch/e "
                                                           : "");
        assert_string_equal(s.said, ">hello;.");
        (void)part(NULL);
    }
}

/* --- what is not there
 * -------------------------------------------------------------------------------------------------- */

/* Without the capture's beginning, or with a record lost, nothing is called wrong. */
static void test_lost(void **state)
{
    (void)state;
    for (unsigned how = 0; how < 4; how++) {
        struct plan plan = {.version = how & 1 ? WT_TLS13 : 0, .client_certificate = true, .psk = secret()};
        if (how & 2)
            plan.identity = how & 1 ? "me" : NULL;
        plan.psk_alone = plan.identity != NULL;
        plan.client_certificate = !plan.identity;
        peers_meet(&p, &plan);
        peers_say(&p, WT_CLIENT, "hello");
        assert_true(wt_buffer_add_char(&p.log, 0));
        for (unsigned side = 0; side < 2; side++)
            for (unsigned k = 1; k < 10; k++) {
                see(&s, (char *)p.log.p, (struct wt_observer_options){.keys = shared_key()});
                see_packets(&s, &p, side, 1u << k);
                for (size_t i = 0; i < s.n; i++) {
                    for (unsigned which = 0; which <= WT_PROOF_PSK_BINDER; which++)
                        assert_int_not_equal(s.told[i].c.proofs[which].result, WT_PROOF_BAD);
                    assert_null(strstr(s.told[i].findings, "mismatch"));
                    assert_null(strstr(s.told[i].findings, "corrupted"));
                    assert_null(strstr(s.told[i].findings, "keys-do-not-fit"));
                }
                see_no_more(&s);
            }
        (void)part(NULL);
    }
}

static uint32_t draws;

static unsigned draw(unsigned below)
{
    draws = draws * 1103515245 + 12345;
    return (draws >> 16) % below;
}

/* All that the server sent before all that the client sent: after a HelloRetryRequest its ServerHello answers the
 * second ClientHello and is not to be held against the first (RFC 8446, 4.1.2). */
static void server_before_client(void)
{
    for (size_t sorted = 1; sorted < p.n; sorted++)
        for (size_t k = sorted; k && p.pieces[k].from == WT_SERVER && p.pieces[k - 1].from == WT_CLIENT; k--) {
            struct piece other = p.pieces[k];
            p.pieces[k] = p.pieces[k - 1];
            p.pieces[k - 1] = other;
        }
}

/* However the two directions lie to each other, each in its own order, nobody is accused. */
static void test_no_false_alarm(void **state)
{
    static const struct plan plans[] = {
        {.client_certificate = true, .extended_master = true},
        {.suite = 0x009c, .ticket = "ticket", .session = 4},
        {.resumed = true, .offered_session = 3},
        {.version = WT_TLS10, .suite = 0x000a},
        {.version = WT_TLS13, .client_certificate = true},
        {.version = WT_TLS13, .retry = true, .client_certificate = true},
        {.version = WT_TLS13, .identity = "me", .early = "soon", .psk_alone = true},
        {.version = WT_TLS13, .identity = "me", .early = "soon", .retry = true},
        {.version = WT_TLS13, .identity = "me", .early = "soon", .psk_refused = true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct plan plan = plans[i];
        plan.psk = plan.identity ? secret() : (struct wt_span){0};
        for (unsigned round = 0; round < 60; round++) {
            peers_meet(&p, &plan);
            peers_say(&p, WT_CLIENT, "hello");
            peers_say(&p, WT_SERVER, "world");
            if (plan.version != WT_TLS13 && round % 2)
                peers_meet_again(&p, &(struct plan){.version = plan.version,
                                                    .suite = plan.suite,
                                                    .seed = 3,
                                                    .client_certificate = plan.client_certificate});
            else if (plan.version == WT_TLS13 && round % 2)
                peers_ask_certificate(&p, WHOLE);
            struct wt_buffer log = peers_log(&p, round % 3 == 0   ? "CLIENT_RANDOM CLIENT_TRAFFIC_SECRET_0 "
                                                                    "SERVER_TRAFFIC_SECRET_0 "
                                                 : round % 3 == 1 ? "PMS_CLIENT_RANDOM CLIENT_HANDSHAKE_TRAFFIC_SECRET "
                                                                  : "CLIENT_RANDOM SERVER_HANDSHAKE_TRAFFIC_SECRET "
                                                                    "CLIENT_HANDSHAKE_TRAFFIC_SECRET "
                                                                    "SERVER_TRAFFIC_SECRET_0 CLIENT_TRAFFIC_SECRET_0 ");
            for (unsigned swaps = 0; swaps < 1 + round / 4; swaps++) {
                size_t k = draw((unsigned)p.n - 1);
                if (p.pieces[k].from != p.pieces[k + 1].from) {
                    struct piece other = p.pieces[k];
                    p.pieces[k] = p.pieces[k + 1];
                    p.pieces[k + 1] = other;
                }
            }
            if (round % 20 == 19)
                server_before_client();
            see(&s, (char *)log.p, (struct wt_observer_options){.keys = shared_key(), .keep_messages = true});
            see_stream(&s, &p, AS_PASSED, 0, FIN);
            wt_buffer_free(&log);
            assert_int_equal(s.n, 1);
            if (s.told[0].findings[0])
                print_message("plan %zu, round %u: %s%s\n", i, round, s.told[0].findings, s.told[0].text);
            assert_string_equal(s.told[0].findings, "");
            for (unsigned which = 0; which <= WT_PROOF_PSK_BINDER; which++)
                assert_int_not_equal(s.told[0].c.proofs[which].result, WT_PROOF_BAD);
            (void)part(NULL);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_tls12, part),          cmocka_unit_test_teardown(test_ssl3, part),
        cmocka_unit_test_teardown(test_resumed, part),        cmocka_unit_test_teardown(test_tls13, part),
        cmocka_unit_test_teardown(test_binder, part),         cmocka_unit_test_teardown(test_other_psk, part),
        cmocka_unit_test_teardown(test_severity, part),       cmocka_unit_test_teardown(test_without_keys, part),
        cmocka_unit_test_teardown(test_wrong_kind, part),     cmocka_unit_test_teardown(test_modes, part),
        cmocka_unit_test_teardown(test_given_up, part),       cmocka_unit_test_teardown(test_none_with_keys, part),
        cmocka_unit_test_teardown(test_later, part),          cmocka_unit_test_teardown(test_lost, part),
        cmocka_unit_test_teardown(test_no_false_alarm, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
