/* The key schedule against libcrypto's own TLS13-KDF, and what it says of each step. That its values are the RFC's is
 * shown by tests/rfc8448; here stand the drafts' ways, the bounds, and hashes that the RFC's traces do not use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "keys/schedule.h"
#include "wiretale/report.h"

static struct wt_crypto *crypto;

static struct wt_span bytes_of(const char *hex, uint8_t *room)
{
    size_t n = 0;
    for (; hex[2 * n]; n++)
        assert_int_equal(sscanf(hex + 2 * n, "%2hhx", &room[n]), 1);
    return wt_span_of(room, n);
}

static void expect(const uint8_t *found, const char *hex)
{
    uint8_t room[256];
    struct wt_span wanted = bytes_of(hex, room);
    assert_memory_equal(found, wanted.p, wanted.n);
}

static struct wt_schedule schedule_of(enum wt_hash_id hash, uint16_t version, const struct wt_steps *steps)
{
    struct wt_schedule s;
    assert_true(wt_schedule_start(&s, crypto, hash, version, steps));
    return s;
}

/* --- against libcrypto ------------------------------------------------------------------------------------------- */

static bool reference(const char *digest, const char *prefix, struct wt_span secret, const char *label,
                      struct wt_span context, uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_MODE, (char *)"EXPAND_ONLY", 0),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret.p, secret.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, (void *)prefix, strlen(prefix)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)label, strlen(label)),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_DATA, context.n ? (void *)context.p : (void *)"", context.n),
        OSSL_PARAM_construct_end(),
    };
    bool done = EVP_KDF_derive(ctx, out, n, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return done;
}

/* Secrets, labels, contexts and lengths of every size that both take. */
static void expands_as_libcrypto(void **state)
{
    static const struct {
        enum wt_hash_id hash;
        const char *name;
    } hashes[] = {{WT_HASH_SHA256, "SHA256"}, {WT_HASH_SHA384, "SHA384"}, {WT_HASH_SHA512, "SHA512"}};
    uint8_t secret[64], context[64], ours[512], theirs[512];
    char label[200];
    (void)state;
    srand(8446);
    for (int round = 0; round < 600; round++) {
        unsigned h = (unsigned)round % 3;
        bool draft = round % 2;
        struct wt_schedule s = schedule_of(hashes[h].hash, draft ? 0x7f00 + 19 : WT_TLS13, NULL);
        size_t label_n = 1 + (size_t)rand() % (sizeof label - 1), context_n = (size_t)rand() % 2 ? s.length : 0;
        size_t n = 1 + (size_t)rand() % sizeof ours;
        for (size_t i = 0; i < sizeof secret; i++)
            secret[i] = (uint8_t)rand(), context[i] = (uint8_t)rand();
        for (size_t i = 0; i < label_n; i++)
            label[i] = (char)('a' + rand() % 26);
        label[label_n - 1] = 0;
        if (label_n == 1)
            (void)strcpy(label, "x");
        struct wt_span from = {secret, s.length}, with = {context, context_n};
        assert_true(wt_expand_label(&s, "exporter", from, label, with, ours, n));
        assert_true(reference(hashes[h].name, draft ? "TLS 1.3, " : "tls13 ", from, label, with, theirs, n));
        assert_memory_equal(ours, theirs, n);
    }
}

/* RFC 8446, 7.1: "opaque label<7..255>", "opaque context<0..255>"; RFC 5869, 2.3: "length of output keying material in
 * octets (<= 255*HashLen)". */
static void keeps_to_its_bounds(void **state)
{
    uint8_t context[256] = {0}, secret[32] = {1}, out[255 * 32 + 1];
    char label[251];
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, WT_TLS13, NULL);
    struct wt_span from = wt_span_of(secret, 32), none = {0};
    (void)state;
    memset(label, 'l', sizeof label);
    label[249] = 0;
    assert_true(wt_expand_label(&s, "exporter", from, label, wt_span_of(context, 255), out, 32));
    assert_false(wt_expand_label(&s, "exporter", from, label, wt_span_of(context, 256), out, 32));
    label[249] = 'l', label[250] = 0;
    assert_false(wt_expand_label(&s, "exporter", from, label, none, out, 32));
    assert_false(wt_expand_label(&s, "exporter", from, "", none, out, 32));
    assert_true(wt_expand_label(&s, "exporter", from, "l", none, out, 255 * 32));
    assert_false(wt_expand_label(&s, "exporter", from, "l", none, out, 255 * 32 + 1));
    assert_false(wt_expand_label(&s, "exporter", from, "l", none, out, 0));
    assert_false(wt_expand_label(&s, "exporter", from, "l", none, out, (size_t)UINT16_MAX + 1));
    assert_false(wt_schedule_start(&s, crypto, WT_HASH_NONE, WT_TLS13, NULL));
    assert_false(wt_schedule_start(&s, crypto, WT_HASH_STREEBOG, WT_TLS13, NULL));
}

/* The traces all use SHA-256: the ladder once with SHA-384, made of libcrypto's parts. */
static void climbs_with_sha384(void **state)
{
    static const uint8_t zeros[48];
    uint8_t psk[32], shared[48], hash[48], empty[WT_DIGEST_MOST], salt[48], early[64], handshake[64], master[64];
    uint8_t ours[64], theirs[64], key[32], iv[12];
    struct wt_schedule s = schedule_of(WT_HASH_SHA384, WT_TLS13, NULL);
    (void)state;
    memset(psk, 1, sizeof psk);
    memset(shared, 2, sizeof shared);
    memset(hash, 3, sizeof hash);
    assert_int_equal(wt_digest(crypto, WT_HASH_SHA384, (struct wt_span){0}, empty), 48);
    assert_true(wt_early_secret(&s, wt_span_of(psk, sizeof psk), early));
    assert_int_equal(wt_hkdf_extract(crypto, WT_HASH_SHA384, wt_span_of(zeros, 48), wt_span_of(psk, 32), theirs), 48);
    assert_memory_equal(early, theirs, 48);
    assert_true(wt_handshake_secret(&s, early, wt_span_of(shared, sizeof shared), handshake));
    assert_true(reference("SHA384", "tls13 ", wt_span_of(early, 48), "derived", wt_span_of(empty, 48), salt, 48));
    assert_int_equal(wt_hkdf_extract(crypto, WT_HASH_SHA384, wt_span_of(salt, 48), wt_span_of(shared, 48), theirs), 48);
    assert_memory_equal(handshake, theirs, 48);
    assert_true(wt_master_secret13(&s, handshake, master));
    assert_true(wt_branch_secret(&s, WT_BRANCH_SERVER_TRAFFIC, master, wt_span_of(hash, 48), ours));
    assert_true(
        reference("SHA384", "tls13 ", wt_span_of(master, 48), "s ap traffic", wt_span_of(hash, 48), theirs, 48));
    assert_memory_equal(ours, theirs, 48);
    assert_true(wt_traffic_key(&s, wt_span_of(ours, 48), sizeof key, key, iv));
    assert_true(reference("SHA384", "tls13 ", wt_span_of(ours, 48), "key", (struct wt_span){0}, theirs, 32));
    assert_memory_equal(key, theirs, 32);
    assert_true(reference("SHA384", "tls13 ", wt_span_of(ours, 48), "traffic upd", (struct wt_span){0}, theirs, 48));
    assert_true(wt_traffic_update(&s, ours));
    assert_memory_equal(ours, theirs, 48);
}

/* RFC 8446, 7.1: "If a given secret is not available, then the 0-value consisting of a string of Hash.length bytes set
 * to zeros is used." */
static void takes_zeros_for_what_is_not_there(void **state)
{
    static const uint8_t zeros[32];
    uint8_t a[WT_DIGEST_MOST], b[WT_DIGEST_MOST], c[WT_DIGEST_MOST];
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, WT_TLS13, NULL);
    (void)state;
    assert_true(wt_early_secret(&s, (struct wt_span){0}, a));
    assert_true(wt_early_secret(&s, wt_span_of(zeros, 32), b));
    assert_memory_equal(a, b, 32);
    expect(a, "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a");
    assert_true(wt_handshake_secret(&s, a, (struct wt_span){0}, b)); /* psk_ke */
    assert_true(wt_handshake_secret(&s, a, wt_span_of(zeros, 32), c));
    assert_memory_equal(b, c, 32);
}

/* RFC 8446, 7.5: "TLS-Exporter(label, context_value, key_length) = HKDF-Expand-Label(Derive-Secret(Secret, label, ""),
 * "exporter", Hash(context_value), key_length)"; no context is the same as an empty one. */
static void exports(void **state)
{
    uint8_t secret[32] = {7}, empty[WT_DIGEST_MOST], hashed[WT_DIGEST_MOST], derived[32], ours[80], theirs[80];
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, WT_TLS13, NULL);
    const struct wt_span context = wt_span_text("context"), from = {secret, 32};
    (void)state;
    assert_int_equal(wt_digest(crypto, WT_HASH_SHA256, (struct wt_span){0}, empty), 32);
    assert_int_equal(wt_digest(crypto, WT_HASH_SHA256, context, hashed), 32);
    assert_true(reference("SHA256", "tls13 ", from, "EXPORTER-x", wt_span_of(empty, 32), derived, 32));
    assert_true(reference("SHA256", "tls13 ", wt_span_of(derived, 32), "exporter", wt_span_of(hashed, 32), theirs, 80));
    assert_true(wt_exporter13(&s, secret, "EXPORTER-x", context, ours, 80));
    assert_memory_equal(ours, theirs, 80);
    assert_true(reference("SHA256", "tls13 ", wt_span_of(derived, 32), "exporter", wt_span_of(empty, 32), theirs, 16));
    assert_true(wt_exporter13(&s, secret, "EXPORTER-x", (struct wt_span){0}, ours, 16));
    assert_memory_equal(ours, theirs, 16);
    s = schedule_of(WT_HASH_SHA256, 0x7f12, NULL); /* draft 18: at once */
    assert_true(reference("SHA256", "TLS 1.3, ", from, "EXPORTER-x", context, theirs, 80));
    assert_true(wt_exporter13(&s, secret, "EXPORTER-x", context, ours, 80));
    assert_memory_equal(ours, theirs, 80);
}

/* --- drafts --------------------------------------------------------------------------------------------------------
 */

/* draft-ietf-tls-tls13-vectors as of draft 18: other labels, and the trunk's secrets are salts themselves. */
static void knows_draft_18(void **state)
{
    uint8_t room[64], hash[64], early[64], handshake[64], master[64], client[64], server[64], key[16], iv[12];
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, 0x7f12, NULL);
    struct wt_span messages = bytes_of("774d11a173e683cb333a85f3dceb22941b6196992c16da5e8476fb97c6c1dc84", hash);
    struct wt_span shared = bytes_of("d61817e7531cb918902625984745432809ac1de230498878ee5a589c7a087e56", room);
    (void)state;
    assert_true(wt_early_secret(&s, (struct wt_span){0}, early));
    assert_true(wt_handshake_secret(&s, early, shared, handshake));
    expect(handshake, "3a39e5f82a43824acca7e706a11111f352b4bfccf43793c28b988d5b72721c6d");
    assert_true(wt_branch_secret(&s, WT_BRANCH_CLIENT_HANDSHAKE, handshake, messages, client));
    expect(client, "940f55519b82ce96a7e631ffb346d28ee1de2f92d24fbf55b6c974aa4aefbe98");
    assert_true(wt_branch_secret(&s, WT_BRANCH_SERVER_HANDSHAKE, handshake, messages, server));
    expect(server, "43cbfa4fbef771255871fe62bd2b8f901f49843f7391514b5cddda0173e08157");
    assert_true(wt_master_secret13(&s, handshake, master));
    expect(master, "bcd4e107d370d8b8d7ed93f7711127c8af360a73442bd07db275bf45a3caa247");
    assert_true(wt_traffic_key(&s, wt_span_of(server, 32), sizeof key, key, iv));
    expect(key, "bca795f096a8c80d2d909425b883454d");
    expect(iv, "26a19cb8557c5ee042a9960c");
}

/* Drafts 19 to 21 changed one thing each; what others numbered for themselves is as the RFC. */
static void changes_draft_by_draft(void **state)
{
    uint8_t trunk[32] = {5}, a[64], b[64];
    const struct wt_span hash = {trunk, 32};
    struct wt_schedule rfc = schedule_of(WT_HASH_SHA256, WT_TLS13, NULL);
    (void)state;
    for (unsigned draft = 18; draft <= 28; draft++) {
        struct wt_schedule s = schedule_of(WT_HASH_SHA256, (uint16_t)(0x7f00 + draft), NULL);
        assert_true(wt_branch_secret(&s, WT_BRANCH_EXPORTER, trunk, hash, a));
        assert_true(wt_branch_secret(&rfc, WT_BRANCH_EXPORTER, trunk, hash, b));
        assert_int_equal(memcmp(a, b, 32) == 0, draft >= 20);
        assert_true(wt_ticket_psk(&s, trunk, wt_span_text("n"), a));
        assert_int_equal(memcmp(a, trunk, 32) == 0, draft < 21);
    }
    static const uint16_t others[] = {0x7e02, 0xfb17, 0xfb1a};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct wt_schedule s = schedule_of(WT_HASH_SHA256, others[i], NULL);
        assert_true(wt_branch_secret(&s, WT_BRANCH_RESUMPTION, trunk, hash, a));
        assert_true(wt_branch_secret(&rfc, WT_BRANCH_RESUMPTION, trunk, hash, b));
        assert_memory_equal(a, b, 32);
    }
}

/* --- what is said --------------------------------------------------------------------------------------------------
 */

struct told {
    char ids[512];
    unsigned count;
    char label[64];
    uint8_t secret[64], info[520], out[64];
    size_t info_n;
};

static void tell(void *context, const struct wt_step *step)
{
    struct told *t = context;
    size_t n = strlen(t->ids);
    (void)snprintf(t->ids + n, sizeof t->ids - n, "%s%s", n ? " " : "", step->id);
    t->count++;
    assert_non_null(step->function);
    assert_non_null(wt_step_text(step));
    assert_true(strncmp(step->rfc, "RFC 8446, ", 10) == 0);
    assert_non_null(step->out.name);
    for (size_t i = 0; i < step->in_count; i++) {
        assert_non_null(step->in[i].name);
        assert_int_equal(step->in[i].text, strcmp(step->in[i].name, "Label") == 0);
    }
    if (step->in_count != 5)
        return;
    memcpy(t->secret, step->in[0].bytes.p, step->in[0].bytes.n);
    (void)snprintf(t->label, sizeof t->label, "%.*s", (int)step->in[1].bytes.n, (const char *)step->in[1].bytes.p);
    t->info_n = step->in[4].bytes.n;
    memcpy(t->info, step->in[4].bytes.p, t->info_n);
    memcpy(t->out, step->out.bytes.p, step->out.bytes.n < 64 ? step->out.bytes.n : 64);
}

/* draft-ietf-tls-tls13-18, 7.1, and RFC 8446, 7.1. */
static void labels_are_the_rfcs_and_the_drafts(void **state)
{
    static const struct {
        enum wt_branch branch;
        const char *draft, *rfc;
    } rows[] = {
        {WT_BRANCH_EXTERNAL_BINDER, "TLS 1.3, external psk binder key", "tls13 ext binder"},
        {WT_BRANCH_RESUMPTION_BINDER, "TLS 1.3, resumption psk binder key", "tls13 res binder"},
        {WT_BRANCH_CLIENT_EARLY, "TLS 1.3, client early traffic secret", "tls13 c e traffic"},
        {WT_BRANCH_EARLY_EXPORTER, "TLS 1.3, early exporter master secret", "tls13 e exp master"},
        {WT_BRANCH_CLIENT_HANDSHAKE, "TLS 1.3, client handshake traffic secret", "tls13 c hs traffic"},
        {WT_BRANCH_SERVER_HANDSHAKE, "TLS 1.3, server handshake traffic secret", "tls13 s hs traffic"},
        {WT_BRANCH_CLIENT_TRAFFIC, "TLS 1.3, client application traffic secret", "tls13 c ap traffic"},
        {WT_BRANCH_SERVER_TRAFFIC, "TLS 1.3, server application traffic secret", "tls13 s ap traffic"},
        {WT_BRANCH_EXPORTER, "TLS 1.3, exporter master secret", "tls13 exp master"},
        {WT_BRANCH_RESUMPTION, "TLS 1.3, resumption master secret", "tls13 res master"},
    };
    uint8_t trunk[32] = {3}, empty[WT_DIGEST_MOST], ours[32], theirs[32];
    (void)state;
    assert_int_equal(wt_digest(crypto, WT_HASH_SHA256, (struct wt_span){0}, empty), 32);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned draft = 0; draft < 2; draft++) {
            struct told t = {0};
            struct wt_steps sink = {tell, &t};
            struct wt_schedule s = schedule_of(WT_HASH_SHA256, draft ? 0x7f13 : WT_TLS13, &sink);
            assert_true(wt_branch_secret(&s, rows[i].branch, trunk, wt_span_of(empty, 32), ours));
            assert_string_equal(t.label, draft ? rows[i].draft : rows[i].rfc);
            assert_true(reference("SHA256", "", wt_span_of(trunk, 32), t.label, wt_span_of(empty, 32), theirs, 32));
            assert_memory_equal(ours, theirs, 32);
        }
    }
}

static void says_every_step(void **state)
{
    struct told t = {0};
    struct wt_steps sink = {tell, &t};
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, WT_TLS13, &sink);
    uint8_t early[64], handshake[64], master[64], out[64], key[16], iv[12], hash[32] = {9};
    const struct wt_span messages = {hash, 32};
    (void)state;
    assert_true(wt_early_secret(&s, (struct wt_span){0}, early));
    assert_true(wt_branch_secret(&s, WT_BRANCH_RESUMPTION_BINDER, early, (struct wt_span){0}, out));
    assert_true(wt_handshake_secret(&s, early, (struct wt_span){0}, handshake));
    assert_true(wt_branch_secret(&s, WT_BRANCH_CLIENT_HANDSHAKE, handshake, messages, out));
    assert_string_equal(t.label, "tls13 c hs traffic");
    assert_memory_equal(t.secret, handshake, 32);
    assert_memory_equal(t.out, out, 32);
    assert_int_equal(t.info_n, 54);
    expect(t.info, "002012746c733133206320687320747261666669632009");
    assert_true(wt_master_secret13(&s, handshake, master));
    assert_true(wt_traffic_key(&s, wt_span_of(out, 32), sizeof key, key, iv));
    assert_true(wt_verify_data13(&s, wt_span_of(out, 32), messages, handshake));
    assert_true(wt_traffic_update(&s, out));
    assert_true(wt_ticket_psk(&s, master, wt_span_text("1"), out));
    assert_true(wt_exporter13(&s, master, "EXPORTER-x", (struct wt_span){0}, out, 32));
    assert_string_equal(t.ids,
                        "early_secret res_binder_key derived_secret handshake_secret client_handshake_traffic_secret "
                        "derived_secret master_secret write_key write_iv finished_key verify_data "
                        "application_traffic_secret_next ticket_psk exporter_label_secret exporter");
}

/* A label without a row is shown all the same, without a sentence. */
static void tell_plain(void *context, const struct wt_step *step)
{
    assert_null(wt_step_text(step));
    assert_string_equal(step->id, "something_else");
    assert_string_equal(step->in[0].name, "Secret");
    ++*(unsigned *)context;
}

static void says_unknown_uses_plainly(void **state)
{
    unsigned count = 0;
    uint8_t secret[32] = {0}, out[32];
    struct wt_steps sink = {tell_plain, &count};
    struct wt_schedule s = schedule_of(WT_HASH_SHA256, WT_TLS13, &sink);
    (void)state;
    assert_true(wt_expand_label(&s, "something_else", wt_span_of(secret, 32), "quic hp", (struct wt_span){0}, out, 16));
    assert_true(wt_derive_secret(&s, "something_else", wt_span_of(secret, 32), "x", wt_span_of(secret, 32), out));
    assert_int_equal(count, 2);
}

/* RFC 8446, 4.4.3 has it as an example: 64 spaces, "TLS 1.3, server CertificateVerify", 0, thirty-two 01. */
static void signs_what_the_rfc_says(void **state)
{
    uint8_t hash[WT_DIGEST_MOST], out[WT_SIGNED13_MOST];
    (void)state;
    memset(hash, 1, sizeof hash);
    assert_int_equal(wt_signed13(1, wt_span_of(hash, 32), out), 130);
    expect(out,
           "20202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
           "202020202020202020202020544c5320312e332c207365727665722043657274696669636174655665726966790001010101"
           "01010101010101010101010101010101010101010101010101010101");
    assert_int_equal(wt_signed13(0, wt_span_of(hash, 64), out), WT_SIGNED13_MOST);
    assert_memory_equal(out + 64, "TLS 1.3, client CertificateVerify", 34);
    assert_int_equal(wt_signed13(0, wt_span_of(out, 65), out), 0);
}

static int start(void **state)
{
    (void)state;
    crypto = wt_crypto_new();
    return crypto ? 0 : 1;
}

static int end(void **state)
{
    (void)state;
    wt_crypto_free(crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_as_libcrypto),
        cmocka_unit_test(keeps_to_its_bounds),
        cmocka_unit_test(climbs_with_sha384),
        cmocka_unit_test(takes_zeros_for_what_is_not_there),
        cmocka_unit_test(exports),
        cmocka_unit_test(knows_draft_18),
        cmocka_unit_test(changes_draft_by_draft),
        cmocka_unit_test(labels_are_the_rfcs_and_the_drafts),
        cmocka_unit_test(says_every_step),
        cmocka_unit_test(says_unknown_uses_plainly),
        cmocka_unit_test(signs_what_the_rfc_says),
    };
    return cmocka_run_group_tests(tests, start, end);
}
