/* Where keys come from: key logs by each label, private keys, pre-shared keys, and what one connection's secrets say of
 * the next. */
#include "met.h"

static void talk(struct peers *who, const struct plan *plan)
{
    peers_meet(who, plan);
    peers_say(who, WT_CLIENT, "hello");
    peers_say(who, WT_SERVER, "world");
}

static void expect_open(const struct told *t, enum wt_decryption how)
{
    assert_string_equal(t->why, "");
    assert_string_equal(t->findings, "");
    assert_int_equal(t->c.state, WT_ESTABLISHED);
    assert_int_equal(t->c.decryption, how);
    for (unsigned side = 0; side < 2; side++) {
        assert_true(t->c.has_plaintext[side]);
        assert_int_equal(t->c.plaintext[side].failed, 0);
    }
}

static struct wt_span secret(void)
{
    return wt_span_text("a pre-shared key");
}

/* --- up to TLS 1.2: logs -------------------------------------------------------------------------------------------
 */

static const uint16_t versions[] = {WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12};

/* Every label opens alone, in every version, with every kind of protection. */
static void test_labels(void **state)
{
    /* RC4 with MD5, 3DES and AES in CBC, no encryption, AEAD; `least`: the first version that has it */
    static const struct {
        uint16_t suite, least;
    } suites[] = {{0x0004, WT_SSL3},  {0x000a, WT_SSL3},  {0x002f, WT_SSL3}, {0x0002, WT_SSL3},
                  {0x009c, WT_TLS12}, {0x009d, WT_TLS12}, {0xc09c, WT_TLS12}};
    static const char *const labels[] = {"CLIENT_RANDOM ", "PMS_CLIENT_RANDOM ", "RSA "};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        for (size_t v = 0; v < 4; v++)
            for (size_t l = 0; l < 3 && versions[v] >= suites[i].least; l++) {
                talk(&p, &(struct plan){.version = versions[v], .suite = suites[i].suite});
                struct wt_buffer log = peers_log(&p, labels[l]);
                see(&s, (char *)log.p, (struct wt_observer_options){0});
                see_stream(&s, &p, AS_PASSED, 0, FIN);
                wt_buffer_free(&log);
                expect_open(&s.told[0], WT_DECRYPTION_KEYLOG);
                expect_proofs(&s.told[0], "--oo-");
                assert_string_equal(s.said, ">hello;<world;.");
                (void)part(NULL);
            }
}

static void test_extensions(void **state)
{
    static const struct plan plans[] = {
        {.suite = 0xc013, .encrypt_then_mac = true},
        {.suite = 0xc013, .version = WT_TLS10, .encrypt_then_mac = true, .extended_master = true},
        {.extended_master = true},
        {.compression = 1},
        {.suite = 0xc027, .compression = 1, .encrypt_then_mac = true, .extended_master = true},
        {.ticket = "a ticket", .session = 9, .client_certificate = true, .ecdsa = true, .suite = 0xc02b},
        {.suite = 0xcca8},
    };
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        talk(&p, &plans[i]);
        const struct told *t = see_whole(&s, &p, FIN);
        expect_open(t, WT_DECRYPTION_KEYLOG);
        expect_proofs(t, plans[i].client_certificate ? "oooo-" : "o-oo-");
        assert_string_equal(s.said, ">hello;<world;.");
        (void)part(NULL);
    }
}

/* RFC 7627, 4: from the premaster it takes every message; the master secret of a log does not. */
static void test_extended_master_from_premaster(void **state)
{
    static const char *const labels[] = {"PMS_CLIENT_RANDOM ", "RSA "};
    (void)state;
    for (size_t l = 0; l < 2; l++) {
        talk(&p, &(struct plan){.suite = 0x009c, .extended_master = true});
        struct wt_buffer log = peers_log(&p, labels[l]);
        see(&s, (char *)log.p, (struct wt_observer_options){0});
        see_stream(&s, &p, AS_PASSED, 3, FIN);
        wt_buffer_free(&log);
        expect_open(&s.told[0], WT_DECRYPTION_KEYLOG);
        (void)part(NULL);
    }
}

/* As `openssl s_client` prints a session. */
static void test_session_line(void **state)
{
    (void)state;
    talk(&p, &(struct plan){.session = 0xab});
    struct wt_buffer log = {0};
    wt_buffer_add_text(&log, "RSA Session-ID:");
    for (unsigned i = 0; i < 32; i++)
        wt_buffer_add_text(&log, "ab");
    wt_buffer_add_text(&log, " Master-Key:");
    wt_buffer_add_hex(&log, wt_span_of(p.master, WT_MASTER));
    wt_buffer_add(&log, "\n", 2);
    see(&s, (char *)log.p, (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    wt_buffer_free(&log);
    expect_open(&s.told[0], WT_DECRYPTION_KEYLOG);
    expect_proofs(&s.told[0], "o-oo-");
}

/* A capture's own secrets say so. */
static void test_dsb(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        struct wt_keys *keys = wt_keys_new(NULL, NULL);
        struct wt_keys_log *log = wt_keys_log_open(keys, "block", true);
        talk(&p, &(struct plan){.version = tls13 ? WT_TLS13 : 0});
        wt_keys_log_feed(log, p.log.p, p.log.n);
        wt_keys_log_close(log);
        see(&s, NULL, (struct wt_observer_options){.keys = keys});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        expect_open(&s.told[0], WT_DECRYPTION_DSB);
        (void)part(NULL);
    }
}

/* --- private keys and pre-shared keys ------------------------------------------------------------------------------
 */

static struct wt_keys *private_keys(void)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_rsa(keys, peers_private_key().p, peers_private_key().n, NULL, &why));
    return keys;
}

static struct wt_keys *shared_keys(struct wt_keys *keys, const char *identity)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    if (!keys)
        keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_psk(keys, identity, identity ? strlen(identity) : 0, secret().p, secret().n, &why));
    return keys;
}

static void test_private_key(void **state)
{
    (void)state;
    for (size_t v = 0; v < 4; v++)
        for (unsigned extended = 0; extended < 2; extended++) {
            if (extended && versions[v] == WT_SSL3)
                continue;
            talk(&p, &(struct plan){.version = versions[v], .suite = 0x002f, .extended_master = extended});
            see(&s, NULL, (struct wt_observer_options){.keys = private_keys()});
            see_stream(&s, &p, AS_PASSED, 0, FIN);
            expect_open(&s.told[0], WT_DECRYPTION_RSA_KEY);
            expect_proofs(&s.told[0], "--oo-");
            assert_string_equal(s.said, ">hello;<world;.");
            (void)part(NULL);
        }
}

/* RFC 4279, 2 and 4: plain, and beside RSA. Given for the identity, or for any. */
static void test_shared_keys(void **state)
{
    static const uint16_t suites[] = {0x00a8, 0x008c, 0x00b0, 0x00ac, 0x0094};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        for (unsigned how = 0; how < 4; how++) {
            struct wt_keys *keys = i < 3 ? NULL : private_keys();
            talk(&p, &(struct plan){.suite = suites[i], .psk = secret(), .identity = "me", .extended_master = how & 1});
            see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(keys, how & 2 ? NULL : "me")});
            see_stream(&s, &p, AS_PASSED, 0, FIN);
            expect_open(&s.told[0], WT_DECRYPTION_PSK);
            expect_proofs(&s.told[0], "--oo-");
            (void)part(NULL);
        }
}

/* --- sessions -------------------------------------------------------------------------------------------------------
 */

static void pass(const struct peers *who)
{
    s.port++;
    see_stream(&s, who, AS_PASSED, 0, FIN);
}

/* RFC 5246, F.1.4: what opens a session opens its resumptions; nothing else was logged. */
static void test_resumed(void **state)
{
    static const struct {
        struct plan first, second;
        uint8_t how;
    } rows[] = {
        {{.session = 5}, {.resumed = true, .offered_session = 5}, WT_RESUMPTION_SESSION_ID},
        {{.ticket = "ticket"},
         {.resumed = true, .offered_session = 6, .offered_ticket = "ticket"},
         WT_RESUMPTION_TICKET},
        {{.ticket = "ticket", .extended_master = true},
         {.resumed = true, .offered_session = 6, .offered_ticket = "ticket", .extended_master = true, .ticket = "new"},
         WT_RESUMPTION_TICKET},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        talk(&p, &rows[i].first);
        struct plan second = rows[i].second;
        second.seed = 7;
        memcpy(second.master, p.master, WT_MASTER);
        talk(&q, &second);
        struct wt_buffer log = peers_log(&p, "CLIENT_RANDOM ");
        see(&s, (char *)log.p, (struct wt_observer_options){0});
        pass(&p);
        pass(&q);
        if (second.ticket) { /* and so on, by the resumption's own ticket */
            peers_part(&q);
            second.seed = 8;
            second.offered_ticket = second.ticket;
            talk(&q, &second);
            pass(&q);
        }
        wt_buffer_free(&log);
        for (size_t k = 0; k < s.n; k++)
            expect_open(&s.told[k], WT_DECRYPTION_KEYLOG);
        for (size_t k = 1; k < s.n; k++) {
            expect_proofs(&s.told[k], "--oo-");
            assert_int_equal(s.told[k].c.resumption, rows[i].how);
        }
        assert_string_equal(s.said, s.n == 2 ? ">hello;<world;.>hello;<world;."
                                             : ">hello;<world;.>hello;<world;.>hello;<world;.");
        (void)part(NULL);
    }
}

/* A session of which nothing is known stays closed, and its resumption too. */
static void test_resumed_unknown(void **state)
{
    (void)state;
    talk(&p, &(struct plan){.session = 5});
    struct plan second = {.resumed = true, .offered_session = 5, .seed = 7};
    memcpy(second.master, p.master, WT_MASTER);
    talk(&q, &second);
    struct wt_keys *keys = shared_keys(NULL, NULL);
    see(&s, NULL, (struct wt_observer_options){.keys = keys});
    pass(&p);
    pass(&q);
    for (size_t k = 0; k < 2; k++)
        assert_int_equal(s.told[k].c.decryption, WT_DECRYPTION_NONE);
    assert_string_equal(s.said, "");
}

/* RFC 5246, 7.4.1.2: a handshake within the connection, under the keys of the first; then its own. */
static void test_renegotiation(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        talk(&p, &(struct plan){.suite = i == 1 ? 0xc013 : 0xc02f, .extended_master = i == 2});
        peers_meet_again(&p, &(struct plan){.seed = 3, .suite = i == 2 ? 0xc014 : 0, .client_certificate = true});
        peers_say(&p, WT_CLIENT, "again");
        peers_say(&p, WT_SERVER, "yes");
        assert_true(wt_buffer_add_char(&p.log, 0));
        see(&s, (char *)p.log.p, (struct wt_observer_options){0});
        see_stream(&s, &p, AS_PASSED, i * 5, FIN);
        const struct told *t = &s.told[0];
        expect_open(t, WT_DECRYPTION_KEYLOG);
        expect_proofs(t, "oooo-");
        assert_int_equal(t->c.renegotiations, 1);
        assert_string_equal(s.said, ">hello;<world;>again;<yes;.");
        (void)part(NULL);
    }
}

/* Only the first handshake's secret: what follows the second's ChangeCipherSpec stays closed, and is said so. */
static void test_renegotiation_unknown(void **state)
{
    (void)state;
    talk(&p, &(struct plan){0});
    struct wt_buffer log = peers_log(&p, "CLIENT_RANDOM ");
    peers_meet_again(&p, &(struct plan){.seed = 3});
    peers_say(&p, WT_CLIENT, "again");
    see(&s, (char *)log.p, (struct wt_observer_options){0});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    wt_buffer_free(&log);
    assert_string_equal(s.said, ">hello;<world;.");
    assert_string_equal(s.told[0].findings, "");
    assert_int_equal(s.told[0].c.decryption, WT_DECRYPTION_KEYLOG);
    assert_non_null(strstr(s.told[0].why, "No secret was found for client random 1313"));
}

/* --- TLS 1.3 --------------------------------------------------------------------------------------------------------
 */

static void test_tls13(void **state)
{
    static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
    (void)state;
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        for (unsigned how = 0; how < 8; how++) {
            talk(&p, &(struct plan){.version = WT_TLS13,
                                    .suite = suites[i],
                                    .client_certificate = how & 1,
                                    .retry = how & 2,
                                    .padding = how & 4 ? 77 : 0,
                                    .ecdsa = how & 1});
            const struct told *t = see_whole(&s, &p, FIN);
            expect_open(t, WT_DECRYPTION_KEYLOG);
            expect_proofs(t, how & 1 ? "oooo-" : "o-oo-");
            assert_string_equal(s.said, ">hello;<world;.");
            (void)part(NULL);
        }
}

/* psk_ke (RFC 8446, 4.2.9): the PSK alone is the whole schedule, its ticket's PSK too, and that one's. */
static void test_psk_alone(void **state)
{
    (void)state;
    for (unsigned retry = 0; retry < 2; retry++) {
        struct plan plan = {.version = WT_TLS13,
                            .psk = secret(),
                            .identity = "me",
                            .psk_alone = true,
                            .retry = retry,
                            .suite = retry ? 0x1302 : 0x1301};
        talk(&p, &plan);
        peers_ticket(&p, "first ticket", "\1");
        peers_ticket(&p, "second ticket", "\2");
        see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(NULL, "me")});
        pass(&p);
        uint8_t psk[WT_DIGEST_MOST];
        memcpy(psk, p.ticket_psk, sizeof psk);
        plan.psk = wt_span_of(psk, p.schedule.length);
        plan.identity = "second ticket";
        plan.from_ticket = true;
        plan.early = "soon";
        plan.seed = 4;
        talk(&q, &plan);
        pass(&q);
        for (size_t k = 0; k < 2; k++) {
            expect_open(&s.told[k], WT_DECRYPTION_PSK);
            expect_proofs(&s.told[k], "--ooo");
        }
        assert_int_equal(s.told[0].c.resumption, WT_RESUMPTION_NONE);
        assert_int_equal(s.told[1].c.resumption, WT_RESUMPTION_PSK);
        assert_int_equal(s.told[1].c.early_data, retry ? WT_EARLY_REJECTED : WT_EARLY_ACCEPTED);
        assert_string_equal(s.said, ">hello;<world;.>>soon;>hello;<world;.");
        (void)part(NULL);
    }
}

/* RFC 8446, 4.6.2: a certificate that is asked for later is no part of the handshake that a ticket's PSK comes from. */
static void test_ticket_behind_authentication(void **state)
{
    (void)state;
    struct plan plan = {.version = WT_TLS13, .psk = secret(), .identity = "me", .psk_alone = true};
    talk(&p, &plan);
    peers_ask_certificate(&p, WHOLE);
    peers_ticket(&p, "ticket", "n");
    plan.psk = wt_span_of(p.ticket_psk, 32);
    plan.identity = "ticket";
    plan.from_ticket = true;
    plan.seed = 4;
    talk(&q, &plan);
    see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(NULL, "me")});
    pass(&p);
    pass(&q);
    expect_open(&s.told[0], WT_DECRYPTION_PSK);
    expect_proofs(&s.told[0], "-oooo");
    expect_open(&s.told[1], WT_DECRYPTION_PSK);
    expect_proofs(&s.told[1], "--ooo");
}

/* --- early data: RFC 8446, 4.2.10 ------------------------------------------------------------------------------------
 */

static void test_early(void **state)
{
    static const struct {
        struct plan plan;
        bool accepted;
        const char *proofs;
    } rows[] = {
        {{.many_offered = 0}, true, "--oo-"},
        {{.many_offered = 2}, true, "--oo-"},
        {{.suite = 0x1302}, true, "--oo-"},
        {{.early_refused = true}, false, "--oo-"},
        {{.psk_refused = true}, false, "o-oo-"},
        {{.retry = true}, false, "--oo-"},
        {{.retry = true, .psk_refused = true}, false, "o-oo-"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned known = 0; known < 2; known++) {
            struct plan plan = rows[i].plan;
            plan.version = WT_TLS13;
            plan.early = "soon";
            plan.psk = secret();
            plan.identity = "me";
            talk(&p, &plan);
            struct wt_buffer log =
                peers_log(&p, known ? "CLIENT_EARLY_TRAFFIC_SECRET CLIENT_HANDSHAKE_TRAFFIC_SECRET "
                                      "SERVER_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 "
                                    : "CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET "
                                      "CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 ");
            const struct told *t = see_one(&s, (char *)log.p, &p, FIN);
            wt_buffer_free(&log);
            assert_string_equal(s.said, known ? ">>soon;>hello;<world;." : ">hello;<world;.");
            assert_string_equal(t->findings, "");
            assert_int_equal(t->c.early_data, rows[i].accepted ? WT_EARLY_ACCEPTED : WT_EARLY_REJECTED);
            assert_int_equal(t->c.state, WT_ESTABLISHED);
            if (known)
                assert_string_equal(t->why, "");
            else
                assert_non_null(strstr(t->why, "do not include CLIENT_EARLY_TRAFFIC_SECRET."));
            /* EndOfEarlyData passes under the early keys: without them the client's Finished covers what nobody saw */
            expect_proofs(t, !known && rows[i].accepted ? "--uo-" : rows[i].proofs);
            (void)part(NULL);
        }
}

/* The PSK gives the early secret, even where an exchange adds to it what nobody knows. */
static void test_early_from_psk(void **state)
{
    (void)state;
    talk(&p,
         &(struct plan){.version = WT_TLS13, .psk = secret(), .identity = "me", .early = "soon", .many_offered = 2});
    see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(NULL, "me")});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_string_equal(s.said, ">>soon;.");
    assert_string_equal(s.told[0].findings, "");
    expect_proofs(&s.told[0], "--uuo");
    assert_int_equal(s.told[0].c.decryption, WT_DECRYPTION_PSK);
    assert_non_null(strstr(s.told[0].why, "ephemeral key exchange (x25519)"));
}

/* --- what a connection's key log opens -------------------------------------------------------------------------------
 */

/* keep_secrets: its lines open the same connection in another run. */
static void test_lines(void **state)
{
    static const struct plan plans[] = {
        {.suite = 0x009c, .extended_master = true},
        {.suite = 0x008c, .identity = "me"},
        {.version = WT_TLS13, .identity = "me", .psk_alone = true, .early = "soon"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++) {
        struct plan plan = plans[i];
        plan.psk = plan.identity ? secret() : (struct wt_span){0};
        talk(&p, &plan);
        if (!plan.version) {
            plan.seed = 5;
            peers_meet_again(&p, &plan);
            peers_say(&p, WT_CLIENT, "more");
        }
        see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(private_keys(), "me"), .keep_secrets = true});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        expect_open(&s.told[0], i ? WT_DECRYPTION_PSK : WT_DECRYPTION_RSA_KEY);
        assert_true(s.told[0].c.derivation_count > 0);
        char *log = strdup((char *)s.told[0].key_log.p);
        char *said = strdup(s.said);
        see_no_more(&s);
        see(&s, log, (struct wt_observer_options){0});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        free(log);
        expect_open(&s.told[0], WT_DECRYPTION_KEYLOG);
        assert_string_equal(s.said, said);
        free(said);
        /* not asked for: no secret leaves */
        assert_false(s.told[0].has_key_log);
        assert_int_equal(s.told[0].c.derivation_count, 0);
        (void)part(NULL);
    }
}

/* A log's own lines come out again: each once, though early data's secret is asked for record by record. */
static void test_lines_of_a_log(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        talk(&p, &(struct plan){.version = tls13 ? WT_TLS13 : 0});
        assert_true(wt_buffer_add_char(&p.log, 0));
        p.log.n--;
        see(&s, (char *)p.log.p, (struct wt_observer_options){.keep_secrets = true});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        struct wt_buffer used = peers_log(&p, tls13 ? "CLIENT_HANDSHAKE_TRAFFIC_SECRET SERVER_HANDSHAKE_TRAFFIC_SECRET "
                                                      "CLIENT_TRAFFIC_SECRET_0 SERVER_TRAFFIC_SECRET_0 EXPORTER_SECRET "
                                                    : "CLIENT_RANDOM PMS_CLIENT_RANDOM ");
        size_t lines[2] = {0};
        for (const char *c = (char *)used.p; *c; c++)
            lines[0] += *c == '\n';
        for (const char *c = (char *)s.told[0].key_log.p; *c; c++)
            lines[1] += *c == '\n';
        assert_int_equal(lines[1], lines[0]);
        wt_buffer_free(&used);
        (void)part(NULL);
    }
}

/* The derivation in its order, as the RFC draws it. */
static void test_derivation(void **state)
{
    (void)state;
    talk(&p, &(struct plan){.suite = 0x009c});
    see(&s, NULL, (struct wt_observer_options){.keys = private_keys(), .keep_secrets = true});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    assert_true(strncmp(s.told[0].steps, "master_secret ", 14) == 0);
    assert_non_null(strstr(s.told[0].steps, "key_block "));
    assert_non_null(strstr(s.told[0].steps, "client_write_key "));
    assert_null(strstr(s.told[0].steps + 1, "master_secret "));
    (void)part(NULL);
    talk(&p, &(struct plan){.version = WT_TLS13, .psk = secret(), .identity = "me", .psk_alone = true});
    see(&s, NULL, (struct wt_observer_options){.keys = shared_keys(NULL, "me"), .keep_secrets = true});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
    static const char *const order[] = {"early_secret ", "handshake_secret ", "server_handshake_traffic_secret "};
    for (size_t i = 0; i < 3; i++)
        assert_non_null(strstr(s.told[0].steps, order[i]));
}

/* Two connections under one random: the log's first secret is tried on both, and only one fits. Nothing is told twice
 * of a store that holds nothing of this connection. */
static void test_others_secrets(void **state)
{
    (void)state;
    talk(&p, &(struct plan){.seed = 1});
    talk(&q, &(struct plan){.seed = 2});
    struct wt_buffer log = peers_log(&p, "CLIENT_RANDOM ");
    see(&s, (char *)log.p, (struct wt_observer_options){.keep_secrets = true});
    pass(&q);
    pass(&p);
    wt_buffer_free(&log);
    assert_int_equal(s.told[0].c.decryption, WT_DECRYPTION_NONE);
    assert_int_equal(s.told[1].c.decryption, WT_DECRYPTION_KEYLOG);
    assert_string_equal(s.told[0].findings, "");
    assert_true(!s.told[0].has_key_log || s.told[0].key_log.n <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_labels, part),
        cmocka_unit_test_teardown(test_extensions, part),
        cmocka_unit_test_teardown(test_extended_master_from_premaster, part),
        cmocka_unit_test_teardown(test_session_line, part),
        cmocka_unit_test_teardown(test_dsb, part),
        cmocka_unit_test_teardown(test_private_key, part),
        cmocka_unit_test_teardown(test_shared_keys, part),
        cmocka_unit_test_teardown(test_resumed, part),
        cmocka_unit_test_teardown(test_resumed_unknown, part),
        cmocka_unit_test_teardown(test_renegotiation, part),
        cmocka_unit_test_teardown(test_renegotiation_unknown, part),
        cmocka_unit_test_teardown(test_tls13, part),
        cmocka_unit_test_teardown(test_psk_alone, part),
        cmocka_unit_test_teardown(test_ticket_behind_authentication, part),
        cmocka_unit_test_teardown(test_early, part),
        cmocka_unit_test_teardown(test_early_from_psk, part),
        cmocka_unit_test_teardown(test_lines, part),
        cmocka_unit_test_teardown(test_lines_of_a_log, part),
        cmocka_unit_test_teardown(test_derivation, part),
        cmocka_unit_test_teardown(test_others_secrets, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
