/* What comes after a handshake, and what a client offers for the sake of others: certificates that are asked for later
 * (RFC 8446, 4.6.2), GREASE (RFC 8701), TLS_FALLBACK_SCSV (RFC 7507). */
#include "endpoint/engine.h"
#include "pair.h"

#include "registry/registry.h"

#include <string.h>

/* --- certificates ------------------------------------------------------------------------------------------------- */

struct later {
    struct pair p;
    struct wt_identity *mine;
};

static void start(struct later *l, bool with_identity)
{
    const struct test_leaf leaf = {.client = true};
    pair_start(&l->p, NULL);
    l->mine = test_identity(&l->p.ca, &leaf);
    for (unsigned side = 0; side < 2; side++)
        l->p.options[side].post_handshake_auth = true;
    l->p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&l->mine;
    l->p.options[WT_CLIENT].identity_count = with_identity;
}

static void end(struct later *l)
{
    pair_end(&l->p);
    wt_identity_free(l->mine);
}

static unsigned certificates_told(struct wt_endpoint *e)
{
    struct wt_event event;
    unsigned count = 0;
    while (wt_endpoint_next_event(e, &event))
        count += event.kind == WT_EVENT_CERTIFICATE;
    return count;
}

/* Several times, with data and new keys between them; whole and in pieces. */
static void asked_later(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        const bool with_identity = i & 1;
        struct wt_endpoint_info info;
        struct later l;
        start(&l, with_identity);
        l.p.piece = i & 2 ? 1 : 0;
        pair_connect(&l.p);
        assert_false(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]));
        pair_run(&l.p);
        pair_assert_established(&l.p);
        wt_endpoint_info(l.p.e[WT_SERVER], &info);
        assert_int_equal(info.certificate_count, 0);
        for (unsigned k = 0; k < 3; k++) {
            assert_false(wt_endpoint_ask_certificate(l.p.e[WT_CLIENT]));
            assert_true(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]));
            assert_false(wt_endpoint_ask_certificate(l.p.e[WT_SERVER])); /* one is open */
            pair_run(&l.p);
            pair_assert_established(&l.p);
            assert_int_equal(certificates_told(l.p.e[WT_SERVER]), 1);
            assert_int_equal(certificates_told(l.p.e[WT_CLIENT]), 1);
            wt_endpoint_info(l.p.e[WT_SERVER], &info);
            assert_int_equal(info.certificate_count, with_identity);
            assert_true(info.verified == with_identity);
            assert_true(wt_endpoint_key_update(l.p.e[k & 1], true));
            pair_run(&l.p);
            pair_assert_established(&l.p);
        }
        end(&l);
    }
}

static struct wt_span context_of(struct later *l)
{
    const struct wt_handshake_message *m =
        wt_messages_newest(&l->p.e[WT_CLIENT]->h.messages, WT_SERVER, WT_HANDSHAKE_CERTIFICATE_REQUEST);
    assert_non_null(m);
    return m->body.certificate_request.request_context;
}

/* RFC 8446, 4.3.2: "The certificate_request_context MUST be unique within the scope of this connection", and "the
 * server SHOULD make the context unpredictable to the client (e.g., by randomly generating it)": the first of two
 * connections are not the same either. */
static void unpredictable(void **state)
{
    uint8_t seen[4][17];
    struct later l;
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        if (i % 2 == 0) {
            start(&l, true);
            l.p.options[WT_CLIENT].asks = WT_ASK_IDENTITY;
            pair_connect(&l.p);
            pair_run(&l.p);
        }
        assert_true(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]));
        pair_run(&l.p); /* up to the client's question */
        const struct wt_span context = context_of(&l);
        assert_int_equal(context.n, sizeof seen[0]);
        memcpy(seen[i], context.p, sizeof seen[i]);
        for (unsigned k = 0; k < i; k++)
            assert_memory_not_equal(seen[i] + 1, seen[k] + 1, sizeof seen[0] - 1);
        assert_true(wt_endpoint_answer_identity(l.p.e[WT_CLIENT], l.mine));
        pair_run(&l.p);
        pair_assert_established(&l.p);
        if (i % 2)
            end(&l);
    }
}

static void none_is_not_enough(void **state)
{
    struct later l;
    (void)state;
    start(&l, false);
    l.p.options[WT_CLIENT].post_handshake_auth = true;
    pair_connect(&l.p);
    pair_run(&l.p);
    l.p.party[WT_SERVER]->o.request = WT_REQUEST_REQUIRED;
    assert_true(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]));
    pair_run(&l.p);
    pair_assert_failed(&l.p, WT_SERVER, WT_ALERT_CERTIFICATE_REQUIRED, "client-certificate-missing");
    end(&l);
}

/* RFC 8446, 4.6.2: "A client that receives a CertificateRequest message without having sent the "post_handshake_auth"
 * extension MUST send an "unexpected_message" fatal alert." A server of ours does not ask it. */
static void not_offered(void **state)
{
    (void)state;
    for (unsigned lies = 0; lies < 2; lies++) {
        struct later l;
        start(&l, true);
        l.p.alone = lies;
        l.p.options[WT_CLIENT].post_handshake_auth = false;
        pair_connect(&l.p);
        pair_run(&l.p);
        if (lies)
            l.p.e[WT_SERVER]->flow.facts |= WT_FACT_POST_AUTH_OFFERED;
        assert_false(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]) && !lies);
        pair_run(&l.p);
        if (!lies)
            pair_assert_established(&l.p);
        end(&l);
    }
}

static void not_in_12(void **state)
{
    struct later l;
    (void)state;
    start(&l, true);
    l.p.options[WT_CLIENT].max_version = WT_TLS12;
    pair_connect(&l.p);
    pair_run(&l.p);
    assert_false(wt_endpoint_ask_certificate(l.p.e[WT_SERVER]));
    pair_assert_established(&l.p);
    end(&l);
}

/* --- renegotiation ------------------------------------------------------------------------------------------------ */

static void start_12(struct pair *p, unsigned allowed)
{
    pair_start(p, NULL);
    p->options[WT_CLIENT].max_version = WT_TLS12;
    for (unsigned side = 0; side < 2; side++)
        p->options[side].renegotiation = allowed >> side & 1;
}

/* By either side, several times; data that are written meanwhile come after it. RFC 5746, 3.5 and 3.7: each holds the
 * other's verify_data against its own. */
static void renegotiated(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        uint8_t before[2][32], after[2][32];
        struct pair p;
        start_12(&p, 3);
        p.piece = i & 2 ? 1 : 0;
        pair_connect(&p);
        assert_false(wt_endpoint_renegotiate(p.e[i & 1]));
        pair_run(&p);
        pair_assert_established(&p);
        for (unsigned k = 0; k < 3; k++) {
            for (unsigned side = 0; side < 2; side++)
                assert_true(wt_endpoint_export(p.e[side], "EXPORTER-test", (struct wt_span){0}, before[side], 32));
            p.got_n[0] = p.got_n[1] = 0;
            assert_true(wt_endpoint_renegotiate(p.e[i & 1]));
            assert_int_equal(wt_endpoint_write(p.e[i & 1], "waits", 5), 5);
            pair_run(&p);
            assert_int_equal(p.got_n[!(i & 1)], 5);
            pair_assert_established(&p);
            for (unsigned side = 0; side < 2; side++)
                assert_true(wt_endpoint_export(p.e[side], "EXPORTER-test", (struct wt_span){0}, after[side], 32));
            assert_memory_equal(after[0], after[1], 32);
            assert_memory_not_equal(after[0], before[0], 32);
        }
        pair_end(&p);
    }
}

struct said {
    uint8_t bytes[2][16384];
    size_t n[2];
    uint8_t numbers[2];
};

static bool next_numbers(void *context, uint8_t *out, size_t n)
{
    uint8_t *next = context;
    for (size_t i = 0; i < n; i++)
        out[i] = (*next)++;
    return true;
}

static void keep_said(void *context, unsigned side, struct wt_span bytes)
{
    struct said *s = context;
    assert_true(s->n[side] + bytes.n <= sizeof s->bytes[side]);
    memcpy(s->bytes[side] + s->n[side], bytes.p, bytes.n);
    s->n[side] += bytes.n;
}

/* With the same numbers the same is said: also the IVs of the records under the old keys, once a new hello was said or
 * has come. */
static void same_numbers(void **state)
{
    static const uint16_t suites[] = {0xc023}; /* ECDHE_ECDSA, AES-CBC */
    static struct said said[2];
    struct pair p;
    (void)state;
    start_12(&p, 3);
    wt_identity_free(p.identity);
    p.identity = test_identity(&p.ca, &(struct test_leaf){.type = "ED25519"});
    for (unsigned side = 0; side < 2; side++) {
        p.options[side].suites = suites;
        p.options[side].suite_count = 1;
        p.options[side].without_resumption = true;
        p.options[side].random = next_numbers;
    }
    p.tap = keep_said;
    p.alone = true;
    for (unsigned run = 0; run < 2; run++) {
        p.context = &said[run];
        for (unsigned side = 0; side < 2; side++)
            p.options[side].context = &said[run].numbers[side];
        pair_connect(&p);
        pair_run(&p);
        pair_assert_established(&p);
        assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
        pair_run(&p);
        pair_assert_established(&p);
        if (!run) {
            wt_endpoint_free(p.e[WT_CLIENT]);
            wt_endpoint_free(p.e[WT_SERVER]);
            p.e[WT_CLIENT] = p.e[WT_SERVER] = NULL;
            wt_party_free(p.party[WT_CLIENT]);
            wt_party_free(p.party[WT_SERVER]);
        }
    }
    for (unsigned side = 0; side < 2; side++) {
        assert_int_equal(said[0].n[side], said[1].n[side]);
        assert_memory_equal(said[0].bytes[side], said[1].bytes[side], said[0].n[side]);
    }
    pair_end(&p);
}

/* What was agreed on holds until the new handshake is done; what is derived of both is not to be had. */
static void facts_stay(void **state)
{
    struct wt_endpoint_info before[2], info;
    uint8_t bytes[32];
    struct pair p;
    unsigned steps = 0, without = 0;
    (void)state;
    start_12(&p, 3);
    const char *const protocols[] = {"http/1.1"};
    for (unsigned side = 0; side < 2; side++) {
        p.options[side].alpn = protocols;
        p.options[side].alpn_count = 1;
    }
    pair_first(&p);
    for (unsigned side = 0; side < 2; side++)
        wt_endpoint_info(p.e[side], &before[side]);
    assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
    p.piece = 16;
    do {
        for (unsigned side = 0; side < 2; side++) {
            wt_endpoint_info(p.e[side], &info);
            assert_true(info.established && info.extended_master && !info.resumed);
            assert_int_equal(info.version, WT_TLS12);
            assert_int_equal(info.suite, before[side].suite);
            assert_int_equal(info.group, before[side].group);
            assert_int_equal(info.scheme, before[side].scheme);
            assert_true(wt_span_equal(info.alpn, wt_span_of("http/1.1", 8)));
            without += !wt_endpoint_export(p.e[side], "EXPORTER-test", (struct wt_span){0}, bytes, sizeof bytes);
            assert_int_equal(wt_endpoint_export(p.e[side], "EXPORTER-test", (struct wt_span){0}, bytes, sizeof bytes),
                             !p.e[side]->again);
        }
        steps++;
    } while (pair_step(&p));
    assert_true(steps > 20 && without > 20);
    pair_assert_established(&p);
    pair_end(&p);
}

/* RFC 8446, 4.1.2: legacy_session_id is for middleboxes in TLS 1.3, and "Otherwise, it MUST be set as a zero-length
 * vector": the hello of another handshake offers no TLS 1.3. */
static void without_session_id(void **state)
{
    struct pair p;
    (void)state;
    start_12(&p, 3);
    p.options[WT_CLIENT].max_version = WT_TLS13;
    p.options[WT_SERVER].max_version = WT_TLS12;
    pair_connect(&p);
    assert_int_equal(p.e[WT_CLIENT]->x->session_id_length, 32);
    pair_run(&p);
    assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
    assert_int_equal(p.e[WT_CLIENT]->x->session_id_length, 0);
    pair_run(&p);
    pair_assert_established(&p);
    pair_end(&p);
}

/* RFC 5929, 3.1: the first Finished of the newest handshake: the client's, and of a session that is resumed the
 * server's. */
static void unique(void **state)
{
    uint8_t now[2][12], before[12] = {0};
    struct pair p;
    (void)state;
    start_12(&p, 3);
    pair_connect(&p);
    assert_false(wt_endpoint_unique(p.e[WT_CLIENT], now[0]));
    for (unsigned i = 0; i < 3; i++) {
        pair_run(&p);
        pair_assert_resumed(&p, i == 2);
        for (unsigned side = 0; side < 2; side++)
            assert_true(wt_endpoint_unique(p.e[side], now[side]));
        assert_memory_equal(now[0], now[1], 12);
        assert_memory_not_equal(now[0], before, 12);
        memcpy(before, now[0], 12);
        assert_memory_equal(now[0], p.e[0]->h.agreed.verify_data[i == 2 ? WT_SERVER : WT_CLIENT], 12);
        if (i == 0)
            assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
        else
            pair_again(&p, TEST_NOW + 1);
        assert_false(wt_endpoint_unique(p.e[WT_CLIENT], now[0]));
    }
    pair_end(&p);
    pair_start(&p, NULL);
    pair_first(&p);
    assert_false(wt_endpoint_unique(p.e[WT_CLIENT], now[0]));
    pair_end(&p);
}

/* RFC 5246, 7.2.2: no_renegotiation, and the connection goes on; a client that has begun has nothing to go on with. */
static void declined(void **state)
{
    struct pair p;
    (void)state;
    start_12(&p, 1 << WT_SERVER);
    p.alone = true; /* an observer's alert is any, an endpoint's the one that ended it */
    pair_connect(&p);
    pair_run(&p);
    pair_assert_established(&p);
    assert_false(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
    assert_true(wt_endpoint_renegotiate(p.e[WT_SERVER]));
    pair_run(&p);
    pair_assert_established(&p);
    pair_end(&p);
    start_12(&p, 1 << WT_CLIENT);
    pair_connect(&p);
    pair_run(&p);
    assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
    pair_run(&p);
    pair_assert_failed(&p, WT_CLIENT, WT_ALERT_HANDSHAKE_FAILURE, "renegotiation-refused");
    assert_string_equal(wt_endpoint_why(p.e[WT_SERVER])->id, "renegotiation-refused");
    pair_end(&p);
}

/* RFC 5746, 3.7: "The server MUST verify that the value of the "renegotiated_connection" field is equal to the saved
 * client_verify_data value; if it is not, the server MUST abort the handshake." 3.5: and so the client. */
static void bound(void **state)
{
    (void)state;
    for (unsigned side = 0; side < 2; side++) {
        struct pair p;
        start_12(&p, 3);
        p.alone = true;
        pair_connect(&p);
        pair_run(&p);
        pair_assert_established(&p);
        p.e[side]->h.agreed.verify_data[side == WT_SERVER ? WT_CLIENT : WT_SERVER][3] ^= 1;
        assert_true(wt_endpoint_renegotiate(p.e[WT_CLIENT]));
        pair_run(&p);
        pair_assert_failed(&p, side, WT_ALERT_HANDSHAKE_FAILURE, "malformed-message");
        pair_end(&p);
    }
}

/* RFC 7627: without extended_master_secret none is begun. */
static void unextended(void **state)
{
    struct pair p;
    (void)state;
    start_12(&p, 3);
    pair_connect(&p);
    pair_run(&p);
    for (unsigned side = 0; side < 2; side++) {
        p.e[side]->h.agreed.chosen.extended_master = false;
        assert_false(wt_endpoint_renegotiate(p.e[side]));
    }
    pair_assert_established(&p);
    pair_end(&p);
}

/* --- offers ------------------------------------------------------------------------------------------------------- */

/* RFC 8701, 3.1, with and without a HelloRetryRequest, and with a session to resume, whose extension has to be the
 * last: a server that ignores what it does not know. */
static void greased(void **state)
{
    static const uint16_t first[] = {WT_GROUP_SECP384R1, WT_GROUP_SECP256R1}, second[] = {WT_GROUP_SECP256R1};
    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].grease = true;
        p.options[WT_CLIENT].max_version = i & 1 ? WT_TLS12 : WT_TLS13;
        p.options[WT_CLIENT].groups = first;
        p.options[WT_CLIENT].group_count = 2;
        p.options[WT_SERVER].groups = i & 2 ? second : NULL;
        p.options[WT_SERVER].group_count = i & 2 ? 1 : 0;
        pair_connect(&p);
        pair_run(&p);
        pair_assert_established(&p);
        const struct wt_offered *o = &p.e[WT_SERVER]->h.agreed.offered;
        /* of the list of suites it is one, which no set of code points has */
        assert_int_equal(o->suites, p.party[WT_CLIENT]->suites.n / 2 + 1 - (i & 1 ? 3 : 0));
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        assert_true(info.retried == ((i & 3) == 2));
        pair_end(&p);
    }
}

/* RFC 7507, 3: "If TLS_FALLBACK_SCSV appears in ClientHello.cipher_suites and the highest protocol version supported by
 * the server is higher than the version indicated in ClientHello.client_version, the server MUST respond with a fatal
 * inappropriate_fallback alert". */
static void fallback(void **state)
{
    (void)state;
    for (unsigned newer = 0; newer < 2; newer++) {
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].max_version = WT_TLS12;
        p.options[WT_CLIENT].fallback = true;
        p.options[WT_SERVER].max_version = newer ? WT_TLS13 : WT_TLS12;
        pair_connect(&p);
        pair_run(&p);
        if (newer)
            pair_assert_failed(&p, WT_SERVER, WT_ALERT_INAPPROPRIATE_FALLBACK, "downgrade-refused");
        else
            pair_assert_established(&p);
        pair_end(&p);
    }
}

/* RFC 8701, 4.1: of a server, in its CertificateRequest and with each ticket. Of Ed25519 all signatures have one
 * length; those of the CA do not, which are in the certificates. */
static void greased_by_server(void **state)
{
    static const struct test_leaf leaf = {.type = "ED25519"};
    size_t bytes[2];
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct wt_endpoint_info info;
        struct pair p;
        pair_start(&p, &leaf);
        p.options[WT_SERVER].grease = i;
        p.options[WT_SERVER].request = WT_REQUEST_OPTIONAL;
        p.options[WT_SERVER].tickets = 2;
        pair_connect(&p);
        pair_run(&p);
        pair_assert_established(&p);
        wt_endpoint_info(p.e[WT_CLIENT], &info);
        bytes[i] = p.bytes[WT_SERVER];
        for (size_t k = 0; k < info.certificate_count; k++)
            bytes[i] -= info.certificates[k]->length;
        pair_end(&p);
    }
    assert_int_equal(bytes[1], bytes[0] + 3 * 4); /* an extension without a body each */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asked_later),
        cmocka_unit_test(unpredictable),
        cmocka_unit_test(none_is_not_enough),
        cmocka_unit_test(not_offered),
        cmocka_unit_test(not_in_12),
        cmocka_unit_test(renegotiated),
        cmocka_unit_test(same_numbers),
        cmocka_unit_test(declined),
        cmocka_unit_test(bound),
        cmocka_unit_test(unextended),
        cmocka_unit_test(greased),
        cmocka_unit_test(greased_by_server),
        cmocka_unit_test(fallback),
        cmocka_unit_test(facts_stay),
        cmocka_unit_test(without_session_id),
        cmocka_unit_test(unique),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
