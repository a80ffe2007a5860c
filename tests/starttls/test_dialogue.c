/* Asking for TLS as a client, in every protocol: what the row's server says is understood in any pieces, and what comes
 * behind its consent is told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buffer.h"
#include "registry/limits.h"
#include "starttls/starttls.h"
#include "wiretale/dialogue.h"

static const char host[] = "mail.example.com";

/* All that the client says goes out; how much. */
static size_t drain(struct wt_dialogue *d)
{
    size_t all = 0;
    for (struct wt_span s; (s = wt_dialogue_outgoing(d)).n;) {
        wt_dialogue_sent(d, 1);
        all++;
    }
    return all;
}

static void hear(struct wt_dialogue *d, const struct wt_starttls *row, struct wt_span says, const char *more,
                 size_t piece)
{
    struct wt_buffer b = {0};
    assert_true(wt_starttls_speak(row, says, host, &b));
    assert_true(wt_buffer_add_text(&b, more));
    for (size_t i = 0; i < b.n; i += piece) {
        (void)drain(d);
        wt_dialogue_received(d, b.p + i, b.n - i < piece ? b.n - i : piece);
    }
    wt_buffer_free(&b);
}

/* The dialogue with what its row says, up to the server's last word. */
static struct wt_dialogue *play(const struct wt_starttls *row, struct wt_span last, const char *more, size_t piece)
{
    struct wt_dialogue *d = wt_dialogue_new(row->name, host, 443);
    assert_non_null(d);
    for (size_t i = 0; i < WT_STARTTLS_TURNS && row->script[i].says.n; i++) {
        if (!row->script[i].server) {
            assert_true(drain(d) > 0);
            continue;
        }
        assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_GOES_ON);
        hear(d, row, row->script[i].says, "", piece);
    }
    (void)drain(d);
    if (last.n)
        hear(d, row, last, more, piece);
    return d;
}

static const struct wt_starttls *row_at(size_t i)
{
    size_t n = 0;
    while (wt_dialogue_protocol(n, false))
        n++;
    const char *name = i < n ? wt_dialogue_protocol(i, false) : wt_dialogue_protocol(i - n, true);
    return name ? wt_starttls_of(name) : NULL;
}

static void test_every_row(void **state)
{
    const struct wt_starttls *row;
    size_t rows = 0;
    (void)state;
    for (; (row = row_at(rows)); rows++)
        for (size_t piece = 1; piece < 2000; piece = piece * 10 + 7) {
            struct wt_dialogue *d = play(row, row->grant, "", piece);
            assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_GRANTED);
            assert_int_equal(wt_dialogue_rest(d).n, 0);
            wt_dialogue_free(d);
            if (!row->grant.n)
                continue;
            d = play(row, row->refusal, "", piece);
            assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_REFUSED);
            assert_true(wt_dialogue_said(d).n > 0);
            wt_dialogue_free(d);
        }
    assert_true(rows >= 15);
}

/* RFC 3207, 6: what came before TLS must not be taken for what came under it. */
static void test_rest(void **state)
{
    const struct wt_starttls *row;
    (void)state;
    for (size_t i = 0; (row = row_at(i)); i++) {
        if (!row->grant.n)
            continue;
        struct wt_dialogue *d = play(row, row->grant, "a1 injected\r\n", 4000);
        assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_GRANTED);
        assert_int_equal(wt_dialogue_rest(d).n, 13);
        assert_memory_equal(wt_dialogue_rest(d).p, "a1 injected\r\n", 13);
        wt_dialogue_free(d);
    }
}

static void test_limits(void **state)
{
    static const uint8_t dots[] = "................................................................";
    struct wt_dialogue *d = wt_dialogue_new("smtp", host, 25);
    size_t n = 0;
    (void)state;
    for (; n + 64 <= WT_LIMIT_DIALOGUE; n += 64)
        wt_dialogue_received(d, dots, 64);
    assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_GOES_ON);
    wt_dialogue_received(d, dots, 64);
    assert_int_equal(wt_dialogue_state(d), WT_DIALOGUE_BROKEN);
    wt_dialogue_free(d);
    char name[WT_LIMIT_HOST + 2];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_null(wt_dialogue_new("smtp", name, 25));
    assert_null(wt_dialogue_new("openvpn", host, 1194));
    assert_null(wt_dialogue_new("nonsense", host, 1));
    d = wt_dialogue_new("socks", name + 1, 25);
    assert_non_null(d);
    wt_dialogue_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_row), cmocka_unit_test(test_rest),
                                       cmocka_unit_test(test_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
