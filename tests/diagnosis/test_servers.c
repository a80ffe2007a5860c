/* What is remembered of servers, at its limits and just below. */
#include "observer/state.h"

#include "../observer/segments.h"

static struct wt_observer o;
static struct wt_tls tls;
static struct wt_conversation c = {.tls = &tls};

static const struct wt_server_facts *of_server(uint32_t number)
{
    memcpy(c.ip[1], &number, sizeof number);
    return wt_servers_find(&o, &c);
}

static void learn(uint32_t number)
{
    (void)of_server(number);
    tls.outcome.state = WT_ESTABLISHED;
    wt_servers_learn(&o, &c);
}

static int forget_servers(void **state)
{
    (void)state;
    wt_servers_free(o.servers);
    o.servers = NULL;
    return 0;
}

/* The one not met for the longest time makes room. */
static void test_servers(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < WT_LIMIT_SERVERS; i++)
        learn(i);
    for (uint32_t i = 0; i < WT_LIMIT_SERVERS; i++)
        assert_non_null(of_server(i));
    learn(WT_LIMIT_SERVERS);
    assert_null(of_server(0));
    for (uint32_t i = 1; i <= WT_LIMIT_SERVERS; i++)
        assert_int_equal(of_server(i)->established, 1);
    assert_false(of_server(1)->forgot);
    learn(0);
    assert_true(of_server(0)->forgot);
    assert_int_equal(of_server(0)->established, 1);
}

/* A connection to one of many servers, which resets it. */
static void be_reset(unsigned port, unsigned server)
{
    server_port = 1024 + server;
    client_hello(say(&d, WT_CLIENT), (struct hello){.sni = "example.org"});
    syn(port, 1000);
    pass(port, 1000, 0, 0);
    segment(WT_SERVER, port, WT_TCP_RST, 6001, 0, nothing, 0);
    forget(&d);
}

/* It is said how many failed of whose servers more was known once. */
static void test_counted(void **state)
{
    for (unsigned more = 0; more < 2; more++) {
        (void)start(state);
        for (unsigned i = 0; i < WT_LIMIT_SERVERS + more; i++)
            be_reset(1024, i);
        be_reset(1025, 0);
        be_reset(1026, 0);
        finish();
        assert_int_equal(wt_observer_summary(h.observer)->failed, WT_LIMIT_SERVERS + more + 2);
        assert_int_equal(undecoded(&h, "server_limit"), 2 * more);
        (void)clean(state);
    }
}

static void test_subject(void **state)
{
    static char subject[WT_LIMIT_SERVER_SUBJECT + 2];
    struct wt_certificate_facts facts = {.parsed = true, .subject = subject};
    const struct wt_certificate_facts *leaf = &facts;
    (void)state;
    tls.authentication.certificates[WT_SERVER] = &leaf;
    tls.authentication.count[WT_SERVER] = 1;
    memset(subject, 's', WT_LIMIT_SERVER_SUBJECT);
    learn(0);
    assert_string_equal(of_server(0)->subject, subject);
    subject[WT_LIMIT_SERVER_SUBJECT] = 's';
    learn(0);
    assert_null(of_server(0)->subject);
    tls.authentication.count[WT_SERVER] = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_servers, forget_servers),
        cmocka_unit_test_teardown(test_subject, forget_servers),
        cmocka_unit_test(test_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
