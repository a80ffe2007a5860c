/* ECDH over curves in Weierstrass form (RFC 8422, 5.10; RFC 8446, 7.4.2), on the points themselves: EVP's derivation
 * takes twice the time, as it multiplies the peer's point by the order, which says nothing on a curve of that order. */
#include "crypto/exchange_group.h"

#include <openssl/obj_mac.h>
#include <openssl/objects.h>

enum { SCALAR_MOST = 72, TRIES = 128 };

static bool prepare(struct wt_exchange_group *g, const struct wt_group *row)
{
    const int nid = OBJ_sn2nid(row->openssl);
    g->ec.group = nid != NID_undef ? EC_GROUP_new_by_curve_name_ex(g->lib, NULL, nid) : NULL;
    if (!g->ec.group)
        return false;
    g->ec.order = BN_dup(EC_GROUP_get0_order(g->ec.group));
    g->ec.whole = BN_is_one(EC_GROUP_get0_cofactor(g->ec.group));
    g->secret = ((size_t)EC_GROUP_get_degree(g->ec.group) + 7) / 8;
    g->client = g->server = 1 + 2 * g->secret;
    return g->ec.order && BN_num_bytes(g->ec.order) <= SCALAR_MOST;
}

static void release(struct wt_exchange_group *g)
{
    EC_GROUP_free(g->ec.group);
    BN_free(g->ec.order);
}

/* A number from 1 to below the order, each equally likely: what is neither is drawn again. */
static BIGNUM *draw(const struct wt_exchange_group *g, const struct wt_random *random)
{
    uint8_t bytes[SCALAR_MOST];
    const int bits = BN_num_bits(g->ec.order), n = (bits + 7) / 8;
    BIGNUM *scalar = BN_secure_new();
    for (int i = 0; scalar && i < TRIES; i++) {
        if (!wt_random_private(random, WT_RANDOM_KEY, g->id, bytes, (size_t)n))
            break;
        bytes[0] &= (uint8_t)(0xff >> (8 * n - bits));
        if (!BN_bin2bn(bytes, n, scalar))
            break;
        if (!BN_is_zero(scalar) && BN_cmp(scalar, g->ec.order) < 0) {
            wt_wipe(bytes, sizeof bytes);
            BN_set_flags(scalar, BN_FLG_CONSTTIME);
            return scalar;
        }
    }
    wt_wipe(bytes, sizeof bytes);
    BN_clear_free(scalar);
    return NULL;
}

static bool create(const struct wt_exchange_group *g, const struct wt_random *random, struct wt_exchange *e,
                   struct wt_share *share)
{
    BN_CTX *c = BN_CTX_new_ex(g->lib);
    EC_POINT *point = EC_POINT_new(g->ec.group);
    e->scalar = draw(g, random);
    /* RFC 8446, 4.2.8.2: "uint8 legacy_form = 4", then X and Y. */
    share->n = c && point && e->scalar && EC_POINT_mul(g->ec.group, point, e->scalar, NULL, NULL, c) == 1
                   ? EC_POINT_point2oct(g->ec.group, point, POINT_CONVERSION_UNCOMPRESSED, share->bytes,
                                        sizeof share->bytes, c)
                   : 0;
    EC_POINT_free(point);
    BN_CTX_free(c);
    return share->n == g->client;
}

/* RFC 8446, 4.2.8.2: "For the curves secp256r1, secp384r1, and secp521r1, peers MUST validate each other's public value
 * Q by ensuring that the point is a valid point on the elliptic curve. The appropriate validation procedures are
 * defined in Section 4.3.7 of [ECDSA] and alternatively in Section 5.6.2.3 of [KEYAGREEMENT]. This process consists of
 * three steps: (1) verify that Q is not the point at infinity (O), (2) verify that for Q = (x, y) both integers x and y
 * are in the correct interval, and (3) ensure that (x, y) is a correct solution to the elliptic curve equation. For
 * these curves, implementors do not need to verify membership in the correct subgroup." The third has a cofactor of 1
 * for its reason, which the curves over binary fields of RFC 4492 have not. */
static bool is_valid(const struct wt_exchange_group *g, struct wt_span peer, EC_POINT *q, BN_CTX *c)
{
    /* RFC 8446, 4.2.8.2: "Note: Versions of TLS prior to 1.3 permitted point format negotiation; TLS 1.3 removes this
     * feature in favor of a single point format for each curve." RFC 8422, 5.1.2 for the others: "Implementations of
     * this document MUST support the uncompressed format for all of their supported curves and MUST NOT support other
     * formats for curves defined in this specification." */
    if (peer.n != g->client || peer.p[0] != POINT_CONVERSION_UNCOMPRESSED)
        return false;
    /* (1) to (3) are libcrypto's: infinity has one byte, coordinates are below the field's order, and on the curve. */
    if (EC_POINT_oct2point(g->ec.group, q, peer.p, peer.n, c) != 1 || EC_POINT_is_at_infinity(g->ec.group, q))
        return false;
    if (g->ec.whole)
        return true;
    EC_POINT *times = EC_POINT_new(g->ec.group);
    const bool inside = times && EC_POINT_mul(g->ec.group, times, NULL, q, g->ec.order, c) == 1 &&
                        EC_POINT_is_at_infinity(g->ec.group, times);
    EC_POINT_free(times);
    return inside;
}

/* RFC 8446, 7.4.2: "the shared secret is the x-coordinate of the ECDH shared secret elliptic curve point
 * represented as an octet string." "leading zeros found in this octet string MUST NOT be truncated." */
static enum wt_exchanged finish(const struct wt_exchange *e, struct wt_span peer, struct wt_shared *shared)
{
    const struct wt_exchange_group *g = e->group;
    enum wt_exchanged result = WT_EXCHANGE_FAILED;
    BN_CTX *c = BN_CTX_new_ex(g->lib);
    BIGNUM *x = BN_new();
    EC_POINT *q = EC_POINT_new(g->ec.group);
    if (c && x && q && !is_valid(g, peer, q, c))
        result = WT_EXCHANGE_BAD_SHARE;
    else if (c && x && q && EC_POINT_mul(g->ec.group, q, NULL, q, e->scalar, c) == 1 &&
             EC_POINT_get_affine_coordinates(g->ec.group, q, x, NULL, c) == 1 &&
             BN_bn2binpad(x, shared->bytes, (int)g->secret) == (int)g->secret) {
        shared->n = g->secret;
        result = WT_EXCHANGED;
    }
    EC_POINT_clear_free(q);
    BN_clear_free(x);
    BN_CTX_free(c);
    return result;
}

const struct wt_exchange_kind wt_exchange_curve = {prepare, release, create, finish, NULL, NULL};
