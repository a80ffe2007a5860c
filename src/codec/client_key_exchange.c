/* ClientKeyExchange: RFC 5246, 7.4.7; RFC 8422, 5.7 (ECDH); RFC 4279 and RFC 5489 (PSK); RFC 5054, 2.5.4 (SRP);
 * RFC 6101, 5.6.7 (SSL 3.0); GB/T 38636-2020, 6.4.5.8 (TLCP). */
#include "codec/shape.h"

enum part {
    PART_OTHER,
    PART_NONE,
    PART_RSA,
    PART_DH,
    PART_DH_OR_IMPLICIT,
    PART_ECDH,
    PART_ECDH_OR_IMPLICIT,
    PART_SRP,
    PART_SM2_DHE,
};

/* Families that are not here (Kerberos, Fortezza, GOST, ECCPWD, TLCP with SM9) are kept as they lie. */
static const struct form {
    uint8_t identity, part;
} forms[WT_KX_COUNT] = {
    [WT_KX_RSA] = {false, PART_RSA},
    [WT_KX_RSA_EXPORT] = {false, PART_RSA},
    [WT_KX_DH] = {false, PART_DH_OR_IMPLICIT},
    [WT_KX_DH_EXPORT] = {false, PART_DH_OR_IMPLICIT},
    [WT_KX_DHE] = {false, PART_DH},
    [WT_KX_DHE_EXPORT] = {false, PART_DH},
    [WT_KX_DH_ANON] = {false, PART_DH},
    [WT_KX_DH_ANON_EXPORT] = {false, PART_DH},
    [WT_KX_ECDH] = {false, PART_ECDH_OR_IMPLICIT},
    [WT_KX_ECDHE] = {false, PART_ECDH},
    [WT_KX_ECDH_ANON] = {false, PART_ECDH},
    [WT_KX_PSK] = {true, PART_NONE},
    [WT_KX_RSA_PSK] = {true, PART_RSA},
    [WT_KX_DHE_PSK] = {true, PART_DH},
    [WT_KX_ECDHE_PSK] = {true, PART_ECDH},
    [WT_KX_SRP] = {false, PART_SRP},
    /* GB/T 38636-2020, 6.4.5.8: ECCEncryptedPreMasterSecret and RSAEncryptedPreMasterSecret are such vectors, too. */
    [WT_KX_SM2] = {false, PART_RSA},
    [WT_KX_TLCP_RSA] = {false, PART_RSA},
    [WT_KX_SM2_DHE] = {false, PART_SM2_DHE},
};

static const struct form *form_of(uint8_t kx)
{
    return &forms[kx < WT_KX_COUNT ? kx : WT_KX_NULL];
}

/* RFC 5246, 7.4.7.1: "The SSLv3 specification was not clear about the encoding of public-key-encrypted data, and
 * therefore many SSLv3 implementations do not include the length bytes -- they encode the RSA-encrypted data directly
 * in the ClientKeyExchange message. This specification requires correct encoding of the EncryptedPreMasterSecret
 * complete with length bytes." So each version has its own form; a TLS client that leaves the length out is refused.
 * RSA_PSK is younger than SSL 3.0: always a vector. */
static bool rsa_is_bare(const struct wt_codec_context *c, const struct form *form)
{
    return wt_shape_of(c->version) == WT_SHAPE_SSL3 && !form->identity;
}

/* RFC 5246, 7.4.7.2: "If the client has sent a certificate which contains a suitable Diffie-Hellman key (for fixed_dh
 * client authentication), then Yc is implicit and does not need to be sent again. In this case, the client key exchange
 * message will be sent, but it MUST be empty." RFC 8422, 5.7 says the same of ECDH. */
static bool is_implicit(enum part part, size_t left)
{
    return left == 0 && (part == PART_DH_OR_IMPLICIT || part == PART_ECDH_OR_IMPLICIT);
}

/* GB/T 38636-2020, 6.4.5.8: "opaque ClientECDHEParams<1..2^16-1>", whose inside is that of the server's: curve_params
 * and a point. GmSSL writes the length, Tongsuo leaves it out; its first byte cannot be a curve_type where there is
 * one. */
static void read_sm2_dhe(struct wt_reader *r, struct wt_client_key_exchange *out)
{
    const size_t left = wt_reader_left(r);
    out->has_length = left >= 2 && wt_get16(r->p) == left - 2;
    if (out->has_length)
        (void)wt_read_u16(r, "length");
    const uint8_t *start = r->p;
    size_t mark = wt_read_enter(r, "curve_params");
    (void)wt_read_code8(r, "curve_type", WT_REG_EC_CURVE_TYPE);
    (void)wt_read_code16(r, "named_curve", WT_REG_GROUP);
    wt_read_leave(r, mark);
    if (wt_reader_ok(r))
        out->curve_params = wt_span_of(start, (size_t)(r->p - start));
    out->public_key = wt_read_opaque(r, "public", 1, 1, 255, WT_TRAIL_BYTES);
}

void wt_client_key_exchange_read(struct wt_reader *r, const struct wt_codec_context *c,
                                 struct wt_client_key_exchange *out)
{
    const struct form *form = form_of(c->kx);
    *out = (struct wt_client_key_exchange){.kx = c->kx};
    if (form->identity)
        out->psk_identity = wt_read_opaque(r, "psk_identity", 2, 0, 65535, WT_TRAIL_TEXT);
    if (is_implicit(form->part, wt_reader_left(r)))
        return;
    switch ((enum part)form->part) {
    case PART_RSA:
        /* The RFCs leave the member without a name; this is its type's. */
        out->encrypted_premaster = rsa_is_bare(c, form)
                                       ? wt_read_rest(r, "encrypted_pre_master_secret")
                                       : wt_read_opaque(r, "encrypted_pre_master_secret", 2, 0, 65535, WT_TRAIL_BYTES);
        break;
    case PART_DH:
    case PART_DH_OR_IMPLICIT:
        out->public_key = wt_read_opaque(r, "dh_Yc", 2, 1, 65535, WT_TRAIL_BYTES);
        break;
    case PART_ECDH:
    case PART_ECDH_OR_IMPLICIT:
        out->public_key = wt_read_opaque(r, "ecdh_Yc", 1, 1, 255, WT_TRAIL_BYTES);
        break;
    case PART_SRP:
        out->public_key = wt_read_opaque(r, "srp_A", 2, 1, 65535, WT_TRAIL_BYTES);
        break;
    case PART_SM2_DHE:
        read_sm2_dhe(r, out);
        break;
    case PART_OTHER:
        out->other = wt_read_rest(r, "exchange_keys");
        break;
    case PART_NONE:
        break;
    }
}

void wt_client_key_exchange_write(struct wt_writer *w, const struct wt_codec_context *c,
                                  const struct wt_client_key_exchange *in)
{
    const struct form *form = form_of(in->kx);
    if (form->identity)
        wt_write_opaque(w, in->psk_identity, 2, 0, 65535, "psk_identity");
    if (is_implicit(form->part, in->public_key.n))
        return;
    switch ((enum part)form->part) {
    case PART_RSA:
        if (rsa_is_bare(c, form))
            wt_write_bytes(w, in->encrypted_premaster);
        else
            wt_write_opaque(w, in->encrypted_premaster, 2, 0, 65535, "encrypted_pre_master_secret");
        break;
    case PART_DH:
    case PART_DH_OR_IMPLICIT:
        wt_write_opaque(w, in->public_key, 2, 1, 65535, "dh_Yc");
        break;
    case PART_ECDH:
    case PART_ECDH_OR_IMPLICIT:
        wt_write_opaque(w, in->public_key, 1, 1, 255, "ecdh_Yc");
        break;
    case PART_SRP:
        wt_write_opaque(w, in->public_key, 2, 1, 65535, "srp_A");
        break;
    case PART_SM2_DHE:
        if (in->has_length)
            wt_write_u16(w, (uint16_t)(in->curve_params.n + 1 + in->public_key.n));
        wt_write_bytes(w, in->curve_params);
        wt_write_opaque(w, in->public_key, 1, 1, 255, "public");
        break;
    case PART_OTHER:
        wt_write_bytes(w, in->other);
        break;
    case PART_NONE:
        break;
    }
}
