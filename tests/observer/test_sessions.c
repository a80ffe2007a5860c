/* Who resumes whom: session ids (RFC 5246, 7.3, figure 2), tickets (RFC 5077), and the limits of memory. */
#include "base/span_hash.h"
#include "observer/keys/sessions.h"
#include "observer/state.h"
#include "streams.h"

static struct heard h;
static struct dialogue d;

static void finish12(bool resumed, const char *ticket)
{
    struct flight *f = say(&d, resumed ? WT_SERVER : WT_CLIENT);
    if (!resumed)
        client_key_exchange(f);
    if (resumed && ticket)
        new_session_ticket(f, ticket);
    ccs_finished(f);
    f = say(&d, resumed ? WT_CLIENT : WT_SERVER);
    if (!resumed && ticket)
        new_session_ticket(f, ticket);
    ccs_finished(f);
    tell_stream(&h, &d, 0, FIN);
    forget(&d);
}

static void full(uint8_t session, const char *ticket)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.ticket_extension = ticket != NULL});
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, (struct hello){.session = session, .ticket_extension = ticket != NULL});
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    finish12(false, ticket);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.resumption, WT_RESUMPTION_NONE);
    assert_false(h.c.has_resumed_from);
}

/* RFC 5246, 7.3: "both client and server MUST send ChangeCipherSpec messages and proceed directly to Finished
 * messages", the server after its ServerHello. */
static void resumed(uint8_t session, const char *ticket, const char *renewed)
{
    client_hello(say(&d, WT_CLIENT), (struct hello){.session = session, .ticket = ticket});
    server_hello(say(&d, WT_SERVER), (struct hello){.session = session, .ticket_extension = renewed != NULL});
    finish12(true, renewed);
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.resumption, ticket ? WT_RESUMPTION_TICKET : WT_RESUMPTION_SESSION_ID);
}

static void test_by_id(void **state)
{
    (void)state;
    hear(&h, "one");
    full(1, NULL);
    full(2, NULL);
    resumed(1, NULL, NULL);
    assert_true(h.c.has_resumed_from);
    assert_int_equal(h.c.resumed_from, 0);
    resumed(2, NULL, NULL);
    assert_int_equal(h.c.resumed_from, 1);
    resumed(1, NULL, NULL); /* the one that made it, not the one that resumed it before */
    assert_int_equal(h.c.resumed_from, 0);
    resumed(3, NULL, NULL); /* made before the capture began */
    assert_false(h.c.has_resumed_from);
    stop(&h);
}

/* RFC 5077, 3.4: a client that sends a ticket may make up a session id; the server that takes the ticket echoes it. */
static void test_by_ticket(void **state)
{
    (void)state;
    hear(&h, "one");
    full(0, "first");
    full(0, "second");
    resumed(9, "second", NULL);
    assert_true(h.c.has_resumed_from);
    assert_int_equal(h.c.resumed_from, 1);
    resumed(8, "first", "third"); /* renewed: RFC 5077, 3.3 */
    assert_int_equal(h.c.resumed_from, 0);
    resumed(7, "third", NULL);
    assert_int_equal(h.c.resumed_from, 3);
    stop(&h);
}

/* A server that goes through the whole handshake all the same did not resume. */
static void test_refused(void **state)
{
    (void)state;
    hear(&h, "one");
    full(0, "first");
    client_hello(say(&d, WT_CLIENT), (struct hello){.session = 9, .ticket = "first"});
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, (struct hello){.session = 5, .ticket_extension = true});
    certificate(f);
    server_key_exchange(f);
    server_hello_done(f);
    finish12(false, "second");
    assert_int_equal(h.c.state, WT_ESTABLISHED);
    assert_int_equal(h.c.resumption, WT_RESUMPTION_NONE);
    stop(&h);
}

/* Stream numbers start again in each file, so a session of another file is not named. */
static void test_other_file(void **state)
{
    (void)state;
    hear(&h, "one");
    full(1, NULL);
    wt_observer_file(h.observer, "two");
    resumed(1, NULL, NULL);
    assert_false(h.c.has_resumed_from);
    stop(&h);
}

static void test_table(void **state)
{
    struct wt_observer_options options = {.size = sizeof options};
    struct wt_observer *o = wt_observer_new(&options, NULL);
    uint32_t stream;
    (void)state;
    assert_non_null(o);
    assert_false(wt_session_find(o, wt_span_hash(wt_span_text("none")), &stream));
    for (uint32_t i = 0; i < 3 * WT_LIMIT_SESSIONS; i++) {
        uint64_t hash = wt_span_hash(wt_span_of(&i, sizeof i));
        assert_true(hash != 0);
        wt_session_add(o, hash, i);
        assert_true(wt_session_find(o, hash, &stream));
        assert_int_equal(stream, i);
    }
    for (uint32_t i = 0; i < 3 * WT_LIMIT_SESSIONS; i++) /* the newest are remembered, all of them and no other */
        assert_int_equal(wt_session_find(o, wt_span_hash(wt_span_of(&i, sizeof i)), &stream),
                         i >= 2 * WT_LIMIT_SESSIONS);
    wt_observer_free(o);
}

static int clean(void **state)
{
    (void)state;
    forget(&d);
    stop(&h);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_by_id, clean),   cmocka_unit_test_teardown(test_by_ticket, clean),
        cmocka_unit_test_teardown(test_refused, clean), cmocka_unit_test_teardown(test_other_file, clean),
        cmocka_unit_test_teardown(test_table, clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
