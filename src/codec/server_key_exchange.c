/* ServerKeyExchange: RFC 5246, 7.4.3 (DH, RSA_EXPORT); RFC 8422, 5.4 and RFC 4492, 5.4 (ECDH); RFC 4279, 2 and
 * RFC 5489, 2 (PSK); RFC 5054, 2.5.3 (SRP); RFC 6101, 5.6.3 (Fortezza); GB/T 38636-2020, 6.4.5.4 (TLCP). */
#include "codec/shape.h"

/* RFC 8422, 5.4: ECCurveType */
#define EXPLICIT_PRIME 1
#define EXPLICIT_CHAR2 2
#define NAMED_CURVE 3
/* RFC 4492, 5.4: ECBasisType */
#define EC_BASIS_TRINOMIAL 1
#define EC_BASIS_PENTANOMIAL 2

enum params {
    PARAMS_OPAQUE,
    PARAMS_NONE,
    PARAMS_IMPLICIT,
    PARAMS_RSA,
    PARAMS_DH,
    PARAMS_ECDH,
    PARAMS_SRP,
    PARAMS_FORTEZZA
};
enum proof { PROOF_NEVER, PROOF_MAYBE, PROOF_ALWAYS };

/* What the message of each family is made of. Families that are not here send none, or one whose inside we do not know
 * (TLCP with SM9, ECCPWD, GOST); whatever comes is kept as it lies. */
static const struct form {
    uint8_t hint, params, proof;
} forms[WT_KX_COUNT] = {
    /* RFC 6101, 5.6.3 lets a server whose RSA key only signs send a temporary one. Later RFCs forbid it to all but
     * RSA_EXPORT; who sends it all the same (CVE-2015-0204, "FREAK") sends this form. */
    [WT_KX_RSA] = {false, PARAMS_RSA, PROOF_ALWAYS},
    [WT_KX_RSA_EXPORT] = {false, PARAMS_RSA, PROOF_ALWAYS},
    [WT_KX_DHE] = {false, PARAMS_DH, PROOF_ALWAYS},
    [WT_KX_DHE_EXPORT] = {false, PARAMS_DH, PROOF_ALWAYS},
    [WT_KX_DH_ANON] = {false, PARAMS_DH, PROOF_NEVER},
    [WT_KX_DH_ANON_EXPORT] = {false, PARAMS_DH, PROOF_NEVER},
    [WT_KX_ECDHE] = {false, PARAMS_ECDH, PROOF_ALWAYS},
    [WT_KX_ECDH_ANON] = {false, PARAMS_ECDH, PROOF_NEVER},
    [WT_KX_PSK] = {true, PARAMS_NONE, PROOF_NEVER},
    [WT_KX_RSA_PSK] = {true, PARAMS_NONE, PROOF_NEVER},
    [WT_KX_DHE_PSK] = {true, PARAMS_DH, PROOF_NEVER},
    [WT_KX_ECDHE_PSK] = {true, PARAMS_ECDH, PROOF_NEVER},
    /* RFC 5054, 2.5.3: SRP_SHA_RSA and SRP_SHA_DSS sign, SRP_SHA does not. */
    [WT_KX_SRP] = {false, PARAMS_SRP, PROOF_MAYBE},
    [WT_KX_FORTEZZA] = {false, PARAMS_FORTEZZA, PROOF_NEVER},
    /* GB/T 38636-2020, 6.4.5.4: what ECC and RSA sign beside the randoms is the encryption certificate, which has come
     * already: the signature is all there is. */
    [WT_KX_SM2] = {false, PARAMS_IMPLICIT, PROOF_ALWAYS},
    [WT_KX_TLCP_RSA] = {false, PARAMS_IMPLICIT, PROOF_ALWAYS},
    [WT_KX_SM2_DHE] = {false, PARAMS_ECDH, PROOF_ALWAYS},
};

static const struct form *form_of(uint8_t kx)
{
    return &forms[kx < WT_KX_COUNT ? kx : WT_KX_NULL];
}

static struct wt_span big(struct wt_reader *r, const char *field)
{
    return wt_read_opaque(r, field, 2, 1, 65535, WT_TRAIL_BYTES);
}

static void small(struct wt_reader *r, const char *field)
{
    (void)wt_read_opaque(r, field, 1, 1, 255, WT_TRAIL_BYTES);
}

/* RFC 4492, 5.4: the curve itself. RFC 8422 deprecates both forms; SSL 3.0's contemporaries could send them. */
static void read_explicit(struct wt_reader *r, uint8_t curve_type)
{
    if (curve_type == EXPLICIT_PRIME) {
        small(r, "prime_p");
    } else {
        (void)wt_read_u16(r, "m");
        size_t offset = wt_reader_offset(r);
        uint8_t basis = wt_read_u8(r, "basis");
        if (basis == EC_BASIS_TRINOMIAL) {
            small(r, "k");
        } else if (basis == EC_BASIS_PENTANOMIAL) {
            small(r, "k1");
            small(r, "k2");
            small(r, "k3");
        } else {
            wt_reader_fail_at(r, offset, WT_VALUE, "basis", basis, 0,
                              "RFC 4492, 5.4: \"enum { ec_basis_trinomial, ec_basis_pentanomial } ECBasisType;\"");
        }
    }
    size_t mark = wt_read_enter(r, "curve");
    small(r, "a");
    small(r, "b");
    wt_read_leave(r, mark);
    small(r, "base");
    small(r, "order");
    small(r, "cofactor");
}

static void read_ecdh(struct wt_reader *r, struct wt_server_key_exchange *out)
{
    size_t mark = wt_read_enter(r, "curve_params"), offset = wt_reader_offset(r);
    out->curve_type = wt_read_code8(r, "curve_type", WT_REG_EC_CURVE_TYPE);
    if (out->curve_type == NAMED_CURVE) {
        out->named_curve = wt_read_code16(r, "named_curve", WT_REG_GROUP);
    } else if (out->curve_type == EXPLICIT_PRIME || out->curve_type == EXPLICIT_CHAR2) {
        const uint8_t *start = r->p;
        read_explicit(r, out->curve_type);
        if (wt_reader_ok(r))
            out->ec_explicit = wt_span_of(start, (size_t)(r->p - start));
    } else {
        wt_reader_fail_at(
            r, offset, WT_VALUE, "curve_type", out->curve_type, NAMED_CURVE,
            "RFC 8422, 5.4: \"enum { deprecated (1..2), named_curve (3), reserved(248..255) } ECCurveType;\"");
    }
    wt_read_leave(r, mark);
    out->ec_point = wt_read_opaque(r, "public", 1, 1, 255, WT_TRAIL_BYTES);
}

static void read_srp(struct wt_reader *r, struct wt_server_key_exchange *out)
{
    out->srp_n = big(r, "srp_N");
    out->srp_g = big(r, "srp_g");
    out->srp_s = wt_read_opaque(r, "srp_s", 1, 1, 255, WT_TRAIL_BYTES);
    out->srp_b = big(r, "srp_B");
}

static void read_params(struct wt_reader *r, enum params params, struct wt_server_key_exchange *out)
{
    switch (params) {
    case PARAMS_RSA:
        out->rsa_modulus = big(r, "rsa_modulus");
        out->rsa_exponent = big(r, "rsa_exponent");
        break;
    case PARAMS_DH:
        out->dh_p = big(r, "dh_p");
        out->dh_g = big(r, "dh_g");
        out->dh_ys = big(r, "dh_Ys");
        break;
    case PARAMS_ECDH:
        read_ecdh(r, out);
        break;
    case PARAMS_SRP:
        read_srp(r, out);
        break;
    case PARAMS_FORTEZZA:
        out->fortezza_r = wt_read_bytes(r, "r_s", 128);
        break;
    case PARAMS_OPAQUE:
    case PARAMS_NONE:
    case PARAMS_IMPLICIT:
        break;
    }
}

void wt_server_key_exchange_read(struct wt_reader *r, const struct wt_codec_context *c,
                                 struct wt_server_key_exchange *out)
{
    const struct form *form = form_of(c->kx);
    *out = (struct wt_server_key_exchange){.kx = c->kx};
    if (form->params == PARAMS_OPAQUE) {
        out->params = wt_read_rest(r, "params");
        return;
    }
    if (form->hint)
        out->psk_identity_hint = wt_read_opaque(r, "psk_identity_hint", 2, 0, 65535, WT_TRAIL_TEXT);
    if (form->params == PARAMS_NONE)
        return;
    const uint8_t *start = r->p;
    if (form->params != PARAMS_IMPLICIT) {
        size_t mark = wt_read_enter(r, "params");
        read_params(r, form->params, out);
        wt_read_leave(r, mark);
    }
    if (!wt_reader_ok(r))
        return;
    out->params = wt_span_of(start, (size_t)(r->p - start));
    if (form->proof == PROOF_NEVER || (form->proof == PROOF_MAYBE && !wt_reader_left(r)))
        return;
    struct wt_signed s = wt_signed_read(r, c->version, "signature_algorithm");
    out->is_signed = true;
    out->has_scheme = s.has_scheme;
    out->signature_scheme = s.scheme;
    out->signature = s.signature;
}

static void write_big(struct wt_writer *w, struct wt_span number, const char *field)
{
    wt_write_opaque(w, number, 2, 1, 65535, field);
}

static void write_params(struct wt_writer *w, enum params params, const struct wt_server_key_exchange *in)
{
    switch (params) {
    case PARAMS_RSA:
        write_big(w, in->rsa_modulus, "rsa_modulus");
        write_big(w, in->rsa_exponent, "rsa_exponent");
        break;
    case PARAMS_DH:
        write_big(w, in->dh_p, "dh_p");
        write_big(w, in->dh_g, "dh_g");
        write_big(w, in->dh_ys, "dh_Ys");
        break;
    case PARAMS_ECDH:
        wt_write_u8(w, in->curve_type);
        if (in->curve_type == NAMED_CURVE)
            wt_write_u16(w, in->named_curve);
        else
            wt_write_bytes(w, in->ec_explicit);
        wt_write_opaque(w, in->ec_point, 1, 1, 255, "public");
        break;
    case PARAMS_SRP:
        write_big(w, in->srp_n, "srp_N");
        write_big(w, in->srp_g, "srp_g");
        wt_write_opaque(w, in->srp_s, 1, 1, 255, "srp_s");
        write_big(w, in->srp_b, "srp_B");
        break;
    case PARAMS_FORTEZZA:
        wt_write_bytes(w, in->fortezza_r);
        break;
    case PARAMS_OPAQUE:
        wt_write_bytes(w, in->params);
        break;
    case PARAMS_NONE:
    case PARAMS_IMPLICIT:
        break;
    }
}

/* Writes the fields, not `params`: an endpoint fills them and signs what came out. */
void wt_server_key_exchange_write(struct wt_writer *w, const struct wt_codec_context *c,
                                  const struct wt_server_key_exchange *in)
{
    const struct form *form = form_of(in->kx);
    (void)c;
    if (form->hint)
        wt_write_opaque(w, in->psk_identity_hint, 2, 0, 65535, "psk_identity_hint");
    write_params(w, form->params, in);
    if (in->is_signed)
        wt_signed_write(w, in->has_scheme, in->signature_scheme, in->signature);
}
