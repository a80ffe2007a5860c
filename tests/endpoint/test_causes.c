/* Every root cause of docs/findings.md: brought about here by two live peers, in another file of this folder, or not by
 * two peers that were connected, and why not. In each the endpoints name what is observed at their own ends; where they
 * are left alone, seats.c holds the one against the other in every test. */
#include "between.h"

#include "diagnosis/findings.h"
#include "endpoint/engine.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

enum { IN_12 = 1, IN_13 = 2, IN_BOTH = 3 };

/* One connection that is to fail. */
struct scene {
    struct pair p;
    struct between between;
    struct test_ca other;
    struct wt_identity *identity; /* in the place of the pair's, or the client's */
    EVP_PKEY *key;                /* of a leaf that signs here */
    bool tls13;
    /* bytes of a side, in the clear, that become others of the same length */
    unsigned side;
    struct wt_span old, new;
    /* what a forger has seen */
    uint8_t randoms[64];
    unsigned dh_bits;
    struct wt_buffer forged;
};

/* What is set before the peers connect, what is done then (NULL: they run), and what the client, the server, and those
 * who observe at their ends call it: NULL: as the row does. */
struct cause {
    const char *id;
    unsigned versions;
    void (*set)(struct scene *s);
    void (*act)(struct scene *s);
    struct test_leaf leaf;
    const char *client, *server, *at_client, *at_server;
};

/* --- certificates ------------------------------------------------------------------------------------------------- */

static void serve(struct scene *s, const struct test_ca *ca, const struct test_leaf *leaf)
{
    wt_identity_free(s->p.identity);
    s->p.identity = test_identity(ca, leaf);
}

/* The server sends its own certificate, and not that of the authority between it and the root. */
static void without_issuer(struct scene *s)
{
    test_ca_start_under(&s->other, &s->p.ca);
    serve(s, &s->other, &(struct test_leaf){0});
}

static void of_another(struct scene *s)
{
    test_ca_start(&s->other);
    serve(s, &s->other, &(struct test_leaf){0});
}

static void present(struct scene *s, const struct test_ca *ca, struct test_leaf leaf)
{
    s->identity = test_identity(ca, &leaf);
    s->p.options[WT_CLIENT].identities = (const struct wt_identity *const *)&s->identity;
    s->p.options[WT_CLIENT].identity_count = 1;
    s->p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
}

static void client_expired(struct scene *s)
{
    present(s, &s->p.ca, (struct test_leaf){.client = true, .expired = true});
}

static void client_not_yet(struct scene *s)
{
    present(s, &s->p.ca, (struct test_leaf){.client = true, .not_yet = true});
}

static void client_self_signed(struct scene *s)
{
    present(s, &s->p.ca, (struct test_leaf){.client = true, .self_signed = true});
}

static void client_of_another(struct scene *s)
{
    test_ca_start(&s->other);
    present(s, &s->other, (struct test_leaf){.client = true});
}

static void client_for_servers(struct scene *s)
{
    present(s, &s->p.ca, (struct test_leaf){0});
}

static void client_damaged(struct scene *s)
{
    present(s, &s->p.ca, (struct test_leaf){.client = true, .bad_signature = true});
}

/* --- something on the path ---------------------------------------------------------------------------------------- */

static void between(struct scene *s, struct between b)
{
    s->between = b;
    s->p.between = between_change;
    s->p.context = &s->between;
}

/* RFC 6066, 3: "the server SHOULD take one of two actions: either abort the handshake by sending a fatal-level
 * unrecognized_name(112) alert or continue the handshake." Ours continues. */
static void unrecognized(struct scene *s)
{
    between(s, (struct between){.side = WT_SERVER,
                                .record = 1,
                                .what = BETWEEN_INSTEAD,
                                .bytes = "\x15\x03\x03\x00\x02\x02\x70",
                                .length = 7});
}

/* RFC 8446, 6.2: access_denied is sent where a certificate or PSK was taken and access refused: here was neither. */
static void denied(struct scene *s)
{
    between(s, (struct between){.side = WT_SERVER,
                                .record = 1,
                                .what = BETWEEN_INSTEAD,
                                .bytes = "\x15\x03\x03\x00\x02\x02\x31",
                                .length = 7});
}

static struct wt_span exchanged(void *context, unsigned side, struct wt_span sent)
{
    struct scene *s = context;
    s->forged.n = 0;
    assert_true(wt_buffer_add(&s->forged, sent.p, sent.n));
    uint8_t *at = side == s->side && s->old.n ? memmem(s->forged.p, s->forged.n, s->old.p, s->old.n) : NULL;
    if (at) {
        memcpy(at, s->new.p, s->new.n);
        s->old.n = 0;
        s->between.done = true;
    }
    return wt_buffer_span(&s->forged);
}

static void exchange(struct scene *s, const char *old, const char *new, size_t n)
{
    s->old = wt_span_of(old, n);
    s->new = wt_span_of(new, n);
    s->p.between = exchanged;
    s->p.context = s;
}

/* TLS 1.3 is taken from the ClientHello's supported_versions. RFC 8446, 4.1.3: "TLS 1.3 clients receiving a ServerHello
 * indicating TLS 1.2 or below MUST check that the last 8 bytes are not equal to either of these values." */
static void downgraded(struct scene *s)
{
    exchange(s, "\x00\x2b\x00\x05\x04\x03\x04\x03\x03", "\x00\x2b\x00\x05\x04\x7e\x7e\x03\x03", 9);
}

/* Without extended_master_secret nothing of a hello but its random goes into the keys or under a signature: what is
 * changed there is found by the Finished alone. */
static void without_extended(struct scene *s)
{
    exchange(s, "\x00\x17\x00\x00", "\x7e\x17\x00\x00", 4);
}

/* A session that is resumed has no signature, and the server's Finished is the first (RFC 5246, 7.3). */
static void resumed_and_changed(struct scene *s)
{
    pair_run(&s->p);
    pair_assert_established(&s->p);
    exchange(s, "\x00\x05\x00\x05\x01\x00\x00\x00\x00", "\x7e\x05\x00\x05\x01\x00\x00\x00\x00", 9);
    pair_again(&s->p, TEST_NOW + 1);
    pair_run(&s->p);
}

/* --- a server that signs a small group ---------------------------------------------------------------------------- */

enum { DHE_RSA = 0x009e, ECDHE_RSA = 0xc02f, DH_MOST = 256 /* bytes */ };

static void put(struct wt_buffer *b, const void *bytes, size_t n)
{
    assert_true(wt_buffer_add(b, bytes, n));
}

static void put_vector(struct wt_buffer *b, const uint8_t *bytes, size_t n)
{
    put(b, (const uint8_t[2]){(uint8_t)(n >> 8), (uint8_t)n}, 2);
    put(b, bytes, n);
}

/* RFC 5246, 7.4.3: params, and the signature over both randoms and them. */
static void put_key_exchange(struct scene *s, struct wt_buffer *out)
{
    struct wt_buffer body = {0}, over = {0};
    uint8_t prime[DH_MOST + 1] = {0}, signature[256];
    size_t n = sizeof signature;
    const size_t length = (s->dh_bits + 7) / 8;
    memset(prime + 1, 0xff, length);
    prime[1] >>= 8 * length - s->dh_bits;
    put_vector(&body, prime, 1 + length); /* a zero in front of a number is no part of it */
    put_vector(&body, (const uint8_t[1]){2}, 1);
    prime[1] >>= 1;
    put_vector(&body, prime + 1, length);
    put(&over, s->randoms, sizeof s->randoms);
    put(&over, body.p, body.n);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, s->key, NULL), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, over.p, over.n), 1);
    EVP_MD_CTX_free(ctx);
    put(&body, (const uint8_t[2]){4, 1}, 2); /* rsa_pkcs1_sha256 */
    put_vector(&body, signature, n);
    put(out, (const uint8_t[4]){WT_HANDSHAKE_SERVER_KEY_EXCHANGE, 0, (uint8_t)(body.n >> 8), (uint8_t)body.n}, 4);
    put(out, body.p, body.n);
    wt_buffer_free(&body);
    wt_buffer_free(&over);
}

/* The suite that it chose becomes one with a finite field; where it has signed its curve, the group is signed. */
static struct wt_span forge(void *context, unsigned side, struct wt_span sent)
{
    enum { RECORD = 5, MESSAGE = 4, RANDOM = RECORD + MESSAGE + 2 };
    struct scene *s = context;
    struct wt_buffer out = {0};
    if (side == WT_CLIENT && sent.p[0] == WT_CONTENT_HANDSHAKE && sent.p[RECORD] == WT_HANDSHAKE_CLIENT_HELLO)
        memcpy(s->randoms, sent.p + RANDOM, 32);
    if (side == WT_CLIENT || s->between.done)
        return sent;
    memcpy(s->randoms + 32, sent.p + RANDOM, 32);
    for (size_t at = RECORD, n; at < sent.n; at += n) {
        const uint8_t *m = sent.p + at;
        n = MESSAGE + ((size_t)m[2] << 8 | m[3]);
        size_t from = out.n;
        if (m[0] == WT_HANDSHAKE_SERVER_KEY_EXCHANGE)
            put_key_exchange(s, &out);
        else
            put(&out, m, n);
        if (m[0] == WT_HANDSHAKE_SERVER_HELLO) {
            uint8_t *suite = out.p + from + MESSAGE + 2 + 32 + 1 + m[MESSAGE + 2 + 32];
            suite[0] = DHE_RSA >> 8;
            suite[1] = DHE_RSA & 0xff;
        }
    }
    s->forged.n = 0;
    put(&s->forged, (const uint8_t[RECORD]){sent.p[0], 3, 3, (uint8_t)(out.n >> 8), (uint8_t)out.n}, RECORD);
    put(&s->forged, out.p, out.n);
    wt_buffer_free(&out);
    s->between.done = true;
    return wt_buffer_span(&s->forged);
}

/* The identity with its key for ourselves, too. */
static void key_too(struct scene *s, const struct test_leaf *leaf, bool elsewhere)
{
    struct test_pem chain, key;
    enum wt_problem_id why;
    test_identity_pem(&s->p.ca, leaf, &chain, &key);
    wt_identity_free(s->p.identity);
    s->p.identity =
        wt_identity_new(chain.text, chain.n, elsewhere ? NULL : key.text, elsewhere ? 0 : key.n, NULL, &why);
    assert_non_null(s->p.identity);
    BIO *bio = BIO_new_mem_buf(key.text, (int)key.n);
    s->key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(chain.text);
    free(key.text);
}

static void choose_group(struct scene *s, unsigned bits)
{
    static const uint16_t ours[] = {DHE_RSA, ECDHE_RSA}, theirs[] = {ECDHE_RSA};
    key_too(s, &(struct test_leaf){.type = "RSA"}, false);
    s->p.options[WT_CLIENT].suites = ours;
    s->p.options[WT_CLIENT].suite_count = 2;
    s->p.options[WT_SERVER].suites = theirs;
    s->p.options[WT_SERVER].suite_count = 1;
    s->p.between = forge;
    s->p.context = s;
    s->dh_bits = bits;
}

static void small_group(struct scene *s)
{
    choose_group(s, 768);
}

static void group_of_1024(struct scene *s)
{
    choose_group(s, 1024);
}

static void group_of_2047(struct scene *s)
{
    choose_group(s, 2047);
}

/* --- a peer whose Finished is another's --------------------------------------------------------------------------- */

/* What its Finished is made with (RFC 8446, 4.4.4), when the keys of its records are made already. */
static void other_secret(struct wt_endpoint *e)
{
    assert_true(wt_endpoint_wants(e) & WT_ASKS);
    e->secret[e->side][0] ^= 1;
}

static void client_asks(struct scene *s)
{
    s->p.options[WT_CLIENT].asks = WT_ASK_VERDICT;
}

static void client_finishes_otherwise(struct scene *s)
{
    pair_run(&s->p);
    other_secret(s->p.e[WT_CLIENT]);
    assert_true(wt_endpoint_answer_verdict(s->p.e[WT_CLIENT], true));
    pair_run(&s->p);
}

static void key_elsewhere(struct scene *s)
{
    key_too(s, &(struct test_leaf){0}, true);
}

static void server_finishes_otherwise(struct scene *s)
{
    struct wt_event event;
    uint8_t signature[128];
    size_t n = sizeof signature;
    pair_run(&s->p);
    other_secret(s->p.e[WT_SERVER]);
    do
        assert_true(wt_endpoint_next_event(s->p.e[WT_SERVER], &event));
    while (event.kind != WT_EVENT_ASK);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, "SHA256", NULL, NULL, s->key, NULL), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, event.to_sign.p, event.to_sign.n), 1);
    EVP_MD_CTX_free(ctx);
    assert_true(wt_endpoint_answer_signature(s->p.e[WT_SERVER], signature, n));
    pair_run(&s->p);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static const struct cause causes[] = {
    {"certificate-expired", IN_BOTH, .leaf = {.expired = true}},
    {"certificate-not-yet-valid", IN_BOTH, .leaf = {.not_yet = true}},
    {"certificate-self-signed", IN_BOTH, .leaf = {.self_signed = true}},
    {"certificate-host-mismatch", IN_BOTH, .leaf = {.name = "other.example.com"}},
    {"certificate-wrong-purpose", IN_BOTH, .leaf = {.client = true}},
    {"certificate-weak", IN_BOTH, .leaf = {.type = "RSA", .bits = 1024}},
    {"certificate-bad-signature", IN_BOTH, .leaf = {.bad_signature = true}},
    {"certificate-unknown-issuer", IN_BOTH, of_another},
    {"certificate-chain-incomplete", IN_BOTH, without_issuer},
    {"client-certificate-rejected", IN_BOTH, client_expired},
    {"client-certificate-rejected", IN_BOTH, client_not_yet},
    {"client-certificate-rejected", IN_BOTH, client_self_signed},
    {"client-certificate-rejected", IN_BOTH, client_of_another},
    {"client-certificate-rejected", IN_BOTH, client_for_servers},
    {"client-certificate-rejected", IN_BOTH, client_damaged},
    {"unrecognized-server-name", IN_BOTH, unrecognized, .server = "", .at_server = "closed-during-handshake"},
    {"rejected-by-server", IN_BOTH, denied, .server = "", .at_server = "closed-during-handshake"},
    {"downgrade-detected", IN_13, downgraded},
    {"weak-dh", IN_12, small_group, .server = "rejected-by-client", .at_server = "rejected-by-client"},
    {"weak-dh", IN_12, group_of_1024, .server = "rejected-by-client", .at_server = "rejected-by-client"},
    {"weak-dh", IN_12, group_of_2047, .server = "rejected-by-client", .at_server = "rejected-by-client"},
    {"finished-mismatch", IN_12, without_extended},
    {"finished-mismatch", IN_12, NULL, resumed_and_changed},
    {"finished-mismatch", IN_13, client_asks, client_finishes_otherwise},
    {"finished-mismatch", IN_13, key_elsewhere, server_finishes_otherwise},
};

/* By two live peers, in other tests of this folder. */
static const struct {
    const char *id, *where;
} elsewhere[] = {
    {"client-not-tls", "test_failures.c: HTTP instead of the ClientHello"},
    {"peer-not-tls", "test_failures.c: HTTP instead of the ServerHello"},
    {"closed-during-handshake", "test_failures.c: too_early()"},
    {"signature-mismatch", "test_failures.c: a bit of the ServerKeyExchange's signature"},
    {"record-corrupted", "test_failures.c: a bit of a Finished"},
    {"reset-after-client-hello", "test_watch.c: ends(). The server knows nothing of a RST in its name"},
    {"no-shared-version", "test_handshake.c: nothing_in_common()"},
    {"no-shared-cipher-suite", "test_handshake.c: nothing_in_common()"},
    {"no-shared-group", "test_handshake.c: nothing_in_common()"},
    {"no-shared-signature-scheme", "test_handshake.c: nothing_in_common()"},
    {"no-shared-alpn", "test_handshake.c: protocols()"},
    {"client-certificate-missing", "test_handshake.c: client_certificates()"},
    {"certificate-revoked", "test_certificates.c: stapled()"},
    {"ocsp-staple-missing", "test_certificates.c: stapled()"},
    {"ocsp-staple-bad", "test_certificates.c: stapled()"},
    {"rejected-by-client", "test_asks.c: a verdict of the program's, for which no alert has a word"},
    {"peer-internal-error", "test_asks.c: a signature that there is not"},
    {"psk-unknown-identity", "test_psk.c: unknown()"},
    {"psk-mismatch", "test_psk.c: mismatch()"},
    {"downgrade-refused", "test_later.c: fallback()"},
    {"renegotiation-refused", "test_later.c: declined()"},
};

/* Not by two that were connected. */
static const struct {
    const char *id, *since;
} never[] = {
    {"tcp-refused", "there is no connection"},
    {"tcp-no-answer", "there is no connection"},
    {"version-negotiation-failed", "it is QUIC's, which neither seat speaks"},
    {"starttls-refused", "it is said before there is TLS: the client's program hears it"},
    {"no-answer-to-client-hello", "it is silence: an endpoint has no clock, its program has"},
    {"handshake-stalled", "it is silence, too"},
    {"tlcp-certificate-pair", "an endpoint does not speak TLCP"},
};

static bool is(const char *expected, const char *id, const char *got)
{
    return !strcmp(expected ? expected : id, got);
}

static void check(const struct cause *c, bool tls13, size_t i, const struct seats_result *r)
{
    if (is(c->client, c->id, r->why[0]) && is(c->server, c->id, r->why[1]) &&
        is(c->at_client, c->id, r->verdict[0].cause) && is(c->at_server, c->id, r->verdict[1].cause))
        return;
    print_error("%zu: %s, TLS 1.%u:\n", i, c->id, 2 + tls13);
    for (unsigned side = 0; side < 2; side++)
        print_error("  %s: %s: %s\n    observed %s%s (%s): %s\n", side ? "server" : "client", r->why[side],
                    r->text[side], r->verdict[side].probable ? "probably " : "", r->verdict[side].cause,
                    r->verdict[side].findings, r->verdict[side].text);
    fail();
}

static void bring_about(const struct cause *c, bool tls13, struct seats_result *r)
{
    struct scene s = {.tls13 = tls13};
    pair_start(&s.p, &c->leaf);
    s.p.options[WT_CLIENT].max_version = tls13 ? WT_TLS13 : WT_TLS12;
    if (c->set)
        c->set(&s);
    pair_connect(&s.p);
    c->act ? c->act(&s) : pair_run(&s.p);
    assert_true(!s.p.between || s.between.done);
    pair_end_with(&s.p, r);
    wt_identity_free(s.identity);
    EVP_PKEY_free(s.key);
    if (s.other.key)
        test_ca_end(&s.other);
    wt_buffer_free(&s.forged);
    wt_buffer_free(&s.between.out);
}

static void each(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        for (unsigned tls13 = 0; tls13 < 2; tls13++) {
            struct seats_result r;
            if (!(causes[i].versions & 1u << tls13))
                continue;
            bring_about(&causes[i], tls13, &r);
            check(&causes[i], tls13, i, &r);
        }
}

/* A refused certificate of a client is named by what is wrong with it. */
static void what_of_a_client(void **state)
{
    static const struct cause c = {"client-certificate-rejected", IN_BOTH, client_expired};
    (void)state;
    for (unsigned tls13 = 0; tls13 < 2; tls13++) {
        struct seats_result r;
        bring_about(&c, tls13, &r);
        assert_string_equal(r.text[WT_SERVER],
                            "The server rejected the client's certificate. The certificate www.example.com had expired "
                            "when it was sent. The server ended the connection with alert certificate_expired.");
    }
}

/* RFC 9325, 4.5: "DH key lengths of at least 2048 bits are REQUIRED.", unless the program takes less. */
static void least_group(void **state)
{
    static const struct {
        uint16_t least, bits;
        bool taken;
    } rows[] = {{0, 2048, true},    {0, 2047, false},    {1024, 1024, true}, {1024, 1023, false},
                {1536, 1536, true}, {1536, 1535, false}, {2048, 2048, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s = {0};
        pair_start(&s.p, NULL);
        choose_group(&s, rows[i].bits);
        s.p.options[WT_CLIENT].min_dh = rows[i].least;
        s.p.options[WT_CLIENT].max_version = WT_TLS12;
        pair_connect(&s.p);
        pair_run(&s.p);
        if (rows[i].taken) /* it is none of the server's: what comes of it is another thing */
            assert_string_not_equal(wt_endpoint_why(s.p.e[WT_CLIENT])->id, "weak-dh");
        else
            pair_assert_failed(&s.p, WT_CLIENT, WT_ALERT_INSUFFICIENT_SECURITY, "weak-dh");
        pair_end(&s.p);
        EVP_PKEY_free(s.key);
        wt_buffer_free(&s.forged);
    }
}

static void which_least(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        static const uint16_t bits[] = {WT_LIMIT_DH_BITS_LEAST - 1, WT_LIMIT_DH_BITS_LEAST, 2048, 2049};
        struct wt_error error;
        struct pair p;
        pair_start(&p, NULL);
        p.options[WT_CLIENT].min_dh = bits[i];
        struct wt_party *party = wt_client_new(&p.options[WT_CLIENT], &error);
        assert_true((party != NULL) == (i == 1 || i == 2));
        assert_true(party || (error.code == WT_VALUE && !strcmp(error.field, "min_dh") && error.value == bits[i]));
        wt_party_free(party);
        pair_end(&p);
    }
}

#define COUNT(list, id_, times)                                                                                        \
    for (size_t n = 0; n < sizeof(list) / sizeof *(list); n++)                                                         \
    (times) += !strcmp((list)[n].id, id_)

static void none_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < WT_FINDING_COUNT; i++) {
        const struct wt_finding_row *row = wt_finding_row((enum wt_finding_id)i);
        unsigned here = 0, other = 0;
        COUNT(causes, row->id, here);
        COUNT(elsewhere, row->id, other);
        COUNT(never, row->id, other);
        if ((row->severity == WT_FATAL) != (here || other) || (here && other) || other > 1)
            print_error("%s: here %u, elsewhere or never %u\n", row->id, here, other);
        assert_int_equal(row->severity == WT_FATAL, here || other);
        assert_false((here && other) || other > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each),        cmocka_unit_test(what_of_a_client), cmocka_unit_test(least_group),
        cmocka_unit_test(which_least), cmocka_unit_test(none_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
