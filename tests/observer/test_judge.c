/* Certificates judged, on chains that the test itself issues: what is wrong with each, and what is not. */
#include "issued.h"

static void test_good(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    assert_int_equal(v->faults, 0);
    assert_false(v->no_store);
    assert_int_equal(v->path_count, 3);
    assert_string_equal(v->path[2]->common_name, "test root");
    /* it is remembered, as long as nothing of it expires */
    const struct wt_certificate_facts *sent[] = {m.leaf.facts, m.intermediate.facts};
    assert_ptr_equal(wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW + DAY), v);
    const struct wt_judgement *later = wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW + 301 * DAY);
    assert_ptr_not_equal(later, v);
    assert_true(later->faults & bit(WT_CHAIN_EXPIRED));
    assert_ptr_equal(later->point[WT_CHAIN_EXPIRED].who, m.leaf.facts);
    finish(&m);
}

static void test_names(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    for (int twice = 0; twice < 2; twice++) {
        assert_true(wt_chain_names_match(m.judge, v, "www.example.com"));
        assert_true(wt_chain_names_match(m.judge, v, "WWW.Example.COM"));
        assert_true(wt_chain_names_match(m.judge, v, "a.example.net"));
        assert_true(wt_chain_names_match(m.judge, v, "192.0.2.1"));
        /* RFC 9525, 6.3: a wildcard stands for one label */
        assert_false(wt_chain_names_match(m.judge, v, "a.b.example.net"));
        assert_false(wt_chain_names_match(m.judge, v, "example.net"));
        assert_false(wt_chain_names_match(m.judge, v, "example.com"));
        assert_false(wt_chain_names_match(m.judge, v, "192.0.2.2"));
    }
    finish(&m);
}

static void test_times(void **state)
{
    struct made m = {0};
    struct form f = LEAF;
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    f.from = -90 * DAY;
    f.until = -1;
    assert_int_equal(of_leaf(&m, &f)->faults, bit(WT_CHAIN_EXPIRED));
    /* RFC 5280, 4.1.2.5: "the period of time from notBefore through notAfter, inclusive" */
    f.until = 1;
    assert_int_equal(of_leaf(&m, &f)->faults, 0);
    f.from = 60;
    f.until = 90 * DAY;
    assert_int_equal(of_leaf(&m, &f)->faults, bit(WT_CHAIN_NOT_YET));
    drop(&m.intermediate);
    struct form old = INTERMEDIATE;
    old.from = -900 * DAY;
    old.until = -DAY;
    m.intermediate = issue(&old, &m.root);
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    assert_int_equal(v->faults, bit(WT_CHAIN_EXPIRED));
    assert_ptr_equal(v->point[WT_CHAIN_EXPIRED].who, m.intermediate.facts);
    finish(&m);
}

/* One date that lies ahead is a fault of what bears it; two that different parties signed are one of the clock. */
static void test_clock(void **state)
{
    struct made m = {0};
    struct form f = LEAF;
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    assert_int_equal(wt_clock_behind(of_leaf(&m, &f), NOW - DAY, NOW), 0);
    assert_int_equal(wt_clock_behind(of_leaf(&m, &f), NOW + 3 * DAY, NOW), 0);
    f.from = 2 * DAY;
    f.until = 90 * DAY;
    const struct wt_judgement *v = of_leaf(&m, &f);
    assert_int_equal(wt_clock_behind(v, 0, NOW), 0);
    assert_int_equal(wt_clock_behind(v, NOW + 3 * DAY, NOW), WT_CLOCK_LEAF | WT_CLOCK_STAPLE);
    assert_int_equal(wt_clock_behind(v, NOW + DAY, NOW + 1 * DAY), 0); /* within what clocks may differ */
    assert_int_equal(wt_clock_behind(v, 0, NOW - 900 * DAY), WT_CLOCK_LEAF | WT_CLOCK_AUTHORITY);
    ((struct wt_judgement *)(uintptr_t)v)->sct_latest = NOW + 2 * DAY;
    assert_int_equal(wt_clock_behind(v, 0, NOW), WT_CLOCK_LEAF | WT_CLOCK_LOG);
    /* a root that was made together with its leaf */
    drop(&m.leaf);
    m.leaf = issue(&f, &m.root);
    intern(&m, &m.leaf);
    intern(&m, &m.root);
    const struct wt_certificate_facts *sent[] = {m.leaf.facts, m.root.facts};
    v = wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW - 900 * DAY);
    assert_int_equal(wt_clock_behind(v, 0, NOW - 900 * DAY), 0);
    finish(&m);
}

static void test_issuers(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    /* nothing to trust at all */
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    assert_true(v->no_store);
    finish(&m);

    /* another root is trusted than the chain's */
    m = (struct made){0};
    begin(&m);
    struct form other = ROOT;
    other.name = "another root";
    struct party stranger = issue(&other, NULL);
    trust_root(&m, &stranger);
    v = of_leaf(&m, &LEAF);
    assert_int_equal(v->faults, bit(WT_CHAIN_UNKNOWN_ISSUER));
    assert_string_equal(v->missing, "CN=test root");
    /* with the root sent, too */
    intern(&m, &m.root);
    const struct wt_certificate_facts *all[] = {m.leaf.facts, m.intermediate.facts, m.root.facts};
    v = wt_chain_judge(m.judge, WT_SERVER, all, 3, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_UNKNOWN_ISSUER));
    assert_ptr_equal(v->point[WT_CHAIN_UNKNOWN_ISSUER].who, m.root.facts);
    /* its own issuer */
    struct party alone = issue(&LEAF, NULL);
    intern(&m, &alone);
    v = wt_chain_judge(m.judge, WT_SERVER, &alone.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_SELF_SIGNED));
    drop(&alone);
    drop(&stranger);
    finish(&m);
}

/* RFC 8446, 4.4.2: only the trust anchor "MAY be omitted from the chain". */
static void test_incomplete(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    m.leaf = issue(&LEAF, &m.intermediate);
    intern(&m, &m.leaf);
    /* "test intermediate" says what it is; no more */
    const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_false(v->proved);
    /* an intermediate that was seen and vouched for nothing shows nothing */
    intern(&m, &m.intermediate);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_false(v->proved);
    /* once it was seen in another connection's chain, this one is known to lack it */
    struct party other = issue(&LEAF, &m.intermediate);
    intern(&m, &other);
    const struct wt_certificate_facts *whole[] = {other.facts, m.intermediate.facts};
    assert_int_equal(wt_chain_judge(m.judge, WT_SERVER, whole, 2, NOW)->faults, 0);
    drop(&other);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_true(v->proved && v->trusted_then);
    assert_ptr_equal(v->point[WT_CHAIN_INCOMPLETE].who, m.intermediate.facts);
    finish(&m);

    /* given with --untrusted */
    m = (struct made){0};
    begin(&m);
    trust_root(&m, &m.root);
    uint8_t *der = NULL;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    int n = i2d_X509(m.intermediate.x, &der);
    assert_true(wt_trust_add_untrusted(m.trust, der, (size_t)n, &why));
    OPENSSL_free(der);
    m.leaf = issue(&LEAF, &m.intermediate);
    intern(&m, &m.leaf);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_true(v->proved && v->trusted_then);
    finish(&m);

    /* the leaf says where its issuer's certificate can be had: probable, no more */
    m = (struct made){0};
    begin(&m);
    trust_root(&m, &m.root);
    struct form f = LEAF;
    f.more = "caIssuers;URI:http://ca.example/i.der";
    m.leaf = issue(&f, &m.intermediate);
    intern(&m, &m.leaf);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_false(v->proved);
    /* near miss: a root may be left out, and a leaf of the root itself lacks nothing */
    drop(&m.leaf);
    m.leaf = issue(&f, &m.root);
    intern(&m, &m.leaf);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, 0);
    finish(&m);
}

/* A leaf sent alone or with what does not join up, its issuer nowhere to be seen: is that a root, or was it left out?
 */
static void test_gap(void **state)
{
    static const struct {
        const char *issuer, *authority;
        enum wt_chain_fault fault;
    } rows[] = {
        {"an authority", NULL, WT_CHAIN_UNKNOWN_ISSUER},
        {"Root of many issuing parties", NULL, WT_CHAIN_UNKNOWN_ISSUER},
        {"an Issuing authority", NULL, WT_CHAIN_INCOMPLETE},
        {"Signing CA", NULL, WT_CHAIN_INCOMPLETE},
        {"Internal CA", NULL, WT_CHAIN_UNKNOWN_ISSUER},
        /* RFC 5280, 4.2.1.1: authorityCertIssuer, the issuer's own issuer */
        {"an authority", "keyid,issuer:always", WT_CHAIN_INCOMPLETE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct made m = {0};
        begin(&m);
        trust_root(&m, &m.root);
        struct form above = INTERMEDIATE, leaf = LEAF;
        above.name = rows[i].issuer;
        leaf.authority = rows[i].authority;
        drop(&m.intermediate);
        m.intermediate = issue(&above, &m.root);
        m.leaf = issue(&leaf, &m.intermediate);
        intern(&m, &m.leaf);
        const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
        assert_int_equal(v->faults, bit(rows[i].fault));
        assert_false(v->proved);
        finish(&m);
    }
    /* a root that names itself as its own issuer, whatever it is called */
    struct made m = {0};
    begin(&m);
    trust_root(&m, &m.root);
    struct form f = ROOT, leaf = LEAF;
    f.name = "an intermediate solution";
    leaf.authority = "keyid,issuer:always";
    struct party alone = issue(&f, NULL);
    m.leaf = issue(&leaf, &alone);
    intern(&m, &m.leaf);
    const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_UNKNOWN_ISSUER));
    drop(&alone);
    finish(&m);
}

/* What is sent between leaf and root does not join up, or is another's of the same name. */
static void test_stranger_between(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    struct form f = INTERMEDIATE;
    f.name = "an authority";
    struct party right = issue(&f, &m.root), wrong = issue(&f, &m.root);
    m.leaf = issue(&LEAF, &right);
    intern(&m, &m.leaf);
    intern(&m, &m.root);
    const struct wt_certificate_facts *hole[] = {m.leaf.facts, m.root.facts};
    const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, hole, 2, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_false(v->proved);
    intern(&m, &wrong);
    const struct wt_certificate_facts *other[] = {m.leaf.facts, wrong.facts};
    v = wt_chain_judge(m.judge, WT_SERVER, other, 2, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_SIGNATURE));
    assert_ptr_equal(v->point[WT_CHAIN_SIGNATURE].who, m.leaf.facts);
    intern(&m, &right);
    const struct wt_certificate_facts *whole[] = {m.leaf.facts, right.facts};
    v = wt_chain_judge(m.judge, WT_SERVER, whole, 2, NOW);
    assert_int_equal(v->faults, 0);
    drop(&right);
    drop(&wrong);
    finish(&m);
}

static void test_form(void **state)
{
    struct made m = {0};
    struct form f;
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    f = LEAF;
    f.purpose = "clientAuth";
    assert_int_equal(of_leaf(&m, &f)->faults, bit(WT_CHAIN_PURPOSE));
    f.purpose = NULL; /* RFC 5280, 4.2.1.12: without the extension any purpose is right */
    assert_int_equal(of_leaf(&m, &f)->faults, 0);
    f = LEAF;
    f.rsa = 1024;
    const struct wt_judgement *v = of_leaf(&m, &f);
    assert_int_equal(v->faults, bit(WT_CHAIN_WEAK));
    assert_ptr_equal(v->point[WT_CHAIN_WEAK].who, m.leaf.facts);
    assert_true(v->weak_leaf);
    assert_null(v->weak_next.who);
    f.md = EVP_sha1();
    v = of_leaf(&m, &f);
    assert_ptr_equal(v->weak_next.who, m.leaf.facts);
    assert_int_equal(v->weak_next.why, WT_CHAIN_SHA1);
    f.md = NULL;
    f.rsa = 2048;
    assert_int_equal(of_leaf(&m, &f)->faults, 0);
    f = LEAF;
    f.md = EVP_sha1();
    assert_int_equal(of_leaf(&m, &f)->faults, bit(WT_CHAIN_WEAK));
    /* RFC 6962, 3.1: the poison of a precertificate; and another extension, which somebody may well know */
    f = LEAF;
    f.more = "critical:1.3.6.1.4.1.11129.2.4.3";
    v = of_leaf(&m, &f);
    assert_int_equal(v->faults, bit(WT_CHAIN_PURPOSE));
    assert_false(v->strange);
    assert_int_equal(v->point[WT_CHAIN_PURPOSE].why, WT_CHAIN_PRECERTIFICATE);
    f.more = "critical:1.3.6.1.4.1.99999.1";
    v = of_leaf(&m, &f);
    assert_int_equal(v->faults, bit(WT_CHAIN_PURPOSE));
    assert_true(v->strange);
    /* a leaf that issues certificates */
    struct party below = {0}, leaf = issue(&LEAF, &m.intermediate);
    below = issue(&LEAF, &leaf);
    intern(&m, &leaf);
    intern(&m, &below);
    const struct wt_certificate_facts *sent[] = {below.facts, leaf.facts, m.intermediate.facts};
    v = wt_chain_judge(m.judge, WT_SERVER, sent, 3, NOW);
    assert_true(v->faults & bit(WT_CHAIN_PURPOSE));
    drop(&below);
    drop(&leaf);
    /* the other role */
    m.leaf.facts = NULL;
    f = LEAF;
    f.purpose = "clientAuth";
    (void)of_leaf(&m, &f);
    const struct wt_certificate_facts *client[] = {m.leaf.facts, m.intermediate.facts};
    assert_int_equal(wt_chain_judge(m.judge, WT_CLIENT, client, 2, NOW)->faults, 0);
    finish(&m);
}

static void test_signature(void **state)
{
    struct made m = {0};
    uint8_t *der = NULL;
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    intern(&m, &m.intermediate);
    m.leaf = issue(&LEAF, &m.intermediate);
    int n = i2d_X509(m.leaf.x, &der);
    der[n - 5] ^= 1; /* in the signature */
    const struct wt_certificate_facts *bad = wt_certificates_intern(m.certificates, wt_span_of(der, (size_t)n));
    OPENSSL_free(der);
    const struct wt_certificate_facts *sent[] = {bad, m.intermediate.facts};
    const struct wt_judgement *v = wt_chain_judge(m.judge, WT_SERVER, sent, 2, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_SIGNATURE));
    assert_ptr_equal(v->point[WT_CHAIN_SIGNATURE].who, bad);
    /* bytes that are no certificate */
    const struct wt_certificate_facts *none = wt_certificates_intern(m.certificates, wt_span_text("none"));
    assert_int_equal(wt_chain_judge(m.judge, WT_SERVER, &none, 1, NOW)->faults, bit(WT_CHAIN_UNREADABLE));
    finish(&m);
}

/* --- what is given
 * ------------------------------------------------------------------------------------------------------ */

static void test_given(void **state)
{
    struct made m = {0};
    enum wt_problem_id why = WT_PROBLEM_NONE;
    char *pem;
    (void)state;
    begin(&m);
    assert_false(wt_trust_add_ca(m.trust, "", 0, &why));
    assert_false(wt_trust_add_ca(m.trust, "nothing", 7, &why));
    assert_int_not_equal(why, WT_PROBLEM_NONE);
    assert_false(wt_trust_add_ca_path(m.trust, "/nowhere/at/all", &why));
    assert_false(wt_trust_set_host(m.trust, "", &why));
    assert_false(wt_trust_set_host(m.trust, "a b", &why));
    assert_true(wt_trust_set_host(m.trust, "www.example.com", &why));
    BIO *bio = BIO_new(BIO_s_mem());
    assert_true(PEM_write_bio_X509(bio, m.root.x) && PEM_write_bio_X509(bio, m.intermediate.x));
    long n = BIO_get_mem_data(bio, &pem);
    assert_true(wt_trust_add_ca(m.trust, pem, (size_t)n, &why));
    assert_int_equal(m.trust->anchor_count, 2);
    BIO_free(bio);
    finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_clock),
        cmocka_unit_test(test_issuers), cmocka_unit_test(test_incomplete),
        cmocka_unit_test(test_gap),     cmocka_unit_test(test_stranger_between),
        cmocka_unit_test(test_form),    cmocka_unit_test(test_signature),
        cmocka_unit_test(test_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
