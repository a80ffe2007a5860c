/* Why not, when not: one sentence for each reason, and none where everything was opened. */
#include "met.h"

static void talk(const struct plan *plan)
{
    peers_meet(&p, plan);
    peers_say(&p, WT_CLIENT, "hello");
    peers_say(&p, WT_SERVER, "world");
}

/* A store that holds something, though nothing of this connection. */
static struct wt_keys *others(void)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_psk(keys, "nobody", 6, "psk", 3, &why));
    return keys;
}

static struct wt_keys *own_psk(void)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    assert_true(wt_keys_add_psk(keys, "me", 2, "psk", 3, &why));
    return keys;
}

static struct wt_keys *private_key(bool own)
{
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_keys *keys = wt_keys_new(NULL, NULL);
    char pem[4096];
    (void)snprintf(pem, sizeof pem, "%.*s", (int)peers_private_key().n, (const char *)peers_private_key().p);
    if (!own)
        peers_forget(); /* the peers make another */
    assert_true(wt_keys_add_rsa(keys, pem, strlen(pem), NULL, &why));
    return keys;
}

static void expect(const char *sentence)
{
    assert_int_equal(s.n, 1);
    assert_string_equal(s.told[0].why, sentence);
}

static void watch(struct wt_keys *keys, const char *log)
{
    see(&s, log, (struct wt_observer_options){.keys = keys});
    see_stream(&s, &p, AS_PASSED, 0, FIN);
}

#define RANDOM "1010101010101010101010101010101010101010101010101010101010101010"

static void test_nothing_encrypted(void **state)
{
    (void)state;
    peers_meet(&p, &(struct plan){.refuses = "yes"});
    watch(NULL, NULL);
    expect("");
}

static void test_nothing_given(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        talk(&(struct plan){.version = tls13 ? WT_TLS13 : 0});
        watch(NULL, NULL);
        expect("No key log or other secret was given.");
        see_no_more(&s);
        watch(wt_keys_new(NULL, NULL), NULL);
        expect("No key log or other secret was given.");
        (void)part(NULL);
    }
}

/* What was given is never denied: why it could not be read is said. */
static void test_unreadable(void **state)
{
    (void)state;
    static const char *const logs[][2] = {
        {"# nothing yet\n", "A key log was given, but it has no lines other than comments (yet)."},
        {"CLIENT_RANDOM 0102 03\n", "A key log was given, but its 1 line could not be read: CLIENT_RANDOM needs the 64 "
                                    "hexadecimal digits of the client random here, not 4."},
        {"X\nY\n", "A key log was given, but none of its 2 lines could be read: unknown key log label X."},
        {"CLIENT_TRAFFIC_SECRET_1 " RANDOM " " RANDOM "\n",
         "A key log was given, but its 1 line has a secret that follows from another one, which is what opens a "
         "connection (CLIENT_TRAFFIC_SECRET_0, SERVER_TRAFFIC_SECRET_0)."},
    };
    for (unsigned i = 0; i < sizeof logs / sizeof *logs; i++) {
        struct wt_keys *keys = wt_keys_new(NULL, NULL);
        struct wt_keys_log *log = wt_keys_log_open(keys, "a.keys", false);
        wt_keys_log_feed(log, logs[i][0], strlen(logs[i][0]));
        wt_keys_log_close(log);
        talk(&(struct plan){.version = WT_TLS13});
        watch(keys, NULL);
        expect(logs[i][1]);
        (void)part(NULL);
    }
}

/* An endpoint knows its own keys: it was given no key log, and none is asked for. */
static void test_own(void **state)
{
    static const char *const some[] = {"", "CLIENT_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 "};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        struct wt_keys *keys = wt_keys_new(NULL, NULL);
        struct wt_keys_log *log = wt_keys_log_open(keys, "client", false);
        talk(&(struct plan){.version = i & 1 ? WT_TLS13 : 0});
        struct wt_buffer lines = peers_log(&p, some[i >> 1]);
        if (i >> 1 && i & 1)
            wt_keys_log_feed(log, (const char *)lines.p, strlen((const char *)lines.p));
        wt_buffer_free(&lines);
        wt_keys_log_close(log);
        see(&s, NULL, (struct wt_observer_options){.keys = keys, .own_secrets = true});
        see_stream(&s, &p, AS_PASSED, 0, FIN);
        expect("There are no keys for it: the handshake ended before this side had derived them.");
        (void)part(NULL);
    }
}

#define OTHER_RANDOM "2020202020202020202020202020202020202020202020202020202020202020"

/* A key log of others: whether it is of this capture. */
static void test_other_randoms(void **state)
{
    (void)state;
    talk(&(struct plan){.version = WT_TLS13});
    watch(NULL, "EXPORTER_SECRET " OTHER_RANDOM " " RANDOM "\n");
    expect("No secret was found for client random " RANDOM ". Client randoms in the key log: 1; none of them has been "
           "seen so far.");
}

static void test_no_secret(void **state)
{
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        /* RSA key exchange and full handshakes of TLS 1.3 that no PSK has a part in */
        talk(&(struct plan){.version = tls13 ? WT_TLS13 : 0, .suite = tls13 ? 0 : 0x009c});
        watch(others(), NULL);
        expect("No secret was found for client random " RANDOM ".");
        (void)part(NULL);
    }
}

static void test_no_label(void **state)
{
    (void)state;
    talk(&(struct plan){.version = WT_TLS13});
    struct wt_buffer log = peers_log(&p, "CLIENT_HANDSHAKE_TRAFFIC_SECRET CLIENT_TRAFFIC_SECRET_0 ");
    watch(NULL, (char *)log.p);
    wt_buffer_free(&log);
    expect("The secrets given for client random " RANDOM " do not include SERVER_HANDSHAKE_TRAFFIC_SECRET.");
}

static void test_length(void **state)
{
    static const uint8_t secret[48] = {1};
    (void)state;
    talk(&(struct plan){.version = WT_TLS13});
    p.log.n = 0;
    for (unsigned label = WT_LABEL_CLIENT_HANDSHAKE; label <= WT_LABEL_SERVER_TRAFFIC; label++)
        peers_note(&p, label, wt_span_of(p.random[WT_CLIENT], 32), wt_span_of(secret, 48));
    assert_true(wt_buffer_add_char(&p.log, 0));
    watch(NULL, (char *)p.log.p);
    expect("The secret CLIENT_HANDSHAKE_TRAFFIC_SECRET is 48 bytes long, but the hash of this cipher suite needs 32.");
}

static void test_private_key(void **state)
{
    (void)state;
    struct wt_keys *keys = private_key(false);
    talk(&(struct plan){.suite = 0x002f});
    watch(keys, NULL);
    expect("None of the private keys given decrypts this connection's premaster secret.");
}

static void test_fresh(void **state)
{
    (void)state;
    talk(&(struct plan){.suite = 0xc02f});
    watch(private_key(true), NULL);
    expect("The keys depend on an ephemeral key exchange (x25519): a private key or pre-shared key is not enough, a "
           "key log is needed.");
    (void)part(NULL);
    talk(&(struct plan){.version = WT_TLS13}); /* RFC 8446, 7.1: the server's key only signs */
    watch(private_key(true), NULL);
    expect("The keys depend on an ephemeral key exchange (x25519): a private key or pre-shared key is not enough, a "
           "key log is needed.");
    (void)part(NULL);
    talk(&(struct plan){.version = WT_TLS13, .psk = wt_span_text("psk"), .identity = "me"});
    watch(own_psk(), NULL);
    expect("The keys depend on an ephemeral key exchange (x25519): a private key or pre-shared key is not enough, a "
           "key log is needed.");
    (void)part(NULL);
    talk(&(struct plan){.suite = 0xd001, .psk = wt_span_text("psk"), .identity = "me"});
    watch(own_psk(), NULL);
    expect("The keys depend on an ephemeral key exchange (x25519): a private key or pre-shared key is not enough, a "
           "key log is needed.");
}

/* RFC 7627, 4, with a message lost before the ClientKeyExchange. */
static void test_transcript(void **state)
{
    (void)state;
    talk(&(struct plan){.suite = 0x009c, .extended_master = true});
    struct wt_buffer log = peers_log(&p, "PMS_CLIENT_RANDOM ");
    see(&s, (char *)log.p, (struct wt_observer_options){0});
    see_packets(&s, &p, WT_SERVER, 1u << 2); /* the Certificate */
    wt_buffer_free(&log);
    assert_int_equal(s.n, 1);
    assert_string_equal(s.told[0].findings, "capture-gap/w ");
    assert_non_null(strstr(s.told[0].why, "extended master secret (RFC 7627) also needs every handshake message"));
}

static void test_gap(void **state)
{
    (void)state;
    talk(&(struct plan){.version = WT_TLS13});
    peers_say(&p, WT_SERVER, "and more");
    assert_true(wt_buffer_add_char(&p.log, 0));
    see(&s, (char *)p.log.p, (struct wt_observer_options){0});
    unsigned last = 0;
    for (size_t k = 0; k < p.n; k++)
        last += p.pieces[k].from == WT_SERVER;
    see_packets(&s, &p, WT_SERVER, (uint64_t)1 << (last - 1));
    char want[128];
    (void)snprintf(want, sizeof want,
                   "The capture lacks %zu bytes before record %u from the server; nothing after that can be decrypted.",
                   p.pieces[p.n - 2].b.n, last - 1);
    expect(want);
}

static void test_failed(void **state)
{
    (void)state;
    peers_meet(&p, &(struct plan){.version = WT_TLS13});
    p.plan.damage = CLIENT_RECORD;
    peers_say(&p, WT_CLIENT, "changed");
    unsigned last = 0;
    for (size_t k = 0; k < p.n; k++)
        last += p.pieces[k].from == WT_CLIENT;
    assert_true(wt_buffer_add_char(&p.log, 0));
    watch(NULL, (char *)p.log.p);
    char at[64];
    (void)snprintf(at, sizeof at, "at record %u from the client.", last);
    assert_non_null(strstr(s.told[0].why, at));
}

/* A capture that begins in the middle has no random to look secrets up by. */
static void test_middle(void **state)
{
    (void)state;
    talk(&(struct plan){.suite = 0x009c});
    assert_true(wt_buffer_add_char(&p.log, 0));
    see(&s, (char *)p.log.p, (struct wt_observer_options){0});
    /* the client's hello is lost */
    see_packets(&s, &p, WT_CLIENT, 1u << 1);
    assert_int_equal(s.n, 1);
    expect("The ClientHello is not in the capture; secrets are looked up by its random.");
    assert_string_equal(s.said, "");
}

/* A suite that nobody here knows: there is no telling how its records are protected. */
static void test_suite(void **state)
{
    (void)state;
    talk(&(struct plan){.suite = 0x009c});
    for (size_t i = 0; i < p.n; i++) {
        uint8_t *r = p.pieces[i].b.p;
        if (r[0] == WT_CONTENT_HANDSHAKE && r[5] == WT_HANDSHAKE_SERVER_HELLO && p.pieces[i].from == WT_SERVER)
            memcpy(r + 9 + 2 + 32 + 1, "\x77\x77", 2);
    }
    assert_true(wt_buffer_add_char(&p.log, 0));
    watch(NULL, (char *)p.log.p);
    expect("Cipher suite 0x7777 is unknown here, so its records cannot be decrypted.");
    (void)part(NULL);
    talk(&(struct plan){.version = WT_TLS13});
    uint8_t *hello = p.pieces[p.hellos - 1].b.p;
    memcpy(hello + 9 + 2 + 32 + 1, "\x77\x77", 2);
    assert_true(wt_buffer_add_char(&p.log, 0));
    watch(NULL, (char *)p.log.p);
    expect("Cipher suite 0x7777 is unknown here, so its records cannot be decrypted.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_unreadable, NULL, part),
        cmocka_unit_test_setup_teardown(test_own, NULL, part),
        cmocka_unit_test_setup_teardown(test_other_randoms, NULL, part),
        cmocka_unit_test_teardown(test_nothing_encrypted, part),
        cmocka_unit_test_teardown(test_nothing_given, part),
        cmocka_unit_test_teardown(test_no_secret, part),
        cmocka_unit_test_teardown(test_no_label, part),
        cmocka_unit_test_teardown(test_length, part),
        cmocka_unit_test_teardown(test_private_key, part),
        cmocka_unit_test_teardown(test_fresh, part),
        cmocka_unit_test_teardown(test_transcript, part),
        cmocka_unit_test_teardown(test_gap, part),
        cmocka_unit_test_teardown(test_failed, part),
        cmocka_unit_test_teardown(test_middle, part),
        cmocka_unit_test_teardown(test_suite, part),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
