#include "issued.h"

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

struct party issue(const struct form *f, const struct party *by)
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

void intern(struct made *m, struct party *p)
{
    uint8_t *der = NULL;
    int n = i2d_X509(p->x, &der);
    p->facts = wt_certificates_intern(m->certificates, wt_span_of(der, (size_t)n));
    assert_true(p->facts && p->facts->parsed);
    OPENSSL_free(der);
}

void drop(struct party *p)
{
    X509_free(p->x);
    EVP_PKEY_free(p->key);
    *p = (struct party){0};
}

const struct form ROOT = {.name = "test root", .constraints = "critical,CA:TRUE", .usage = "keyCertSign,cRLSign"};
const struct form INTERMEDIATE = {
    .name = "test intermediate", .constraints = "critical,CA:TRUE,pathlen:0", .usage = "keyCertSign,cRLSign"};
const struct form LEAF = {.name = "www.example.com",
                          .constraints = "CA:FALSE",
                          .usage = "digitalSignature",
                          .purpose = "serverAuth",
                          .san = "DNS:www.example.com,DNS:*.example.net,IP:192.0.2.1"};

void trust_root(struct made *m, const struct party *p)
{
    uint8_t *der = NULL;
    enum wt_problem_id why = WT_PROBLEM_NONE;
    int n = i2d_X509(p->x, &der);
    assert_true(wt_trust_add_ca(m->trust, der, (size_t)n, &why));
    OPENSSL_free(der);
}

void begin(struct made *m)
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
const struct wt_judgement *of_leaf(struct made *m, const struct form *leaf)
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

void finish(struct made *m)
{
    drop(&m->leaf);
    drop(&m->intermediate);
    drop(&m->root);
    wt_judge_free(m->judge);
    wt_trust_free(m->trust);
    wt_certificates_free(m->certificates);
    wt_crypto_free(m->crypto);
}

unsigned bit(enum wt_chain_fault fault)
{
    return 1u << fault;
}
