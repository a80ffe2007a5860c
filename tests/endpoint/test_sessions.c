/* Sessions: tickets of both versions, session ids, what they are bound to, and their limits. */
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry/registry.h"

static const uint16_t versions[] = {WT_TLS12, WT_TLS13};
#define EACH_VERSION(v) (size_t v = 0; v < sizeof versions / sizeof *versions; v++)

static void start(struct pair *p, uint16_t version)
{
    pair_start(p, NULL);
    p->options[WT_CLIENT].max_version = version;
}

static void resumes(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct pair p;
            start(&p, versions[v]);
            pair_first(&p);
            const size_t full = p.bytes[WT_SERVER];
            for (unsigned i = 1; i < 4; i++) {
                p.bytes[WT_SERVER] = 0;
                pair_then(&p, i, true);
                assert_true(p.bytes[WT_SERVER] < full);
            }
            pair_end(&p);
        }
}

/* RFC 8446, C.4: "Clients SHOULD NOT reuse a ticket for multiple connections." Two tickets are two connections; each
 * resumption brings one more. */
static void single_use(void **state)
{
    struct wt_endpoint *clients[3];
    struct pair p;
    (void)state;
    start(&p, WT_TLS13);
    pair_first(&p);
    assert_int_equal(p.party[WT_CLIENT]->sessions.count, 2);
    for (unsigned i = 0; i < 3; i++)
        clients[i] = wt_client_connect(p.party[WT_CLIENT], NULL, TEST_MS(TEST_NOW));
    assert_int_equal(p.party[WT_CLIENT]->sessions.count, 0);
    for (unsigned i = 0; i < 3; i++) {
        wt_endpoint_free(p.e[WT_CLIENT]);
        wt_endpoint_free(p.e[WT_SERVER]);
        p.e[WT_CLIENT] = clients[i];
        p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW));
        pair_assert_resumed(&p, i < 2);
    }
    pair_end(&p);
}

/* RFC 5246, 7.3: by session_id, for a client without tickets; the hello is a client's that knows none. */
static void session_ids(void **state)
{
    struct wt_session s;
    struct pair p;
    (void)state;
    start(&p, WT_TLS12);
    p.options[WT_CLIENT].without_resumption = true;
    pair_first(&p);
    struct wt_kept_session *k = p.e[WT_CLIENT]->session;
    assert_non_null(k);
    assert_true(wt_session_read(wt_span_of(k->bytes, k->n), &s));
    assert_int_equal(s.id_length, 32);
    assert_int_equal(s.ticket.n, 0);
    uint8_t bytes[WT_SESSION_MOST];
    const size_t n = wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes);
    assert_true(n);
    pair_again_with(&p, TEST_NOW + 1, wt_span_of(bytes, n));
    pair_assert_resumed(&p, true);
    /* the server has forgotten it: a full handshake */
    wt_server_sessions_clear(&p.party[WT_SERVER]->ids);
    pair_again_with(&p, TEST_NOW + 1, wt_span_of(bytes, n));
    pair_assert_resumed(&p, false);
    pair_end(&p);
}

/* RFC 5246, 7.2.2: "any connection terminated with a fatal alert MUST NOT be resumed." */
static void failed_are_forgotten(void **state)
{
    uint8_t bytes[WT_SESSION_MOST];
    struct pair p;
    (void)state;
    start(&p, WT_TLS12);
    p.options[WT_CLIENT].without_resumption = true;
    p.alone = true; /* it sends what no peer has sent */
    pair_first(&p);
    const size_t n = wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes);
    const uint8_t wrong[] = {23, 3, 3, 0, 32, 0};
    assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], wrong, sizeof wrong), sizeof wrong);
    assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], bytes, 32), 32);
    assert_string_equal(wt_endpoint_why(p.e[WT_SERVER])->id, "record-corrupted");
    pair_again_with(&p, TEST_NOW + 1, wt_span_of(bytes, n));
    pair_assert_resumed(&p, false);
    pair_end(&p);
}

/* The bytes of a session, kept by the program, and by another party with the same options. */
static void kept_by_programs(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            uint8_t bytes[2 * WT_SESSION_MOST];
            struct wt_event event;
            unsigned tickets = 0;
            struct wt_error error;
            struct pair p;
            start(&p, versions[v]);
            pair_first(&p);
            while (wt_endpoint_next_event(p.e[WT_CLIENT], &event))
                tickets += event.kind == WT_EVENT_TICKET;
            assert_int_equal(tickets, versions[v] == WT_TLS13 ? 2 : 1);
            const size_t n = wt_endpoint_session(p.e[WT_CLIENT], NULL, 0);
            assert_true(n && n <= sizeof bytes);
            assert_int_equal(wt_endpoint_session(p.e[WT_CLIENT], bytes, n), n);
            assert_int_equal(wt_endpoint_session(p.e[WT_CLIENT], bytes, n), 0);
            /* it is the program's alone */
            assert_int_equal(p.party[WT_CLIENT]->sessions.count, tickets - 1);
            wt_endpoint_free(p.e[WT_CLIENT]);
            p.e[WT_CLIENT] = NULL;
            wt_party_free(p.party[WT_CLIENT]);
            p.party[WT_CLIENT] = wt_client_new(&p.options[WT_CLIENT], &error);
            pair_again_with(&p, TEST_NOW + 5, wt_span_of(bytes, n));
            pair_assert_resumed(&p, true);
            /* whatever is no session is as none */
            for (size_t i = 0; i < n; i += 7) {
                pair_again_with(&p, TEST_NOW + 5, wt_span_of(bytes, i ? i : 1));
                pair_assert_resumed(&p, false);
            }
            pair_end(&p);
        }
}

/* RFC 6066, 3: "MUST NOT accept the request to resume the session if the server_name extension contains a different
 * name". Our client does not ask; one that does is refused. */
static void bound_to_the_name(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct wt_session s;
            struct pair p;
            start(&p, versions[v]);
            p.options[WT_CLIENT].without_verification = true;
            pair_first(&p);
            wt_endpoint_free(p.e[WT_CLIENT]);
            p.e[WT_CLIENT] = wt_client_connect(p.party[WT_CLIENT], "other.example.com", TEST_MS(TEST_NOW));
            assert_null(p.e[WT_CLIENT]->x->offers);
            wt_endpoint_free(p.e[WT_CLIENT]);
            p.e[WT_CLIENT] = NULL;
            struct wt_kept_session *k = p.party[WT_CLIENT]->sessions.list[0], *other;
            assert_true(wt_session_read(wt_span_of(k->bytes, k->n), &s));
            s.host = wt_span_text("other.example.com");
            other = wt_kept_session_new(&s);
            uint8_t bytes[2 * WT_SESSION_MOST];
            assert_true(wt_session_wrap(p.party[WT_CLIENT]->crypto, wt_span_of(other->bytes, other->n), bytes));
            p.e[WT_CLIENT] = wt_client_resume(p.party[WT_CLIENT], "other.example.com", TEST_MS(TEST_NOW),
                                              wt_span_of(bytes, other->n + WT_SESSION_WRAP));
            assert_non_null(p.e[WT_CLIENT]->x->offers);
            wt_endpoint_free(p.e[WT_SERVER]);
            p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW));
            pair_assert_resumed(&p, false);
            wt_kept_session_release(other);
            pair_end(&p);
        }
}

/* A server's other protocol makes another session. */
static void bound_to_the_protocol(void **state)
{
    static const char *const a[] = {"h2", "http/1.1"}, *const b[] = {"http/1.1", "h2"};
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct wt_error error;
            struct pair p;
            start(&p, versions[v]);
            p.options[WT_CLIENT].alpn = p.options[WT_SERVER].alpn = a;
            p.options[WT_CLIENT].alpn_count = p.options[WT_SERVER].alpn_count = 2;
            static uint8_t key[32] = {1};
            p.options[WT_SERVER].ticket_key = wt_span_of(key, sizeof key);
            pair_first(&p);
            pair_then(&p, 1, true);
            wt_endpoint_free(p.e[WT_SERVER]);
            wt_party_free(p.party[WT_SERVER]);
            p.e[WT_SERVER] = NULL;
            p.options[WT_SERVER].alpn = b;
            p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
            pair_then(&p, 2, false);
            pair_end(&p);
        }
}

/* What no certificate has shown, or nobody verified, is not shown by a ticket either. */
static void never_weaker(void **state)
{
    static const struct test_leaf leaf = {.name = "me", .client = true};
    static const uint8_t key[32] = {2};
    (void)state;
    for
        EACH_VERSION(v)
        {
            uint8_t bytes[2 * WT_SESSION_MOST];
            struct wt_endpoint_info info;
            struct wt_error error;
            struct pair p;
            start(&p, versions[v]);
            struct wt_identity *me = test_identity(&p.ca, &leaf);
            p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&me;
            p.options[WT_CLIENT].identity_count = 1;
            p.options[WT_CLIENT].without_verification = true;
            p.options[WT_CLIENT].host = "unverified.example.com";
            p.options[WT_SERVER].ticket_key = wt_span_of(key, sizeof key);
            pair_first(&p);
            const size_t n = wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes);
            /* the same key, and now certificates are required: that session shows none */
            wt_endpoint_free(p.e[WT_SERVER]);
            wt_party_free(p.party[WT_SERVER]);
            p.e[WT_SERVER] = NULL;
            p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
            p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
            pair_again_with(&p, TEST_NOW, wt_span_of(bytes, n));
            pair_assert_resumed(&p, false);
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_int_equal(info.certificate_count, 1);
            uint8_t before[32];
            memcpy(before, info.certificate_sha256, 32);
            /* and this one does */
            pair_then(&p, 1, true);
            wt_endpoint_info(p.e[WT_SERVER], &info);
            assert_true(info.verified);
            assert_memory_equal(info.certificate_sha256, before, 32);
            /* a client that verifies takes no session of one that did not */
            wt_endpoint_free(p.e[WT_CLIENT]);
            wt_party_free(p.party[WT_CLIENT]);
            p.options[WT_CLIENT].without_verification = false;
            p.party[WT_CLIENT] = wt_client_new(&p.options[WT_CLIENT], &error);
            p.e[WT_CLIENT] = wt_client_resume(p.party[WT_CLIENT], NULL, TEST_MS(TEST_NOW), wt_span_of(bytes, n));
            assert_null(p.e[WT_CLIENT]->x->offers);
            pair_end(&p);
            wt_identity_free(me);
        }
}

/* RFC 7627, 5.3: only with extended_master_secret on both sides; a client that has lost it is refused. */
static void extended_master_secret(void **state)
{
    struct wt_session s;
    struct pair p;
    (void)state;
    start(&p, WT_TLS12);
    pair_first(&p);
    struct wt_kept_session *k = p.party[WT_CLIENT]->sessions.list[0];
    assert_true(wt_session_read(wt_span_of(k->bytes, k->n), &s));
    /* a hello with that ticket and nothing else */
    uint8_t hello[1024] = {22, 3, 1, 0, 0, 1, 0, 0, 0, 3, 3};
    size_t at = 11 + 32;
    const size_t n = s.ticket.n;
    hello[at++] = 0;
    const uint8_t suites[] = {0, 2, (uint8_t)(s.suite >> 8), (uint8_t)s.suite, 1, 0};
    memcpy(hello + at, suites, sizeof suites);
    at += sizeof suites;
    const uint8_t name[] = {0, 0, 0, 20, 0, 18, 0, 0, 15};
    const uint8_t head[] = {(uint8_t)((n + 4 + 24) >> 8), (uint8_t)(n + 4 + 24)};
    memcpy(hello + at, head, 2);
    memcpy(hello + at + 2, name, sizeof name);
    memcpy(hello + at + 2 + sizeof name, "www.example.com", 15);
    at += 2 + sizeof name + 15;
    const uint8_t ticket[] = {0, 35, (uint8_t)(n >> 8), (uint8_t)n};
    memcpy(hello + at, ticket, 4);
    memcpy(hello + at + 4, s.ticket.p, n);
    at += 4 + n;
    hello[3] = (uint8_t)((at - 5) >> 8);
    hello[4] = (uint8_t)(at - 5);
    hello[7] = (uint8_t)((at - 9) >> 8);
    hello[8] = (uint8_t)(at - 9);
    wt_endpoint_free(p.e[WT_SERVER]);
    p.e[WT_SERVER] = wt_server_accept(p.party[WT_SERVER], TEST_MS(TEST_NOW));
    assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], hello, at), at);
    struct wt_endpoint_info info;
    wt_endpoint_info(p.e[WT_SERVER], &info);
    assert_int_equal(info.alert, WT_ALERT_HANDSHAKE_FAILURE);
    assert_non_null(strstr(wt_endpoint_why(p.e[WT_SERVER])->text, "RFC 7627, 5.3"));
    pair_end(&p);
}

/* The keys of tickets change with each lifetime, and open them for one more; the session itself ends with its own. */
static void time_passes(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct pair p;
            start(&p, versions[v]);
            p.options[WT_SERVER].ticket_lifetime = 1000;
            pair_first(&p);
            pair_then(&p, 999, true);
            if (versions[v] == WT_TLS13) /* a new ticket of the resumed one */
                pair_then(&p, 1990, true);
            pair_then(&p, 3100, false);
            pair_then(&p, 3000, false); /* from the future */
            pair_end(&p);
        }
}

/* RFC 8446, 4.6.1: 604800 seconds at most; a chain of resumptions ends as well. */
static void seven_days(void **state)
{
    const int64_t most = TEST_MS(WT_LIMIT_TICKET_SECONDS);
    struct wt_session s = {.made = 100, .authenticated = 100};
    struct wt_error error;
    struct pair p;
    (void)state;
    assert_int_equal(wt_session_end(&s, UINT32_MAX), 100 + most);
    assert_int_equal(wt_session_end(&s, WT_LIMIT_TICKET_SECONDS - 1), 100 + most - 1000);
    s.made = 100 + most - 5;
    assert_int_equal(wt_session_end(&s, 1000), 100 + most);
    s.peer_until = s.made + 3;
    assert_int_equal(wt_session_end(&s, 1000), s.peer_until);
    start(&p, WT_TLS13);
    p.options[WT_SERVER].ticket_lifetime = WT_LIMIT_TICKET_SECONDS + 1;
    assert_null(wt_server_new(&p.options[WT_SERVER], &error));
    assert_string_equal(error.field, "ticket_lifetime");
    p.options[WT_SERVER].ticket_lifetime = WT_LIMIT_TICKET_SECONDS;
    pair_first(&p);
    pair_end(&p);
}

/* Tickets that were changed, or are another server's, are no reason to fail. */
static void not_ours(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
        {
            struct wt_session s;
            struct pair p;
            start(&p, versions[v]);
            pair_first(&p);
            struct wt_kept_session *k = p.party[WT_CLIENT]->sessions.list[0];
            assert_true(wt_session_read(wt_span_of(k->bytes, k->n), &s));
            uint8_t ticket[WT_TICKET_MOST];
            memcpy(ticket, s.ticket.p, s.ticket.n);
            const size_t n = s.ticket.n;
            s.ticket = wt_span_of(ticket, n);
            s.host = wt_span_text("www.example.com"); /* the cache lets go of its copy */
            for (size_t i = 0; i < n; i += 5) {
                ticket[i] ^= 1;
                struct wt_kept_session *changed = wt_kept_session_new(&s);
                pair_again_with(&p, TEST_NOW, wt_span_of(changed->bytes, changed->n));
                pair_assert_resumed(&p, false);
                wt_kept_session_release(changed);
                ticket[i] ^= 1;
            }
            /* what is made by an authenticated key, and is cut short */
            s.ticket = wt_span_of(ticket, WT_TICKET_NAME + WT_TICKET_NONCE + WT_TICKET_TAG);
            struct wt_kept_session *cut = wt_kept_session_new(&s);
            pair_again_with(&p, TEST_NOW, wt_span_of(cut->bytes, cut->n));
            pair_assert_resumed(&p, false);
            wt_kept_session_release(cut);
            pair_end(&p);
        }
}

/* Several servers with one key, one of them some seconds ahead in another period. */
static void shared_keys(void **state)
{
    static const uint8_t key[32] = {3};
    (void)state;
    for
        EACH_VERSION(v)
    for (unsigned with = 0; with < 2; with++) {
        struct wt_error error;
        struct pair p;
        start(&p, versions[v]);
        p.options[WT_SERVER].ticket_lifetime = 7200;
        p.options[WT_SERVER].ticket_key = with ? wt_span_of(key, sizeof key) : (struct wt_span){0};
        pair_first(&p);
        wt_endpoint_free(p.e[WT_SERVER]);
        wt_party_free(p.party[WT_SERVER]);
        p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
        p.e[WT_SERVER] = NULL;
        pair_then(&p, 7199, with);
        p.options[WT_SERVER].ticket_key = wt_span_of(key, 31);
        assert_null(wt_server_new(&p.options[WT_SERVER], &error));
        assert_string_equal(error.field, "ticket_key");
        pair_end(&p);
    }
}

static void ahead(void **state)
{
    static const uint8_t key[32] = {4};
    struct wt_crypto *crypto = wt_crypto_new();
    const struct wt_random random = {crypto, NULL, NULL};
    struct wt_tickets a, b;
    uint8_t ticket[WT_TICKET_MOST], room[WT_SESSION_MOST];
    struct wt_session s = {.version = WT_TLS13, .suite = 0x1301, .secret_length = 32, .expires = TEST_MS(10000)}, out;
    (void)state;
    assert_true(wt_tickets_start(&a, crypto, &random, 100, wt_span_of(key, sizeof key)));
    assert_true(wt_tickets_start(&b, crypto, &random, 100, wt_span_of(key, sizeof key)));
    for (int64_t at = TEST_MS(250); at < TEST_MS(800); at += TEST_MS(100)) {
        size_t n = wt_tickets_seal(&a, at, &s, ticket);
        assert_true(wt_tickets_open(&b, at - TEST_MS(80), wt_span_of(ticket, n), room, &out));
        assert_true(wt_tickets_open(&b, at + TEST_MS(80), wt_span_of(ticket, n), room, &out));
        assert_false(wt_tickets_open(&b, at + TEST_MS(210), wt_span_of(ticket, n), room, &out));
        wt_tickets_end(&b);
        assert_true(wt_tickets_start(&b, crypto, &random, 100, wt_span_of(key, sizeof key)));
    }
    wt_tickets_end(&a);
    wt_tickets_end(&b);
    wt_crypto_free(crypto);
}

/* RFC 8446, 4.1.4 and 4.2.11.2: the binder of the second hello covers the first one's hash and the request. */
static void after_a_retry(void **state)
{
    static const uint16_t ours[] = {WT_GROUP_X25519, WT_GROUP_SECP256R1}, theirs[] = {WT_GROUP_SECP256R1};
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    start(&p, WT_TLS13);
    p.options[WT_CLIENT].groups = ours;
    p.options[WT_CLIENT].group_count = 2;
    p.options[WT_SERVER].groups = theirs;
    p.options[WT_SERVER].group_count = 1;
    pair_first(&p);
    pair_then(&p, 1, true);
    wt_endpoint_info(p.e[WT_CLIENT], &info);
    assert_true(info.retried);
    pair_end(&p);
}

/* RFC 8446, 4.2.11: "the server MUST ensure that it selects a compatible PSK (if any) and cipher suite": the PSK's
 * hash.
 */
static void bound_to_the_hash(void **state)
{
    static const uint16_t both[] = {0x1302, 0x1301, 0x1303};
    struct wt_endpoint_info info;
    struct wt_error error;
    struct pair p;
    static const uint8_t key[32] = {5};
    (void)state;
    start(&p, WT_TLS13);
    p.options[WT_CLIENT].suites = both;
    p.options[WT_CLIENT].suite_count = 3;
    p.options[WT_SERVER].ticket_key = wt_span_of(key, sizeof key);
    pair_first(&p); /* of SHA-256: the server prefers 0x1301 */
    wt_endpoint_free(p.e[WT_SERVER]);
    wt_party_free(p.party[WT_SERVER]);
    p.e[WT_SERVER] = NULL;
    p.options[WT_SERVER].suites = both;
    p.options[WT_SERVER].suite_count = 3;
    p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
    pair_then(&p, 1, true);
    wt_endpoint_info(p.e[WT_SERVER], &info);
    assert_int_equal(info.suite, 0x1301);
    wt_endpoint_free(p.e[WT_SERVER]);
    wt_party_free(p.party[WT_SERVER]);
    p.e[WT_SERVER] = NULL;
    p.options[WT_SERVER].suite_count = 1;
    p.party[WT_SERVER] = wt_server_new(&p.options[WT_SERVER], &error);
    pair_then(&p, 2, false);
    pair_end(&p);
}

/* And by a HelloRetryRequest. */
static void retry_for_the_hash(void **state)
{
    static const uint16_t first[] = {0x1302}, both[] = {0x1301, 0x1302};
    struct wt_endpoint_info info;
    struct wt_error error;
    struct pair p;
    (void)state;
    start(&p, WT_TLS13);
    p.options[WT_SERVER].cookie = true;
    p.options[WT_CLIENT].suites = first;
    p.options[WT_CLIENT].suite_count = 1;
    pair_first(&p);
    uint8_t bytes[2 * WT_SESSION_MOST];
    const size_t n = wt_endpoint_session(p.e[WT_CLIENT], bytes, sizeof bytes);
    wt_endpoint_free(p.e[WT_CLIENT]);
    wt_party_free(p.party[WT_CLIENT]);
    p.e[WT_CLIENT] = NULL;
    p.options[WT_CLIENT].suites = both;
    p.options[WT_CLIENT].suite_count = 2;
    p.party[WT_CLIENT] = wt_client_new(&p.options[WT_CLIENT], &error);
    pair_again_with(&p, TEST_NOW + 1, wt_span_of(bytes, n));
    pair_assert_resumed(&p, true);
    wt_endpoint_info(p.e[WT_SERVER], &info);
    assert_true(info.retried);
    assert_int_equal(info.suite, 0x1302);
    pair_end(&p);
}

static void without(void **state)
{
    (void)state;
    for
        EACH_VERSION(v)
    for (unsigned side = 0; side < 2; side++) {
        struct pair p;
        start(&p, versions[v]);
        p.options[side].without_resumption = true;
        pair_first(&p);
        assert_int_equal(p.party[WT_CLIENT]->sessions.count, 0);
        pair_then(&p, 1, false);
        pair_end(&p);
    }
}

/* RFC 8446, 4.2.9: psk_ke has no key exchange. Both have to want it. */
static void without_diffie_hellman(void **state)
{
    struct wt_endpoint_info info;
    struct pair p;
    (void)state;
    start(&p, WT_TLS13);
    p.options[WT_CLIENT].psk_ke = p.options[WT_SERVER].psk_ke = true;
    pair_first(&p);
    pair_then(&p, 1, true); /* the better one is preferred */
    wt_endpoint_info(p.e[WT_CLIENT], &info);
    assert_true(info.group);
    pair_end(&p);
}

/* Pieces, and both records of the client's last flight in one. */
static void pieces(void **state)
{
    static const size_t sizes[] = {1, 7, 100};
    (void)state;
    for
        EACH_VERSION(v)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct pair p;
        start(&p, versions[v]);
        p.piece = sizes[i];
        pair_first(&p);
        pair_then(&p, 1, true);
        pair_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resumes),
        cmocka_unit_test(single_use),
        cmocka_unit_test(session_ids),
        cmocka_unit_test(failed_are_forgotten),
        cmocka_unit_test(kept_by_programs),
        cmocka_unit_test(bound_to_the_name),
        cmocka_unit_test(bound_to_the_protocol),
        cmocka_unit_test(never_weaker),
        cmocka_unit_test(extended_master_secret),
        cmocka_unit_test(time_passes),
        cmocka_unit_test(seven_days),
        cmocka_unit_test(not_ours),
        cmocka_unit_test(shared_keys),
        cmocka_unit_test(ahead),
        cmocka_unit_test(after_a_retry),
        cmocka_unit_test(bound_to_the_hash),
        cmocka_unit_test(retry_for_the_hash),
        cmocka_unit_test(without),
        cmocka_unit_test(without_diffie_hellman),
        cmocka_unit_test(pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
