/* OCSP responses and SCT lists judged, on chains that the test itself issues. */
#include "../certificate/sct.h"
#include "issued.h"

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
    /* one that names the issuer, and was signed by somebody else: a stranger can make as many as he likes */
    const struct party stranger = {.x = m.intermediate.x, .key = m.root.key};
    f.purpose = "OCSPSigning";
    struct party forged = issue(&f, &stranger);
    a.signer = &forged;
    assert_int_equal(wt_ocsp_fault_at(judged(&m, v, &a), NOW), WT_OCSP_NOT_AUTHORIZED);
    drop(&forged);
    drop(&responder);
    drop(&other);
    struct form must = LEAF;
    assert_false(of_leaf(&m, &must)->must_staple);
    must.more = "status_request"; /* RFC 7633 */
    assert_true(of_leaf(&m, &must)->must_staple);
    finish(&m);
}

/* --- SCTs ------------------------------------------------------------------------------------------------------------
 */

static void test_scts(void **state)
{
    struct made m = {0};
    uint8_t list[TEST_SCT_ROOM], *spki = NULL;
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
    size_t length = test_sct_make(log, m.leaf.x, id, list);
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
    finish(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ocsp),
        cmocka_unit_test(test_scts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
