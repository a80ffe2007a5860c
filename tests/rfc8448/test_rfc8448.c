/* RFC 8448's traces, all its sections, made anew by codec, key schedule, record protection and verification: every
 * value that the RFC prints is computed here from its inputs and compared (README.md). */
#include "key.h"
#include "run.h"

#include <openssl/rsa.h>

static const char *folder;

static const struct deed {
    const char *what;
    run_deed *go;
} deeds[] = {
    {"binder", run_binder},     {"derive", run_derive}, {"derived", run_derived}, {"extract", run_extract},
    {"finished", run_finished}, {"keys", run_keys},     {"message", run_message}, {"record", run_record},
    {"share", run_share},       {"ticket", run_ticket},
};

static void walk(struct run *r, const char *name)
{
    struct trace *t = trace_read(folder, name);
    for (size_t i = 0; i < t->count; i++) {
        struct trace_step *step = &t->steps[i];
        const struct deed *d = deeds;
        while (strcmp(d->what, step->what) != 0)
            assert_true(++d < deeds + sizeof deeds / sizeof *deeds);
        r->said_n = 0;
        d->go(r, step);
        for (size_t k = 0; k < step->count; k++)
            if (!step->fields[k].used)
                fail_msg("%s, line %u: nobody compared %s", name, step->line, step->fields[k].name);
    }
    assert_int_equal(r->pending[0].n + r->pending[1].n, 0);
    trace_free(t);
    print_message("%s: %u values compared, %u given; %u messages, %u records (%u sealed and opened), %u signatures, "
                  "%u Finished, %u binders\n",
                  name, r->compared, r->inputs, r->messages, r->records, r->sealed, r->signatures, r->finished,
                  r->binders);
}

/* What each section has to show besides its values: nothing may be left out by a damaged file. */
static void expect_counts(const struct run *r, unsigned compared, unsigned records, unsigned sealed,
                          unsigned signatures, unsigned binders)
{
    assert_int_equal(r->compared, compared);
    assert_int_equal(r->records, records);
    assert_int_equal(r->sealed, sealed);
    assert_int_equal(r->signatures, signatures);
    assert_int_equal(r->finished, 2);
    assert_int_equal(r->binders, binders);
}

static void simple_1_rtt(void **state)
{
    struct run *r = run_new();
    (void)state;
    walk(r, "section-3.txt");
    expect_counts(r, 95, 9, 7, 1, 0);
    run_free(r);
}

/* "This handshake resumes from the handshake in Section 3." */
static void resumed_0_rtt(void **state)
{
    struct run *first = run_new(), *r = run_new();
    (void)state;
    walk(first, "section-3.txt");
    r->psk_n = first->schedule.length;
    memcpy(r->psk, first->ticket, r->psk_n);
    walk(r, "section-4.txt");
    expect_counts(r, 112, 10, 8, 0, 1);
    run_free(first);
    run_free(r);
}

static void hello_retry_request(void **state)
{
    struct run *r = run_new();
    (void)state;
    walk(r, "section-5.txt");
    expect_counts(r, 92, 8, 4, 1, 0);
    assert_true(r->retried);
    run_free(r);
}

static void client_authentication(void **state)
{
    struct run *r = run_new();
    (void)state;
    walk(r, "section-6.txt");
    expect_counts(r, 87, 6, 4, 2, 0);
    assert_int_equal(wt_public_key_kind(r->certified[WT_CLIENT]), WT_KEY_RSA);
    assert_int_equal(wt_public_key_kind(r->certified[WT_SERVER]), WT_KEY_EC);
    run_free(r);
}

static void compatibility_mode(void **state)
{
    struct run *r = run_new();
    (void)state;
    walk(r, "section-7.txt");
    expect_counts(r, 89, 8, 4, 1, 0);
    run_free(r);
}

/* Section 2: the RSA key's eight numbers belong together, and what it signs the certificate of section 3 vouches for.
 */
static void private_keys(void **state)
{
    struct run *r = run_new();
    struct trace *t = trace_read(folder, "section-2.txt");
    uint8_t room[WT_SIGNED13_MOST], hash[WT_DIGEST_MOST], signature[256];
    size_t n = sizeof signature;
    (void)state;
    walk(r, "section-3.txt");
    assert_int_equal(t->count, 1);
    EVP_PKEY *key = trace_rsa_key(&t->steps[0]);
    EVP_PKEY_CTX *check = EVP_PKEY_CTX_new(key, NULL), *how;
    assert_int_equal(EVP_PKEY_check(check), 1);
    EVP_PKEY_CTX_free(check);

    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    struct wt_span content = {room, wt_signed13(WT_SERVER, run_transcript_hash(r, hash), room)};
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &how, "SHA256", NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST), 1);
    assert_int_equal(EVP_DigestSign(ctx, signature, &n, content.p, content.n), 1);
    assert_int_equal(wt_signature_verify(r->crypto, r->certified[WT_SERVER], WT_SCHEME_RSA_PSS_RSAE_SHA256, true,
                                         &content, 1, wt_span_of(signature, n)),
                     WT_HOLDS);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    trace_free(t);
    run_free(r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(private_keys),          cmocka_unit_test(simple_1_rtt),
        cmocka_unit_test(resumed_0_rtt),         cmocka_unit_test(hello_retry_request),
        cmocka_unit_test(client_authentication), cmocka_unit_test(compatibility_mode),
    };
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
