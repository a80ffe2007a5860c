/* The key block, and how it is cut: RFC 5246, 6.3: into client_write_MAC_key, server_write_MAC_key, client_write_key,
 * server_write_key, client_write_IV and server_write_IV, in this order. */
#include "keys/key_block.h"

#include "keys/derive.h"

#include <stdio.h>

enum { RANDOM = 32, CLIENT = 0, SERVER = 1 };
enum kind { MAC_KEY, KEY, IV, KINDS };

/* How many bytes of each kind a side takes, and why so. */
struct plan {
    const struct wt_cipher *cipher;
    enum wt_era era;
    bool exported; /* keys go through one more derivation, IVs come from the randoms alone */
    size_t n[KINDS];
    const char *why[KINDS];  /* what there is to say of it: report/steps.def */
    const char *name[KINDS]; /* of a kind that is not there */
};

static const char *const names[KINDS][2] = {
    [MAC_KEY] = {"client_write_MAC_key", "server_write_MAC_key"},
    [KEY] = {"client_write_key", "server_write_key"},
    [IV] = {"client_write_IV", "server_write_IV"},
};
static const char *const absent[KINDS] = {"no_MAC_key", "no_key", "no_IV"};

/* The last of the key block, by the cipher's mode: RFC 5246, 6.3: "The client_write_IV and server_write_IV are only
 * generated for implicit nonce techniques as described in Section 3.2.1 of [AEAD]"; RFC 4346, 6.3 left them out as
 * well; RFC 2246, 6.3: they "are only generated for non-export block ciphers". */
static void plan_iv(struct plan *p)
{
    switch (p->cipher->mode) {
    case WT_MODE_GCM:
    case WT_MODE_CCM:
    case WT_MODE_CCM8:
        p->n[IV] = p->cipher->iv;
        p->why[IV] = "cut_iv_fixed";
        break;
    case WT_MODE_POLY1305:
        p->n[IV] = p->cipher->iv;
        p->why[IV] = "cut_iv_xored";
        break;
    case WT_MODE_CBC:
        if (p->era != WT_ERA_SSL3 && p->era != WT_ERA_TLS10) {
            p->why[IV] = "no_iv_explicit";
        } else if (p->exported) {
            p->why[IV] = "no_iv_exported";
        } else {
            p->n[IV] = p->cipher->iv;
            p->why[IV] = "cut_iv_chained";
        }
        break;
    case WT_MODE_STREAM:
        p->why[IV] = "no_iv_stream";
        break;
    case WT_MODE_NULL:
        p->why[IV] = "no_iv_null";
        break;
    default:
        p->n[IV] = p->cipher->iv;
        p->why[IV] = p->n[IV] ? "cut_iv_start" : "no_iv_sequence";
        break;
    }
}

/* False when the suite is none of these versions. */
static bool plan_keys(const struct wt_terms *terms, struct plan *p)
{
    const struct wt_suite *suite = terms->suite;
    const struct wt_hash_info *mac = suite ? wt_hash_info_of((enum wt_hash_id)suite->mac) : NULL;
    *p = (struct plan){.cipher = suite ? wt_cipher_of((enum wt_cipher_id)suite->cipher) : NULL,
                       .era = wt_era_of(terms->version)};
    if (!p->cipher || !mac || p->era == WT_ERAS || suite->kx == WT_KX_TLS13)
        return false;
    p->exported = wt_suite_is_export(suite);
    p->n[MAC_KEY] = mac->length;
    p->n[KEY] = p->cipher->effective;
    if (p->n[MAC_KEY])
        p->why[MAC_KEY] = "cut_mac_key";
    else if (p->cipher->mode == WT_MODE_NULL)
        p->why[MAC_KEY] = "no_mac_key";
    else
        p->why[MAC_KEY] = "no_mac_key_aead";
    if (p->cipher->mode == WT_MODE_NULL)
        p->why[KEY] = "no_key";
    else if (p->exported)
        p->why[KEY] = "cut_key_exported";
    else
        p->why[KEY] = "cut_key";
    plan_iv(p);
    for (unsigned k = 0; k < KINDS; k++)
        p->name[k] = p->n[k] ? NULL : absent[k];
    return true;
}

static const char *cut_rfc(const struct plan *p)
{
    static const char *const rfcs[WT_ERAS] = {"RFC 6101, 6.2.2", "RFC 2246, 6.3", "RFC 4346, 6.3", "RFC 5246, 6.3",
                                              "GB/T 38636-2020, 6.5"};
    return rfcs[p->era];
}

static void say_cut(const struct wt_terms *terms, const struct plan *p, const struct wt_key_block *b, unsigned kind,
                    unsigned side, size_t at)
{
    char where[32] = "";
    bool there = p->n[kind] != 0;
    const char *name = there ? names[kind][side] : p->name[kind];
    int n = there ? snprintf(where, sizeof where, "%zu..%zu", at, at + p->n[kind] - 1) : 0;
    const struct wt_step_part in[] = {{"key_block", wt_span_of(b->bytes, b->n), false},
                                      {"bytes", wt_span_of(where, n > 0 ? (size_t)n : 0), true}};
    wt_steps_say(terms->steps, &(struct wt_step){
                                   .id = name,
                                   .function = "cut",
                                   .why = p->why[kind],
                                   .rfc = cut_rfc(p),
                                   .in = in,
                                   .in_count = there ? 2 : 0,
                                   .out = {name, wt_span_of(b->bytes + at, p->n[kind]), false},
                               });
}

static void cut(const struct wt_terms *terms, const struct plan *p, struct wt_key_block *b)
{
    struct wt_span *const pieces[KINDS] = {b->mac_key, b->key, b->iv};
    size_t at = 0;
    for (unsigned kind = 0; kind < KINDS; kind++) {
        for (unsigned side = CLIENT; side <= SERVER; side++) {
            pieces[kind][side] = wt_span_of(b->bytes + at, p->n[kind]);
            if (terms->steps && (p->n[kind] || side == CLIENT))
                say_cut(terms, p, b, kind, side, at);
            at += p->n[kind];
        }
    }
}

static struct wt_step_part random_of(const struct wt_terms *terms, unsigned side)
{
    return side == SERVER ? (struct wt_step_part){"server_random", wt_span_of(terms->server_random, RANDOM), false}
                          : (struct wt_step_part){"client_random", wt_span_of(terms->client_random, RANDOM), false};
}

/* RFC 6101, 6.2.2.1: "final_client_write_key = MD5(client_write_key + ClientHello.random + ServerHello.random)", the
 * server's with the randoms the other way round; "client_write_IV = MD5(ClientHello.random + ServerHello.random)". */
static bool export_ssl3(const struct wt_terms *terms, const struct plan *p, struct wt_key_block *b)
{
    static const enum wt_derived keys[2] = {WT_DERIVED_FINAL_CLIENT_KEY, WT_DERIVED_FINAL_SERVER_KEY};
    static const enum wt_derived ivs[2] = {WT_DERIVED_CLIENT_IV, WT_DERIVED_SERVER_IV};
    for (unsigned side = CLIENT; side <= SERVER; side++) {
        const struct wt_step_part parts[] = {
            {names[KEY][side], b->key[side], false}, random_of(terms, side), random_of(terms, !side)};
        if (!wt_derive_md5(terms, keys[side], "MD5(key + random + random)", parts, 3, b->made[side][0],
                           p->cipher->key) ||
            (p->cipher->iv &&
             !wt_derive_md5(terms, ivs[side], "MD5(random + random)", parts + 1, 2, b->made[side][1], p->cipher->iv)))
            return false;
    }
    return true;
}

/* RFC 2246, 6.3.1: "final_client_write_key = PRF(client_write_key, "client write key", client_random + server_random)";
 * both sides take the randoms in the same order. "iv_block = PRF("", "IV block", client_random + server_random)". */
static bool export_tls(const struct wt_terms *terms, const struct plan *p, struct wt_key_block *b)
{
    static const enum wt_derived keys[2] = {WT_DERIVED_FINAL_CLIENT_KEY, WT_DERIVED_FINAL_SERVER_KEY};
    const struct wt_step_part randoms[] = {random_of(terms, CLIENT), random_of(terms, SERVER)};
    uint8_t ivs[2 * sizeof b->made[0][1]];
    size_t n = p->cipher->iv;
    for (unsigned side = CLIENT; side <= SERVER; side++) {
        const struct wt_step_part secret = {names[KEY][side], b->key[side], false};
        if (!wt_derive(terms, keys[side], secret, randoms, 2, b->made[side][0], p->cipher->key))
            return false;
    }
    if (!n || p->era != WT_ERA_TLS10)
        return true;
    if (!wt_derive(terms, WT_DERIVED_IV_BLOCK, (struct wt_step_part){"secret", wt_span_of("", 0), false}, randoms, 2,
                   ivs, 2 * n))
        return false;
    memcpy(b->made[CLIENT][1], ivs, n);
    memcpy(b->made[SERVER][1], ivs + n, n);
    return true;
}

static bool make_export(const struct wt_terms *terms, const struct plan *p, struct wt_key_block *b)
{
    size_t iv = p->era == WT_ERA_SSL3 || p->era == WT_ERA_TLS10 ? p->cipher->iv : 0;
    if (p->cipher->key > sizeof b->made[0][0] || p->cipher->iv > sizeof b->made[0][1] ||
        !(p->era == WT_ERA_SSL3 ? export_ssl3(terms, p, b) : export_tls(terms, p, b)))
        return false;
    for (unsigned side = CLIENT; side <= SERVER; side++) {
        b->key[side] = wt_span_of(b->made[side][0], p->cipher->key);
        b->iv[side] = wt_span_of(b->made[side][1], iv);
    }
    return true;
}

bool wt_key_block(const struct wt_terms *terms, const uint8_t master[WT_MASTER], struct wt_key_block *out)
{
    const struct wt_step_part secret = {"master_secret", wt_span_of(master, WT_MASTER), false};
    const struct wt_step_part randoms[] = {random_of(terms, SERVER), random_of(terms, CLIENT)};
    struct plan p;
    memset(out, 0, sizeof *out);
    if (!plan_keys(terms, &p))
        return false;
    size_t n = 2 * (p.n[MAC_KEY] + p.n[KEY] + p.n[IV]);
    if (n > sizeof out->bytes)
        return false;
    out->n = n;
    if (n && !(p.era == WT_ERA_SSL3 ? wt_derive_ssl3(terms, WT_DERIVED_KEY_BLOCK, secret, randoms, out->bytes, n)
                                    : wt_derive(terms, WT_DERIVED_KEY_BLOCK, secret, randoms, 2, out->bytes, n)))
        return false;
    cut(terms, &p, out);
    return !p.exported || make_export(terms, &p, out);
}
