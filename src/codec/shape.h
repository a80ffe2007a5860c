/* Which of a message's shapes a version has. The versions' numbers are no order (DTLS counts downwards, drafts of
 * TLS 1.3 stand above it, TLCP below SSL 3.0), so decoders ask here and compare shapes. */
#ifndef WT_CODEC_SHAPE_H
#define WT_CODEC_SHAPE_H

#include "codec/codec.h"

enum wt_shape {
    WT_SHAPE_SSL3,
    WT_SHAPE_TLS10, /* and TLS 1.1, DTLS 1.0, TLCP */
    WT_SHAPE_TLS12, /* and DTLS 1.2; and whatever we do not know */
    WT_SHAPE_TLS13, /* its drafts and DTLS 1.3 */
};

static inline enum wt_shape wt_shape_of(uint16_t version)
{
    switch (version) {
    case WT_SSL3:
        return WT_SHAPE_SSL3;
    case WT_TLS10:
    case WT_TLS11:
    case 0xfeff: /* DTLS 1.0 */
    case 0x0100: /* DTLS as OpenSSL had it before RFC 4347 */
    case 0x0101: /* TLCP 1.1, made of TLS 1.1 */
        return WT_SHAPE_TLS10;
    case WT_TLS13:
    case 0xfefc: /* DTLS 1.3 */
        return WT_SHAPE_TLS13;
    default:
        break;
    }
    unsigned high = version >> 8;
    return high == 0x7f || high == 0x7e || high == 0xfb ? WT_SHAPE_TLS13 : WT_SHAPE_TLS12;
}

/* The draft of TLS 1.3 that a version is; 255 for the RFC's own and for all that is no draft. Facebook's 0xfbXX number
 * the IETF's drafts; Google's 0x7eXX were experiments with what became draft 22. */
static inline unsigned wt_draft_of(uint16_t version)
{
    switch (version >> 8) {
    case 0x7f:
    case 0xfb:
        return version & 0xff;
    case 0x7e:
        return 22;
    default:
        return 255;
    }
}

/* Reads and writes the SignatureAndHashAlgorithm, if this version has one, and the signature behind it. */
struct wt_signed {
    bool has_scheme;
    uint16_t scheme;
    struct wt_span signature;
};

static inline struct wt_signed wt_signed_read(struct wt_reader *r, uint16_t version, const char *scheme_field)
{
    struct wt_signed s = {.has_scheme = wt_shape_of(version) >= WT_SHAPE_TLS12};
    /* RFC 5246, 4.7: "struct { SignatureAndHashAlgorithm algorithm; opaque signature<0..2^16-1>; } DigitallySigned;";
     * RFC 4346, 4.7 knows no algorithm: the suite says it. */
    if (s.has_scheme)
        s.scheme = wt_read_code16(r, scheme_field, WT_REG_SIGNATURE_SCHEME);
    s.signature = wt_read_opaque(r, "signature", 2, 0, 65535, WT_TRAIL_BYTES);
    return s;
}

static inline void wt_signed_write(struct wt_writer *w, bool has_scheme, uint16_t scheme, struct wt_span signature)
{
    if (has_scheme)
        wt_write_u16(w, scheme);
    wt_write_opaque(w, signature, 2, 0, 65535, "signature");
}

#endif
