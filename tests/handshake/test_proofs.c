/* What signatures, Finished messages and binders cover: valid in RFC 8448's handshakes and in OpenSSL's own, and not
 * once a byte of what they cover, or of themselves, or the secret, is another. */
#include "talk12.h"
#include "traces.h"

#include "handshake/proofs.h"

enum { SIGNATURES = WT_HANDSHAKE_CERTIFICATE_VERIFY, DONE = WT_HANDSHAKE_FINISHED };

static size_t find(const struct wt_handshake *h, unsigned side, uint8_t type)
{
    size_t at = wt_messages_find(&h->messages, side, type);
    assert_true(at != SIZE_MAX);
    return at;
}

static enum wt_proof_reason signature(struct wt_handshake *h, unsigned side, uint8_t type)
{
    return wt_proofs_check_signature(h, find(h, side, type), NULL);
}

/* --- TLS 1.3: RFC 8448 -------------------------------------------------------------------------------------------- */

/* What a Finished is keyed with. */
static struct wt_span finished_secret(const struct traced *t, unsigned side)
{
    return traced_value(traced_step(t, WT_SERVER, "derive", side == WT_CLIENT ? "c hs traffic" : "s hs traffic", 0),
                        "expanded");
}

/* RFC 8446, 4.4.3 and 4.4.4, in all five connections. */
static void valid_13(void **state)
{
    unsigned signatures = 0, finished = 0;
    (void)state;
    for (unsigned section = 3; section <= 7; section++) {
        struct traced t;
        traced_start(&t, section, NULL, SIZE_MAX);
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
            if (wt_messages_has(&t.h.messages, side, SIGNATURES)) {
                assert_int_equal(signature(&t.h, side, SIGNATURES), WT_REASON_NONE);
                signatures++;
            }
            uint8_t data[WT_DIGEST_MOST];
            size_t at = find(&t.h, side, DONE);
            struct wt_span want = traced_value(traced_step(&t, side, "finished", "", 0), "finished");
            assert_int_equal(wt_proofs_finished(&t.h, at, finished_secret(&t, side), NULL), WT_REASON_NONE);
            assert_int_equal(wt_proofs_verify_data(&t.h, side, at, finished_secret(&t, side), NULL, data), want.n);
            assert_memory_equal(data, want.p, want.n);
            finished++;
        }
        traced_end(&t);
    }
    assert_int_equal(signatures, 5); /* the resumed one has none, one has the client's too */
    assert_int_equal(finished, 10);
}

/* RFC 8446, 4.4.1: each message before it is covered, and none after it. */
static void covered_13(void **state)
{
    static const struct {
        struct change change;
        enum wt_proof_reason signature, server, client;
    } rows[] = {
        {{WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 10}, WT_REASON_SIGNATURE, WT_REASON_FINISHED, WT_REASON_FINISHED},
        {{WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 10}, WT_REASON_SIGNATURE, WT_REASON_FINISHED, WT_REASON_FINISHED},
        {{WT_SERVER, WT_HANDSHAKE_CERTIFICATE_VERIFY, 100},
         WT_REASON_SIGNATURE,
         WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {{WT_SERVER, WT_HANDSHAKE_FINISHED, 10}, WT_REASON_NONE, WT_REASON_FINISHED, WT_REASON_FINISHED},
        {{WT_CLIENT, WT_HANDSHAKE_FINISHED, 10}, WT_REASON_NONE, WT_REASON_NONE, WT_REASON_FINISHED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct traced t;
        traced_start(&t, 3, &rows[i].change, SIZE_MAX);
        assert_int_equal(signature(&t.h, WT_SERVER, SIGNATURES), rows[i].signature);
        assert_int_equal(wt_proofs_finished(&t.h, find(&t.h, WT_SERVER, DONE), finished_secret(&t, WT_SERVER), NULL),
                         rows[i].server);
        assert_int_equal(wt_proofs_finished(&t.h, find(&t.h, WT_CLIENT, DONE), finished_secret(&t, WT_CLIENT), NULL),
                         rows[i].client);
        traced_end(&t);
    }
}

static void secrets_13(void **state)
{
    struct traced t;
    (void)state;
    traced_start(&t, 3, NULL, SIZE_MAX);
    size_t at = find(&t.h, WT_SERVER, DONE);
    assert_int_equal(wt_proofs_finished(&t.h, at, finished_secret(&t, WT_CLIENT), NULL), WT_REASON_FINISHED);
    assert_int_equal(wt_proofs_finished(&t.h, at, (struct wt_span){0}, NULL), WT_REASON_NO_SECRET);
    t.h.messages.broken = true; /* something before it was not seen */
    assert_int_equal(wt_proofs_finished(&t.h, at, finished_secret(&t, WT_SERVER), NULL), WT_REASON_TRANSCRIPT);
    assert_int_equal(signature(&t.h, WT_SERVER, SIGNATURES), WT_REASON_TRANSCRIPT);
    traced_end(&t);
}

/* RFC 8446, 4.5 and 4.4.1: the client's Finished covers EndOfEarlyData. */
static void early_data_13(void **state)
{
    struct traced t;
    (void)state;
    traced_start(&t, 4, NULL, SIZE_MAX);
    assert_true(wt_messages_has(&t.h.messages, WT_CLIENT, WT_HANDSHAKE_END_OF_EARLY_DATA));
    assert_true(wt_proofs_is_whole(&t.h, find(&t.h, WT_CLIENT, DONE)));
    t.h.messages.list[find(&t.h, WT_CLIENT, WT_HANDSHAKE_END_OF_EARLY_DATA)]->type = WT_HANDSHAKE_MESSAGE_HASH;
    assert_false(wt_proofs_is_whole(&t.h, find(&t.h, WT_CLIENT, DONE)));
    assert_true(wt_proofs_is_whole(&t.h, find(&t.h, WT_SERVER, DONE)));
    traced_end(&t);
}

/* RFC 8446, 4.2.11.2. */
static void binders(void **state)
{
    static const struct change random = {WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 10};
    struct traced t;
    struct wt_span identity, binder;
    uint8_t other[WT_DIGEST_MOST] = {0};
    (void)state;
    for (size_t messages = 1; messages < 20; messages += 18) { /* before there is a suite, and after */
        traced_start(&t, 4, NULL, messages);
        assert_true(wt_proofs_identity(&t.h, 0, 0, &identity, &binder));
        assert_true(wt_span_equal(binder, traced_value(traced_step(&t, WT_CLIENT, "binder", "", 0), "finished")));
        assert_int_equal(identity.n, 178);
        assert_false(wt_proofs_identity(&t.h, 0, 1, &identity, &binder));
        assert_int_equal(wt_proofs_binder(&t.h, 0, 0, t.psk, false), WT_REASON_NONE);
        assert_int_equal(wt_proofs_binder(&t.h, 0, 0, t.psk, true), WT_REASON_BINDER); /* "ext binder" */
        assert_int_equal(wt_proofs_binder(&t.h, 0, 0, wt_span_of(other, 32), false), WT_REASON_BINDER);
        assert_int_equal(wt_proofs_binder(&t.h, 0, 1, t.psk, false), WT_REASON_MALFORMED);
        assert_int_equal(wt_proofs_binder_of(&t.h, 0, t.psk, false, 48, other), messages == 1 ? 48 : 0);
        t.h.messages.broken = true;
        assert_int_equal(wt_proofs_binder(&t.h, 0, 0, t.psk, false), WT_REASON_TRANSCRIPT);
        memset(other, 0, sizeof other);
        traced_end(&t);
    }
    traced_start(&t, 4, &random, SIZE_MAX);
    assert_int_equal(wt_proofs_binder(&t.h, 0, 0, t.psk, false), WT_REASON_BINDER);
    traced_end(&t);
    traced_start(&t, 3, NULL, SIZE_MAX); /* it offers none */
    assert_int_equal(wt_proofs_binder(&t.h, 0, 0, t.psk, false), WT_REASON_MALFORMED);
    traced_end(&t);
}

/* --- up to TLS 1.2: OpenSSL --------------------------------------------------------------------------------------- */

static const struct talk_options variants[] = {
    {.version = WT_TLS12, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256", .certificate = true},
    {.version = WT_TLS12, .ciphers = "ECDHE-RSA-AES256-GCM-SHA384", .certificate = true, .no_extended_master = true},
    {.version = WT_TLS12, .ciphers = "DHE-RSA-AES128-SHA256", .certificate = true},
    {.version = WT_TLS11, .ciphers = "ECDHE-RSA-AES128-SHA:@SECLEVEL=0", .certificate = true},
    {.version = WT_TLS10, .ciphers = "DHE-RSA-AES256-SHA:@SECLEVEL=0", .certificate = true},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static enum wt_proof_reason finished(struct talk *t, unsigned side)
{
    return wt_proofs_finished(&t->h, find(&t->h, side, DONE), wt_span_of(t->master, WT_MASTER), NULL);
}

static void valid_12(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct talk t;
        talk_start(&t, &variants[i]);
        assert_int_equal(signature(&t.h, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE), WT_REASON_NONE);
        assert_int_equal(signature(&t.h, WT_CLIENT, SIGNATURES), WT_REASON_NONE);
        assert_int_equal(finished(&t, WT_CLIENT), WT_REASON_NONE);
        assert_int_equal(finished(&t, WT_SERVER), WT_REASON_NONE);
        t.master[47] ^= 1;
        assert_int_equal(finished(&t, WT_CLIENT), WT_REASON_FINISHED);
        assert_int_equal(wt_proofs_finished(&t.h, find(&t.h, WT_SERVER, DONE), wt_span_of(t.master, 47), NULL),
                         WT_REASON_NO_SECRET);
        talk_end(&t);
    }
}

/* RFC 5246, 7.4.3: a ServerKeyExchange's signature is of both randoms and its parameters; 7.4.8: CertificateVerify's of
 * all messages before it; 7.4.9: Finished is of all before it, the other side's Finished among them. */
static void covered_12(void **state)
{
    static const struct {
        unsigned side;
        uint8_t type;
        size_t at;
        enum wt_proof_reason exchange, verify, client, server;
    } rows[] = {
        {WT_CLIENT, WT_HANDSHAKE_CLIENT_HELLO, 10, WT_REASON_SIGNATURE, WT_REASON_SIGNATURE, WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {WT_SERVER, WT_HANDSHAKE_SERVER_HELLO, 10, WT_REASON_SIGNATURE, WT_REASON_SIGNATURE, WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE, 20, WT_REASON_SIGNATURE, WT_REASON_SIGNATURE, WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {WT_CLIENT, WT_HANDSHAKE_CLIENT_KEY_EXCHANGE, 20, WT_REASON_NONE, WT_REASON_SIGNATURE, WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {WT_CLIENT, WT_HANDSHAKE_CERTIFICATE_VERIFY, 40, WT_REASON_NONE, WT_REASON_SIGNATURE, WT_REASON_FINISHED,
         WT_REASON_FINISHED},
        {WT_CLIENT, WT_HANDSHAKE_FINISHED, 10, WT_REASON_NONE, WT_REASON_NONE, WT_REASON_FINISHED, WT_REASON_FINISHED},
        {WT_SERVER, WT_HANDSHAKE_FINISHED, 10, WT_REASON_NONE, WT_REASON_NONE, WT_REASON_NONE, WT_REASON_FINISHED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t v = 0; v < VARIANTS; v += 3) { /* TLS 1.2, and 1.1 with its two hashes side by side */
            struct talk_options o = variants[v];
            struct talk t;
            o.side = rows[i].side;
            o.type = rows[i].type;
            o.at = rows[i].at;
            talk_start(&t, &o);
            assert_true(t.changed);
            assert_int_equal(signature(&t.h, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE), rows[i].exchange);
            assert_int_equal(signature(&t.h, WT_CLIENT, SIGNATURES), rows[i].verify);
            assert_int_equal(finished(&t, WT_CLIENT), rows[i].client);
            assert_int_equal(finished(&t, WT_SERVER), rows[i].server);
            talk_end(&t);
        }
}

/* What was not seen shows nothing: no verdict, and not a bad one. */
static void missing_12(void **state)
{
    static const struct talk_options no_certificate = {.version = WT_TLS12,
                                                       .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                                                       .side = WT_SERVER,
                                                       .type = WT_HANDSHAKE_CERTIFICATE,
                                                       .left_out = true};
    static const struct talk_options no_done = {.version = WT_TLS12,
                                                .ciphers = "ECDHE-RSA-AES128-GCM-SHA256",
                                                .certificate = true,
                                                .side = WT_SERVER,
                                                .type = WT_HANDSHAKE_SERVER_HELLO_DONE,
                                                .left_out = true};
    struct talk t;
    (void)state;
    talk_start(&t, &no_certificate);
    assert_int_equal(signature(&t.h, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE), WT_REASON_KEY);
    talk_end(&t);
    talk_start(&t, &no_done);
    assert_int_equal(signature(&t.h, WT_CLIENT, SIGNATURES), WT_REASON_TRANSCRIPT);
    assert_int_equal(finished(&t, WT_CLIENT), WT_REASON_TRANSCRIPT);
    t.h.agreed.chosen.has_random = false;
    assert_int_equal(signature(&t.h, WT_SERVER, WT_HANDSHAKE_SERVER_KEY_EXCHANGE), WT_REASON_HELLO);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_13),      cmocka_unit_test(covered_13), cmocka_unit_test(secrets_13),
        cmocka_unit_test(early_data_13), cmocka_unit_test(binders),    cmocka_unit_test(valid_12),
        cmocka_unit_test(covered_12),    cmocka_unit_test(missing_12),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
