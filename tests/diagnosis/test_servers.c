/* What is remembered of servers, at its limits and just below. */
#include "observer/state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
