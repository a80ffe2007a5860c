/* Connections over UDP beside the numbered conversations: bound to ends, reported in the order in which they began,
 * bounded. */
#include "observer/observer.h"
#include "observer/udp/connections.h"
#include "registry/limits.h"
#include "segments.h"

static struct wt_observer *o;
static uint32_t told[16], told_count, frame;

static void take(void *context, const struct wt_connection *c)
{
    (void)context;
    assert_true(told_count < sizeof told / sizeof *told);
    told[told_count++] = c->stream;
}

static int begin(void **state)
{
    (void)state;
    const struct wt_observer_options options = {.size = sizeof options, .connection = take, .max_memory = 1u << 31};
    told_count = frame = 0;
    o = wt_observer_new(&options, NULL);
    return o ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    wt_observer_free(o);
    return 0;
}

/* A datagram from one host and port to another. */
static struct wt_datagram datagram(struct wt_segment *s, unsigned from, unsigned to)
{
    *s = (struct wt_segment){
        .source_port = (uint16_t)from, .target_port = (uint16_t)to, .data = (const uint8_t *)"?", .length = 1};
    o->frame = ++frame;
    o->now.ns = (int64_t)frame * 1000000000;
    put(s->source, from, 4);
    put(s->target, to, 4);
    unsigned direction;
    struct wt_conversation *udp =
        wt_datagrams_take(&o->datagrams, s, (struct wt_datagram_stamp){o->now, frame}, 0, &direction);
    assert_non_null(udp);
    return (struct wt_datagram){s, {0}, udp, direction};
}

/* Both directions of the ends lead to it; others don't; another one may take its place. */
static void ends_lead_to_it(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    assert_null(wt_udp_of(o, &g));
    struct wt_conversation *first = wt_udp_begin(o, &g);
    assert_non_null(first);
    assert_non_null(first->tls);
    assert_int_equal(first->port[0], 1);
    g = datagram(&s, 2, 1);
    assert_ptr_equal(wt_udp_of(o, &g), first);
    g = datagram(&s, 3, 2);
    assert_null(wt_udp_of(o, &g));
    wt_udp_bind(&g, first); /* it has moved */
    assert_ptr_equal(wt_udp_of(o, &g), first);
    struct wt_conversation *second = wt_udp_begin(o, &g);
    assert_int_equal(second->stream, 1);
    assert_ptr_equal(wt_udp_of(o, &g), second);
    g = datagram(&s, 1, 2);
    assert_ptr_equal(wt_udp_of(o, &g), first);
}

/* One that is over, and its room is another's, is not found by its ends any more. */
static void what_is_over_is_not_found(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    wt_udp_end(o, wt_udp_begin(o, &g));
    assert_null(wt_udp_of(o, &g));
    wt_udp_report(o);
    assert_int_equal(told_count, 1);
    struct wt_datagram other = datagram(&s, 3, 2);
    assert_non_null(wt_udp_begin(o, &other));
    g = datagram(&s, 1, 2);
    assert_null(wt_udp_of(o, &g));
}

/* As connections over TCP: one that ended waits for those that began before it. */
static void they_are_reported_in_order(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_conversation *c[3];
    for (unsigned i = 0; i < 3; i++) {
        struct wt_datagram g = datagram(&s, 10 + i, 2);
        c[i] = wt_udp_begin(o, &g);
    }
    wt_udp_end(o, c[1]);
    wt_udp_report(o);
    assert_int_equal(told_count, 0);
    wt_udp_end(o, c[0]);
    wt_udp_report(o);
    assert_int_equal(told_count, 2);
    wt_observer_finish(o);
    assert_int_equal(told_count, 3);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(told[i], i);
}

static void the_silent_ones_end(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    struct wt_conversation *c = wt_udp_begin(o, &g);
    wt_udp_end_idle(o, (int64_t)10 * 1000000000);
    assert_int_equal(told_count, 0);
    frame += 5;
    g = datagram(&s, 1, 2);
    wt_udp_seen(o, &g, c);
    frame += 8;
    g = datagram(&s, 7, 2);
    wt_udp_end_idle(o, (int64_t)10 * 1000000000);
    assert_int_equal(told_count, 0);
    frame += 2;
    g = datagram(&s, 7, 2);
    wt_udp_end_idle(o, (int64_t)10 * 1000000000);
    assert_int_equal(told_count, 1);
}

static const int64_t second = 1000000000;

/* By packet times, when some datagram comes: of whichever connection. */
static void one_with_patience_ends_by_itself(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    struct wt_conversation *c = wt_udp_begin(o, &g);
    wt_udp_patience(c, 30 * second);
    wt_udp_seen(o, &g, c);
    frame += 20;
    g = datagram(&s, 1, 2);
    wt_udp_seen(o, &g, c);
    frame += 28;
    g = datagram(&s, 7, 2);
    wt_udp_take(o, &s, g.udp, g.direction);
    assert_int_equal(told_count, 0);
    frame += 2;
    g = datagram(&s, 7, 2);
    wt_udp_take(o, &s, g.udp, g.direction);
    assert_int_equal(told_count, 1);
    g = datagram(&s, 1, 2); /* it went on after all: another one, as far as anybody can tell */
    assert_false(wt_udp_was_closed(o, &g));
}

/* What is still on its way is its own; what comes when it has ended is late. */
static void one_that_was_closed_ends_soon(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    struct wt_conversation *c = wt_udp_begin(o, &g);
    wt_udp_closes(c);
    wt_udp_seen(o, &g, c);
    assert_false(wt_udp_was_closed(o, &g));
    frame += WT_LIMIT_UDP_CLOSING_NS / second - 1;
    g = datagram(&s, 1, 2);
    assert_ptr_equal(wt_udp_of(o, &g), c);
    wt_udp_seen(o, &g, c);
    frame += WT_LIMIT_UDP_CLOSING_NS / second;
    g = datagram(&s, 7, 2);
    wt_udp_take(o, &s, g.udp, g.direction);
    assert_int_equal(told_count, 1);
    g = datagram(&s, 1, 2);
    assert_null(wt_udp_of(o, &g));
    assert_true(wt_udp_was_closed(o, &g));
    c = wt_udp_begin(o, &g);
    wt_udp_seen(o, &g, c);
    assert_false(wt_udp_was_closed(o, &g));
    assert_false(g.udp->transport.udp.closes);
}

/* The oldest ends for the newest, and that is counted. The others stand for connections: they are only held. */
static void no_more_than_the_limit(void **state)
{
    (void)state;
    struct wt_segment s;
    struct wt_datagram g = datagram(&s, 1, 2);
    assert_non_null(wt_udp_begin(o, &g));
    while (wt_conversations_held(o->udp.table) < WT_LIMIT_UDP_CONNECTIONS)
        assert_non_null(wt_conversations_add(o->udp.table, NULL, 0));
    g = datagram(&s, 3, 2);
    struct wt_conversation *newest = wt_udp_begin(o, &g);
    assert_non_null(newest);
    assert_int_equal(wt_conversations_held(o->udp.table), WT_LIMIT_UDP_CONNECTIONS);
    assert_int_equal(told_count, 1);
    assert_int_equal(o->lost[WT_LOST_UDP_CONNECTIONS], 1);
    for (struct wt_conversation *c; (c = wt_conversations_first(o->udp.table, WT_LIST_OPEN)) != newest;)
        wt_conversations_drop(o->udp.table, c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ends_lead_to_it, begin, end),
        cmocka_unit_test_setup_teardown(what_is_over_is_not_found, begin, end),
        cmocka_unit_test_setup_teardown(they_are_reported_in_order, begin, end),
        cmocka_unit_test_setup_teardown(the_silent_ones_end, begin, end),
        cmocka_unit_test_setup_teardown(one_with_patience_ends_by_itself, begin, end),
        cmocka_unit_test_setup_teardown(one_that_was_closed_ends_soon, begin, end),
        cmocka_unit_test_setup_teardown(no_more_than_the_limit, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
