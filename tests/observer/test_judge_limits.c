/* What is judged and remembered at the limits of it, and just below. */
#include "crypto/sign.h"
#include "issued.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

static const struct form AUTHORITY = {
    .name = "an authority", .constraints = "critical,CA:TRUE", .usage = "keyCertSign"};

static struct wt_work *limited(struct made *m, int64_t second)
{
    struct wt_work *work = wt_crypto_work(m->crypto);
    work->limited = true;
    wt_work_begin(work, second);
    return work;
}

/* The verdict on a leaf with so many authorities between it and the trusted root. */
static const struct wt_judgement *long_chain(struct made *m, int between)
{
    struct party parties[WT_LIMIT_CHAIN_LINKS + 2];
    const struct wt_certificate_facts *sent[WT_LIMIT_CHAIN_LINKS + 2];
    for (int i = 0; i <= between; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "authority %d of %d", i, between);
        struct form f = i < between ? AUTHORITY : LEAF;
        f.name = name;
        parties[i] = issue(&f, i ? &parties[i - 1] : &m->root);
        intern(m, &parties[i]);
        sent[between - i] = wt_certificates_keep(parties[i].facts);
    }
    const struct wt_judgement *v = wt_chain_judge(m->judge, WT_SERVER, sent, (size_t)between + 1, NOW);
    for (int i = 0; i <= between; i++) {
        wt_certificates_release(parties[i].facts);
        drop(&parties[i]);
    }
    return v;
}

static void test_links(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    struct wt_work *work = limited(&m, 1);
    const struct wt_judgement *v = long_chain(&m, WT_LIMIT_CHAIN_LINKS - 1);
    assert_int_equal(v->untried, WT_TRIED);
    assert_int_equal(v->faults, 0);
    v = long_chain(&m, WT_LIMIT_CHAIN_LINKS);
    assert_int_equal(v->untried, WT_UNTRIED_LINKS);
    assert_int_equal(v->faults, 0);
    work->limited = false; /* --verify all */
    v = long_chain(&m, WT_LIMIT_CHAIN_LINKS);
    assert_int_equal(v->untried, WT_TRIED);
    assert_int_equal(v->faults, 0);
    finish(&m);
}

/* Of a chain so many certificates are looked at: the root may be the last of them, and not the next one. */
static void test_judged(void **state)
{
    struct made m = {0};
    (void)state;
    for (unsigned n = WT_LIMIT_CHAIN_JUDGED - 1; n <= WT_LIMIT_CHAIN_JUDGED + 1; n++) {
        const struct wt_certificate_facts *sent[WT_LIMIT_CHAIN_JUDGED + 1];
        m = (struct made){0};
        begin(&m);
        trust_root(&m, &m.root);
        m.leaf = issue(&LEAF, &m.intermediate);
        struct party other = issue(&LEAF, &m.root);
        intern(&m, &m.leaf);
        intern(&m, &m.intermediate);
        intern(&m, &other);
        sent[0] = m.leaf.facts;
        for (unsigned i = 1; i < n; i++)
            sent[i] = i + 1 < n ? other.facts : m.intermediate.facts;
        const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, sent, n, NOW);
        assert_int_equal(v->sent_count, n < WT_LIMIT_CHAIN_JUDGED ? n : WT_LIMIT_CHAIN_JUDGED);
        assert_int_equal(!(v->faults & bit(WT_CHAIN_INCOMPLETE)) && v->path_count > 1, n <= WT_LIMIT_CHAIN_JUDGED);
        drop(&other);
        finish(&m);
    }
}

/* A clock that is behind by as much as clocks may differ, and by a second more: for two signs of it. */
static void test_skew(void **state)
{
    struct made m = {0};
    struct form f = LEAF;
    (void)state;
    begin(&m);
    f.from = 5 * (int64_t)DAY;
    f.until = 300 * (int64_t)DAY;
    const struct wt_judgement *v = of_leaf(&m, &f);
    const int64_t first = v->sent[0]->not_before;
    assert_int_equal(wt_clock_behind(v, first, first - WT_LIMIT_CLOCK_SKEW), 0);
    assert_int_equal(wt_clock_behind(v, first, first - WT_LIMIT_CLOCK_SKEW - 1), WT_CLOCK_LEAF | WT_CLOCK_STAPLE);
    finish(&m);
}

/* Without anything to spend, what needs no signature is said all the same; the rest later. */
static void test_spent(void **state)
{
    struct made m = {0};
    struct form old = LEAF;
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    old.from = -20 * (int64_t)DAY;
    old.until = -10 * (int64_t)DAY;
    struct wt_work *work = limited(&m, 1);
    work->connection_left = 0;
    const struct wt_judgement *v = of_leaf(&m, &old);
    assert_int_equal(v->untried, WT_UNTRIED_WORK);
    assert_int_equal(v->faults, bit(WT_CHAIN_EXPIRED));
    v = of_leaf(&m, &LEAF);
    assert_int_equal(v->untried, WT_UNTRIED_WORK);
    assert_int_equal(v->faults, 0);
    const struct wt_certificate_facts *sent[] = {m.leaf.facts, m.intermediate.facts};
    work->connection_left = WT_LIMIT_WORK_CONNECTION;
    assert_int_equal(wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW)->untried,
                     WT_UNTRIED_WORK); /* in the same second */
    wt_work_begin(work, 2);
    assert_ptr_equal(wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW), v);
    assert_int_equal(v->untried, WT_TRIED);
    assert_int_equal(v->faults, 0);
    finish(&m);
}

/* An RSA key of so many bits, with which nobody can sign. */
static EVP_PKEY *rsa_of(int bits)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_new(), *e = BN_new();
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    assert_true(BN_set_bit(n, bits - 1) && BN_set_bit(n, 0) && BN_set_word(e, 65537));
    assert_true(OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_N, n) &&
                OSSL_PARAM_BLD_push_BN(b, OSSL_PKEY_PARAM_RSA_E, e));
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(b);
    assert_true(EVP_PKEY_fromdata_init(c) == 1 && EVP_PKEY_fromdata(c, &key, EVP_PKEY_PUBLIC_KEY, params) == 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    EVP_PKEY_CTX_free(c);
    BN_free(n);
    BN_free(e);
    return key;
}

static void test_large_key(void **state)
{
    (void)state;
    /* first where libcrypto finds no issuer, because an ECDSA signature cannot be by an RSA key */
    for (int i = 0; i < 4; i++) {
        struct made m = {0};
        struct form f = INTERMEDIATE;
        const int over = i % 2;
        begin(&m);
        f.rsa = i < 2 ? 0 : 2048;
        drop(&m.intermediate);
        m.intermediate = issue(&f, &m.root);
        trust_root(&m, &m.root);
        EVP_PKEY *key = rsa_of(WT_LIMIT_RSA_BITS + over);
        assert_true(X509_set_pubkey(m.intermediate.x, key) &&
                    X509_sign(m.intermediate.x, m.root.key, EVP_sha256()) > 0);
        EVP_PKEY_free(key);
        (void)limited(&m, 1);
        const struct wt_judgement *v = of_leaf(&m, &LEAF);
        assert_int_equal(v->untried, over ? WT_UNTRIED_KEY : WT_TRIED);
        assert_int_equal(v->faults, over ? 0 : bit(WT_CHAIN_SIGNATURE));
        finish(&m);
    }
}

/* Another leaf of the intermediate whose signature is not good. */
static const struct wt_judgement *forged(struct made *m)
{
    uint8_t *der = NULL;
    struct party leaf = issue(&LEAF, &m->intermediate);
    const int n = i2d_X509(leaf.x, &der);
    der[n - 5] ^= 1;
    const struct wt_certificate_facts *sent[] = {wt_certificates_intern(m->certificates, wt_span_of(der, (size_t)n)),
                                                 m->intermediate.facts};
    OPENSSL_free(der);
    drop(&leaf);
    return wt_chain_judge(m->judge, WT_SERVER, sent, 2, NOW);
}

static void test_failing(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    intern(&m, &m.intermediate);
    (void)wt_certificates_keep(m.intermediate.facts);
    struct wt_work *work = limited(&m, 1);
    for (unsigned i = 0; i < WT_LIMIT_KEY_FAILURES; i++)
        assert_int_equal(forged(&m)->faults, bit(WT_CHAIN_SIGNATURE));
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    assert_int_equal(v->untried, WT_UNTRIED_FAILING);
    assert_int_equal(v->faults, 0);
    wt_work_begin(work, 2);
    assert_int_equal(of_leaf(&m, &LEAF)->untried, WT_TRIED);
    /* one that held: the key is believed to be good again */
    assert_int_equal(forged(&m)->faults, bit(WT_CHAIN_SIGNATURE));
    assert_int_equal(forged(&m)->faults, bit(WT_CHAIN_SIGNATURE));
    wt_certificates_release(m.intermediate.facts);
    finish(&m);
}

/* --- what is remembered ------------------------------------------------------------------------------------------- */

/* The judgement of what is no certificate, which differs by its number; to be released. */
static const struct wt_judgement *kept_junk(struct made *m, unsigned number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "junk %u", number);
    const struct wt_certificate_facts *f = wt_certificates_intern(m->certificates, wt_span_text(text));
    const struct wt_judgement *v = wt_chain_judge(m->judge, WT_SERVER, &f, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_UNREADABLE));
    return v;
}

static const struct wt_judgement *junk(struct made *m, unsigned number)
{
    const struct wt_judgement *v = kept_junk(m, number);
    wt_judgement_release(v);
    return v;
}

static void test_remembered(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    const struct wt_judgement *kept = kept_junk(&m, 0);
    for (unsigned i = 1; i <= WT_LIMIT_JUDGEMENTS; i++)
        (void)junk(&m, i);
    assert_int_equal(m.judge->count, WT_LIMIT_JUDGEMENTS);
    const size_t full = m.judge->bytes;
    const struct wt_judgement *first = junk(&m, 1); /* still there, and the last to go now */
    for (unsigned i = 1; i <= 100; i++)
        (void)junk(&m, WT_LIMIT_JUDGEMENTS + i);
    assert_int_equal(m.judge->count, WT_LIMIT_JUDGEMENTS);
    assert_int_equal(m.judge->bytes, full);
    assert_ptr_equal(junk(&m, 1), first);
    assert_ptr_equal(junk(&m, 0), kept);
    wt_judgement_release(kept);
    assert_int_equal(m.judge->count, WT_LIMIT_JUDGEMENTS);
    finish(&m);
}

/* Stapled answers are remembered with them: bytes count, too. */
static void test_bytes(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    uint8_t *staple = calloc(1, WT_LIMIT_STAPLE);
    assert_non_null(staple);
    for (unsigned i = 0; i < WT_LIMIT_JUDGEMENTS_BYTES / WT_LIMIT_STAPLE + 20; i++) {
        struct wt_judgement *v = (struct wt_judgement *)(uintptr_t)kept_junk(&m, i);
        assert_int_equal(wt_ocsp_judge(m.judge, v, wt_span_of(staple, WT_LIMIT_STAPLE))->fault, WT_OCSP_UNREADABLE);
        wt_judgement_release(v);
        assert_true(m.judge->bytes <= WT_LIMIT_JUDGEMENTS_BYTES + WT_LIMIT_STAPLE);
    }
    assert_true(m.judge->bytes > WT_LIMIT_JUDGEMENTS_BYTES - 2 * WT_LIMIT_STAPLE);
    free(staple);
    finish(&m);
}

/* --- authorities -------------------------------------------------------------------------------------------------- */

static void test_fitting(void **state)
{
    struct made m = {0};
    struct party parties[WT_LIMIT_CHAIN_TRIES + 2];
    const struct wt_certificate_facts *found[WT_LIMIT_CHAIN_TRIES];
    (void)state;
    begin(&m);
    assert_true(wt_judge_open(m.judge));
    const uint64_t before = wt_authorities_next(m.judge->authorities);
    for (unsigned i = 0; i < WT_LIMIT_CHAIN_TRIES + 2; i++) {
        parties[i] = issue(&AUTHORITY, &m.root);
        intern(&m, &parties[i]);
        wt_authorities_add(m.judge->authorities, parties[i].facts, parties[i].x, i == 1);
    }
    struct party leaf = issue(&LEAF, &parties[7]);
    struct wt_issuer_key wanted = wt_authorities_issuer_of(leaf.x);
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), 1); /* by name and key id */
    assert_ptr_equal(found[0], parties[7].facts);
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, before + 8, found),
                     0); /* none that came later */
    wanted.id = 0;
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), WT_LIMIT_CHAIN_TRIES);
    assert_ptr_equal(found[0], parties[1].facts); /* what is trusted comes first, then the newest */
    assert_ptr_equal(found[1], parties[WT_LIMIT_CHAIN_TRIES + 1].facts);
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, before + 3, found), WT_LIMIT_CHAIN_TRIES - 1);
    wanted.name ^= 1;
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), 0);
    drop(&leaf);
    for (unsigned i = 0; i < WT_LIMIT_CHAIN_TRIES + 2; i++)
        drop(&parties[i]);
    finish(&m);
}

/* So many of a name, none of which leads anywhere. */
static void add_others(struct made *m, const struct party *like, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        char text[24];
        (void)snprintf(text, sizeof text, "authority %u", i);
        wt_authorities_add(m->judge->authorities, wt_certificates_intern(m->certificates, wt_span_text(text)), like->x,
                           false);
    }
}

/* The one that was not used for the longest time makes room when there are so many, and not before. */
static void test_pool(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct made m = {0};
        const struct wt_certificate_facts *found[WT_LIMIT_CHAIN_TRIES];
        begin(&m);
        assert_true(wt_judge_open(m.judge));
        struct party first = issue(&AUTHORITY, &m.root), other = issue(&AUTHORITY, &m.root),
                     leaf = issue(&LEAF, &first);
        intern(&m, &first);
        wt_authorities_add(m.judge->authorities, first.facts, first.x, false);
        add_others(&m, &other, WT_LIMIT_CHAIN_POOL - 1 + more);
        const struct wt_issuer_key wanted = wt_authorities_issuer_of(leaf.x);
        assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), !more);
        drop(&first);
        drop(&other);
        drop(&leaf);
        finish(&m);
    }
}

/* However many there are of one that leads nowhere, one that is trusted stays. */
static void test_authorities(void **state)
{
    struct made m = {0};
    const struct wt_certificate_facts *found[WT_LIMIT_CHAIN_TRIES];
    (void)state;
    begin(&m);
    assert_true(wt_judge_open(m.judge));
    struct party trusted = issue(&AUTHORITY, &m.root), other = issue(&AUTHORITY, &m.root),
                 leaf = issue(&LEAF, &trusted);
    intern(&m, &trusted);
    wt_authorities_add(m.judge->authorities, trusted.facts, trusted.x, true);
    add_others(&m, &other, WT_LIMIT_CHAIN_POOL + 50);
    struct wt_issuer_key wanted = wt_authorities_issuer_of(leaf.x);
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), 1);
    assert_ptr_equal(found[0], trusted.facts);
    /* those that have made room for others are no more, those that are there are */
    wanted.id = 0;
    assert_int_equal(wt_authorities_find(m.judge->authorities, &wanted, 0, found), WT_LIMIT_CHAIN_TRIES);
    assert_string_equal((const char *)found[1]->der.p, "authority 4145");
    drop(&trusted);
    drop(&other);
    drop(&leaf);
    finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_links),      cmocka_unit_test(test_spent),       cmocka_unit_test(test_judged),
        cmocka_unit_test(test_skew),       cmocka_unit_test(test_large_key),   cmocka_unit_test(test_failing),
        cmocka_unit_test(test_remembered), cmocka_unit_test(test_bytes),       cmocka_unit_test(test_fitting),
        cmocka_unit_test(test_pool),       cmocka_unit_test(test_authorities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
