/* Secrets and keys up to TLS 1.2 from whole handshakes of OpenSSL: the master secret is the one that it logs, the keys
 * open what it sent, and what has to be refused is. */
#include "talk12.h"

#include "carriage/record_protector.h"
#include "handshake/keys12.h"
#include "protect/protect.h"

#define RSA_ONLY "AES128-SHA:@SECLEVEL=0"

static const struct talk_options variants[] = {
    {.version = WT_TLS12, .ciphers = "AES128-GCM-SHA256"},
    {.version = WT_TLS12, .ciphers = "AES128-GCM-SHA256", .no_extended_master = true},
    {.version = WT_TLS12, .ciphers = "AES256-GCM-SHA384"},
    {.version = WT_TLS12, .ciphers = "AES256-SHA256", .certificate = true},
    {.version = WT_TLS12, .ciphers = "AES256-SHA256", .no_extended_master = true, .certificate = true},
    {.version = WT_TLS11, .ciphers = RSA_ONLY},
    {.version = WT_TLS10, .ciphers = RSA_ONLY, .no_extended_master = true},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

/* RFC 5246, 8.1; RFC 7627, 4: "master_secret = PRF(pre_master_secret, "extended master secret", session_hash)[0..47]".
 */
static void master_secret(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct talk t;
        uint8_t master[WT_MASTER];
        talk_start(&t, &variants[i]);
        assert_int_equal(t.h.agreed.chosen.extended_master, !variants[i].no_extended_master);
        assert_int_equal(t.premaster.n, 48);
        assert_true(wt_keys12_is_ready(&t.h));
        assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_OK);
        assert_memory_equal(master, t.master, WT_MASTER);
        t.premaster.p[47] ^= 1;
        assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_OK);
        assert_memory_not_equal(master, t.master, WT_MASTER);
        talk_end(&t);
    }
}

/* A side's first record after its ChangeCipherSpec. */
static struct wt_span first_protected(const struct talk *t, unsigned side)
{
    struct wt_span all = wt_buffer_span(&t->records[side]);
    bool changed = false;
    for (size_t at = 0; at + 5 <= all.n;) {
        size_t n = 5 + ((size_t)all.p[at + 3] << 8 | all.p[at + 4]);
        if (changed)
            return wt_span_cut(all, at, at + n);
        changed = all.p[at] == WT_CONTENT_CHANGE_CIPHER_SPEC;
        at += n;
    }
    return (struct wt_span){0};
}

static enum wt_opening open_with(const struct talk *t, const struct wt_side_keys *keys, unsigned side,
                                 struct wt_buffer *text)
{
    struct wt_span record = first_protected(t, side);
    struct wt_opened opened;
    struct wt_error error;
    uint8_t room[512];
    assert_true(record.n > 5 && record.n < sizeof room && record.p[0] == WT_CONTENT_HANDSHAKE);
    struct wt_record_protector *p = wt_record_protector_new(t->h.crypto, &keys->how, false, &error);
    assert_non_null(p);
    enum wt_opening opening = wt_record_protector_open(p, record.p[0], (uint16_t)(record.p[1] << 8 | record.p[2]),
                                                       wt_span_cut(record, 5, record.n), room, false, &opened, NULL);
    text->n = 0;
    if (opening == WT_OPENED)
        assert_true(wt_buffer_add(text, opened.text.p, opened.text.n));
    wt_record_protector_free(p);
    return opening;
}

/* RFC 5246, 6.3: each side's keys open its Finished, and the other's do not. */
static void keys_open_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct talk t;
        struct wt_buffer text = {0};
        struct wt_side_keys keys[2];
        talk_start(&t, &variants[i]);
        assert_int_equal(wt_keys12_keys(&t.h, t.master, NULL, keys), WT_KEYS_OK);
        for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
            assert_int_equal(open_with(&t, &keys[side], side, &text), WT_OPENED);
            size_t at = wt_messages_find(&t.h.messages, side, WT_HANDSHAKE_FINISHED);
            assert_true(wt_span_equal(wt_buffer_span(&text), t.h.messages.parts[at]));
            assert_int_not_equal(open_with(&t, &keys[!side], side, &text), WT_OPENED);
        }
        t.master[0] ^= 1;
        assert_int_equal(wt_keys12_keys(&t.h, t.master, NULL, keys), WT_KEYS_OK);
        assert_int_not_equal(open_with(&t, &keys[WT_CLIENT], WT_CLIENT, &text), WT_OPENED);
        wt_buffer_free(&text);
        talk_end(&t);
    }
}

/* With RFC 7627 the secret is one of these very messages, without it of the randoms alone. */
static void other_messages(void **state)
{
    (void)state;
    for (unsigned extended = 0; extended < 2; extended++) {
        /* a byte of the server's certificate, which is neither a random nor a form */
        const struct talk_options o = {.version = WT_TLS12,
                                       .ciphers = "AES128-GCM-SHA256",
                                       .no_extended_master = !extended,
                                       .side = WT_SERVER,
                                       .type = WT_HANDSHAKE_CERTIFICATE,
                                       .at = 300};
        struct talk t;
        uint8_t master[WT_MASTER];
        talk_start(&t, &o);
        assert_true(t.changed);
        assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_OK);
        assert_int_equal(memcmp(master, t.master, WT_MASTER) != 0, extended);
        talk_end(&t);
    }
}

static void missing_messages(void **state)
{
    const struct talk_options no_done = {.version = WT_TLS12,
                                         .ciphers = "AES128-GCM-SHA256",
                                         .side = WT_SERVER,
                                         .type = WT_HANDSHAKE_SERVER_HELLO_DONE,
                                         .left_out = true};
    struct talk t;
    struct wt_side_keys keys[2];
    struct wt_terms terms;
    uint8_t master[WT_MASTER];
    (void)state;
    talk_start(&t, &no_done);
    assert_false(wt_keys12_is_ready(&t.h));
    assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_TRANSCRIPT);
    assert_int_equal(wt_keys12_keys(&t.h, t.master, NULL, keys), WT_KEYS_OK); /* the randoms are there */
    talk_end(&t);
    talk_start(&t, &variants[0]);
    t.h.messages.broken = true;
    assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_TRANSCRIPT);
    t.h.agreed.chosen.suite = 0xfafa;
    assert_int_equal(wt_keys12_terms(&t.h, NULL, &terms), WT_KEYS_UNSUPPORTED);
    assert_int_equal(wt_keys12_keys(&t.h, t.master, NULL, keys), WT_KEYS_UNSUPPORTED);
    t.h.agreed.chosen.has_random = false;
    assert_int_equal(wt_keys12_terms(&t.h, NULL, &terms), WT_KEYS_NO_HELLO);
    assert_int_equal(wt_keys12_master(&t.h, wt_buffer_span(&t.premaster), NULL, master), WT_KEYS_NO_HELLO);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(master_secret),
        cmocka_unit_test(keys_open_records),
        cmocka_unit_test(other_messages),
        cmocka_unit_test(missing_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
