/* ServerHello and HelloRetryRequest: RFC 8446, 4.1.3 and 4.1.4; RFC 5246, 7.4.1.3. */
#include "codec/shape.h"

/* RFC 8446, 4.1.3: "the HelloRetryRequest message uses the same structure as the ServerHello, but with Random set to
 * the special value of the SHA-256 of "HelloRetryRequest"". */
const uint8_t wt_hello_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool wt_server_hello_is_retry(const struct wt_server_hello *hello)
{
    return wt_span_equal(hello->random, wt_span_of(wt_hello_retry_random, sizeof wt_hello_retry_random));
}

uint16_t wt_server_hello_downgrade(const struct wt_server_hello *hello)
{
    if (hello->random.n != 32)
        return 0;
    /* RFC 8446, 4.1.3: "If negotiating TLS 1.2, TLS 1.3 servers MUST set the last 8 bytes of their Random value to the
     * bytes: 44 4F 57 4E 47 52 44 01. If negotiating TLS 1.1 or below, TLS 1.3 servers MUST […] 44 4F 57 4E 47 52 44
     * 00". */
    struct wt_span tail = wt_span_cut(hello->random, 24, 8);
    if (wt_span_equal(tail, wt_span_of("DOWNGRD\1", 8)))
        return WT_TLS12;
    if (wt_span_equal(tail, wt_span_of("DOWNGRD\0", 8)))
        return WT_TLS11;
    return 0;
}

/* Whether an extension block, still unread, holds supported_versions: then the ServerHello is TLS 1.3's. A look ahead
 * with a decode of its own: what is wrong in the block is told when it is read in earnest. */
static bool selects_version(struct wt_span block)
{
    struct wt_decode look;
    struct wt_reader r = wt_reader_start(&look, block, NULL);
    struct wt_reader list = wt_read_vector(&r, "extensions", 2, 0, 65535, WT_TRAIL_LIST);
    while (wt_reader_left(&list)) {
        uint16_t id = wt_read_u16(&list, "extension_type");
        (void)wt_read_opaque(&list, "extension_data", 2, 0, 65535, WT_TRAIL_BYTES);
        if (wt_reader_ok(&list) && id == WT_EXT_SUPPORTED_VERSIONS)
            return true;
    }
    return false;
}

/* draft-ietf-tls-tls13-21, 4.1.3: "struct { ProtocolVersion version; Random random; CipherSuite cipher_suite;
 * Extension extensions<0..2^16-1>; } ServerHello;" Draft 22 put back what middleboxes wanted to see. From draft 16 on
 * `version` is 0x7fXX. Before, it was 0x0304, which nobody may send here today (RFC 8446, 4.1.3: "the legacy_version
 * field MUST be set to 0x0303"), but somebody will: that is a draft's only if the lengths of its form come out even. */
static bool is_short_draft(uint16_t legacy_version, struct wt_span rest)
{
    if (legacy_version >> 8 == 0x7f)
        return wt_draft_of(legacy_version) < 22;
    struct wt_decode look;
    struct wt_reader r = wt_reader_start(&look, rest, NULL);
    (void)wt_read_u16(&r, "cipher_suite");
    (void)wt_read_opaque(&r, "extensions", 2, 0, 65535, WT_TRAIL_BYTES);
    return legacy_version == WT_TLS13 && wt_reader_close(&r, "server_hello");
}

void wt_server_hello_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_server_hello *out)
{
    *out = (struct wt_server_hello){0};
    out->legacy_version = wt_read_code16(r, "legacy_version", WT_REG_VERSION);
    out->random = wt_read_bytes(r, "random", 32);
    out->has_session_id = !is_short_draft(out->legacy_version, (struct wt_span){r->p, wt_reader_left(r)});
    if (!out->has_session_id) {
        out->cipher_suite = wt_read_code16(r, "cipher_suite", WT_REG_CIPHER_SUITE);
        wt_extensions_read(r, c, WT_IN_SH, 0, &out->extensions);
        return;
    }
    out->session_id = wt_read_opaque(r, "session_id", 1, 0, 32, WT_TRAIL_BYTES);
    out->cipher_suite = wt_read_code16(r, "cipher_suite", WT_REG_CIPHER_SUITE);
    size_t offset = wt_reader_offset(r);
    out->compression_method = wt_read_code8(r, "compression_method", WT_REG_COMPRESSION_METHOD);
    bool retry = wt_server_hello_is_retry(out);
    bool tls13 = retry || selects_version((struct wt_span){r->p, wt_reader_left(r)});
    /* RFC 5246, 7.4.1.3: "The presence of extensions can be detected by determining whether there are bytes following
     * the compression_method field at the end of the ServerHello." RFC 8446, 4.1.3: "Extension
     * extensions<6..2^16-1>". */
    if (tls13)
        wt_extensions_read(r, c, retry ? WT_IN_HRR : WT_IN_SH, 6, &out->extensions);
    else if (wt_reader_left(r))
        wt_extensions_read(r, c, WT_IN_SH12, 0, &out->extensions);
    if (tls13 && wt_reader_ok(r) && out->compression_method != 0)
        wt_reader_fail_at(r, offset, WT_VALUE, "compression_method", out->compression_method, 0,
                          "RFC 8446, 4.1.3: \"legacy_compression_method: A single byte which MUST have the value 0.\"");
}

void wt_server_hello_write(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_server_hello *in)
{
    (void)c;
    wt_write_u16(w, in->legacy_version);
    wt_write_bytes(w, in->random);
    if (in->has_session_id)
        wt_write_opaque(w, in->session_id, 1, 0, 32, "session_id");
    wt_write_u16(w, in->cipher_suite);
    if (in->has_session_id)
        wt_write_u8(w, in->compression_method);
    wt_extensions_write(w, &in->extensions, 0);
}
