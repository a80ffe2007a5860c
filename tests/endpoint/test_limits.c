/* Each limit of an endpoint: what hits it, and what is one below. */
#include "endpoint/buffers.h"
#include "endpoint/failure.h"
#include "endpoint/messages.h"
#include "endpoint/output.h"
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/ext/ext.h"

static void start(struct pair *p, uint16_t version)
{
    pair_start(p, NULL);
    p->options[WT_CLIENT].max_version = version;
    pair_connect(p);
    pair_run(p);
    pair_assert_established(p);
}

/* RFC 8446, 6.2: unexpected_message for what comes too often to be honest; its sentence says of what, and how much. */
static void assert_refused(struct pair *p, unsigned most, const char *what)
{
    char says[128];
    pair_run(p);
    pair_assert_failed(p, WT_SERVER, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    (void)snprintf(says, sizeof says, "The client sent more than %u %s", most, what);
    assert_ptr_equal(strstr(wt_endpoint_why(p->e[WT_SERVER])->text, says), wt_endpoint_why(p->e[WT_SERVER])->text);
}

static void empty_records(void **state)
{
    struct pair p;
    (void)state;
    start(&p, 0x0304);
    for (unsigned i = 0; i < WT_LIMIT_EMPTY_RECORDS; i++)
        assert_true(wt_endpoint_send(p.e[WT_CLIENT], WT_CONTENT_APPLICATION_DATA, (struct wt_span){0}));
    pair_run(&p);
    pair_assert_established(&p); /* the data in between begins the count anew */
    for (unsigned i = 0; i <= WT_LIMIT_EMPTY_RECORDS; i++)
        assert_true(wt_endpoint_send(p.e[WT_CLIENT], WT_CONTENT_APPLICATION_DATA, (struct wt_span){0}));
    assert_refused(&p, WT_LIMIT_EMPTY_RECORDS, "records without content");
    pair_end(&p);
}

static void warnings(void **state)
{
    struct pair p;
    (void)state;
    start(&p, 0x0303);
    for (unsigned i = 0; i < WT_LIMIT_WARNINGS; i++)
        assert_true(wt_endpoint_send_alert(p.e[WT_CLIENT], 1, WT_ALERT_USER_CANCELED));
    pair_run(&p);
    pair_assert_established(&p);
    assert_true(wt_endpoint_send_alert(p.e[WT_CLIENT], 1, WT_ALERT_USER_CANCELED));
    assert_refused(&p, WT_LIMIT_WARNINGS, "alerts that are only warnings");
    pair_end(&p);
}

static void key_updates(void **state)
{
    struct pair p;
    (void)state;
    start(&p, 0x0304);
    for (unsigned i = 0; i < WT_LIMIT_KEY_UPDATES; i++)
        assert_true(wt_endpoint_key_update(p.e[WT_CLIENT], false));
    pair_run(&p);
    pair_assert_established(&p);
    for (unsigned i = 0; i <= WT_LIMIT_KEY_UPDATES; i++)
        assert_true(wt_endpoint_key_update(p.e[WT_CLIENT], false));
    assert_refused(&p, WT_LIMIT_KEY_UPDATES, "KeyUpdate messages");
    pair_end(&p);
}

/* A server of ours asks no more often than a client of ours answers; one that does is another. */
static void later_requests(void **state)
{
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    p.options[WT_CLIENT].post_handshake_auth = p.options[WT_SERVER].post_handshake_auth = true;
    pair_connect(&p);
    pair_run(&p);
    for (unsigned i = 0; i < WT_LIMIT_LATER_REQUESTS; i++) {
        assert_true(wt_endpoint_ask_certificate(p.e[WT_SERVER]));
        pair_run(&p);
    }
    pair_assert_established(&p);
    assert_false(wt_endpoint_ask_certificate(p.e[WT_SERVER]));
    p.e[WT_SERVER]->later = 0;
    assert_true(wt_endpoint_ask_certificate(p.e[WT_SERVER]));
    pair_run(&p);
    pair_assert_failed(&p, WT_CLIENT, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    assert_non_null(strstr(wt_endpoint_why(p.e[WT_CLIENT])->text,
                           "The server asked for a certificate more than 32 times after the handshake."));
    pair_end(&p);
}

/* Begun by a client, and asked for by a server. */
static void renegotiations(void **state)
{
    (void)state;
    for (unsigned side = WT_CLIENT; side <= WT_SERVER; side++) {
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = WT_TLS12;
        p.options[WT_CLIENT].renegotiation = p.options[WT_SERVER].renegotiation = true;
        pair_connect(&p);
        pair_run(&p);
        for (unsigned i = 0; i < WT_LIMIT_RENEGOTIATIONS; i++) {
            assert_true(wt_endpoint_renegotiate(p.e[side]));
            pair_run(&p);
        }
        pair_assert_established(&p); /* the data in between begins the count anew */
        for (unsigned i = 0; i <= WT_LIMIT_RENEGOTIATIONS; i++) {
            assert_true(wt_endpoint_renegotiate(p.e[side]));
            pair_run(&p);
        }
        pair_assert_failed(&p, !side, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
        assert_non_null(strstr(wt_endpoint_why(p.e[!side])->text, "more than 8 renegotiations"));
        pair_end(&p);
    }
}

/* RFC 5246, 7.2.2, no_renegotiation: of who does not renegotiate. */
static void refusals(void **state)
{
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    p.options[WT_CLIENT].max_version = WT_TLS12;
    p.options[WT_SERVER].renegotiation = true;
    p.alone = true; /* an observer's alert is any, an endpoint's the one that ended it */
    pair_connect(&p);
    for (unsigned i = 0; i <= WT_LIMIT_WARNINGS; i++) {
        pair_run(&p);
        pair_assert_established(&p);
        assert_true(wt_endpoint_renegotiate(p.e[WT_SERVER]));
    }
    pair_run(&p);
    pair_assert_failed(&p, WT_CLIENT, WT_ALERT_UNEXPECTED_MESSAGE, "unexpected-message");
    assert_non_null(strstr(wt_endpoint_why(p.e[WT_CLIENT])->text, "again after 4 refusals"));
    pair_end(&p);
}

/* Who asks and gets nothing has no room for it. */
static void idle_room(void **state)
{
    struct pair p;
    size_t room;
    (void)state;
    pair_start(&p, NULL);
    p.alone = true; /* bytes that go past it */
    pair_connect(&p);
    pair_run(&p);
    for (unsigned i = 0; i < 2; i++) {
        assert_null(p.e[WT_SERVER]->in.p);
        assert_non_null(wt_endpoint_room(p.e[WT_SERVER], &room));
        assert_true(room > 0);
        wt_endpoint_received(p.e[WT_SERVER], 0);
    }
    assert_null(p.e[WT_SERVER]->in.p);
    pair_assert_established(&p);
    /* the beginning of a record stays */
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], "x", 1), 1);
    const struct wt_span out = wt_endpoint_outgoing(p.e[WT_CLIENT]);
    assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], out.p, 3), 3);
    assert_non_null(wt_endpoint_room(p.e[WT_SERVER], &room));
    wt_endpoint_received(p.e[WT_SERVER], 0);
    assert_int_equal(wt_endpoint_receive(p.e[WT_SERVER], out.p + 3, out.n - 3), out.n - 3);
    assert_int_equal(wt_endpoint_data(p.e[WT_SERVER]).n, 1);
    pair_end(&p);
}

static void data_that_waits(void **state)
{
    struct pair p;
    (void)state;
    uint8_t *bytes = calloc(1, WT_LIMIT_OUTPUT + WT_LIMIT_WAITING);
    pair_start(&p, NULL);
    pair_connect(&p);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, WT_LIMIT_WAITING - 1), WT_LIMIT_WAITING - 1);
    assert_true(wt_endpoint_wants(p.e[WT_CLIENT]) & WT_TAKES_DATA);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, 2), 1);
    assert_false(wt_endpoint_wants(p.e[WT_CLIENT]) & WT_TAKES_DATA);
    pair_run(&p);
    pair_assert_established(&p);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, WT_LIMIT_OUTPUT + 1), WT_LIMIT_OUTPUT);
    assert_false(wt_endpoint_wants(p.e[WT_CLIENT]) & WT_TAKES_DATA);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, 1), 0);
    pair_run(&p);
    assert_int_equal(wt_endpoint_write(p.e[WT_CLIENT], bytes, 1), 1);
    pair_end(&p);
    free(bytes);
}

/* The server's answer to a handshake message that says to be so long. */
static bool takes_message(uint32_t length)
{
    const uint8_t record[] = {22, 3, 1, 0, 4, 1, (uint8_t)(length >> 16), (uint8_t)(length >> 8), (uint8_t)length};
    struct pair p;
    pair_start(&p, NULL);
    p.alone = true;
    pair_connect(&p);
    (void)wt_endpoint_receive(p.e[WT_SERVER], record, sizeof record);
    const struct wt_finding *why = wt_endpoint_why(p.e[WT_SERVER]);
    if (why)
        assert_string_equal(why->id, "message-too-long");
    pair_end(&p);
    return !why;
}

static void long_messages(void **state)
{
    (void)state;
    assert_true(takes_message(WT_LIMIT_ENDPOINT_MESSAGE));
    assert_false(takes_message(WT_LIMIT_ENDPOINT_MESSAGE + 1));
}

/* A chain with so many certificates: the authority's again and again. */
static bool takes_chain(unsigned count)
{
    const struct test_leaf leaf = {0};
    struct test_pem chain, key;
    enum wt_problem_id why;
    struct pair p;
    pair_start(&p, NULL);
    test_identity_pem(&p.ca, &leaf, &chain, &key);
    chain.text = realloc(chain.text, chain.n + count * p.ca.pem.n);
    for (unsigned i = 1; i < count; i++, chain.n += p.ca.pem.n)
        memcpy(chain.text + chain.n, p.ca.pem.text, p.ca.pem.n);
    wt_identity_free(p.identity);
    p.identity = wt_identity_new(chain.text, chain.n, key.text, key.n, NULL, &why);
    assert_non_null(p.identity);
    pair_connect(&p);
    pair_run(&p);
    const struct wt_finding *finding = wt_endpoint_why(p.e[WT_CLIENT]);
    if (finding) {
        assert_string_equal(finding->id, "message-too-long");
        assert_non_null(strstr(finding->text, "more than 100 certificates"));
    } else {
        pair_assert_established(&p);
    }
    pair_end(&p);
    free(chain.text);
    free(key.text);
    return !finding;
}

static void long_chains(void **state)
{
    (void)state;
    assert_true(takes_chain(WT_LIMIT_PEER_CERTIFICATES));
    assert_false(takes_chain(WT_LIMIT_PEER_CERTIFICATES + 1));
}

static void events(void **state)
{
    struct wt_event event;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    for (unsigned i = 0; i <= WT_LIMIT_EVENTS; i++)
        wt_endpoint_event(p.e[WT_SERVER], &(struct wt_event){.kind = WT_EVENT_ALERT, .alert = (uint8_t)i});
    for (unsigned i = 1; i <= WT_LIMIT_EVENTS; i++) { /* the oldest is gone */
        assert_true(wt_endpoint_next_event(p.e[WT_SERVER], &event));
        assert_int_equal(event.alert, i);
    }
    assert_false(wt_endpoint_next_event(p.e[WT_SERVER], &event));
    pair_end(&p);
}

static void options(void **state)
{
    struct wt_endpoint_options o = {.size = sizeof o, .host = "www.example.com", .key_shares = WT_LIMIT_KEY_SHARES};
    char name[256];
    const char *names[WT_LIMIT_OWN_ALPN / 128 + 1];
    struct wt_error error;
    (void)state;
    memset(name, 'a', 127);
    name[127] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        names[i] = name;
    o.alpn = names;
    o.alpn_count = WT_LIMIT_OWN_ALPN / 128;
    struct wt_party *party = wt_client_new(&o, &error);
    assert_non_null(party);
    struct wt_endpoint *e = wt_client_connect(party, NULL, TEST_MS(TEST_NOW));
    assert_non_null(e);
    wt_endpoint_free(e);
    wt_party_free(party);
    o.alpn_count++;
    assert_null(wt_client_new(&o, &error));
    assert_int_equal(error.code, WT_LIMIT);
    assert_string_equal(error.field, "alpn");
    o.alpn_count = 0;
    static const uint8_t name_der[WT_LIMIT_OWN_AUTHORITIES];
    struct wt_span authority = wt_span_of(name_der, WT_LIMIT_OWN_AUTHORITIES - 2);
    o.authorities = &authority;
    o.authority_count = 1;
    party = wt_client_new(&o, &error);
    assert_non_null(party);
    wt_party_free(party);
    authority.n++;
    assert_null(wt_client_new(&o, &error));
    assert_int_equal(error.code, WT_LIMIT);
    assert_string_equal(error.field, "authorities");
    o.authority_count = 0;
    o.key_shares = WT_LIMIT_KEY_SHARES + 1;
    assert_null(wt_client_new(&o, &error));
    assert_int_equal(error.code, WT_VALUE);
    assert_string_equal(error.field, "key_shares");
}

static void hosts(void **state)
{
    char host[WT_LIMIT_HOST + 2];
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    memset(host, 'a', sizeof host);
    host[WT_LIMIT_HOST + 1] = '\0';
    assert_null(wt_client_connect(p.party[WT_CLIENT], host, TEST_MS(TEST_NOW)));
    host[WT_LIMIT_HOST] = '\0';
    struct wt_endpoint *e = wt_client_connect(p.party[WT_CLIENT], host, TEST_MS(TEST_NOW));
    assert_non_null(e);
    wt_endpoint_free(e);
    pair_end(&p);
}

static void identity_files(void **state)
{
    const struct test_leaf leaf = {0};
    struct test_pem chain, key;
    struct test_ca ca;
    enum wt_problem_id why;
    (void)state;
    test_ca_start(&ca);
    test_identity_pem(&ca, &leaf, &chain, &key);
    chain.text = realloc(chain.text, WT_LIMIT_IDENTITY + 1);
    memset(chain.text + chain.n, '\n', WT_LIMIT_IDENTITY + 1 - chain.n);
    struct wt_identity *identity = wt_identity_new(chain.text, WT_LIMIT_IDENTITY, key.text, key.n, NULL, &why);
    assert_non_null(identity);
    wt_identity_free(identity);
    assert_null(wt_identity_new(chain.text, WT_LIMIT_IDENTITY + 1, key.text, key.n, NULL, &why));
    free(chain.text);
    free(key.text);
    test_ca_end(&ca);
}

/* A cookie, which is the server's to choose, is the one extension that can be long. */
static void extensions(void **state)
{
    static const uint8_t cookie[WT_LIMIT_OWN_EXTENSIONS];
    struct wt_block *b = malloc(sizeof *b);
    struct wt_extensions out;
    struct pair p;
    (void)state;
    pair_start(&p, NULL);
    pair_connect(&p);
    for (unsigned more = 0; more < 2; more++) {
        const union wt_ext_body body = {.cookie = {wt_span_of(cookie, WT_LIMIT_OWN_EXTENSIONS - 6 + more)}};
        wt_block_start(b, p.e[WT_CLIENT], WT_IN_CH);
        wt_block_add(b, WT_EXT_COOKIE, &body);
        assert_int_equal(wt_block_end(b, &out), !more);
    }
    pair_end(&p);
    free(b);
}

static void spare_buffers(void **state)
{
    struct wt_party party = {0};
    struct wt_buffer buffers[WT_LIMIT_SPARE_BUFFERS + 1];
    (void)state;
    for (unsigned i = 0; i <= WT_LIMIT_SPARE_BUFFERS; i++)
        assert_true(wt_buffers_take(&party, &buffers[i]));
    for (unsigned i = 0; i <= WT_LIMIT_SPARE_BUFFERS; i++)
        wt_buffers_give(&party, &buffers[i]);
    assert_int_equal(party.spare_count, WT_LIMIT_SPARE_BUFFERS);
    wt_buffers_clear(&party);
    assert_int_equal(party.spare_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_records),  cmocka_unit_test(warnings),        cmocka_unit_test(key_updates),
        cmocka_unit_test(later_requests), cmocka_unit_test(data_that_waits), cmocka_unit_test(long_messages),
        cmocka_unit_test(long_chains),    cmocka_unit_test(events),          cmocka_unit_test(options),
        cmocka_unit_test(hosts),          cmocka_unit_test(identity_files),  cmocka_unit_test(extensions),
        cmocka_unit_test(spare_buffers),  cmocka_unit_test(renegotiations),  cmocka_unit_test(refusals),
        cmocka_unit_test(idle_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
