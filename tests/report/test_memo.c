/* Runs of members that are kept: the same bytes as without, whatever decides them is another, and within their limits.
 */
#include "report/json/memo.h"

#include "base/buffer.h"
#include "registry/limits.h"
#include "report/json/cache.h"
#include "wiretale/report.h"

#include "json_samples.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

static bool add(void *context, const char *bytes, size_t n)
{
    return wt_buffer_add(context, bytes, n);
}

static void written(struct wt_buffer *b, const struct wt_connection *c, struct wt_json_cache *cache)
{
    const struct wt_json_options options = {.size = sizeof options, .messages = true, .cache = cache};
    struct wt_output output = {.write = add, .context = b};
    b->n = 0;
    wt_report_json_connection(&output, c, &options);
    assert_false(output.failed);
}

static void same(const char *what, const struct wt_connection *c, struct wt_json_cache *cache)
{
    struct wt_buffer with = {0}, without = {0};
    written(&with, c, cache);
    written(&without, c, NULL);
    if (with.n != without.n || memcmp(with.p, without.p, with.n) != 0)
        fail_msg("%s: %.*s\nbut without what was kept: %.*s", what, (int)with.n, (char *)with.p, (int)without.n,
                 (char *)without.p);
    wt_buffer_free(&with);
    wt_buffer_free(&without);
}

/* One connection, one that differs in a single thing, the first again: what was kept of one is not written for another.
 */
#define DIFFERS(change)                                                                                                \
    do {                                                                                                               \
        struct wt_connection c = base;                                                                                 \
        struct wt_finding f = finding;                                                                                 \
        struct wt_message m = message;                                                                                 \
        c.findings = &f;                                                                                               \
        c.messages = &m;                                                                                               \
        same("before " #change, &c, cache);                                                                            \
        same("before " #change, &c, cache);                                                                            \
        change;                                                                                                        \
        for (unsigned turn = 0; turn < 4; turn++)                                                                      \
            same(#change, &c, cache);                                                                                  \
    } while (0)

static void differences(struct wt_json_cache *cache, struct wt_connection base, struct wt_finding finding,
                        struct wt_message message)
{
    DIFFERS(c.version = WT_TLS11);
    DIFFERS(c.version = 0);
    DIFFERS(c.offered = WT_TLS12);
    DIFFERS(c.cipher_suite = 0xc030);
    DIFFERS(c.has_suite = false);
    DIFFERS(c.suites_offered = 4);
    DIFFERS(c.group = 0x001d);
    DIFFERS(c.signature_scheme = 0x0403);
    DIFFERS(c.client.ip[15]++);
    DIFFERS(c.server.ip[10] = 0);
    DIFFERS(c.server = c.client);
    DIFFERS(c.client.port++);
    DIFFERS(c.layers[1] = WT_LAYER_IPV6);
    DIFFERS(c.layer_count = 2);
    DIFFERS(c.layer_count = 0);
    DIFFERS(c.proofs[WT_PROOF_SERVER_FINISHED].result = WT_PROOF_UNKNOWN);
    DIFFERS(c.proofs[WT_PROOF_SERVER_FINISHED].reason = "another");
    DIFFERS(c.proofs[WT_PROOF_SERVER_FINISHED].reason = NULL);
    DIFFERS(c.proofs[WT_PROOF_CHAIN].result = WT_PROOF_OK);
    DIFFERS(c.not_decrypted = "another");
    DIFFERS(c.not_decrypted = NULL);
    DIFFERS(c.decryption = WT_DECRYPTION_PSK);
    DIFFERS(c.plaintext[WT_SERVER].opened = 1);
    DIFFERS(c.plaintext[WT_CLIENT].failed = 1);
    DIFFERS(c.has_plaintext[WT_CLIENT] = true);
    DIFFERS(c.application = "HTTP/2");
    DIFFERS(c.fin[WT_CLIENT] = !c.fin[WT_CLIENT]);
    DIFFERS(c.fin[WT_SERVER] = !c.fin[WT_SERVER]);
    DIFFERS(c.fin[WT_CLIENT] = c.fin[WT_SERVER] = false);
    DIFFERS(c.reset = !c.reset);
    DIFFERS(c.tcp.hop_limit[0] = 63);
    DIFFERS(c.tcp.hop_limit[1] = 255);
    DIFFERS(c.tcp.hop_limit_seen[0] = false);
    DIFFERS(c.tcp.hop_limit_seen[1] = false);
    DIFFERS(f.id = "another");
    DIFFERS(f.severity = WT_ERROR);
    DIFFERS(f.frame = 0);
    DIFFERS(f.text = "another \"text\"");
    DIFFERS(f.text = NULL);
    DIFFERS(f.advice = NULL);
    DIFFERS(f.advice = "");
    DIFFERS(f.fault = WT_FAULT_BOTH);
    DIFFERS(f.noticed = WT_NOTICED_BY_SERVER);
    DIFFERS(f.probable = !f.probable);
    DIFFERS(f.message = 0);
    DIFFERS(m.from = WT_SERVER);
    DIFFERS(m.content_type = 23);
    DIFFERS(m.inner_type = 22);
    DIFFERS(m.length++);
    DIFFERS(m.record_version = 0);
    DIFFERS(m.record_version = 0x0302);
    DIFFERS(m.records = 2);
    DIFFERS(m.type = WT_HANDSHAKE_FINISHED);
    DIFFERS(m.flags |= WT_MESSAGE_ENCRYPTED);
    DIFFERS(m.flags |= WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED);
    DIFFERS(m.flags |= WT_MESSAGE_UNEXPECTED);
    DIFFERS(m.flags |= WT_MESSAGE_CUT);
    DIFFERS(m.flags = 0);
    DIFFERS(m.frame = 0);
}

static void test_whatever_differs(void **state)
{
    static const struct wt_alternative alternative = {.id = "other", .fault = WT_FAULT_CLIENT, .settle = "a key log"};
    struct wt_json_cache *cache = wt_json_cache_new();
    struct wt_connection c = sample_full;
    struct wt_finding f = {.id = "finding",
                           .severity = WT_NOTICE,
                           .frame = 3,
                           .text = "a \"text\"",
                           .advice = "advice",
                           .fault = WT_FAULT_CLIENT,
                           .message = 1};
    (void)state;
    assert_non_null(cache);
    c.message_count = c.finding_count = 1;
    c.tcp = (struct wt_tcp_seen){.hop_limit = {64, 64}, .hop_limit_seen = {true, true}};
    differences(cache, c, f, sample_messages[0]);
    /* to which there are no keys */
    c.decryption = WT_DECRYPTION_NONE;
    c.has_plaintext[0] = c.has_plaintext[1] = false;
    memset(c.plaintext, 0, sizeof c.plaintext);
    differences(cache, c, f, sample_messages[sizeof sample_messages / sizeof *sample_messages - 3]); /* an alert */
    f.alternatives = &alternative;
    f.alternative_count = 1;
    differences(cache, c, f, sample_messages[5]);
    wt_json_cache_free(cache);
}

/* Decrypted application data has a length of its own each time; alerts are what their bytes say. */
static void test_what_varies(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    struct wt_connection c = sample_bare;
    uint8_t body[2] = {1, 0};
    struct wt_message alert = {.content_type = 21, .length = 2, .record_version = 0x0303, .body = {body, 2}},
                      data = {.content_type = 23,
                              .flags = WT_MESSAGE_ENCRYPTED | WT_MESSAGE_DECRYPTED,
                              .record_version = 0x0303,
                              .plaintext_length = 1};
    (void)state;
    c.message_count = 1;
    for (unsigned i = 0; i < 20; i++) {
        body[1] = (uint8_t)i;
        data.plaintext_length = i;
        c.messages = &alert;
        same("alert", &c, cache);
        c.messages = &data;
        same("data", &c, cache);
    }
    wt_json_cache_free(cache);
}

/* --- the memo itself ---------------------------------------------------------------------------------------------- */

/* One number under a key. Returns whether it was known. */
static bool put(struct wt_json_memo *memo, const struct wt_json_memo_key *key, const char *text, struct wt_buffer *out)
{
    static struct wt_json j;
    struct wt_output output = {.write = add, .context = out};
    out->n = 0;
    wt_json_start(&j, &output);
    j.memo = memo;
    wt_json_open(&j, '{');
    wt_json_member_number(&j, "first", 1);
    const bool known = wt_json_memo_write(&j, key);
    if (!known) {
        const size_t start = wt_json_memo_begin(&j);
        wt_json_member_text(&j, "text", text);
        wt_json_memo_end(&j, key, start);
    }
    wt_json_member_number(&j, "last", 2);
    wt_json_close(&j, '}');
    wt_json_flush(&j);
    return known;
}

/* Key and text together have to fit, and a text that takes five times its bytes is written whole. */
static void test_bytes(void **state)
{
    struct wt_buffer with = {0}, without = {0};
    (void)state;
    for (unsigned control = 0; control < 2; control++) {
        bool last = true;
        unsigned turns = 0;
        for (unsigned n = 1; n < 40000; n += n < 4096 ? 1 : 997) {
            struct wt_json_memo *memo = wt_json_memo_new();
            char *text = malloc(n + 1);
            assert_non_null(text);
            memset(text, control ? 7 : 'x', n);
            text[n] = '\0';
            const struct wt_json_memo_key key = {
                .of = WT_JSON_MEMO_WORDS, .texts = (const char *const[]){text}, .count = 1};
            (void)put(NULL, &key, text, &without);
            assert_false(put(memo, &key, text, &with));
            const bool known = put(memo, &key, text, &with);
            assert_int_equal(known,
                             n + 1 + strlen("\"text\":\"\"") + (control ? 5 : 1) * n <= WT_LIMIT_JSON_MEMO_BYTES);
            turns += known != last;
            last = known;
            assert_int_equal(with.n, without.n);
            assert_memory_equal(with.p, without.p, with.n);
            free(text);
            wt_json_memo_free(memo);
        }
        assert_int_equal(turns, 1);
    }
    wt_buffer_free(&with);
    wt_buffer_free(&without);
}

/* Of many keys at most so many are known; what is used often stays when others come once. */
static void test_places(void **state)
{
    struct wt_json_memo *memo = wt_json_memo_new();
    struct wt_buffer out = {0};
    unsigned known = 0;
    (void)state;
    for (uint64_t i = 0; i < UINT64_C(40) * WT_LIMIT_JSON_MEMO; i++)
        assert_false(put(memo, &(struct wt_json_memo_key){.of = i << 8}, "once", &out));
    for (uint64_t i = 0; i < UINT64_C(40) * WT_LIMIT_JSON_MEMO; i++) {
        struct wt_json j = {.memo = memo};
        known += wt_json_memo_write(&j, &(struct wt_json_memo_key){.of = i << 8});
    }
    assert_int_equal(known, WT_LIMIT_JSON_MEMO);
    const struct wt_json_memo_key often = {
        .of = 5, .more = {6, 7}, .texts = (const char *const[]){"a", "b"}, .count = 2};
    for (unsigned i = 0; i < 8; i++)
        (void)put(memo, &often, "often", &out);
    for (uint64_t i = 0; i < UINT64_C(40) * WT_LIMIT_JSON_MEMO; i++) {
        (void)put(memo, &(struct wt_json_memo_key){.of = i << 9 | 1}, "once", &out);
        assert_true(put(memo, &often, "often", &out));
    }
    /* the same bytes in other texts */
    assert_false(
        put(memo, &(struct wt_json_memo_key){.of = 5, .more = {6, 7}, .texts = (const char *const[]){"a"}, .count = 1},
            "", &out));
    assert_false(put(
        memo, &(struct wt_json_memo_key){.of = 5, .more = {6, 7}, .texts = (const char *const[]){"b", "a"}, .count = 2},
        "", &out));
    wt_json_memo_free(memo);
    wt_json_memo_free(NULL);
    wt_buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_differs),
        cmocka_unit_test(test_what_varies),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
