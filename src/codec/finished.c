/* Finished: RFC 8446, 4.4.4; RFC 5246, 7.4.9; RFC 6101, 5.6.9. */
#include "codec/shape.h"

static void read_ssl3(struct wt_reader *r, struct wt_finished *out)
{
    /* RFC 6101, 5.6.9: "struct { opaque md5_hash[16]; opaque sha_hash[20]; } Finished;" */
    struct wt_span both = {r->p, 36};
    (void)wt_read_bytes(r, "md5_hash", 16);
    (void)wt_read_bytes(r, "sha_hash", 20);
    if (wt_reader_ok(r))
        out->verify_data = both;
}

void wt_finished_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_finished *out)
{
    enum wt_shape shape = wt_shape_of(c->version);
    *out = (struct wt_finished){0};
    if (shape == WT_SHAPE_SSL3) {
        read_ssl3(r, out);
        return;
    }
    /* RFC 4346, 7.4.9: "opaque verify_data[12]"; what is left over is told when the message is closed. */
    if (shape == WT_SHAPE_TLS10) {
        out->verify_data = wt_read_bytes(r, "verify_data", 12);
        return;
    }
    size_t n = wt_reader_left(r), offset = wt_reader_offset(r);
    out->verify_data = wt_read_rest(r, "verify_data");
    if (shape == WT_SHAPE_TLS12 && n < 12)
        wt_reader_fail_at(
            r, offset, WT_LENGTH, "verify_data", n, 12,
            "RFC 5246, 7.4.9: \"Any cipher suite which does not explicitly specify verify_data_length has "
            "a verify_data_length equal to 12. […] Future cipher suites MAY specify other lengths but such "
            "length MUST be at least 12 bytes.\"");
    /* "opaque verify_data[Hash.length]": we do not know which hash; SHA-256 is the shortest in use, SHA-512 the longest
     * that exists. */
    if (shape == WT_SHAPE_TLS13 && (n < 32 || n > 64))
        wt_reader_fail_at(r, offset, WT_LENGTH, "verify_data", n, n < 32 ? 32 : 64,
                          "RFC 8446, 4.4.4: \"struct { opaque verify_data[Hash.length]; } Finished;\"");
}

void wt_finished_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_finished *in)
{
    (void)c;
    wt_write_bytes(w, in->verify_data);
}
