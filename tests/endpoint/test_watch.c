/* An observer that listens to an endpoint: what it reports, and what is left of the secrets. */
#include "endpoint/engine.h"
#include "keys/keylog.h"
#include "keys/store.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};

struct heard {
    unsigned told, state;
    char cause[48], text[512];
    uint8_t noticed;
    uint64_t bytes[2];
    bool host_proved, reset;
};

static void on_connection(void *context, const struct wt_connection *c)
{
    struct heard *h = context;
    *h = (struct heard){.told = h->told + 1,
                        .state = c->state,
                        .bytes = {c->plaintext[0].bytes, c->plaintext[1].bytes},
                        .host_proved = c->proofs[WT_PROOF_HOST_NAME].result == WT_PROOF_OK,
                        .reset = c->reset};
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL) {
            (void)snprintf(h->cause, sizeof h->cause, "%s", c->findings[i].id);
            (void)snprintf(h->text, sizeof h->text, "%s", c->findings[i].text);
            h->noticed = c->findings[i].noticed;
        }
}

struct watched {
    struct pair p;
    struct heard heard;
    struct wt_keys *keys;
    struct wt_observer *observer;
};

static void start(struct watched *w, uint16_t version, unsigned side)
{
    *w = (struct watched){.keys = wt_keys_new(NULL, NULL)};
    pair_start(&w->p, NULL);
    w->p.alone = true; /* one watch a side */
    w->p.options[WT_CLIENT].max_version = version;
    pair_connect(&w->p);
    const struct wt_observer_options options = {.size = sizeof options,
                                                .connection = on_connection,
                                                .context = &w->heard,
                                                .keys = w->keys,
                                                .trust = w->p.trust};
    w->observer = wt_observer_new(&options, NULL);
    assert_non_null(w->observer);
    const struct wt_watch_options watch = {.size = sizeof watch, .observer = w->observer, .keys = w->keys};
    assert_true(wt_endpoint_watch(w->p.e[side], &watch));
}

static void end(struct watched *w)
{
    for (unsigned side = 0; side < 2; side++) {
        wt_endpoint_free(w->p.e[side]);
        w->p.e[side] = NULL;
    }
    wt_observer_free(w->observer);
    wt_keys_free(w->keys);
    pair_end(&w->p);
}

/* Either side's, in either version: all is read, and nothing of the secrets is left in the store. */
static void one_side(void **state)
{
    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (unsigned side = 0; side < 2; side++) {
            struct watched w;
            uint8_t random[32];
            start(&w, versions[v], side);
            pair_run(&w.p);
            pair_assert_established(&w.p);
            memcpy(random, w.p.e[side]->h.agreed.offered.random, sizeof random);
            assert_true(wt_keylog_has(wt_keys_keylog(w.keys), random));
            assert_int_equal(w.heard.told, 0);
            wt_endpoint_free(w.p.e[side]);
            w.p.e[side] = NULL;
            assert_int_equal(w.heard.told, 1);
            assert_int_equal(w.heard.state, WT_ESTABLISHED);
            assert_int_equal(w.heard.bytes[WT_CLIENT], strlen("GET / HTTP/1.0\r\n\r\n"));
            assert_int_equal(w.heard.bytes[WT_SERVER], strlen("HTTP/1.0 200 OK\r\n\r\n"));
            assert_false(wt_keylog_has(wt_keys_keylog(w.keys), random));
            end(&w);
        }
}

/* How the transport ended, and by whom, is the observer's to report: here the server's, after the ClientHello. */
static void ends(void **state)
{
    (void)state;
    for (unsigned clean = 0; clean < 2; clean++) {
        struct watched w;
        start(&w, WT_TLS13, WT_CLIENT);
        wt_endpoint_sent(w.p.e[WT_CLIENT], wt_endpoint_outgoing(w.p.e[WT_CLIENT]).n);
        wt_endpoint_closed(w.p.e[WT_CLIENT], clean);
        const char *why = clean ? "closed-during-handshake" : "reset-after-client-hello";
        assert_string_equal(wt_endpoint_why(w.p.e[WT_CLIENT])->id, why);
        wt_endpoint_free(w.p.e[WT_CLIENT]);
        w.p.e[WT_CLIENT] = NULL;
        assert_string_equal(w.heard.cause, why);
        assert_int_equal(w.heard.reset, !clean);
        assert_non_null(strstr(w.heard.text, "server"));
        end(&w);
    }
}

/* What was not sent is not told; without keys it stays encrypted. */
static void without_keys(void **state)
{
    struct watched w;
    (void)state;
    start(&w, WT_TLS13, WT_CLIENT);
    wt_endpoint_free(w.p.e[WT_CLIENT]);
    w.p.e[WT_CLIENT] = wt_client_connect(w.p.party[WT_CLIENT], NULL, TEST_MS(TEST_NOW));
    assert_int_equal(w.heard.told, 0);
    const struct wt_watch_options watch = {.size = sizeof watch, .observer = w.observer};
    assert_true(wt_endpoint_watch(w.p.e[WT_CLIENT], &watch));
    pair_run(&w.p);
    pair_assert_established(&w.p);
    wt_endpoint_free(w.p.e[WT_CLIENT]);
    w.p.e[WT_CLIENT] = NULL;
    assert_int_equal(w.heard.told, 1);
    assert_int_equal(w.heard.state, WT_ESTABLISHED);
    assert_int_equal(w.heard.bytes[WT_CLIENT], 0);
    end(&w);
}

/* The addresses are those that were given, and an option that the library does not know is refused. */
static void options(void **state)
{
    struct {
        struct wt_watch_options known;
        uint64_t more;
    } newer = {.known = {.size = sizeof newer}, .more = 1};
    struct watched w;
    (void)state;
    start(&w, WT_TLS13, WT_CLIENT);
    newer.known.observer = w.observer;
    assert_false(wt_endpoint_watch(w.p.e[WT_SERVER], &newer.known));
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_side),
        cmocka_unit_test(ends),
        cmocka_unit_test(without_keys),
        cmocka_unit_test(options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
