/* What parties keep of sessions: their limits, and bytes that are none. */
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void start(struct pair *p, uint16_t version)
{
    pair_start(p, NULL);
    p->options[WT_CLIENT].max_version = version;
}

static void tickets(void **state)
{
    static const uint8_t counts[] = {0, 1, WT_LIMIT_TICKETS - 1, WT_LIMIT_TICKETS};
    struct wt_error error;
    struct pair p;
    (void)state;
    for (size_t i = 0; i < sizeof counts; i++) {
        start(&p, WT_TLS13);
        p.options[WT_SERVER].tickets = counts[i];
        pair_first(&p);
        assert_int_equal(p.e[WT_CLIENT]->tickets, counts[i] ? counts[i] : 2);
        if (counts[i] == WT_LIMIT_TICKETS) {
            p.options[WT_SERVER].tickets++;
            assert_null(wt_server_new(&p.options[WT_SERVER], &error));
            assert_string_equal(error.field, "tickets");
            /* more of them are not taken: the session is the one before */
            struct wt_kept_session *last = p.e[WT_CLIENT]->session;
            const struct wt_message_body m = {
                .type = WT_HANDSHAKE_NEW_SESSION_TICKET,
                .new_session_ticket = {
                    .tls13 = true, .lifetime = 10, .ticket = wt_span_text("x"), .extensions = {.present = true}}};
            assert_true(wt_endpoint_say(p.e[WT_SERVER], &m) && wt_endpoint_flush(p.e[WT_SERVER]));
            pair_run(&p);
            assert_ptr_equal(p.e[WT_CLIENT]->session, last);
        }
        pair_end(&p);
    }
}

static void long_tickets(void **state)
{
    static uint8_t bytes[WT_LIMIT_TICKET + 1];
    (void)state;
    for (size_t n = WT_LIMIT_TICKET; n <= WT_LIMIT_TICKET + 1; n++) {
        struct pair p;
        start(&p, WT_TLS13);
        pair_first(&p);
        struct wt_kept_session *last = p.e[WT_CLIENT]->session;
        const struct wt_message_body m = {
            .type = WT_HANDSHAKE_NEW_SESSION_TICKET,
            .new_session_ticket = {
                .tls13 = true, .lifetime = 10, .ticket = wt_span_of(bytes, n), .extensions = {.present = true}}};
        assert_true(wt_endpoint_say(p.e[WT_SERVER], &m) && wt_endpoint_flush(p.e[WT_SERVER]));
        pair_run(&p);
        assert_true((p.e[WT_CLIENT]->session == last) == (n > WT_LIMIT_TICKET));
        pair_then(&p, 1, n > WT_LIMIT_TICKET); /* what the server does not know does no harm */
        pair_end(&p);
    }
}

static struct wt_kept_session *one_of(const char *host, uint32_t number)
{
    const struct wt_session s = {
        .version = WT_TLS12, .suite = 0xc02b, .secret_length = 48, .host = wt_span_text(host), .early = number};
    struct wt_kept_session *k = wt_kept_session_new(&s);
    assert_non_null(k);
    return k;
}

struct wanted {
    const char *host;
    uint32_t number;
};

static bool is_wanted(const void *context, const struct wt_session *s)
{
    const struct wanted *w = context;
    return wt_span_equal(s->host, wt_span_text(w->host)) && s->early == w->number;
}

static bool has(struct wt_client_sessions *c, const char *host, uint32_t number)
{
    const struct wanted wanted = {host, number};
    struct wt_kept_session *k = wt_client_sessions_take(c, is_wanted, &wanted);
    wt_kept_session_release(k);
    return k;
}

static void client_sessions(void **state)
{
    struct wt_client_sessions c = {0};
    char host[32];
    (void)state;
    for (uint32_t i = 0; i <= WT_LIMIT_HOST_SESSIONS; i++) {
        assert_true(!i || has(&c, "a", 0));
        struct wt_kept_session *k = one_of("a", i);
        wt_client_sessions_add(&c, k);
        wt_kept_session_release(k);
    }
    assert_int_equal(c.count, WT_LIMIT_HOST_SESSIONS);
    assert_false(has(&c, "a", 0));
    assert_true(has(&c, "a", 1));
    wt_client_sessions_clear(&c);
    for (uint32_t i = 0; i <= WT_LIMIT_CLIENT_SESSIONS; i++) {
        assert_true(!i || has(&c, "0", 0));
        (void)snprintf(host, sizeof host, "%u", i);
        struct wt_kept_session *k = one_of(host, i);
        wt_client_sessions_add(&c, k);
        wt_kept_session_release(k);
    }
    assert_int_equal(c.count, WT_LIMIT_CLIENT_SESSIONS);
    assert_false(has(&c, "0", 0));
    assert_true(has(&c, "1", 1));
    wt_client_sessions_clear(&c);
}

static void server_sessions(void **state)
{
    struct wt_session s = {.version = WT_TLS12, .suite = 0xc02b, .secret_length = 48, .id_length = 32};
    struct wt_server_sessions c = {0};
    (void)state;
    /* ids that fall into one set of four */
    for (uint8_t i = 0; i < 5; i++) {
        s.id[31] = i;
        wt_server_sessions_add(&c, &s);
        s.id[31] = 0;
        assert_true((wt_server_sessions_find(&c, wt_span_of(s.id, 32)) != NULL) == (i < 4));
    }
    wt_server_sessions_clear(&c);
    unsigned found = 0;
    for (unsigned i = 0; i < 2 * WT_LIMIT_SERVER_SESSIONS; i++) {
        s.id[2] = (uint8_t)(i >> 8);
        s.id[3] = (uint8_t)i;
        wt_server_sessions_add(&c, &s);
    }
    for (unsigned i = 0; i < WT_LIMIT_SERVER_SESSIONS; i++)
        found += c.slots[i].session != NULL;
    assert_int_equal(found, WT_LIMIT_SERVER_SESSIONS);
    wt_server_sessions_clear(&c);
}

/* Session bytes: every one changed, every length. */
static void hostile_bytes(void **state)
{
    uint8_t bytes[WT_SESSION_MOST];
    struct wt_session s = {.version = WT_TLS13, .suite = 0x1302, .secret_length = 48, .host = wt_span_text("a")}, out;
    struct wt_writer w = wt_writer_start(bytes, sizeof bytes);
    (void)state;
    assert_true(wt_session_write(&s, &w));
    assert_int_equal(w.n, wt_session_size(&s)); /* so that what is kept takes no more */
    assert_true(wt_session_read(wt_span_of(bytes, w.n), &out));
    for (size_t i = 0; i < w.n; i++) {
        assert_false(wt_session_read(wt_span_of(bytes, i), &out));
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1u << bit);
            (void)wt_session_read(wt_span_of(bytes, w.n), &out);
            bytes[i] ^= (uint8_t)(1u << bit);
        }
    }
    bytes[2]--; /* TLS 1.2 with a suite of 1.3 */
    assert_false(wt_session_read(wt_span_of(bytes, w.n), &out));
}

/* A server that shares tickets with others may have a clock behind theirs. */
static void other_clock(void **state)
{
    (void)state;
    for (int64_t more = 0; more < 2; more++) {
        const int64_t now = TEST_MS(TEST_NOW);
        struct pair p;
        start(&p, WT_TLS13);
        pair_first(&p);
        pair_again(&p, TEST_NOW);
        wt_endpoint_free(p.e[WT_SERVER]);
        p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], now - WT_LIMIT_EARLY_WINDOW_MS - more);
        pair_assert_resumed(&p, !more);
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets),         cmocka_unit_test(long_tickets),  cmocka_unit_test(client_sessions),
        cmocka_unit_test(server_sessions), cmocka_unit_test(hostile_bytes), cmocka_unit_test(other_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
