/* delegated_credential: RFC 9345, 4.1.1 and 4.1.2: the schemes that are taken, from both sides; the credential itself
 * with its certificate. */
#include "codec/ext/ext.h"

void wt_ext_delegated_credential_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                      union wt_ext_body *out)
{
    struct wt_ext_delegated_credential *o = &out->delegated_credential;
    (void)c;
    if (!(where & WT_IN_CT)) {
        o->supported_signature_algorithms = wt_read_codes(r, "supported_signature_algorithms", "signature_scheme", 2, 2,
                                                          0xfffe, 2, WT_REG_SIGNATURE_SCHEME);
        return;
    }
    size_t mark = wt_read_enter(r, "cred");
    o->valid_time = wt_read_u32(r, "valid_time");
    o->dc_cert_verify_algorithm = wt_read_code16(r, "dc_cert_verify_algorithm", WT_REG_SIGNATURE_SCHEME);
    o->subject_public_key_info = wt_read_opaque(r, "ASN1_subjectPublicKeyInfo", 3, 1, 0xffffff, WT_TRAIL_BYTES);
    wt_read_leave(r, mark);
    o->algorithm = wt_read_code16(r, "algorithm", WT_REG_SIGNATURE_SCHEME);
    o->signature = wt_read_opaque(r, "signature", 2, 1, 0xffff, WT_TRAIL_BYTES);
}

void wt_ext_delegated_credential_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                       const union wt_ext_body *in)
{
    const struct wt_ext_delegated_credential *i = &in->delegated_credential;
    (void)c;
    if (!(where & WT_IN_CT)) {
        wt_write_opaque(w, i->supported_signature_algorithms, 2, 2, 0xfffe, "supported_signature_algorithms");
        return;
    }
    wt_write_u32(w, i->valid_time);
    wt_write_u16(w, i->dc_cert_verify_algorithm);
    wt_write_opaque(w, i->subject_public_key_info, 3, 1, 0xffffff, "ASN1_subjectPublicKeyInfo");
    wt_write_u16(w, i->algorithm);
    wt_write_opaque(w, i->signature, 2, 1, 0xffff, "signature");
}
