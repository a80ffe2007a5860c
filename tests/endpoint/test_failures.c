/* Fatal findings that two live peers can bring about, in both versions: what the endpoints say of it, and what
 * observers at both ends say. test_causes.c says where each of docs/findings.md is brought about. */
#include "between.h"

#include "endpoint/identity.h"

#include <stdlib.h>
#include <string.h>

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};

/* What the client believes, what the server believes, and what is reported at each end. */
struct expected {
    const char *client, *server, *at_client, *at_server;
};

#define BOTH(id)                                                                                                       \
    {                                                                                                                  \
        id, id, id, id                                                                                                 \
    }

static bool is(const char *expected, const char *got)
{
    return !strcmp(expected ? expected : "", got);
}

static void check(const char *name, unsigned v, const struct expected *x, const struct seats_result *r)
{
    if (is(x->client, r->why[0]) && is(x->server, r->why[1]) && is(x->at_client, r->verdict[0].cause) &&
        is(x->at_server, r->verdict[1].cause) && !getenv("SEATS"))
        return;
    print_error("%s, TLS 1.%u:\n", name, v + 2);
    for (unsigned side = 0; side < 2; side++)
        print_error("  %s: %s: %s\n    observed %s%s (%s): %s\n", side ? "server" : "client", r->why[side],
                    r->text[side], r->verdict[side].probable ? "probably " : "", r->verdict[side].cause,
                    r->verdict[side].findings, r->verdict[side].text);
    if (!getenv("SEATS"))
        fail();
}

/* --- something on the path ---------------------------------------------------------------------------------------- */

static const struct changed {
    const char *name;
    struct between between;
    struct expected expected[2]; /* TLS 1.2, 1.3 */
} changes[] = {
#include "failures.def"
};

static void on_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        for (unsigned v = 0; v < 2; v++) {
            struct between b = changes[i].between;
            struct seats_result r;
            struct pair p;
            if (!changes[i].expected[v].client)
                continue;
            pair_start(&p, NULL);
            p.options[WT_CLIENT].max_version = versions[v];
            p.options[WT_SERVER].max_version = versions[v];
            p.between = between_change;
            p.context = &b;
            pair_connect(&p);
            assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], "GET /", 5), 5);
            assert_int_equal(wt_endpoint_write(p.e[WT_SERVER], "answer", 6), 6);
            pair_run(&p);
            if (!b.done)
                print_error("%s, TLS 1.%u: not done\n", changes[i].name, v + 2);
            assert_true(b.done);
            pair_end_with(&p, &r);
            wt_buffer_free(&b.out);
            check(changes[i].name, v, &changes[i].expected[v], &r);
        }
}

/* --- an end that comes too early ---------------------------------------------------------------------------------- */

/* Hands on so many pieces, one of one side at a time, and then a side closes. True: there were that many. */
static bool run_for(struct pair *p, unsigned pieces)
{
    for (unsigned n = 0; n < pieces; n++) {
        p->piece = n ? 600 : 100; /* less than a flight with a certificate; than a ClientHello */
        if (!pair_step(p))
            return false;
    }
    return true;
}

/* RFC 8446, 6.1: an end without an alert may be an attack; who closed, and after what, is all that is known. That a RST
 * of its own is one no endpoint knows: test_watch.c has the peer's. */
static void too_early(void **state)
{
    (void)state;
    for (unsigned v = 0; v < 2; v++)
        for (unsigned by = 0; by < 2; by++)
            for (unsigned pieces = 1;; pieces++) {
                struct wt_endpoint_info info;
                struct seats_result r;
                struct pair p;
                pair_start(&p, NULL);
                p.options[WT_CLIENT].max_version = versions[v];
                pair_connect(&p);
                assert_true(run_for(&p, pieces));
                wt_endpoint_info(p.e[!by], &info);
                wt_endpoint_closed(p.e[!by], true);
                pair_end_with(&p, &r);
                if (info.established)
                    break;
                assert_string_equal(r.why[!by], "closed-during-handshake");
                assert_string_equal(r.verdict[!by].cause, "closed-during-handshake");
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_path),
        cmocka_unit_test(too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
