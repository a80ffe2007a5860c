/* Key shares, which are libcrypto's, for the engine only watches them pass; and what the schedule makes of them. */
#include "run.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

static EVP_PKEY *p256_key(struct wt_span private, uint8_t public[65])
{
    EVP_PKEY *key = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *scalar = BN_bin2bn(private.p, (int)private.n, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EC_POINT_mul(group, point, scalar, NULL, NULL, NULL), 1);
    assert_int_equal(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, 65, NULL), 65);
    assert_int_equal(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar), 1);
    assert_int_equal(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, 65), 1);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    BN_free(scalar);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return key;
}

void run_share(struct run *r, struct trace_step *step)
{
    uint8_t public[65];
    size_t n = sizeof public;
    struct wt_span private = run_input(r, step, "private");
    bool p256 = strcmp(step->of, "P-256") == 0;
    assert_true(p256 || strcmp(step->of, "x25519") == 0);
    EVP_PKEY *key =
        p256 ? p256_key(private, public) : EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, private.p, private.n);
    assert_non_null(key);
    if (!p256)
        assert_int_equal(EVP_PKEY_get_raw_public_key(key, public, &n), 1);
    run_expect(r, step, "public", public, n);
    r->shares[step->side][p256 ? P256 : X25519] = key;
}

static size_t derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t out[32])
{
    size_t n = 32;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_derive_set_peer(ctx, peer), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, out, &n), 1);
    EVP_PKEY_CTX_free(ctx);
    return n;
}

/* Both sides come to the same. */
static void shared_secret(struct run *r, uint8_t out[32])
{
    uint8_t other[32];
    unsigned group = r->shares[WT_SERVER][P256] ? P256 : X25519;
    EVP_PKEY *client = r->shares[WT_CLIENT][group], *server = r->shares[WT_SERVER][group];
    assert_int_equal(derive(client, server, out), 32);
    assert_int_equal(derive(server, client, other), 32);
    assert_memory_equal(out, other, 32);
}

/* HKDF-Expand-Label or Derive-Secret: PRK, context, HkdfLabel, result. */
static void expect_expansion(struct run *r, struct trace_step *step, const struct said *s, const char *label)
{
    char full[32];
    (void)snprintf(full, sizeof full, "tls13 %s", label);
    assert_string_equal(s->label, full);
    run_expect(r, step, "prk", s->in[0], s->in_n[0]);
    run_expect(r, step, "hash", s->in[2], s->in_n[2]);
    run_expect(r, step, "info", s->in[4], s->in_n[4]);
    run_expect(r, step, "expanded", s->out, s->out_n);
}

static const struct branch {
    const char *label;
    unsigned trunk;
    enum wt_branch branch;
} branches[] = {
    {"c e traffic", EARLY, WT_BRANCH_CLIENT_EARLY},
    {"e exp master", EARLY, WT_BRANCH_EARLY_EXPORTER},
    {"c hs traffic", HANDSHAKE, WT_BRANCH_CLIENT_HANDSHAKE},
    {"s hs traffic", HANDSHAKE, WT_BRANCH_SERVER_HANDSHAKE},
    {"c ap traffic", MASTER, WT_BRANCH_CLIENT_TRAFFIC},
    {"s ap traffic", MASTER, WT_BRANCH_SERVER_TRAFFIC},
    {"exp master", MASTER, WT_BRANCH_EXPORTER},
    {"res master", MASTER, WT_BRANCH_RESUMPTION},
};

/* One rung: steps said are HKDF-Extract alone, or "derived" and then HKDF-Extract. */
static unsigned climb(struct run *r, const char *to)
{
    if (strcmp(to, "early") == 0) {
        assert_true(wt_early_secret(&r->schedule, wt_span_of(r->psk, r->psk_n), r->trunk[EARLY]));
        return EARLY;
    }
    if (strcmp(to, "handshake") == 0) {
        uint8_t shared[32];
        shared_secret(r, shared);
        assert_true(wt_handshake_secret(&r->schedule, r->trunk[EARLY], wt_span_of(shared, 32), r->trunk[HANDSHAKE]));
        return HANDSHAKE;
    }
    assert_string_equal(to, "master");
    assert_true(wt_master_secret13(&r->schedule, r->trunk[HANDSHAKE], r->trunk[MASTER]));
    return MASTER;
}

void run_extract(struct run *r, struct trace_step *step)
{
    static const uint8_t zeros[32];
    unsigned trunk = climb(r, step->of);
    const struct said *s = &r->said[r->said_n - 1];
    assert_int_equal(r->said_n, trunk == EARLY ? 1 : 2);
    assert_string_equal(s->function, "HKDF-Extract");
    if (trunk == EARLY) { /* "0 (all zero octets)" */
        assert_int_equal(s->in_n[0], 32);
        assert_memory_equal(s->in[0], zeros, 32);
        run_expect(r, step, "salt", NULL, 0);
    } else
        run_expect(r, step, "salt", s->in[0], s->in_n[0]);
    run_expect(r, step, "ikm", s->in[1], s->in_n[1]);
    run_expect(r, step, "secret", s->out, s->out_n);
    assert_memory_equal(s->out, r->trunk[trunk], 32);
}

void run_derived(struct run *r, struct trace_step *step)
{
    (void)climb(r, step->of);
    assert_string_equal(r->said[0].function, "Derive-Secret");
    expect_expansion(r, step, &r->said[0], "derived");
}

void run_derive(struct run *r, struct trace_step *step)
{
    uint8_t hash[WT_DIGEST_MOST];
    const struct branch *b = branches;
    while (strcmp(b->label, step->of) != 0)
        assert_true(++b < branches + sizeof branches / sizeof *branches);
    assert_true(wt_branch_secret(&r->schedule, b->branch, r->trunk[b->trunk], run_transcript_hash(r, hash),
                                 r->secrets[b->branch]));
    assert_string_equal(r->said[0].function, "Derive-Secret");
    expect_expansion(r, step, &r->said[0], b->label);
}

void run_ticket(struct run *r, struct trace_step *step)
{
    struct trace_field *nonce = trace_field(step, "hash");
    assert_non_null(nonce);
    assert_true(
        wt_ticket_psk(&r->schedule, r->secrets[WT_BRANCH_RESUMPTION], wt_buffer_span(&nonce->bytes), r->ticket));
    expect_expansion(r, step, &r->said[0], "resumption");
}

void run_expect_proof(struct run *r, struct trace_step *step, struct wt_span base, struct wt_span hash,
                      uint8_t *verify_data)
{
    r->said_n = 0;
    assert_true(wt_verify_data13(&r->schedule, base, hash, verify_data));
    assert_int_equal(r->said_n, 2);
    expect_expansion(r, step, &r->said[0], "finished");
    assert_string_equal(r->said[1].function, "HMAC");
    assert_memory_equal(r->said[1].in[0], r->said[0].out, 32);
    run_expect(r, step, "finished", r->said[1].out, r->said[1].out_n);
}

void run_finished(struct run *r, struct trace_step *step)
{
    uint8_t hash[WT_DIGEST_MOST];
    const uint8_t *base = r->secrets[step->side ? WT_BRANCH_SERVER_HANDSHAKE : WT_BRANCH_CLIENT_HANDSHAKE];
    run_expect_proof(r, step, wt_span_of(base, 32), run_transcript_hash(r, hash), r->verify_data[step->side]);
    r->proved[step->side] = true;
}

void run_keys(struct run *r, struct trace_step *step)
{
    uint8_t key[16], iv[12];
    bool writes = strncmp(step->of, "write ", 6) == 0;
    unsigned side = writes ? step->side : !step->side;
    const char *what = strchr(step->of, ' ') + 1;
    enum wt_branch branch = strcmp(what, "early") == 0       ? WT_BRANCH_CLIENT_EARLY
                            : strcmp(what, "handshake") == 0 ? WT_BRANCH_CLIENT_HANDSHAKE + side
                                                             : WT_BRANCH_CLIENT_TRAFFIC + side;
    const struct wt_span secret = wt_span_of(r->secrets[branch], 32);
    assert_true(wt_traffic_key(&r->schedule, secret, sizeof key, key, iv));
    assert_int_equal(r->said_n, 2);
    if (step->count) {
        run_expect(r, step, "prk", r->said[0].in[0], r->said[0].in_n[0]);
        run_expect(r, step, "key_info", r->said[0].in[4], r->said[0].in_n[4]);
        run_expect(r, step, "key", key, sizeof key);
        run_expect(r, step, "iv_info", r->said[1].in[4], r->said[1].in_n[4]);
        run_expect(r, step, "iv", iv, sizeof iv);
    }
    if (!writes)
        return;
    const struct wt_protection how = {.suite = r->suite,
                                      .version = WT_TLS13,
                                      .key = wt_span_of(key, sizeof key),
                                      .iv = wt_span_of(iv, sizeof iv),
                                      .fragment = 1 << 14};
    struct wt_error why;
    wt_record_protector_free(r->seal[side]);
    wt_record_protector_free(r->open[side]);
    assert_non_null(r->seal[side] = wt_record_protector_new(r->crypto, &how, true, &why));
    assert_non_null(r->open[side] = wt_record_protector_new(r->crypto, &how, false, &why));
}
