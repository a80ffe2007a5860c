/* Messages' JSON that is kept: the same bytes as without, whatever is different in a message, and within its limits.
 * The messages are those from which fuzzing begins: every type, every extension, each well and broken. */
#include "report/json/pattern.h"

#include "base/buffer.h"
#include "codec/codec.h"
#include "codec/ext/ext.h"
#include "registry/limits.h"
#include "report/json/cache.h"
#include "report/json/handshake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool add(void *context, const char *bytes, size_t n)
{
    return wt_buffer_add(context, bytes, n);
}

static void written(struct wt_buffer *b, const struct wt_message *m, struct wt_json_cache *cache)
{
    const struct wt_connection c = {.messages = m, .message_count = 1, .ja3 = "a", .ja3s = "b", .ja4 = "c"};
    const struct wt_json_options options = {.size = sizeof options, .messages = true, .cache = cache};
    struct wt_output output = {.write = add, .context = b};
    b->n = 0;
    wt_report_json_connection(&output, &c, &options);
    assert_false(output.failed);
}

static void same(const char *name, const struct wt_message *m, struct wt_json_cache *cache)
{
    struct wt_buffer with = {0}, without = {0};
    written(&with, m, cache);
    written(&without, m, NULL);
    if (with.n != without.n || memcmp(with.p, without.p, with.n) != 0)
        fail_msg("%s: %.*s\nbut without what was kept: %.*s", name, (int)with.n, (char *)with.p, (int)without.n,
                 (char *)without.p);
    wt_buffer_free(&with);
    wt_buffer_free(&without);
}

/* A message that is kept, then each that differs from it in one byte; of long ones, and with a sanitizer, not each. */
static void same_whatever_changes(const char *name, struct wt_message m)
{
    static const uint8_t changes[] = {0x01, 0x80, 0xff};
    const size_t step = (1 + m.body.n / 256) * (WT_SANITIZED ? 16 : 1);
    struct wt_json_cache *cache = wt_json_cache_new();
    uint8_t bytes[4096];
    assert_non_null(cache);
    assert_true(m.body.n < sizeof bytes);
    if (m.body.n)
        memcpy(bytes, m.body.p, m.body.n);
    m.length = (uint32_t)m.body.n;
    m.content_type = WT_CONTENT_HANDSHAKE;
    m.flags = WT_MESSAGE_TYPED;
    m.body.p = bytes;
    for (unsigned i = 0; i < 3; i++)
        same(name, &m, cache);
    for (size_t at = 0; at < m.body.n; at += step) {
        for (size_t k = 0; k < sizeof changes; k++) {
            bytes[at] ^= changes[k];
            same(name, &m, cache);
            bytes[at] ^= changes[k];
        }
    }
    if (m.body.n) {
        m.body.n--;
        same(name, &m, cache);
    }
    wt_json_cache_free(cache);
}

/* A message as fuzz_message has it: type and context, then the body. */
static void check_message(const char *name, struct wt_span file)
{
    static const uint16_t versions[] = {0,      WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12, WT_TLS13, 0x7f0f, 0x7f12,
                                        0x7f13, 0x7f15,  0x7f1c,   0xfb1a,   0x7e02,   0xfefd,   0xfefc, 0x0101};
    if (file.n < 3)
        return;
    same_whatever_changes(name, (struct wt_message){.type = file.p[0],
                                                    .from = file.p[1] >> 4 & 1 ? WT_SERVER : WT_CLIENT,
                                                    .shape = {.version = versions[file.p[1] & 15],
                                                              .kx = file.p[2],
                                                              .certificate_type = file.p[1] >> 5 & 2},
                                                    .body = wt_span_cut(file, 3, file.n)});
}

/* An extension as fuzz_extension has it, in a hello of either side and in EncryptedExtensions. */
static void check_extension(const char *name, struct wt_span file)
{
    static const uint8_t head[] = {3, 3, [34] = 1, 7}, ch[] = {0, 2, 0x13, 1, 1, 0}, sh[] = {0x13, 1, 0};
    struct wt_span body = wt_span_cut(file, 3, file.n);
    if (file.n < 4)
        return;
    const uint16_t id = wt_get16(file.p + 1);
    for (unsigned i = 0; i < 3; i++) {
        uint8_t room[4096];
        struct wt_writer w = wt_writer_start(room, sizeof room);
        struct wt_message m = {.type = i == 0   ? WT_HANDSHAKE_CLIENT_HELLO
                                       : i == 1 ? WT_HANDSHAKE_SERVER_HELLO
                                                : WT_HANDSHAKE_ENCRYPTED_EXTENSIONS,
                               .from = i ? WT_SERVER : WT_CLIENT,
                               .shape = {.version = i == 2 ? WT_TLS13 : 0}};
        if (i < 2)
            wt_write_bytes(&w, wt_span_of(head, sizeof head));
        wt_write_bytes(&w, i == 0 ? wt_span_of(ch, sizeof ch) : wt_span_of(sh, i == 1 ? sizeof sh : 0));
        size_t list = wt_write_open(&w, 2);
        wt_write_u16(&w, id);
        wt_write_opaque(&w, body, 2, 0, 65535, "extension_data");
        wt_write_close(&w, list, 2, 0, 65535, "extensions");
        if (wt_writer_done(&w, &m.body) == WT_OK)
            same_whatever_changes(name, m);
    }
}

static void each_file(const char *folder, void (*check)(const char *name, struct wt_span file))
{
    char path[4096];
    static uint8_t bytes[4096];
    (void)snprintf(path, sizeof path, "%s/fuzz/corpus/%s", SOURCE, folder);
    DIR *d = opendir(path);
    unsigned count = 0;
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        (void)snprintf(path, sizeof path, "%s/fuzz/corpus/%s/%s", SOURCE, folder, e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!f)
            continue;
        const size_t n = fread(bytes, 1, sizeof bytes, f);
        (void)fclose(f);
        if (n < 2048)
            check(e->d_name, wt_span_of(bytes, n));
        count++;
    }
    (void)closedir(d);
    assert_true(count > 20);
}

static void test_every_message(void **state)
{
    (void)state;
    each_file("message", check_message);
}

static void test_every_extension(void **state)
{
    (void)state;
    each_file("extension", check_extension);
}

/* RFC 8446, 4.1.3: "the HelloRetryRequest message uses the same structure as the ServerHello, but with Random set to
 * the special value". Bytes of a random are the only opaque ones by which a message is read. */
static void test_retry_is_no_hello(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    uint8_t body[] = {3, 3, [34] = 0, 0x13, 1, 0, 0, 6, 0, 0x33, 0, 2, 0, 0x1d};
    struct wt_message m = {.type = WT_HANDSHAKE_SERVER_HELLO,
                           .from = WT_SERVER,
                           .content_type = WT_CONTENT_HANDSHAKE,
                           .flags = WT_MESSAGE_TYPED,
                           .body = {body, sizeof body}};
    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        if (i % 2)
            memcpy(body + 2, wt_hello_retry_random, sizeof wt_hello_retry_random);
        else
            memset(body + 2, (int)i, sizeof wt_hello_retry_random);
        same("ServerHello", &m, cache);
    }
    wt_json_cache_free(cache);
}

/* A hello that names so many suites. */
static struct wt_message hello(uint8_t *body, unsigned suites, uint8_t seed)
{
    size_t n = 35;
    memset(body, seed, n);
    body[0] = body[1] = 3;
    body[34] = 0;
    body[n++] = (uint8_t)(suites >> 7);
    body[n++] = (uint8_t)(2 * suites);
    for (unsigned i = 0; i < suites; i++, n += 2) {
        body[n] = 0x13;
        body[n + 1] = (uint8_t)i;
    }
    body[n++] = 1;
    body[n++] = 0;
    return (struct wt_message){.type = WT_HANDSHAKE_CLIENT_HELLO,
                               .content_type = WT_CONTENT_HANDSHAKE,
                               .flags = WT_MESSAGE_TYPED,
                               .length = (uint32_t)n,
                               .body = {body, n}};
}

static bool is_known(struct wt_json_cache *cache, const struct wt_message *m)
{
    static struct wt_json j;
    struct wt_buffer b = {0};
    struct wt_output output = {.write = add, .context = &b};
    wt_json_start(&j, &output);
    const bool known = wt_json_pattern_write(wt_json_cache_patterns(cache), &j, m);
    wt_buffer_free(&b);
    return known;
}

/* The first is only seen, the second is kept, and all that follow are known by it. */
static void test_kept_the_second_time(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    uint8_t body[512];
    (void)state;
    for (uint8_t i = 0; i < 5; i++) {
        const struct wt_message m = hello(body, 20, i);
        assert_int_equal(is_known(cache, &m), i >= 2);
        same("hello", &m, cache);
    }
    /* one suite is another */
    body[40] ^= 1;
    const struct wt_message other = {.type = WT_HANDSHAKE_CLIENT_HELLO, .body = {body, 79}};
    assert_false(is_known(cache, &other));
    wt_json_cache_free(cache);
}

/* Of messages that come in turn so many are known; those that were used longest ago made room. */
static void test_so_many(void **state)
{
    struct wt_json_cache *cache = wt_json_cache_new();
    uint8_t body[1024];
    unsigned known = 0;
    (void)state;
    for (unsigned suites = 1; suites <= 4 * WT_LIMIT_JSON_PATTERNS; suites++) {
        for (uint8_t i = 0; i < 3; i++) {
            const struct wt_message m = hello(body, suites, i);
            assert_int_equal(is_known(cache, &m), i == 2);
            same("hello", &m, cache);
        }
    }
    for (unsigned suites = 1; suites <= 4 * WT_LIMIT_JSON_PATTERNS; suites++) {
        const struct wt_message m = hello(body, suites, 9);
        const bool is = is_known(cache, &m);
        assert_false(is && suites <= WT_LIMIT_JSON_PATTERNS);
        known += is;
    }
    assert_in_range(known, WT_LIMIT_JSON_PATTERNS / 2, WT_LIMIT_JSON_PATTERNS);
    wt_json_cache_free(cache);
}

/* Body and text together have to fit. */
static void test_so_long(void **state)
{
    static uint8_t body[8192];
    struct wt_buffer text = {0};
    unsigned last = 0;
    (void)state;
    for (unsigned suites = 700; suites < 820; suites++) {
        struct wt_json_cache *cache = wt_json_cache_new();
        struct wt_json_body b = {0};
        struct wt_json j;
        struct wt_output output = {.write = add, .context = &text};
        const struct wt_message m = hello(body, suites, 0);
        same("hello", &m, cache);
        same("hello", &m, cache);
        text.n = 0;
        b.message = &m;
        wt_json_start(&j, &output);
        wt_json_handshake(&j, &b);
        wt_json_flush(&j);
        free(b.trail.events);
        /* without its braces */
        assert_int_equal(is_known(cache, &m), text.n - 2 + m.body.n <= WT_LIMIT_JSON_PATTERN_BYTES);
        last = is_known(cache, &m) ? suites : last;
        wt_json_cache_free(cache);
    }
    assert_in_range(last, 701, 818);
    wt_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message),     cmocka_unit_test(test_every_extension),
        cmocka_unit_test(test_retry_is_no_hello), cmocka_unit_test(test_kept_the_second_time),
        cmocka_unit_test(test_so_many),           cmocka_unit_test(test_so_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
