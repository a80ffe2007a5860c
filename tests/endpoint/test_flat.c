/* The memory that connections leave behind: none. After the thousandth and after the last of them, with the same
 * parties, as many bytes are in use, and as many pages of the process.
 *
 *     build/tests/endpoint/test_endpoint_flat          3000 connections, as in the suite
 *     build/tests/endpoint/test_endpoint_flat 100000   more
 *
 * Of all kinds by turns: both versions, full and resumed, with early data, HelloRetryRequest, a client's certificate,
 * an external PSK; refused by either side, cut off in the middle, garbage. */
#include "identities.h"

#include "endpoint/engine.h"
#include "registry/registry.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST = 1000, USUAL = 3000, MOST_BYTES = 16384, MOST_PAGES = 256 };
enum { FULL13, RESUMED13, RETRIED, CERTIFIED, PSK, FULL12, RESUMED12, MISTRUSTFUL, KINDS };

static unsigned long connections = USUAL;

struct world {
    struct test_ca ca, other;
    struct wt_trust *trust, *wrong;
    struct wt_identity *server, *client;
    struct wt_party *parties[KINDS], *by;
    unsigned long established, resumed, early, failed;
};

/* --- parties ------------------------------------------------------------------------------------------------------ */

static const uint8_t psk_key[32] = {1, 2, 3};
static const struct wt_external_psk psks[2] = {{{(const uint8_t *)"who", 3}, {psk_key, 32}, false, WT_CLIENT},
                                               {{(const uint8_t *)"who", 3}, {psk_key, 32}, false, WT_SERVER}};

static void start_client(struct world *w, unsigned kind)
{
    static const uint16_t retried[] = {WT_GROUP_SECP384R1, WT_GROUP_X25519};
    struct wt_error error;
    struct wt_endpoint_options o = {.size = sizeof o, .host = "www.example.com", .trust = w->trust};
    o.without_resumption = kind != RESUMED13 && kind != RESUMED12;
    o.max_version = kind == FULL12 || kind == RESUMED12 ? WT_TLS12 : WT_TLS13;
    if (kind == RESUMED13)
        o.early_data = 1000;
    if (kind == RETRIED) {
        o.groups = retried;
        o.group_count = 2;
    }
    if (kind == CERTIFIED) {
        o.identities = (const struct wt_identity *const *)&w->client;
        o.identity_count = 1;
    }
    if (kind == PSK) {
        o.psks = &psks[WT_CLIENT];
        o.psk_count = 1;
    }
    if (kind == MISTRUSTFUL)
        o.trust = w->wrong;
    w->parties[kind] = wt_client_new(&o, &error);
    assert_non_null(w->parties[kind]);
}

/* Sessions by id are kept in places that follow from the id: they are all taken before anything is measured. */
static void fill_sessions(struct wt_party *server)
{
    struct wt_session s = {.version = WT_TLS12, .suite = 0xc02b, .secret_length = 48, .id_length = 32};
    s.host = wt_span_text("www.example.com");
    for (uint32_t i = 0; i < 64 * WT_LIMIT_SERVER_SESSIONS; i++) {
        assert_true(wt_random_public(&server->random, WT_RANDOM_SESSION, s.id, sizeof s.id));
        wt_server_sessions_add(&server->ids, &s);
    }
}

static void start(struct world *w)
{
    static const struct test_leaf leaf = {0}, me = {.name = "me", .client = true};
    static const uint16_t groups[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1};
    struct wt_error error;
    *w = (struct world){.established = 0};
    test_ca_start(&w->ca);
    test_ca_start(&w->other);
    w->trust = test_ca_trust(&w->ca);
    w->wrong = test_ca_trust(&w->other);
    w->server = test_identity(&w->ca, &leaf);
    w->client = test_identity(&w->ca, &me);
    const struct wt_endpoint_options o = {.size = sizeof o,
                                          .trust = w->trust,
                                          .identities = (const struct wt_identity *const *)&w->server,
                                          .identity_count = 1,
                                          .groups = groups,
                                          .group_count = 2,
                                          .request = WT_REQUEST_OPTIONAL,
                                          .early_data = 1000,
                                          .psks = &psks[WT_SERVER],
                                          .psk_count = 1};
    w->by = wt_server_new(&o, &error);
    assert_non_null(w->by);
    for (unsigned kind = 0; kind < KINDS; kind++)
        start_client(w, kind);
    fill_sessions(w->by);
}

static void end(struct world *w)
{
    for (unsigned kind = 0; kind < KINDS; kind++)
        wt_party_free(w->parties[kind]);
    wt_party_free(w->by);
    wt_identity_free(w->server);
    wt_identity_free(w->client);
    wt_trust_free(w->trust);
    wt_trust_free(w->wrong);
    test_ca_end(&w->ca);
    test_ca_end(&w->other);
}

/* --- connections -------------------------------------------------------------------------------------------------- */

/* At most so many transfers. */
static void talk(struct wt_endpoint *const e[2], unsigned most)
{
    for (bool more = true; more && most; most--) {
        more = false;
        for (unsigned side = 0; side < 2; side++) {
            const struct wt_span out = wt_endpoint_outgoing(e[side]);
            if (out.n) {
                (void)wt_endpoint_receive(e[!side], out.p, out.n);
                wt_endpoint_sent(e[side], out.n);
            }
            const size_t data = wt_endpoint_data(e[!side]).n;
            wt_endpoint_taken(e[!side], data);
            more |= out.n || data;
        }
    }
}

static void connect_once(struct world *w, unsigned long i)
{
    static const uint8_t garbage[] = "\x16\x03\x03\x00\x10garbage, garbage";
    const unsigned kind = (unsigned)(i % KINDS);
    const int64_t at = TEST_MS(TEST_NOW) + (int64_t)i * 20; /* an hour in all: ticket keys change */
    struct wt_endpoint *e[2] = {wt_client_connect(w->parties[kind], NULL, at), wt_server_accept(w->by, at)};
    struct wt_endpoint_info info;
    assert_true(e[0] && e[1]);
    (void)wt_endpoint_write(e[WT_CLIENT], "GET /\n", 6);
    if (i % 100 == 37)
        (void)wt_endpoint_receive(e[i / 100 % 2], garbage, sizeof garbage - 1);
    talk(e, i % 100 == 73 ? 1 + (unsigned)(i / 100 % 3) : 100);
    (void)wt_endpoint_write(e[WT_SERVER], "200 OK\n", 7);
    (void)wt_endpoint_key_update(e[WT_SERVER], true);
    wt_endpoint_end(e[WT_SERVER]);
    wt_endpoint_end(e[WT_CLIENT]);
    talk(e, 100);
    wt_endpoint_info(e[WT_SERVER], &info);
    w->established += info.established;
    w->resumed += info.resumed;
    w->early += info.early_data_accepted;
    w->failed += wt_endpoint_why(e[WT_SERVER]) != NULL; /* whose sentence is allocated */
    for (unsigned side = 0; side < 2; side++)
        wt_endpoint_free(e[side]);
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

struct used {
    size_t bytes;
    unsigned long pages;
};

static struct used used_now(void)
{
    struct used u = {.pages = 0};
    unsigned long size;
    const struct mallinfo2 m = mallinfo2();
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    u.bytes = m.uordblks + m.hblkhd;
    assert_int_equal(fscanf(file, "%lu %lu", &size, &u.pages), 2);
    assert_int_equal(fclose(file), 0);
    return u;
}

static void stays_flat(void **state)
{
    struct used before = {.pages = 0};
    struct world w;
    (void)state;
    if (WT_SANITIZED) /* which has an allocator of its own */
        skip();
    start(&w);
    for (unsigned long i = 0; i < connections; i++) {
        if (i == FIRST)
            before = used_now();
        connect_once(&w, i);
    }
    const struct used after = used_now();
    print_message("%lu connections: %lu established, %lu of them resumed, %lu with early data; %lu failed\n",
                  connections, w.established, w.resumed, w.early, w.failed);
    print_message("after %d: %zu bytes in use, %lu pages resident\n", FIRST, before.bytes, before.pages);
    print_message("after %lu: %zu bytes in use, %lu pages resident\n", connections, after.bytes, after.pages);
    assert_true(w.established > connections / 2 && w.resumed > connections / KINDS && w.early > connections / 10);
    assert_true(w.failed > connections / 100);
    assert_true(after.bytes <= before.bytes + MOST_BYTES);
    assert_true(after.pages <= before.pages + MOST_PAGES);
    end(&w);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_flat),
    };
    if (argc > 1)
        connections = strtoul(argv[1], NULL, 10);
    if (argc > 2 || connections <= FIRST) {
        (void)fprintf(stderr, "usage: %s [CONNECTIONS, above %d]\n", argv[0], FIRST);
        return 2;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
