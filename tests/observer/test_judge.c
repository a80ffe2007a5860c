/* Certificates judged, on chains that the test itself issues: what is wrong with each, and what is not. */
#include "base/span.h"
#include "certificate/chain_names.h"
#include "certificate/clock.h"
#include "certificate/ocsp.h"
#include "codec/codec.h"
#include "observer/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DAY = 86400 };
static const int64_t NOW = 1700000000; /* 2023-11-14 */

/* A certificate with its key. */
struct party {
    X509 *x;
    EVP_PKEY *key;
    const struct wt_certificate_facts *facts;
};

struct made {
    struct wt_crypto *crypto;
    struct wt_certificates *certificates;
    struct wt_trust *trust;
    struct wt_judge *judge;
    struct party root, intermediate, leaf;
};

/* What differs from a good certificate. */
struct form {
    const char *name, *san, *usage, *purpose, *constraints, *more; /* more: "OID=DER:..." for one more extension */
    const char *authority;                                         /* authorityKeyIdentifier; NULL: "keyid" */
    int64_t from, until;                                           /* seconds after NOW; 0 and 0: a year around it */
    int rsa;                                                       /* bits; 0: P-256 */
    const EVP_MD *md;
};

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    if (!value)
        return;
    X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_true(X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
}

/* A critical extension with this OID, of NULL. */
static void critical(X509 *x, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    assert_true(object && value && ASN1_OCTET_STRING_set(value, (const uint8_t *)"\5\0", 2));
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
    assert_true(e && X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
}

static struct party issue(const struct form *f, const struct party *by)
{
    static long serial = 1;
    struct party p = {.x = X509_new()};
    p.key = f->rsa ? EVP_RSA_gen((unsigned)f->rsa) : EVP_EC_gen("P-256");
    assert_non_null(p.key);
    X509_set_version(p.x, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(p.x), serial++);
    X509_NAME *name = X509_get_subject_name(p.x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)f->name, -1, -1, 0);
    X509_set_issuer_name(p.x, by ? X509_get_subject_name(by->x) : name);
    bool year = !f->from && !f->until;
    ASN1_TIME_set(X509_getm_notBefore(p.x), (time_t)(NOW + (year ? -300 * DAY : f->from)));
    ASN1_TIME_set(X509_getm_notAfter(p.x), (time_t)(NOW + (year ? 300 * DAY : f->until)));
    X509_set_pubkey(p.x, p.key);
    X509 *issuer = by ? by->x : p.x;
    extend(p.x, issuer, NID_basic_constraints, f->constraints);
    extend(p.x, issuer, NID_key_usage, f->usage);
    extend(p.x, issuer, NID_ext_key_usage, f->purpose);
    extend(p.x, issuer, NID_subject_key_identifier, "hash");
    if (by)
        extend(p.x, issuer, NID_authority_key_identifier, f->authority ? f->authority : "keyid");
    extend(p.x, issuer, NID_subject_alt_name, f->san);
    if (f->more && !strncmp(f->more, "critical", 8))
        critical(p.x, f->more + 9);
    else if (f->more)
        extend(p.x, issuer, strncmp(f->more, "caIssuers", 9) ? NID_tlsfeature : NID_info_access, f->more);
    assert_true(X509_sign(p.x, by ? by->key : p.key, f->md ? f->md : EVP_sha256()) > 0);
    return p;
}

static void intern(struct made *m, struct party *p)
{
    uint8_t *der = NULL;
    int n = i2d_X509(p->x, &der);
    p->facts = wt_certificates_intern(m->certificates, wt_span_of(der, (size_t)n));
    assert_true(p->facts && p->facts->parsed);
    OPENSSL_free(der);
}

static void drop(struct party *p)
{
    X509_free(p->x);
    EVP_PKEY_free(p->key);
    *p = (struct party){0};
}

static const struct form ROOT = {
    .name = "test root", .constraints = "critical,CA:TRUE", .usage = "keyCertSign,cRLSign"};
static const struct form INTERMEDIATE = {
    .name = "test intermediate", .constraints = "critical,CA:TRUE,pathlen:0", .usage = "keyCertSign,cRLSign"};
static const struct form LEAF = {.name = "www.example.com",
                                 .constraints = "CA:FALSE",
                                 .usage = "digitalSignature",
                                 .purpose = "serverAuth",
                                 .san = "DNS:www.example.com,DNS:*.example.net,IP:192.0.2.1"};

static void trust_root(struct made *m, const struct party *p)
{
    uint8_t *der = NULL;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    int n = i2d_X509(p->x, &der);
    assert_true(wt_trust_add_ca(m->trust, der, (size_t)n, &why));
    OPENSSL_free(der);
}

static void begin(struct made *m)
{
    m->crypto = wt_crypto_new();
    m->certificates = wt_certificates_new(m->crypto);
    m->trust = wt_trust_new();
    wt_trust_without_system(m->trust);
    m->judge = wt_judge_new(m->crypto, m->certificates, m->trust);
    assert_true(m->crypto && m->certificates && m->trust && m->judge);
    m->root = issue(&ROOT, NULL);
    m->intermediate = issue(&INTERMEDIATE, &m->root);
}

/* What is wrong with a leaf of this form, with the intermediate behind it. */
static const struct wt_judgement *of_leaf(struct made *m, const struct form *leaf)
{
    drop(&m->leaf);
    m->leaf = issue(leaf, &m->intermediate);
    intern(m, &m->leaf);
    if (!m->intermediate.facts)
        intern(m, &m->intermediate);
    const struct wt_certificate_facts *sent[] = {m->leaf.facts, m->intermediate.facts};
    const struct wt_judgement *v = wt_chain_judge(m->judge, WT_SERVER, sent, 2, NOW);
    assert_non_null(v);
    return v;
}

static void end(struct made *m)
{
    drop(&m->leaf);
    drop(&m->intermediate);
    drop(&m->root);
    wt_judge_free(m->judge);
    wt_trust_free(m->trust);
    wt_certificates_free(m->certificates);
    wt_crypto_free(m->crypto);
}

static unsigned bit(enum wt_chain_fault fault)
{
    return 1u << fault;
}

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
    end(&m);
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
    end(&m);
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
    end(&m);
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
    end(&m);
}

static void test_issuers(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    /* nothing to trust at all */
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    assert_true(v->no_store);
    end(&m);

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
    end(&m);
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
    /* once the intermediate was seen in another connection, the same chain is known to lack it */
    intern(&m, &m.intermediate);
    v = wt_chain_judge(m.judge, WT_SERVER, &m.leaf.facts, 1, NOW);
    assert_int_equal(v->faults, bit(WT_CHAIN_INCOMPLETE));
    assert_true(v->proved && v->trusted_then);
    assert_ptr_equal(v->point[WT_CHAIN_INCOMPLETE].who, m.intermediate.facts);
    end(&m);

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
    end(&m);

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
    end(&m);
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
        end(&m);
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
    end(&m);
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
    end(&m);
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
    end(&m);
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
    end(&m);
}

/* --- OCSP ------------------------------------------------------------------------------------------------------------
 */

struct answer {
    int status;
    int64_t from, until; /* seconds after NOW */
    const struct party *signer, *about;
    bool damaged;
};

static struct wt_span staple(const struct made *m, const struct answer *a)
{
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), a->about->x, m->intermediate.x);
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(NOW + a->from)),
              *until = ASN1_TIME_set(NULL, (time_t)(NOW + a->until));
    ASN1_GENERALIZEDTIME *gf = ASN1_TIME_to_generalizedtime(from, NULL),
                         *gu = ASN1_TIME_to_generalizedtime(until, NULL);
    assert_non_null(OCSP_basic_add1_status(basic, id, a->status, OCSP_REVOKED_STATUS_KEYCOMPROMISE, gf, gf, gu));
    unsigned long flags = a->signer == &m->intermediate ? OCSP_NOCERTS : 0;
    assert_true(OCSP_basic_sign(basic, a->signer->x, a->signer->key, EVP_sha256(), NULL, flags));
    OCSP_RESPONSE *r = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    uint8_t *der = NULL;
    int n = i2d_OCSP_RESPONSE(r, &der);
    assert_true(n > 0);
    ASN1_TIME_free(from);
    ASN1_TIME_free(until);
    ASN1_GENERALIZEDTIME_free(gf);
    ASN1_GENERALIZEDTIME_free(gu);
    OCSP_CERTID_free(id);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(r);
    return wt_span_of(der, (size_t)n);
}

static const struct wt_judged_staple *judged(struct made *m, const struct wt_judgement *v, const struct answer *a)
{
    struct wt_span der = staple(m, a);
    if (a->damaged)
        ((uint8_t *)(uintptr_t)der.p)[der.n - 3] ^= 1;
    const struct wt_judged_staple *s = wt_ocsp_judge(m->judge, (struct wt_judgement *)(uintptr_t)v, der);
    assert_non_null(s);
    assert_ptr_equal(wt_ocsp_judge(m->judge, (struct wt_judgement *)(uintptr_t)v, der), s);
    OPENSSL_free((void *)(uintptr_t)der.p);
    return s;
}

static void test_ocsp(void **state)
{
    struct made m = {0};
    (void)state;
    begin(&m);
    trust_root(&m, &m.root);
    const struct wt_judgement *v = of_leaf(&m, &LEAF);
    struct answer a = {V_OCSP_CERTSTATUS_GOOD, -DAY, DAY, &m.intermediate, &m.leaf, false};
    const struct wt_judged_staple *s = judged(&m, v, &a);
    assert_int_equal(s->status, WT_OCSP_GOOD);
    assert_int_equal(s->this_update, NOW - DAY);
    assert_int_equal(s->next_update, NOW + DAY);
    assert_int_equal(wt_ocsp_fault_at(s, NOW), WT_OCSP_FINE);
    assert_int_equal(wt_ocsp_fault_at(s, NOW + 2 * DAY), WT_OCSP_OLD);
    assert_int_equal(wt_ocsp_fault_at(s, NOW - 2 * DAY), WT_OCSP_EARLY);
    a.status = V_OCSP_CERTSTATUS_REVOKED;
    s = judged(&m, v, &a);
    assert_int_equal(s->status, WT_OCSP_REVOKED);
    assert_int_equal(s->revoked_at, NOW - DAY);
    assert_string_equal(s->revoked_why, "keyCompromise");
    a.status = V_OCSP_CERTSTATUS_GOOD;
    a.damaged = true;
    assert_int_equal(wt_ocsp_fault_at(judged(&m, v, &a), NOW), WT_OCSP_SIGNATURE);
    a.damaged = false;
    a.about = &m.intermediate;
    assert_int_equal(wt_ocsp_fault_at(judged(&m, v, &a), NOW), WT_OCSP_OTHER_CERTIFICATE);
    a.about = &m.leaf;
    /* RFC 6960, 4.2.2.2: a responder that the issuer names by id-kp-OCSPSigning, and one that it does not */
    struct form f = {
        .name = "responder", .constraints = "CA:FALSE", .usage = "digitalSignature", .purpose = "OCSPSigning"};
    struct party responder = issue(&f, &m.intermediate);
    f.purpose = "serverAuth";
    struct party other = issue(&f, &m.intermediate);
    a.signer = &responder;
    assert_int_equal(wt_ocsp_fault_at(judged(&m, v, &a), NOW), WT_OCSP_FINE);
    a.signer = &other;
    assert_int_equal(wt_ocsp_fault_at(judged(&m, v, &a), NOW), WT_OCSP_NOT_AUTHORIZED);
    s = wt_ocsp_judge(m.judge, (struct wt_judgement *)(uintptr_t)v, wt_span_text("none"));
    assert_int_equal(wt_ocsp_fault_at(s, NOW), WT_OCSP_UNREADABLE);
    drop(&responder);
    drop(&other);
    struct form must = LEAF;
    assert_false(of_leaf(&m, &must)->must_staple);
    must.more = "status_request"; /* RFC 7633 */
    assert_true(of_leaf(&m, &must)->must_staple);
    end(&m);
}

/* --- SCTs ------------------------------------------------------------------------------------------------------------
 */

/* One v1 SCT over the certificate, by a log of the test's own (RFC 6962, 3.2). */
static size_t make_sct(EVP_PKEY *log, X509 *leaf, const uint8_t id[32], uint8_t *out)
{
    uint8_t entry[4096], signature[128], *der = NULL;
    size_t n = 0, length = sizeof signature;
    int cert = i2d_X509(leaf, &der);
    memset(entry, 0, 12);
    entry[9] = 1; /* timestamp */
    n = 12;
    entry[n++] = 0;
    entry[n++] = (uint8_t)(cert >> 8);
    entry[n++] = (uint8_t)cert;
    memcpy(entry + n, der, (size_t)cert);
    n += (size_t)cert;
    entry[n++] = 0;
    entry[n++] = 0;
    OPENSSL_free(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_true(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, log));
    assert_true(EVP_DigestSign(ctx, signature, &length, entry, n));
    EVP_MD_CTX_free(ctx);
    uint8_t *p = out + 4;
    *p++ = 0;
    memcpy(p, id, 32);
    p += 32;
    memset(p, 0, 8);
    p[7] = 1;
    p += 8;
    *p++ = 0;
    *p++ = 0;
    *p++ = 4; /* ecdsa_secp256r1_sha256 */
    *p++ = 3;
    *p++ = (uint8_t)(length >> 8);
    *p++ = (uint8_t)length;
    memcpy(p, signature, length);
    p += length;
    size_t all = (size_t)(p - out);
    out[0] = (uint8_t)((all - 2) >> 8);
    out[1] = (uint8_t)(all - 2);
    out[2] = (uint8_t)((all - 4) >> 8);
    out[3] = (uint8_t)(all - 4);
    return all;
}

static void test_scts(void **state)
{
    struct made m = {0};
    uint8_t list[1024], *spki = NULL;
    char line[512];
    enum wt_problem_id why = WT_PROBLEM_NONE;
    struct wt_sct_result r;
    (void)state;
    begin(&m);
    m.leaf = issue(&LEAF, &m.intermediate);
    EVP_PKEY *log = EVP_EC_gen("P-256");
    int n = i2d_PUBKEY(log, &spki);
    assert_true(EVP_EncodeBlock((unsigned char *)line, spki, n) > 0);
    uint8_t id[WT_DIGEST_MOST];
    assert_int_equal(wt_digest(m.crypto, WT_HASH_SHA256, wt_span_of(spki, (size_t)n), id), 32);
    size_t length = make_sct(log, m.leaf.x, id, list);
    wt_sct_judge(m.judge, wt_span_of(list, length), m.leaf.x, NULL, false, &r);
    assert_int_equal(r.count, 1);
    assert_int_equal(r.unknown, 1);
    assert_false(wt_trust_add_logs(m.trust, "{}", 2, &why));
    assert_false(wt_trust_add_logs(m.trust, "no key\n", 7, &why));
    char text[1024];
    (void)snprintf(text, sizeof text, "# logs\n%s a log\n", line);
    assert_true(wt_trust_add_logs(m.trust, text, strlen(text), &why));
    wt_sct_judge(m.judge, wt_span_of(list, length), m.leaf.x, NULL, false, &r);
    assert_int_equal(r.verified, 1);
    list[length - 1] ^= 1;
    wt_sct_judge(m.judge, wt_span_of(list, length), m.leaf.x, NULL, false, &r);
    assert_int_equal(r.verified, 0);
    assert_int_equal(r.bad, 1);
    /* the JSON of Chrome's list */
    (void)snprintf(text, sizeof text, "{\"operators\":[{\"logs\":[{\"description\":\"x\",\"key\":\"%s\"}]}]}", line);
    assert_true(wt_trust_add_logs(m.trust, text, strlen(text), &why));
    assert_string_equal(m.trust->logs[1].name, "x");
    OPENSSL_free(spki);
    EVP_PKEY_free(log);
    end(&m);
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
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_times),   cmocka_unit_test(test_clock),
        cmocka_unit_test(test_issuers), cmocka_unit_test(test_incomplete),
        cmocka_unit_test(test_gap),     cmocka_unit_test(test_stranger_between),
        cmocka_unit_test(test_form),    cmocka_unit_test(test_signature),
        cmocka_unit_test(test_ocsp),    cmocka_unit_test(test_scts),
        cmocka_unit_test(test_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
