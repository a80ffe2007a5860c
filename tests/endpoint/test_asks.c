/* Questions to the program: each answered at once and late, in both versions and seats, with bytes that come one by
 * one. */
#include "pair.h"

#include "registry/registry.h"

#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* A pair whose program answers; `late`: not before both stand still. */
struct asked {
    struct pair p;
    EVP_PKEY *key[2]; /* by side: of an identity without its key */
    struct wt_identity *elsewhere[2];
    const struct wt_identity *answer[2];
    unsigned count[2][32]; /* by side and enum wt_ask: how often it was asked */
    bool late, refuse, no_signature;
    const char *alpn;
};

static void start(struct asked *a, uint16_t version, bool late, size_t piece)
{
    memset(a, 0, sizeof *a);
    pair_start(&a->p, NULL);
    a->p.options[WT_CLIENT].max_version = version;
    a->p.piece = piece;
    a->late = late;
}

/* The certificate alone, its key here. */
static void make_elsewhere(struct asked *a, unsigned side, const char *type)
{
    const struct test_leaf leaf = {.client = side == WT_CLIENT, .type = type};
    struct test_pem chain, key;
    enum wt_problem_id why;
    test_identity_pem(&a->p.ca, &leaf, &chain, &key);
    a->elsewhere[side] = wt_identity_new(chain.text, chain.n, NULL, 0, NULL, &why);
    assert_non_null(a->elsewhere[side]);
    BIO *bio = BIO_new_mem_buf(key.text, (int)key.n);
    a->key[side] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(chain.text);
    free(key.text);
    a->p.options[side].identities = (const struct wt_identity *const *)&a->elsewhere[side];
    a->p.options[side].identity_count = 1;
}

static void end(struct asked *a)
{
    pair_end(&a->p);
    for (unsigned side = 0; side < 2; side++) {
        wt_identity_free(a->elsewhere[side]);
        EVP_PKEY_free(a->key[side]);
    }
}

static void sign(struct asked *a, unsigned side, const struct wt_event *event)
{
    const struct wt_scheme *scheme = wt_scheme_find(event->scheme);
    const struct wt_hash_info *hash = wt_hash_info_of((enum wt_hash_id)scheme->hash);
    uint8_t signature[1024];
    size_t n = sizeof signature;
    EVP_PKEY_CTX *options;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_ptr_equal(event->identity, a->elsewhere[side]);
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &options, hash ? hash->openssl : NULL, NULL, NULL, a->key[side], NULL),
                     1);
    if (scheme->pss) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST), 1);
    }
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, event->to_sign.p, event->to_sign.n), 1);
    EVP_MD_CTX_free(ctx);
    assert_true(wt_endpoint_answer_signature(a->p.e[side], signature, a->no_signature ? 0 : n));
}

/* False: nothing is asked of that side. */
static bool answer(struct asked *a, unsigned side)
{
    struct wt_endpoint *e = a->p.e[side];
    struct wt_event event;
    size_t room;
    if (!(wt_endpoint_wants(e) & WT_ASKS))
        return false;
    assert_false(wt_endpoint_wants(e) & WT_WANTS_BYTES);
    assert_null(wt_endpoint_room(e, &room));
    do
        assert_true(wt_endpoint_next_event(e, &event));
    while (event.kind != WT_EVENT_ASK);
    a->count[side][event.ask]++;
    /* another answer than the one that is asked for changes nothing */
    assert_true(event.ask == WT_ASK_VERDICT || !wt_endpoint_answer_verdict(e, true));
    assert_true(event.ask == WT_ASK_RESUMED || !wt_endpoint_answer_resumed(e, true));
    assert_true(event.ask == WT_ASK_SIGNATURE || !wt_endpoint_answer_signature(e, "", 1));
    switch (event.ask) {
    case WT_ASK_IDENTITY:
        assert_true(event.schemes.n > 0);
        assert_true(wt_endpoint_answer_identity(e, a->answer[side]));
        break;
    case WT_ASK_SIGNATURE:
        sign(a, side, &event);
        break;
    case WT_ASK_VERDICT:
        assert_true(wt_endpoint_answer_verdict(e, !a->refuse));
        break;
    case WT_ASK_RESUMED:
        assert_true(wt_endpoint_answer_resumed(e, !a->refuse));
        break;
    case WT_ASK_ALPN:
        assert_false(wt_endpoint_answer_alpn(e, "not offered"));
        assert_true(wt_endpoint_answer_alpn(e, a->alpn));
        break;
    default:
        fail();
    }
    return true;
}

static void answer_now(void *context)
{
    struct asked *a = context;
    if (!a->late)
        for (unsigned side = 0; side < 2; side++)
            while (answer(a, side))
                ;
}

static void run_on(struct asked *a)
{
    bool more = true;
    while (more) {
        pair_run(&a->p);
        more = answer(a, WT_CLIENT);
        more = answer(a, WT_SERVER) || more;
    }
    pair_run(&a->p);
}

static void run(struct asked *a)
{
    a->p.turn = answer_now;
    a->p.context = a;
    pair_connect(&a->p);
    run_on(a);
}

/* Each version, at once and late, whole and in pieces. */
struct way {
    uint16_t version;
    bool late;
    size_t piece;
};
static const struct way ways[] = {
    {WT_TLS12, false, 0}, {WT_TLS12, true, 0}, {WT_TLS12, true, 1}, {WT_TLS12, false, 1},
    {WT_TLS13, false, 0}, {WT_TLS13, true, 0}, {WT_TLS13, true, 1}, {WT_TLS13, false, 1},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void start_way(struct asked *a, size_t i)
{
    start(a, ways[i].version, ways[i].late, ways[i].piece);
}

/* All of them, in one handshake. */
static void everything(void **state)
{
    static const char *const protocols[] = {"h2", "http/1.1"};
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct asked a;
        struct wt_endpoint_info info;
        start_way(&a, i);
        for (unsigned side = 0; side < 2; side++) {
            make_elsewhere(&a, side, i % 4 == 1 ? "RSA" : "EC");
            a.answer[side] = a.elsewhere[side];
            a.p.options[side].asks = WT_ASK_IDENTITY | WT_ASK_VERDICT | WT_ASK_ALPN;
            a.p.options[side].alpn = protocols;
            a.p.options[side].alpn_count = 2;
        }
        a.p.options[WT_SERVER].request = WT_REQUEST_REQUIRED;
        a.alpn = "http/1.1";
        run(&a);
        pair_assert_established(&a.p);
        for (unsigned side = 0; side < 2; side++) {
            assert_int_equal(a.count[side][WT_ASK_IDENTITY], 1);
            assert_int_equal(a.count[side][WT_ASK_SIGNATURE], 1);
            assert_int_equal(a.count[side][WT_ASK_VERDICT], 1);
            assert_int_equal(a.count[side][WT_ASK_ALPN], side == WT_SERVER);
            wt_endpoint_info(a.p.e[side], &info);
            assert_true(info.verified);
            assert_int_equal(info.alpn.n, strlen("http/1.1"));
            assert_int_equal(info.certificate_count, 1);
        }
        end(&a);
    }
}

/* No answer is one: the server chooses by itself, the client has none. */
static void no_identity(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct asked a;
        struct wt_endpoint_info info;
        start_way(&a, i);
        a.p.options[WT_CLIENT].asks = a.p.options[WT_SERVER].asks = WT_ASK_IDENTITY;
        a.p.options[WT_SERVER].request = WT_REQUEST_OPTIONAL;
        run(&a);
        pair_assert_established(&a.p);
        assert_int_equal(a.count[WT_CLIENT][WT_ASK_IDENTITY], 1);
        wt_endpoint_info(a.p.e[WT_SERVER], &info);
        assert_int_equal(info.certificate_count, 0);
        end(&a);
    }
}

static void assert_warned(struct wt_endpoint *e, const char *finding)
{
    struct wt_event event;
    while (wt_endpoint_next_event(e, &event))
        if (event.kind == WT_EVENT_WARNING) {
            assert_string_equal(event.finding, finding);
            return;
        }
    fail();
}

/* After the handshake, where the client's program is asked for all of it anew. */
static void later(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct asked a;
        struct wt_endpoint_info info;
        bool more = true;
        if (ways[i].version != WT_TLS13)
            continue;
        start_way(&a, i);
        make_elsewhere(&a, WT_CLIENT, "EC");
        a.answer[WT_CLIENT] = a.elsewhere[WT_CLIENT];
        for (unsigned side = 0; side < 2; side++)
            a.p.options[side].post_handshake_auth = true;
        a.p.options[WT_CLIENT].asks = WT_ASK_IDENTITY;
        a.p.options[WT_SERVER].asks = WT_ASK_VERDICT;
        run(&a);
        pair_assert_established(&a.p);
        assert_true(wt_endpoint_ask_certificate(a.p.e[WT_SERVER]));
        while (more) {
            pair_run(&a.p);
            more = answer(&a, WT_CLIENT);
            more = answer(&a, WT_SERVER) || more;
        }
        pair_assert_established(&a.p);
        assert_int_equal(a.count[WT_CLIENT][WT_ASK_IDENTITY], 1);
        assert_int_equal(a.count[WT_CLIENT][WT_ASK_SIGNATURE], 1);
        assert_int_equal(a.count[WT_SERVER][WT_ASK_VERDICT], 1);
        wt_endpoint_info(a.p.e[WT_SERVER], &info);
        assert_true(info.verified);
        end(&a);
    }
}

/* What the library finds wrong may be taken, what it finds right may be refused. */
static void verdicts(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++)
        for (unsigned refuse = 0; refuse < 2; refuse++) {
            const struct test_leaf expired = {.expired = true};
            struct asked a;
            struct wt_endpoint_info info;
            start_way(&a, i);
            if (!refuse) {
                wt_identity_free(a.p.identity);
                a.p.identity = test_identity(&a.p.ca, &expired);
            }
            a.p.options[WT_CLIENT].asks = WT_ASK_VERDICT;
            a.refuse = refuse;
            run(&a);
            wt_endpoint_info(a.p.e[WT_CLIENT], &info);
            assert_int_equal(info.verified, refuse);
            if (refuse) {
                pair_assert_failed(&a.p, WT_CLIENT, WT_ALERT_CERTIFICATE_UNKNOWN, "rejected-by-client");
            } else {
                pair_assert_established(&a.p);
                assert_string_equal(info.wrong[0], "certificate-expired");
                assert_warned(a.p.e[WT_CLIENT], "certificate-expired");
            }
            end(&a);
        }
}

static void refused_for_its_fault(void **state)
{
    const struct test_leaf expired = {.expired = true};
    struct asked a;
    (void)state;
    start(&a, WT_TLS13, true, 0);
    wt_identity_free(a.p.identity);
    a.p.identity = test_identity(&a.p.ca, &expired);
    a.p.options[WT_CLIENT].asks = WT_ASK_VERDICT;
    a.refuse = true;
    run(&a);
    pair_assert_failed(&a.p, WT_CLIENT, WT_ALERT_CERTIFICATE_EXPIRED, "certificate-expired");
    end(&a);
}

static void no_signature(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct asked a;
        start_way(&a, i);
        make_elsewhere(&a, WT_SERVER, "EC");
        a.no_signature = true;
        run(&a);
        pair_assert_failed(&a.p, WT_SERVER, WT_ALERT_INTERNAL_ERROR, "peer-internal-error");
        end(&a);
    }
}

/* The peer is gone before the answer is there. */
static void too_late(void **state)
{
    struct asked a;
    (void)state;
    start(&a, WT_TLS13, true, 0);
    a.p.options[WT_CLIENT].asks = WT_ASK_VERDICT;
    pair_connect(&a.p);
    pair_run(&a.p);
    assert_true(wt_endpoint_wants(a.p.e[WT_CLIENT]) & WT_ASKS);
    wt_endpoint_closed(a.p.e[WT_CLIENT], true);
    assert_int_equal(wt_endpoint_wants(a.p.e[WT_CLIENT]), WT_ENDED);
    assert_false(wt_endpoint_answer_verdict(a.p.e[WT_CLIENT], true));
    assert_string_equal(wt_endpoint_why(a.p.e[WT_CLIENT])->id, "closed-during-handshake");
    end(&a);
}

/* A session is asked about, its certificate is not; the first handshake is no session's. */
static void resumed(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++)
        for (unsigned refuse = 0; refuse < 2; refuse++) {
            struct asked a;
            struct wt_endpoint_info info;
            start_way(&a, i);
            a.p.options[WT_CLIENT].asks = WT_ASK_VERDICT | WT_ASK_RESUMED;
            run(&a);
            pair_assert_established(&a.p);
            assert_int_equal(a.count[WT_CLIENT][WT_ASK_VERDICT], 1);
            assert_int_equal(a.count[WT_CLIENT][WT_ASK_RESUMED], 0);
            a.refuse = refuse;
            pair_again(&a.p, TEST_NOW + 10);
            run_on(&a);
            assert_int_equal(a.count[WT_CLIENT][WT_ASK_VERDICT], 1);
            assert_int_equal(a.count[WT_CLIENT][WT_ASK_RESUMED], 1);
            wt_endpoint_info(a.p.e[WT_CLIENT], &info);
            assert_true(info.resumed && info.certificate_sha256);
            if (refuse)
                pair_assert_failed(&a.p, WT_CLIENT, WT_ALERT_CERTIFICATE_UNKNOWN, "rejected-by-client");
            else
                pair_assert_resumed(&a.p, true);
            end(&a);
        }
}

/* An alert of the program's own: in place of an answer, in the middle of the handshake, and after it. */
static void aborted(void **state)
{
    (void)state;
    for (size_t i = 0; i < WAYS; i++)
        for (unsigned side = 0; side < 2; side++)
            for (unsigned when = 0; when < 2; when++) {
                struct asked a;
                start_way(&a, i);
                a.p.options[side].asks = when ? 0 : side == WT_CLIENT ? WT_ASK_VERDICT : WT_ASK_IDENTITY;
                pair_connect(&a.p);
                pair_run(&a.p);
                assert_int_equal(wt_endpoint_wants(a.p.e[side]) & WT_ASKS, when ? 0 : WT_ASKS);
                assert_false(wt_endpoint_abort(a.p.e[side], WT_ALERT_CLOSE_NOTIFY));
                assert_false(wt_endpoint_abort(a.p.e[side], WT_ALERT_USER_CANCELED));
                assert_true(wt_endpoint_abort(a.p.e[side], WT_ALERT_ACCESS_DENIED));
                assert_false(wt_endpoint_abort(a.p.e[side], WT_ALERT_ACCESS_DENIED));
                pair_run(&a.p);
                pair_assert_failed(&a.p, side, WT_ALERT_ACCESS_DENIED,
                                   side == WT_CLIENT ? "rejected-by-client" : "rejected-by-server");
                end(&a);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything),   cmocka_unit_test(no_identity),
        cmocka_unit_test(verdicts),     cmocka_unit_test(refused_for_its_fault),
        cmocka_unit_test(no_signature), cmocka_unit_test(too_late),
        cmocka_unit_test(later),        cmocka_unit_test(resumed),
        cmocka_unit_test(aborted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
