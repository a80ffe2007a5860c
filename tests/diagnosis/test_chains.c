/* Chains that clients reject, issued by the test itself: roots that have expired while certificates still lead to them,
 * damaged DER, and clients' certificates that the server did not ask for. Each beside a chain that looks like it and is
 * rejected for another reason. */
#define finish finish_made /* segments.h has one of its own */
#include "../observer/issued.h"
#undef finish
#include "../observer/segments.h"

enum { PORT = 40000, YEAR = 365 * DAY };

static const struct form OLD_ROOT = {.name = "old root",
                                     .constraints = "critical,CA:TRUE",
                                     .usage = "keyCertSign,cRLSign",
                                     .from = -20 * (int64_t)YEAR,
                                     .until = -40 * (int64_t)DAY};

/* RFC 5280, 3.2: for the name and key of an authority, by another one. */
static X509 *cross_sign(const struct party *of, const struct party *by, int64_t until)
{
    X509 *x = X509_dup(of->x);
    assert_non_null(x);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 4711);
    X509_set_issuer_name(x, X509_get_subject_name(by->x));
    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)(NOW + until));
    assert_true(X509_sign(x, by->key, EVP_sha256()) > 0);
    return x;
}

/* A Certificate message of TLS 1.2 (RFC 5246, 7.4.2); the last `cut` bytes of the second certificate are something
 * else. */
static void add_chain(struct flight *f, X509 *const chain[], size_t n, size_t cut)
{
    uint8_t room[4096];
    struct wt_writer w = wt_writer_start(room, sizeof room);
    size_t list = wt_write_open(&w, 3);
    for (size_t i = 0; i < n; i++) {
        uint8_t *der = NULL;
        int length = i2d_X509(chain[i], &der);
        assert_true(length > 0 && (size_t)length > cut);
        if (i == 1 && cut)
            memset(der + 4, 0xff, cut);
        wt_write_opaque(&w, wt_span_of(der, (size_t)length), 3, 1, 4000, "certificate");
        OPENSSL_free(der);
    }
    wt_write_close(&w, list, 3, 0, 4000, "list");
    assert_int_equal(w.error.code, WT_OK);
    add_handshake(f, WT_HANDSHAKE_CERTIFICATE, room, w.n);
}

static bool java;
static struct wt_trust *trust;

/* An observer that trusts one root, or none. */
static void begin_with(const struct party *root, int64_t at)
{
    start(NULL);
    stop(&h);
    wt_trust_free(trust);
    trust = wt_trust_new();
    assert_non_null(trust);
    wt_trust_without_system(trust);
    if (root) {
        uint8_t *der = NULL;
        enum wt_problem_id why = WT_PROBLEM_NONE;
        int n = i2d_X509(root->x, &der);
        assert_true(wt_trust_add_ca(trust, der, (size_t)n, &why));
        OPENSSL_free(der);
    }
    const struct wt_observer_options options = {
        .size = sizeof options, .connection = on_connection, .context = &h, .keep_messages = true, .trust = trust};
    memset(&h, 0, sizeof h);
    h.observer = wt_observer_new(&options, NULL);
    assert_non_null(h.observer);
    wt_observer_file(h.observer, "capture");
    now = at * 1000000000;
}

/* The client asks for www.example.com and answers the server's Certificate with an alert. */
static void rejected(const struct party *root, X509 *const chain[], size_t n, size_t cut, uint8_t description,
                     int64_t at)
{
    struct hello how = {.sni = "www.example.com", .status_request_v2 = java};
    client_hello(say(&d, WT_CLIENT), how);
    struct flight *f = say(&d, WT_SERVER);
    server_hello(f, how);
    add_chain(f, chain, n, cut);
    alert(say(&d, WT_CLIENT), 2, description);
    begin_with(root, at);
    syn(PORT, 1000);
    pass(PORT, 1000, 0, 0);
    forget(&d);
    finish();
    assert_int_equal(h.causes, 1);
}

static void expect(const char *cause, uint8_t fault, const char *text, const char * not )
{
    assert_string_equal(h.cause, cause);
    if (!strstr(h.cause_text, text))
        fail_msg("\"%s\" is not in \"%s\"", text, h.cause_text);
    if (not &&strstr(h.cause_text, not ))
        fail_msg("\"%s\" is in \"%s\"", not, h.cause_text);
    if (h.fault != fault)
        fail_msg("fault %u, not %u: %s", h.fault, fault, h.cause_text);
    stop(&h);
}

/* The server's chain leads past an authority whose own root is current to one that has expired: the cross-signed
 * certificate has expired itself, or only the root that signed it, which is sent as well. Near miss: the leaf has
 * expired, too. */
static void test_cross_signed(void **state)
{
    struct party old = issue(&OLD_ROOT, NULL), root = issue(&ROOT, NULL), intermediate = issue(&INTERMEDIATE, &root);
    struct party leaf = issue(&LEAF, &intermediate);
    struct form past = LEAF;
    past.from = -200 * (int64_t)DAY;
    past.until = -2 * (int64_t)DAY;
    struct party expired = issue(&past, &intermediate);
    X509 *ended = cross_sign(&root, &old, -41 * (int64_t)DAY), *valid = cross_sign(&root, &old, 200 * (int64_t)DAY);
    (void)state;
    rejected(&root, (X509 *const[]){leaf.x, intermediate.x, ended}, 3, 0, WT_ALERT_CERTIFICATE_EXPIRED, NOW);
    expect("certificate-expired", WT_FAULT_BOTH, "cross-signed certificate CN=test root, issued by CN=old root", NULL);
    rejected(&root, (X509 *const[]){leaf.x, intermediate.x, valid, old.x}, 4, 0, WT_ALERT_CERTIFICATE_EXPIRED, NOW);
    expect("certificate-expired", WT_FAULT_BOTH, "also sent the root CN=old root", NULL);
    rejected(&root, (X509 *const[]){expired.x, intermediate.x, ended}, 3, 0, WT_ALERT_CERTIFICATE_EXPIRED, NOW);
    expect("certificate-expired", WT_FAULT_SERVER, "(www.example.com) expired on", "cross-signed");
    X509_free(ended);
    X509_free(valid);
    drop(&expired);
    drop(&leaf);
    drop(&intermediate);
    drop(&root);
    drop(&old);
}

/* The roots of expired_roots.def are not sent, as usual: their names and dates are known. DST Root CA X3 was valid
 * until 2021-09-30 14:01:15 UTC, AddTrust External CA Root until 2020-05-30 10:48:38 UTC. Near misses: the second
 * before; another root of that name's owner. */
static void test_known_roots(void **state)
{
    static const struct {
        const char *name;
        int64_t last; /* second of its validity */
        bool known;
    } rows[] = {
        {"DST Root CA X3", 1633010475, true},
        {"AddTrust External CA Root", 1590835718, true},
        {"UTN-USERFirst-Hardware", 1562696362, true},
        {"DST Root CA X4", 1633010475, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct form old = ROOT, young = ROOT, middle = INTERMEDIATE, end = LEAF;
        old.name = rows[i].name;
        old.from = young.from = middle.from = end.from = -10 * (int64_t)YEAR;
        old.until = rows[i].last - NOW;
        young.until = middle.until = end.until = YEAR;
        struct party gone = issue(&old, NULL), root = issue(&young, NULL), intermediate = issue(&middle, &root);
        struct party leaf = issue(&end, &intermediate);
        X509 *cross = cross_sign(&root, &gone, YEAR);
        for (int after = -100; after <= 1; after += 101) {
            rejected(&root, (X509 *const[]){leaf.x, intermediate.x, cross}, 3, 0, WT_ALERT_CERTIFICATE_EXPIRED,
                     rows[i].last + after);
            bool blamed = after > 0 && rows[i].known;
            expect("certificate-expired", blamed ? WT_FAULT_BOTH : WT_FAULT_CLIENT,
                   blamed ? "a root that has expired" : "certificate_expired", blamed ? NULL : "cross-signed");
        }
        X509_free(cross);
        drop(&leaf);
        drop(&intermediate);
        drop(&root);
        drop(&gone);
    }
}

/* X.690 is not optional: an intermediate that is no DER is damaged, not left out. Near miss: it is left out. */
static void test_damaged(void **state)
{
    static const uint8_t alerts[] = {WT_ALERT_BAD_CERTIFICATE, WT_ALERT_UNKNOWN_CA, WT_ALERT_CERTIFICATE_UNKNOWN};
    struct party root = issue(&ROOT, NULL), intermediate = issue(&INTERMEDIATE, &root),
                 leaf = issue(&LEAF, &intermediate);
    (void)state;
    for (size_t i = 0; i < sizeof alerts; i++) {
        rejected(NULL, (X509 *const[]){leaf.x, intermediate.x}, 2, 40, alerts[i], NOW);
        expect("malformed-message", WT_FAULT_SERVER, "Certificate 2 of the server's Certificate message",
               "intermediate");
    }
    rejected(NULL, (X509 *const[]){leaf.x}, 1, 0, WT_ALERT_UNKNOWN_CA, NOW);
    expect("certificate-chain-incomplete", WT_FAULT_SERVER, "CN=test intermediate", "DER");
    drop(&leaf);
    drop(&intermediate);
    drop(&root);
}

/* RFC 5280, 4.2.1.10. */
static void constrain_names(struct party *authority, const struct party *by)
{
    X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, NULL, NID_name_constraints, "critical,permitted;DNS:example.org");
    assert_non_null(e);
    assert_true(X509_add_ext(authority->x, e, -1));
    assert_true(X509_sign(authority->x, by->key, EVP_sha256()) > 0);
    X509_EXTENSION_free(e);
}

/* A certificate that must not be used has several reasons, and what mends one does not mend another. */
static void test_purpose(void **state)
{
    struct form no_authority = INTERMEDIATE, shorter = INTERMEDIATE, critical = LEAF, wrong = LEAF;
    no_authority.constraints = "critical,CA:FALSE";
    shorter.constraints = "critical,CA:TRUE,pathlen:0";
    shorter.name = "test path length";
    critical.more = "critical:1.2.3.4.5";
    wrong.purpose = "codeSigning";
    struct party root = issue(&ROOT, NULL), intermediate = issue(&INTERMEDIATE, &root);
    struct party none = issue(&no_authority, &root), high = issue(&shorter, &root), low = issue(&INTERMEDIATE, &high),
                 names = issue(&INTERMEDIATE, &root);
    struct party leaves[] = {issue(&wrong, &intermediate), issue(&critical, &intermediate), issue(&LEAF, &none),
                             issue(&LEAF, &low), issue(&LEAF, &names)};
    constrain_names(&names, &root);
    const struct {
        X509 *chain[3];
        const char *text, *advice;
    } cases[] = {
        {{leaves[0].x, intermediate.x}, "extended key usage", "extendedKeyUsage serverAuth"},
        {{leaves[1].x, intermediate.x}, "critical extension", "not marked critical"},
        {{leaves[2].x, none.x}, "is not a CA", "keyCertSign"},
        {{leaves[3].x, low.x, high.x}, "more certificates below it", "pathlen"},
        {{leaves[4].x, names.x}, "nameConstraints", "by an authority that may issue"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rejected(&root, cases[i].chain, cases[i].chain[2] ? 3 : 2, 0, WT_ALERT_UNSUPPORTED_CERTIFICATE, NOW);
        if (!strstr(h.advice, cases[i].advice))
            fail_msg("\"%s\" is not in \"%s\", for: %s", cases[i].advice, h.advice, h.cause_text);
        expect("certificate-wrong-purpose", WT_FAULT_SERVER, cases[i].text, NULL);
        drop(&leaves[i]);
    }
    struct party *const authorities[] = {&names, &low, &high, &none, &intermediate, &root};
    for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++)
        drop(authorities[i]);
}

/* RFC 5246, 7.4.4: certificate_authorities has "the distinguished names ... of acceptable certificate_authorities";
 * 7.4.6: the client's certificate "SHOULD" be issued by one of them. Near miss: it is, and the server rejects it all
 * the same. */
static void test_unlisted(void **state)
{
    struct form person = LEAF;
    person.name = "somebody";
    person.purpose = "clientAuth";
    struct party root = issue(&ROOT, NULL), other = issue(&OLD_ROOT, NULL), leaf = issue(&LEAF, &root);
    struct party client = issue(&person, &root);
    (void)state;
    for (unsigned listed = 0; listed < 2; listed++) {
        const struct hello how = {.sni = "www.example.com"};
        uint8_t request[256], *name = NULL;
        struct wt_writer w = wt_writer_start(request, sizeof request);
        int n = i2d_X509_NAME(X509_get_subject_name(listed ? root.x : other.x), &name);
        wt_write_bytes(&w, wt_span_of("\1\100\0\2\4\3", 6)); /* ecdsa_sign, ecdsa_secp256r1_sha256 */
        size_t open = wt_write_open(&w, 2);
        wt_write_opaque(&w, wt_span_of(name, (size_t)n), 2, 1, 200, "name");
        wt_write_close(&w, open, 2, 0, 250, "list");
        OPENSSL_free(name);
        client_hello(say(&d, WT_CLIENT), how);
        struct flight *f = say(&d, WT_SERVER);
        server_hello(f, how);
        add_chain(f, (X509 *const[]){leaf.x}, 1, 0);
        server_key_exchange(f);
        add_handshake(f, WT_HANDSHAKE_CERTIFICATE_REQUEST, request, w.n);
        server_hello_done(f);
        f = say(&d, WT_CLIENT);
        add_chain(f, (X509 *const[]){client.x}, 1, 0);
        client_key_exchange(f);
        alert(say(&d, WT_SERVER), 2, WT_ALERT_UNKNOWN_CA);
        begin_with(NULL, NOW);
        syn(PORT, 1000);
        pass(PORT, 1000, 0, 0);
        forget(&d);
        finish();
        expect("client-certificate-rejected", WT_FAULT_CLIENT,
               listed ? "does not know or trust its issuer" : "is none of the certificate authorities",
               listed ? "is none of" : NULL);
    }
    drop(&client);
    drop(&leaf);
    drop(&other);
    drop(&root);
}

/* Java sends certificate_unknown for an untrusted issuer. Near misses: a client that is not like Java's; a certificate
 * that has expired, which explains any alert. */
static void test_java(void **state)
{
    struct form past = LEAF;
    past.from = -200 * (int64_t)DAY;
    past.until = -2 * (int64_t)DAY;
    struct party root = issue(&ROOT, NULL), intermediate = issue(&INTERMEDIATE, &root),
                 leaf = issue(&LEAF, &intermediate);
    struct party expired = issue(&past, &intermediate);
    (void)state;
    java = true;
    rejected(NULL, (X509 *const[]){leaf.x, intermediate.x}, 2, 0, WT_ALERT_CERTIFICATE_UNKNOWN, NOW);
    assert_true(h.probable);
    expect("certificate-unknown-issuer", WT_FAULT_SERVER, "PKIX path building failed", NULL);
    rejected(NULL, (X509 *const[]){expired.x, intermediate.x}, 2, 0, WT_ALERT_CERTIFICATE_UNKNOWN, NOW);
    expect("certificate-expired", WT_FAULT_SERVER, "(www.example.com) expired on", "Java");
    java = false;
    rejected(NULL, (X509 *const[]){leaf.x, intermediate.x}, 2, 0, WT_ALERT_CERTIFICATE_UNKNOWN, NOW);
    expect("certificate-unknown-issuer", WT_FAULT_SERVER, "certificate_unknown", "Java");
    drop(&expired);
    drop(&leaf);
    drop(&intermediate);
    drop(&root);
}

#define TEST(name) cmocka_unit_test_teardown(name, clean)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_cross_signed), TEST(test_known_roots), TEST(test_damaged),
        TEST(test_purpose),      TEST(test_unlisted),    TEST(test_java),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wt_trust_free(trust);
    return failed;
}
