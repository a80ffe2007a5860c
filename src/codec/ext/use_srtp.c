/* use_srtp: RFC 5764, 4.1.1. */
#include "codec/ext/ext.h"

void wt_ext_use_srtp_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                          union wt_ext_body *out)
{
    struct wt_ext_use_srtp *o = &out->use_srtp;
    (void)c;
    size_t offset = wt_reader_offset(r);
    o->srtp_protection_profiles =
        wt_read_codes(r, "srtp_protection_profiles", "srtp_protection_profile", 2, 2, 0xffff, 2, WT_REG_SRTP_PROFILE);
    o->srtp_mki = wt_read_opaque(r, "srtp_mki", 1, 0, 255, WT_TRAIL_BYTES);
    if (wt_reader_close(r, "use_srtp") && where & WT_EXT_ANSWER && o->srtp_protection_profiles.n != 2)
        wt_reader_fail_at(r, offset, WT_VALUE, "srtp_protection_profiles", o->srtp_protection_profiles.n, 2,
                          "RFC 5764, 4.1.1: in the server's answer it \"MUST contain a UseSRTPData value with a "
                          "single SRTPProtectionProfile value that the server has chosen\"");
}

void wt_ext_use_srtp_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                           const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_opaque(w, in->use_srtp.srtp_protection_profiles, 2, 2, 0xffff, "srtp_protection_profiles");
    wt_write_opaque(w, in->use_srtp.srtp_mki, 1, 0, 255, "srtp_mki");
}
